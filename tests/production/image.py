"""What the Dockerfile's last stage holds, put together without Docker.

The same files are copied, and the same `collectstatic` runs, in an environment that has the packages of
requirements.txt and no others: a module that needs a developer's package fails here as it would in the container.
"""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from tests.production.compose import REPOSITORY

DOCKERFILE = REPOSITORY / "Dockerfile"
INSTRUCTION = re.compile(r"^(?P<word>[A-Z]+)\s+(?P<rest>.*)$")


@dataclass(frozen=True)
class Image:
    """The image as folders: `app` is its /app, and `programs` its /opt/venv/bin."""

    app: Path
    programs: Path


def stages() -> list[list[tuple[str, str]]]:
    """Return the Dockerfile's stages, each as its instructions: ("COPY", "portal portal")."""
    text = DOCKERFILE.read_text().replace("\\\n", " ")
    found: list[list[tuple[str, str]]] = []
    for line in text.splitlines():
        match = INSTRUCTION.match(line)
        if match and match["word"] == "FROM":
            found.append([])
        if match:
            found[-1].append((match["word"], match["rest"]))
    return found


def build_stage() -> list[tuple[str, str]]:
    """Return the stage that the last one copies the code from."""
    return next(stage for stage in stages() if stage[0][1].endswith(" AS build"))


def put_together(folder: Path) -> Image:
    """Make the image's content in `folder`."""
    image = Image(folder / "app", folder / "venv" / "bin")
    image.app.mkdir()
    make_environment(folder / "venv")
    for source, target in copied():
        if source.is_dir():
            shutil.copytree(source, image.app / target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, image.app / target)
    for command in runs_of_our_code():
        subprocess.run(["/bin/sh", "-c", command], cwd=image.app, env={"PATH": "/usr/bin:/bin"}, check=True)
    return image


def copied() -> Iterator[tuple[Path, str]]:
    """Yield what the build stage copies into /app: each source, and its place there."""
    folder = "/"
    for word, rest in build_stage():
        folder = rest if word == "WORKDIR" else folder
        if word != "COPY" or folder != "/app":
            continue
        *sources, target = [part for part in shlex.split(rest) if not part.startswith("--")]
        for source in sources:
            path = REPOSITORY / source.removeprefix("/app/")
            yield path, path.name if target in {".", "./"} else target


def runs_of_our_code() -> Iterator[str]:
    """Yield the commands that the build stage runs on our code, with the environment's programs where they are."""
    for word, rest in build_stage():
        if word == "RUN" and "manage.py" in rest:
            yield rest.replace("/opt/venv/bin/python", "../venv/bin/python")


def make_environment(folder: Path) -> None:
    """Make a virtual environment of the locked packages, each linked from the environment that runs the tests."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    packages = next((folder / "lib").glob("python*")) / "site-packages"
    for package in locked():
        for entry, place in entries(package):
            if not (packages / entry).exists():
                (packages / entry).symlink_to(place)


def locked() -> Iterator[Distribution]:
    """Yield the packages that requirements.txt locks and this machine needs."""
    for line in (REPOSITORY / "requirements.txt").read_text().splitlines():
        requirement = re.match(r"(?P<name>[\w.-]+)(\[[^]]*\])?==\S+(?P<marker> ; )?", line)
        if not requirement:
            continue
        try:
            yield distribution(requirement["name"])
        except PackageNotFoundError:
            # What is locked for another system or Python alone carries a marker.
            if not requirement["marker"]:
                raise


def entries(package: Distribution) -> Iterator[tuple[str, Path]]:
    """Yield what a package has at the top of site-packages."""
    tops = {file.parts[0] for file in package.files or [] if file.parts[0] not in {"..", "__pycache__"}}
    for top in sorted(tops):
        yield top, Path(str(package.locate_file(top)))
