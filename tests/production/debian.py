"""Debian's own PostgreSQL and Redis, started as docker-compose.yml starts PostgreSQL and Valkey.

They stand for the oldest servers that the portal supports; the shipped ones are newer.
"""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.embedded.account import Account
from portal.embedded.child import Child
from tests.production.compose import REPOSITORY, Service

PASSWORD = "database-password-of-a-test"


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def postgres_programs() -> Path | None:
    """Return the folder of Debian's newest PostgreSQL, or None where there is none."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    return folders[-1] if folders else None


def require_packages(config: pytest.Config) -> None:
    """Install Debian's PostgreSQL and Redis where they are missing, and say so; skip where we may not."""
    if postgres_programs() and shutil.which("redis-server"):
        return
    wanted = "PostgreSQL and Redis from Debian, which the tests of production start"
    with config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        sys.stderr.write(f"\nInstalling {wanted}.\n")  # a worker has no standard output
    # In runlevel 1 an installed package starts no server of its own.
    installed = subprocess.run(
        [REPOSITORY / ".ci" / "apt_install", wanted, "postgresql", "redis-server"],
        env={**os.environ, "RUNLEVEL": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if installed.returncode == 0:
        return
    if os.geteuid() == 0:
        pytest.fail(installed.stderr)
    pytest.skip(installed.stderr.strip())


class PostgreSQL:
    """A new PostgreSQL in `folder`, reached by a password over TCP, and without one by its socket."""

    def __init__(self, folder: Path, service: Service) -> None:
        """Make the data, as the image of the service `postgres` does on its first start."""
        programs = postgres_programs()
        if programs is None:
            raise RuntimeError("require_packages() comes first")
        self.programs = programs
        self.port = free_port()
        self.folder = folder
        self._service = service
        self._account = None
        folder.mkdir()
        if os.geteuid() == 0:
            debian = pwd.getpwnam("postgres")
            self._account = Account(debian.pw_uid, debian.pw_gid)
            os.chown(folder, debian.pw_uid, debian.pw_gid)
        password = folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        self._finish(
            "initdb",
            ["--pgdata", str(folder / "data"), "--username", service.environment["POSTGRES_USER"],
             "--pwfile", str(password), "--auth-local", "trust", "--auth-host", "scram-sha-256",
             "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"],
        )  # fmt: skip
        self._child: Child | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What a shell inside the container knows: the programs, and the server by its socket."""
        return {
            "PATH": f"{self.programs}:/usr/bin:/bin",
            "PGHOST": str(self.folder),
            "PGPORT": str(self.port),
        }

    def start(self) -> None:
        """Start the server with the service's own options, and make its database."""
        options = self._service.command[1:]
        with (self.folder / "log").open("ab") as log:
            self._child = Child(
                "postgres",
                [str(self.programs / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port),
                 "-k", str(self.folder), "-h", "127.0.0.1", *options],
                environment=self.environment, output=log, account=self._account,
            )  # fmt: skip
        user, database = (self._service.environment[name] for name in ("POSTGRES_USER", "POSTGRES_DB"))
        wait_until(lambda: self._answers(user), "PostgreSQL answers")
        subprocess.run(["createdb", "--username", user, database], env=self.environment, check=True)

    def stop(self) -> None:
        """Stop the server."""
        if self._child:
            self._child.stop(within=20)

    def _answers(self, user: str) -> bool:
        asked = subprocess.run(["pg_isready", "--quiet", "--username", user], env=self.environment, check=False)
        return asked.returncode == 0

    def _finish(self, name: str, arguments: list[str]) -> None:
        child = Child(
            name,
            [str(self.programs / name), *arguments],
            environment=self.environment,
            account=self._account,
        )
        output, _ = child.process.communicate()
        if child.process.returncode:
            raise RuntimeError(f"{name} {child.ending()}: {output.decode()}")


class Redis:
    """A Redis in `folder` with the options of the service `valkey`."""

    def __init__(self, folder: Path, service: Service) -> None:
        """Settle where it listens."""
        folder.mkdir()
        self.port = free_port()
        self._folder = folder
        self._service = service
        self._child: Child | None = None

    def start(self) -> None:
        """Start the server."""
        with (self._folder / "log").open("ab") as log:
            self._child = Child(
                "redis",
                ["redis-server", *self._service.command[1:], "--port", str(self.port),
                 "--bind", "127.0.0.1", "--dir", str(self._folder)],
                environment={"PATH": "/usr/bin:/bin"}, output=log,
            )  # fmt: skip
        wait_until(self._answers, "Redis answers")

    def stop(self) -> None:
        """Stop the server."""
        if self._child:
            self._child.stop(within=10)

    def _answers(self) -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0


def wait_until(is_so: Callable[[], bool], what: str, *, within: float = 60) -> None:
    """Wait until `is_so()` holds; fail after `within` seconds, a bound far beyond what it takes."""
    deadline = time.monotonic() + within
    while not is_so():
        if time.monotonic() > deadline:
            pytest.fail(f"Waited {within:.0f} seconds in vain: {what}.")
        time.sleep(0.05)
