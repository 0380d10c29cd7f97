"""The servers of a benchmark: PostgreSQL and Valkey as `make run` has them, and web servers on free ports."""

import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import django

from portal import web_server
from portal.embedded.child import Child
from portal.embedded.demonstration import demonstration
from portal.embedded.postgres import DATABASE, SUPERUSER, Postgres
from portal.embedded.valkey import Valkey

ROOT = Path(__file__).resolve().parents[2]


class Stack:
    """A database with the demonstration in it, in a folder that is gone afterwards."""

    def __init__(self) -> None:
        """Settle where everything lies."""
        self.folder = Path(tempfile.mkdtemp(prefix="portal-bench-"))
        self.folder.chmod(0o711)  # PostgreSQL's own account has to pass through
        self.postgres = Postgres(self.folder / "postgres")
        self.valkey = Valkey(self.folder / "valkey")
        self.environment: dict[str, str] = {}
        self._log = (self.folder / "log").open("ab")

    def __enter__(self) -> Self:
        """Start both servers, make the demonstration, and load Django on it in this process."""
        try:
            self.postgres.start(output=self._log)
            self.valkey.start(output=self._log)
            self.postgres.wait_until_ready()
            self.valkey.wait_until_ready()
            servers = {"DATABASE_URL": self.postgres.url(), "REDIS_URL": self.valkey.url}
            self.environment = demonstration(self.folder, free_port(), servers) | {"LOG_LEVEL": "WARNING"}
            subprocess.run(
                [sys.executable, "-m", "portal.embedded.prepare"],
                env=self.environment, cwd=ROOT, check=True, stdout=self._log,
            )  # fmt: skip
        except BaseException:
            self.stop()
            raise
        os.environ.update(self.environment)
        django.setup()
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        """Stop the servers and remove what they kept; after an error, show first what the servers said."""
        if error:
            sys.stderr.write(Path(self._log.name).read_text(errors="replace")[-4000:])
        self.stop()

    def stop(self) -> None:
        """Stop the servers and remove what they kept."""
        self.valkey.stop()
        self.postgres.stop()
        self.postgres.remove()
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def web(self, **changes: str) -> Iterator[int]:
        """Run the web server of `make run`, with these changes of its environment; yield the port."""
        port = free_port()
        environment = self.environment | {"PORT": str(port)} | changes
        with self.running("web", web_server.command(environment), environment) as child:
            wait_for(port, child)
            yield port

    @contextmanager
    def floor(self) -> Iterator[int]:
        """Run the bare view under the same web server; yield the port."""
        with self.web(DJANGO_SETTINGS_MODULE="tests.benchmarks.floor_settings") as port:
            yield port

    @contextmanager
    def running(self, name: str, command: list[str], environment: Mapping[str, str]) -> Iterator[Child]:
        """Run a program while the block lasts."""
        child = Child(name, command, environment=environment, output=self._log)
        try:
            yield child
        finally:
            child.stop(within=15)

    def pgbench(self, *arguments: str) -> str:
        """Run pgbench on the database and return what it says."""
        told = subprocess.run(
            [str(self.postgres.programs / "bin" / "pgbench"), "-h", str(self.postgres.sockets), "-U", SUPERUSER,
             "--no-vacuum", *arguments, DATABASE],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        return told.stdout


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, child: Child, *, path: str = "/", within: float = 120) -> None:
    """Wait until `child` answers on `port` at all. Raises RuntimeError when it ends before that, or TimeoutError."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if not child.is_running():
            raise RuntimeError(f"The process {child.name} {child.ending()}.")
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", path, headers={"Host": "localhost"})
            connection.getresponse().read()
            connection.close()
            return
        time.sleep(0.02)
    raise TimeoutError(f"Nothing answered on port {port} within {within:.0f} seconds.")
