"""A small HTTP client that keeps its connection and costs little: what it spends, the server on two cores lacks."""

import socket
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Self
from urllib.parse import urlencode

# Any 32 letters and digits are a good CSRF secret, as long as cookie and form agree.
CSRF = "b" * 32
PATIENCE = 60
END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Request:
    """One request by whoever holds the sign-in `cookie`, and `more` cookies; with `form` it is a POST."""

    path: str
    cookie: str = ""
    form: Mapping[str, str] | None = None
    more: str = ""

    def encode(self) -> bytes:
        """Return it as it goes over the wire."""
        held = (f"csrftoken={CSRF}", f"session={self.cookie}" if self.cookie else "", self.more)
        cookies = "; ".join(filter(None, held))
        head = [
            f"{'GET' if self.form is None else 'POST'} {self.path} HTTP/1.1",
            "Host: localhost",
            f"Cookie: {cookies}",
        ]
        body = b""
        if self.form is not None:
            body = urlencode({**self.form, "csrfmiddlewaretoken": CSRF}).encode()
            head += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        return "\r\n".join(head).encode() + END_OF_HEAD + body


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, how long it took, and when it was there (by the machine's monotonic clock)."""

    status: int
    seconds: float
    at: float


class Client:
    """One connection, kept."""

    def __init__(self, port: int) -> None:
        """Connect to the server on this machine's `port`."""
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""
        self.body = b""

    def __enter__(self) -> Self:
        """Use it in a `with` statement."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self._socket.close()

    def ask(self, request: bytes) -> Answer:
        """Send an encoded request and read the whole answer; its body is in `body` until the next."""
        began = time.monotonic()
        self._socket.sendall(request)
        head = self._read_past(END_OF_HEAD)
        status = int(head[9:12])
        headers = head.lower()
        if (at := headers.find(b"\r\ncontent-length:")) >= 0:
            length = int(headers[at + 17 :].split(b"\r\n", 1)[0])
            self.body = self._read(length)
        elif b"\r\ntransfer-encoding: chunked" in headers:
            self.body = self._read_chunks()
        else:
            self.body = b""
        now = time.monotonic()
        return Answer(status, now - began, now)

    def _read_chunks(self) -> bytes:
        parts = []
        while size := int(self._read_past(b"\r\n"), 16):
            parts.append(self._read(size))
            self._read_past(b"\r\n")
        self._read_past(b"\r\n")
        return b"".join(parts)

    def _read_past(self, mark: bytes) -> bytes:
        while (at := self._buffer.find(mark)) < 0:
            self._receive()
        found, self._buffer = self._buffer[:at], self._buffer[at + len(mark) :]
        return found

    def _read(self, length: int) -> bytes:
        while len(self._buffer) < length:
            self._receive()
        found, self._buffer = self._buffer[:length], self._buffer[length:]
        return found

    def _receive(self) -> None:
        received = self._socket.recv(65536)
        if not received:
            raise ConnectionError("The server closed the connection in the middle of an answer.")
        self._buffer += received


def ask_all(port: int, requests: Sequence[bytes], start_at: float) -> list[Answer]:
    """Ask one after another on one connection, from `start_at` on."""
    with Client(port) as client:
        time.sleep(max(0.0, start_at - time.monotonic()))
        return [client.ask(request) for request in requests]


def _ask_many(port: int, lists: Sequence[Sequence[bytes]], start_at: float) -> list[Answer]:
    with ThreadPoolExecutor(len(lists)) as threads:
        running = [threads.submit(ask_all, port, requests, start_at) for requests in lists]
        return [answer for one in running for answer in one.result()]


class Crowd:
    """Clients in two processes of their own, each client on a connection of its own."""

    def __init__(self, clients: int) -> None:
        """Start the processes."""
        self.clients = clients
        self._processes = ProcessPoolExecutor(2, mp_context=get_context("spawn"))

    def __enter__(self) -> Self:
        """Use it in a `with` statement."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes."""
        self._processes.shutdown()

    def ask(self, port: int, requests: Sequence[bytes]) -> tuple[float, list[Answer]]:
        """Deal the requests out and ask them all at once; return when it began, and the answers."""
        lists = [requests[number :: self.clients] for number in range(self.clients)]
        start_at = time.monotonic() + 0.5
        running = [self._processes.submit(_ask_many, port, lists[half::2], start_at) for half in range(2)]
        return start_at, [answer for one in running for answer in one.result()]
