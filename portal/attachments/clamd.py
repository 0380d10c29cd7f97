"""A virus scanner, asked over its own socket: ClamAV's clamd, which is sent the file and says what it found.

Nothing is accepted unseen: a scanner that is configured and does not answer is a reason to take no file.
"""

import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

TAKES_AT_MOST: Final = 30.0
"""Seconds, from the first to the last word. Whoever uploads waits for it, and so does one thread of the web server."""
PIECE: Final = 64 * 1024
LONGEST_ANSWER: Final = 4_096
PORT: Final = 3310


class NotScanned(Exception):
    """The scanner was not reached, was too slow, or did not say what it found."""


class TooLargeToScan(Exception):
    """The scanner takes no file of this size: its `StreamMaxLength` is below what the portal takes."""


class Scanner(NamedTuple):
    """Where clamd listens: at the path of a Unix socket, or at a host and port."""

    path: str = ""
    host: str = ""
    port: int = PORT

    @contextmanager
    def _connection(self) -> Iterator[socket.socket]:
        if self.path:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(TAKES_AT_MOST)
                connection.connect(self.path)
                yield connection
        else:
            with socket.create_connection((self.host, self.port), timeout=TAKES_AT_MOST) as connection:
                yield connection

    def found_in(self, content: bytes) -> str:
        """Return what the scanner calls the virus that it found, or nothing. Raises NotScanned or TooLargeToScan."""
        until = time.monotonic() + TAKES_AT_MOST
        try:
            with self._connection() as connection:
                is_sent = _send(connection, content, until)
                answer = _read(connection, until)
        except OSError as error:
            raise NotScanned from error
        found = _found(answer)
        if not (found or is_sent):
            raise NotScanned
        return found


def scanner_at(url: str) -> Scanner | None:
    """Return the scanner that `CLAMAV_URL` names: none, if it is empty. Raises ImproperlyConfigured."""
    if not url:
        return None
    with suppress(ValueError):
        parts = urlsplit(url)
        if parts.scheme == "unix" and parts.path and not parts.netloc:
            return Scanner(path=parts.path)
        if parts.scheme == "tcp" and parts.hostname:
            return Scanner(host=parts.hostname, port=parts.port or PORT)
    raise ImproperlyConfigured("CLAMAV_URL must be unix:///path/to/clamd.sock or tcp://host:3310.")


def _send(connection: socket.socket, content: bytes, until: float) -> bool:
    """Send a file in pieces, each after its length, and say whether all of it was taken.

    A scanner stops listening once it has read too much, and has said so by then.
    """
    try:
        connection.sendall(b"zINSTREAM\0")
        view = memoryview(content)
        for start in range(0, len(view), PIECE):
            piece = view[start : start + PIECE]
            connection.settimeout(_left(until))
            connection.sendall(struct.pack("!I", len(piece)) + piece)
        connection.sendall(struct.pack("!I", 0))
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


def _read(connection: socket.socket, until: float) -> bytes:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
        connection.settimeout(_left(until))
        more = connection.recv(LONGEST_ANSWER)
        if not more:
            break
        answer += more
    return answer


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _found(answer: bytes) -> str:
    """Read what clamd says: `stream: OK`, `stream: <name> FOUND`, or what went wrong, ending in `ERROR`."""
    said = answer.rstrip(b"\0\n").decode("ascii", "replace").removeprefix("stream: ")
    if said == "OK":
        return ""
    if said.endswith(" FOUND"):
        return said.removesuffix(" FOUND")
    if "size limit exceeded" in said:
        raise TooLargeToScan
    raise NotScanned
