"""The web server's command line: one for `make run`, the container and the benchmarks.

    python -m portal.web_server

It listens on `HOST` and `PORT` (127.0.0.1 and 8000), with `WEB_WORKERS` processes of `WEB_THREADS` threads each. Every
thread keeps a database connection, so PostgreSQL must allow at least their product.

A demonstration listens on loopback alone: everybody knows its people's password.
"""

import os
import sys
from collections.abc import Mapping

from django.core.exceptions import ImproperlyConfigured

from portal.configured import stop_on_gap

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def command(environment: Mapping[str, str]) -> list[str]:
    """Return the program and its arguments, as `environment` asks.

    Raises ImproperlyConfigured for a demonstration that others than this machine could reach.
    """
    host = environment.get("HOST", "127.0.0.1")
    if environment.get("PORTAL_MODE") == "demo" and host not in LOOPBACK:
        raise ImproperlyConfigured(
            f"HOST is {host!r}, but a demonstration is for this machine alone. Set HOST to 127.0.0.1, or leave it out."
        )
    return [
        sys.executable, "-m", "granian",
        "--interface", "wsgi",
        "--host", host,
        "--port", environment.get("PORT", "8000"),
        "--workers", environment.get("WEB_WORKERS", "1"),
        "--blocking-threads", environment.get("WEB_THREADS", "4"),
        "--respawn-failed-workers",
        "--workers-kill-timeout", "10",
        "--no-ws",
        "--http", "1",
        "--log-level", "warning",
        "portal.wsgi:application",
    ]  # fmt: skip


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    stop_on_gap()
    try:
        server = command(os.environ)
    except ImproperlyConfigured as refused:
        sys.exit(str(refused))
    os.execv(sys.executable, server)  # noqa: S606  # no shell is wanted
