"""What is missing stops the start, in a sentence that says what to do."""

import re
import subprocess

import pytest

from tests.production import compose
from tests.production.deployment import VARIABLES
from tests.production.image import Image

SETTINGS = (compose.REPOSITORY / "portal" / "settings.py").read_text()
REQUIRED = sorted(set(re.findall(r'required\("(\w+)"', SETTINGS)))
COMPOSED = sorted(set(re.findall(r"\$\{(\w+):\?", compose.FILE.read_text())))


def complete() -> dict[str, str]:
    """Return a production environment in which nothing is missing."""
    return compose.services(VARIABLES)["web"].environment


def start(image: Image, command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run one of the image's commands, which is to stop by itself."""
    return subprocess.run(
        command, cwd=image.app, env={**environment, "PATH": f"{image.programs}:/usr/bin:/bin"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_settings_ask_for_what_compose_gives() -> None:
    assert REQUIRED
    assert set(REQUIRED) <= complete().keys()


@pytest.mark.parametrize("name", COMPOSED)
def test_compose_refuses_a_missing_variable(name: str) -> None:
    with pytest.raises(compose.NotSet, match=rf"^Set {name} to .+\.$"):
        compose.services({**VARIABLES, name: ""})


@pytest.mark.parametrize("name", REQUIRED)
def test_missing_setting_stops_the_start_in_one_sentence(image: Image, name: str) -> None:
    stopped = start(image, ["python", "manage.py", "migrate"], {**complete(), name: ""})
    assert stopped.returncode == 1
    assert stopped.stderr == f"{name} is not set. Production does not start without it: see docs/running.md.\n"


def test_web_server_says_it_once(image: Image) -> None:
    stopped = start(image, ["python", "-m", "portal.web_server"], {**complete(), "SECRET_KEY": ""})
    assert stopped.returncode == 1
    assert stopped.stderr.startswith("SECRET_KEY is not set. ")
    assert stopped.stderr.count("\n") == 1


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "portal.example"])  # noqa: S104  # the case in question
def test_demonstration_is_for_this_machine_alone(image: Image, host: str) -> None:
    stopped = start(image, ["python", "-m", "portal.web_server"], {"PORTAL_MODE": "demo", "HOST": host})
    assert stopped.returncode == 1
    assert stopped.stderr.startswith(f"HOST is '{host}', but a demonstration is for this machine alone.")
    assert stopped.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_celery_ends_with_it(image: Image, name: str) -> None:
    command = compose.services(VARIABLES)[name].command
    stopped = start(image, command, {**complete(), "SECRET_KEY": ""})
    assert stopped.returncode != 0
    assert "SECRET_KEY is not set. " in stopped.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY is shorter than 50 characters."),
        ("PORTAL_ORIGIN", "http://portal.example", "PORTAL_ORIGIN must begin with https:// in production."),
        ("PORTAL_MODE", "live", "PORTAL_MODE is 'live'; it must be one of production, demo, test."),
        ("RETENTION_PERIODS", "messages=soon", "RETENTION_PERIODS says “messages=soon”, which is no period."),
        ("RETENTION_PERIODS", "rumours=1 year", "RETENTION_PERIODS names rumours, which is nothing that is kept."),
        ("RETENTION_PERIODS", "messages=1 day", "RETENTION_PERIODS keeps messages for 1 day. 60 days is the least."),
    ],
)
def test_unfit_setting_stops_the_start(image: Image, name: str, value: str, sentence: str) -> None:
    stopped = start(image, ["python", "manage.py", "migrate"], {**complete(), name: value})
    assert stopped.returncode == 1
    assert stopped.stderr.startswith(sentence)
    assert stopped.stderr.count("\n") == 1
