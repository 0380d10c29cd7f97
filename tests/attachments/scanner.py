"""A virus scanner for tests: a real server on a real socket that speaks clamd's protocol, and knows one virus."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

from portal.attachments.clamd import Scanner
from tests.attachments.made import EICAR


class Clamd:
    """Answers one file after the other; `most` is its StreamMaxLength. `says` answers all, whatever is sent."""

    def __init__(self, listening: socket.socket, *, most: int, says: bytes | None) -> None:
        """Serve until the socket is closed."""
        self.listening, self.most, self.says = listening, most, says
        self.seen: list[bytes] = []

    def serve(self) -> None:
        """Take connections."""
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            with connection:
                connection.sendall(self._answer(connection.makefile("rb")))

    def _answer(self, sent: BufferedReader) -> bytes:
        read = sent.read
        assert read(10) == b"zINSTREAM\0"
        content = b""
        while length := struct.unpack("!I", read(4))[0]:
            content += read(length)
            if len(content) > self.most:
                return b"INSTREAM size limit exceeded. ERROR\0"
        self.seen.append(content)
        if self.says is not None:
            return self.says
        return b"stream: Win.Test.EICAR_HDB-1 FOUND\0" if EICAR.encode() in content else b"stream: OK\0"


@contextmanager
def running_clamd(
    folder: Path | None = None, *, most: int = 25_000_000, says: bytes | None = None
) -> Iterator[tuple[Scanner, Clamd]]:
    """Run one at a Unix socket in a folder, or at a port of this machine; give where it is, and what it has seen."""
    listening = socket.socket(socket.AF_UNIX if folder else socket.AF_INET, socket.SOCK_STREAM)
    with listening:
        listening.bind(str(folder / "clamd.sock") if folder else ("127.0.0.1", 0))
        listening.listen()
        clamd = Clamd(listening, most=most, says=says)
        serving = threading.Thread(target=clamd.serve, daemon=True)
        serving.start()
        where = Scanner(path=str(folder / "clamd.sock")) if folder else Scanner("", *listening.getsockname())
        yield where, clamd
        listening.shutdown(socket.SHUT_RDWR)
    serving.join(10)
