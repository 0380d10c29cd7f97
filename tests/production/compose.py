"""docker-compose.yml, read as `docker compose` reads it, as far as ours uses it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
FILE = REPOSITORY / "docker-compose.yml"

VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?::(?P<otherwise>[?-])(?P<text>[^}]*))?\}")


class NotSet(Exception):
    """A variable that must be set is not: `docker compose` stops and says the file's own sentence."""


@dataclass(frozen=True)
class Service:
    """One service, with the variables of its text filled in."""

    name: str
    command: list[str]
    environment: dict[str, str]
    healthcheck: list[str]
    definition: dict[str, Any]


def raw() -> dict[str, Any]:
    """Return the file as YAML has it, variables not filled in."""
    read: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return read


def services(variables: Mapping[str, str]) -> dict[str, Service]:
    """Return the services, with `variables` filled in. Raises NotSet."""
    return {name: _service(name, filled_in(text, variables)) for name, text in raw()["services"].items()}


def filled_in(value: Any, variables: Mapping[str, str]) -> Any:
    """Fill in the variables of every text in `value`. Raises NotSet."""
    if isinstance(value, str):
        return VARIABLE.sub(lambda found: _value_of(found, variables), value)
    if isinstance(value, list):
        return [filled_in(item, variables) for item in value]
    if isinstance(value, dict):
        return {key: filled_in(item, variables) for key, item in value.items()}
    return value


def _value_of(found: re.Match[str], variables: Mapping[str, str]) -> str:
    if found.group() == "$$":
        return "$"
    value = variables.get(found["name"], "")
    if not value and found["otherwise"] == "?":
        raise NotSet(found["text"])
    return value or found["text"] or ""


def _service(name: str, definition: dict[str, Any]) -> Service:
    return Service(
        name=name,
        command=[str(part) for part in definition.get("command", [])],
        environment={key: str(value) for key, value in definition.get("environment", {}).items()},
        healthcheck=_health_command(definition.get("healthcheck", {}).get("test", [])),
        definition=definition,
    )


def _health_command(test: list[str]) -> list[str]:
    match test:
        case ["CMD", *command]:
            return [str(part) for part in command]
        case ["CMD-SHELL", line]:
            return ["/bin/sh", "-c", line]
        case []:
            return []
    raise ValueError(f"Not a health check's test: {test}")
