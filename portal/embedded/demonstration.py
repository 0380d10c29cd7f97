"""What every process of `make run` is told by its environment."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote


def demonstration(data: Path, port: int, servers: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the demonstration on `port`, with its own folders in `data` and the `servers`' URLs."""
    mail = data / "mail"
    mail.mkdir(mode=0o700, exist_ok=True)
    return {
        **os.environ,
        **servers,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "PORTAL_MODE": "demo",
        "PORTAL_DATA_DIR": str(data),
        "PORTAL_ORIGIN": f"http://localhost:{port}",
        "SECRET_KEY": secret_key(data),
        # Whatever mail server the environment names: a demonstration writes to nobody.
        "EMAIL_URL": f"filemail:///{quote(str(mail))}",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PYTHONUNBUFFERED": "1",
    }


def secret_key(data: Path) -> str:
    """Return the demonstration's own secret key, made on first use and readable to its owner alone."""
    file = data / "secret-key"
    if not file.exists():
        fresh = data / "secret-key.new"
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600, exist_ok=False)
        fresh.write_text(secrets.token_urlsafe(64))
        fresh.rename(file)
    return file.read_text()
