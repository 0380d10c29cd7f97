"""What `make run` writes to the terminal: its own sentences, and each process's lines under its name."""

import logging
import os
import threading
from collections import deque
from contextlib import suppress
from typing import IO, TextIO

from portal.embedded.child import Child

COLOURS = {"postgres": 34, "valkey": 36, "prepare": 33, "web": 32, "worker": 35, "beat": 90}
WIDTH = max(map(len, COLOURS))


class Console(logging.Handler):
    """Lines from several threads, whole and in order. Coloured only on a terminal, and not where NO_COLOR is set."""

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
        with self.lock or threading.RLock(), suppress(OSError, ValueError):
            self._stream.write(f"{text}\n")
            self._stream.flush()


class Relay:
    """A thread that reads a process's output to its end, relays it, and remembers the last of it."""

    def __init__(self, child: Child, console: Console) -> None:
        """Begin to read what `child` writes to its pipe."""
        self._recent: deque[str] = deque(maxlen=30)
        output = child.process.stdout
        if output is None:
            raise ValueError(f"{child.name} was not started with a pipe")
        self._thread = threading.Thread(target=self._read, args=(child.name, output, console), daemon=True)
        self._thread.start()

    def _read(self, name: str, output: IO[bytes], console: Console) -> None:
        with output:
            for line in output:
                text = line.decode(errors="replace").rstrip()
                if text:
                    self._recent.append(text)
                    console.relay(name, text)

    def last_words(self) -> str:
        """Return the last lines, all of them if the process has ended."""
        self._thread.join(timeout=1)
        return "\n".join(self._recent)
