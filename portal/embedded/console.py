"""What `make run` writes to the terminal: its own sentences, and each process's lines under its name."""

import logging
import os
import selectors
import time
from collections import deque
from contextlib import suppress
from typing import Any, TextIO

from portal.embedded.child import Child

COLOURS = {"postgres": 34, "valkey": 36, "prepare": 33, "web": 32, "worker": 35, "beat": 90}
WIDTH = max(map(len, COLOURS))


class Console(logging.Handler):
    """Lines of several processes. Coloured only on a terminal, and not where NO_COLOR is set."""

    def __init__(self, stream: TextIO) -> None:
        """Write to `stream`."""
        super().__init__()
        self._stream = stream
        self._coloured = stream.isatty() and "NO_COLOR" not in os.environ

    def emit(self, record: logging.LogRecord) -> None:
        """Say what a module of ours logs."""
        self.say(record.getMessage())

    def say(self, text: str) -> None:
        """Write a sentence of our own."""
        self._write(text)

    def relay(self, name: str, text: str) -> None:
        """Write a line of the process `name`."""
        label = f"{name:<{WIDTH}} |"
        if self._coloured:
            label = f"\033[{COLOURS.get(name, 0)}m{label}\033[0m"
        self._write(f"{label} {text}")

    def _write(self, text: str) -> None:
        # The terminal may have been closed, or its reader gone: that must not keep anything from being stopped.
        with suppress(OSError, ValueError):
            self._stream.write(f"{text}\n")
            self._stream.flush()


class Relay:
    """Passes on what processes write to their pipes, line by line, and remembers the last of each.

    It reads while it is told to attend, also while a process is waited for, and has no thread that reads meanwhile. A
    supervisor with threads would tell its children of its death once for each of them (see `leash`), and a web server
    that is told twice can hang.
    """

    LONGEST_LINE = 65536
    """In bytes. What is longer is passed on in parts."""

    def __init__(self, console: Console) -> None:
        """Pass on to `console`."""
        self._console = console
        self._pipes = selectors.DefaultSelector()
        self._begun: dict[Child, bytes] = {}
        self._recent: dict[Child, deque[str]] = {}

    def add(self, child: Child) -> None:
        """Pass on what `child`, which was started with a pipe, writes from now on."""
        if child.process.stdout is None:
            raise ValueError(f"{child.name} was not started with a pipe")
        self._pipes.register(child.process.stdout, selectors.EVENT_READ, child)
        self._begun[child] = b""
        self._recent[child] = deque(maxlen=30)
        child.while_waiting = self.attend

    def attend(self, seconds: float) -> None:
        """Pass on what comes within so many seconds."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._read_what_comes(left)

    def finish(self) -> None:
        """Pass on what processes that have ended left in their pipes."""
        while self._pipes.get_map() and self._read_what_comes(0):
            pass

    def _read_what_comes(self, within: float) -> bool:
        ready = self._pipes.select(within)
        for key, _ in ready:
            self._read(key.data, key.fileobj)
        return bool(ready)

    def _read(self, child: Child, pipe: Any) -> None:
        read = os.read(pipe.fileno(), self.LONGEST_LINE)
        *lines, begun = (self._begun[child] + read).split(b"\n")
        if not read or len(begun) >= self.LONGEST_LINE:
            lines.append(begun)
            begun = b""
        self._begun[child] = begun
        if not read:
            self._pipes.unregister(pipe)
            pipe.close()
        for line in lines:
            text = line.decode(errors="replace").rstrip()
            if text:
                self._recent[child].append(text)
                self._console.relay(child.name, text)

    def last_words(self, child: Child) -> str:
        """Return the last lines of a process that has ended."""
        self.attend(0.5)  # what it started may hold the pipe open, so its end is not waited for
        return "\n".join(self._recent[child])
