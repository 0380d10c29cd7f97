"""What Dockerfile, docker-compose.yml and .dockerignore promise, read off the files themselves."""

import re
import subprocess
import tomllib
from typing import Any

import pytest

from tests.production import compose
from tests.production.image import DOCKERFILE, stages

OURS = ("migrate", "web", "worker", "beat")
RUNNING_MD = (compose.REPOSITORY / "docs" / "running.md").read_text()

SERVICES: dict[str, dict[str, Any]] = compose.raw()["services"]


def images() -> list[str]:
    """Return every image that is fetched."""
    based = re.findall(r"^FROM (\S+)", DOCKERFILE.read_text(), re.MULTILINE)
    fetched = [service["image"] for service in SERVICES.values() if "build" not in service]
    return based + fetched


@pytest.mark.parametrize("image", images())
def test_each_image_is_pinned_by_a_version(image: str) -> None:
    assert re.search(r":v?\d+(\.\d+)*(-\w+)*$", image)


def test_last_stage_runs_as_a_user_without_rights_or_tools() -> None:
    last = stages()[-1]
    assert last[0][1].endswith("-slim-bookworm")
    assert ("USER", "10001:10001") in last
    assert not [rest for word, rest in last if word == "RUN" and re.search(r"apt|npm|pip install", rest)]
    assert all(rest.startswith("--from=build ") for word, rest in last if word == "COPY")


def test_image_has_every_package_of_ours() -> None:
    project = tomllib.loads((compose.REPOSITORY / "pyproject.toml").read_text())
    copied = {rest.split()[0] for stage in stages() for word, rest in stage if word == "COPY"}
    assert set(project["tool"]["importlinter"]["root_packages"]) <= copied


def test_context_lets_in_only_what_the_image_needs() -> None:
    lines = (compose.REPOSITORY / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    needed = {
        source
        for stage in stages()
        for word, rest in stage
        if word == "COPY" and "--from=" not in rest
        for source in rest.split()[:-1]
    }
    assert let_in == needed


@pytest.mark.parametrize("name", OURS)
def test_our_services_can_write_nowhere_and_gain_no_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", [name for name in SERVICES if name not in {"migrate", "mailpit"}])
def test_each_lasting_service_is_restarted_and_watched(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"]


def test_nothing_listens_beyond_this_machine() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert compose.raw()["networks"]["inside"]["internal"] is True
    for name in ("postgres", "valkey"):
        assert SERVICES[name]["networks"] == ["inside"]
        assert "ports" not in SERVICES[name]


def test_no_secret_has_a_default() -> None:
    defaults = re.findall(r"\$\{(\w+):-[^}]+\}", compose.FILE.read_text())
    assert not [name for name in defaults if re.search(r"KEY|PASSWORD|SECRET|URL", name)]


def test_catching_mail_is_for_development_alone() -> None:
    assert {name: service["profiles"] for name, service in SERVICES.items() if "profiles" in service} == {
        "mailpit": ["dev"]
    }


def test_every_variable_is_documented() -> None:
    sources = [
        compose.REPOSITORY / "portal" / name for name in ("settings.py", "web_server.py", "embedded/__main__.py")
    ]
    read = {
        name
        for source in sources
        for name in re.findall(r'(?:env\.\w+|required|environ(?:ment)?\.get)\("([A-Z_]+)"', source.read_text())
    }
    composed = set(re.findall(r"\$\{(\w+)", compose.FILE.read_text()))
    documented = set(re.findall(r"`([A-Z_]+)`", RUNNING_MD))
    assert "SECRET_KEY" in read & composed
    assert read | composed <= documented


def test_no_secret_is_in_git() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=compose.REPOSITORY, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert not [name for name in tracked if re.search(r"(^|/)(\.env|sign-in\.env)$|\.dump$", name)]
