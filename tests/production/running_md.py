"""The commands of docs/running.md, done here as they stand there."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.production.compose import REPOSITORY
from tests.production.deployment import Deployment

PAGE = REPOSITORY / "docs" / "running.md"


def commands(name: str) -> Iterator[str]:
    """Yield the lines of the page's block of that name (```sh backup)."""
    block = re.search(rf"^ *```sh {name}\n(?P<lines>.*?)^ *```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    if block is None:
        raise LookupError(f"docs/running.md has no block called {name}.")
    for line in block["lines"].splitlines():
        yield line.strip()


def do(name: str, here: Deployment, folder: Path) -> None:
    """Do the block's commands in `folder`, each where `docker compose` would do it."""
    for line in commands(name):
        _do_line(line, here, folder)


def _do_line(line: str, here: Deployment, folder: Path) -> None:
    inside = line.removeprefix("docker compose exec -T postgres ")
    if inside != line:
        # The rest is for a shell: it may read from a file or write to one.
        subprocess.run(["/bin/sh", "-c", inside], cwd=folder, env=here.postgres.environment, check=True)
        return
    match shlex.split(line):
        case ["docker", "compose", "stop", *names]:
            for name in names:
                here.stop(name)
        case ["docker", "compose", "start", *names]:
            for name in names:
                here.start(name)
        case ["docker", "compose", "run", "--rm", name]:
            here.finish(name).check_returncode()
        case ["docker", "compose", "run", "--rm", name, *command] | ["docker", "compose", "exec", "-T", name, *command]:
            here.run(command, service=name).check_returncode()
        case _:
            raise ValueError(f"Not known how to do this here: {line}")
