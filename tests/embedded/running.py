"""The portal, run as `make run` runs it, for the tests of this folder."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import psutil

PATIENCE = 120


class Run:
    """One `python -m portal.embedded` on a data folder and a port."""

    def __init__(self, action: str, data: Path, port: int | str, **environment: str) -> None:
        """Start it. Unless `environment` names servers, it starts its own."""
        self.port = port
        self.process = subprocess.Popen(
            [sys.executable, "-m", "portal.embedded", action],
            env={**without_servers(os.environ), "PORTAL_DATA_DIR": str(data), "PORT": str(port), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.output = ""
        self._said = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as lines:
            for line in lines:
                with self._said:
                    self.output += line
                    self._said.notify_all()
        self.process.wait()
        with self._said:
            self._said.notify_all()

    def wait_until_up(self) -> "Run":
        """Wait for the sentence that names the address."""
        with self._said:
            self._said.wait_for(lambda: self.is_up() or self.process.poll() is not None, timeout=PATIENCE)
        assert self.is_up(), self.output
        return self

    def is_up(self) -> bool:
        """Say whether the address has been named."""
        return f"The portal is at http://localhost:{self.port}" in self.output

    def family(self) -> list[psutil.Process]:
        """Return every process that it started, and theirs."""
        return list(psutil.Process(self.process.pid).children(recursive=True))

    def member(self, name: str) -> psutil.Process:
        """Return the first of its processes with this name."""
        return next(process for process in self.family() if process.name() == name)

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send it a signal, and return its exit code."""
        self.process.send_signal(number)
        return self.exit_code()

    def exit_code(self) -> int:
        """Wait for its end."""
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code


def without_servers(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment as somebody has it who configured no server, and is no worker of a run of tests."""
    ours = {"DATABASE_URL", "REDIS_URL", "PORTAL_MODE", "DJANGO_SETTINGS_MODULE", "PYTEST_XDIST_WORKER"}
    return {name: value for name, value in environment.items() if name not in ours}


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def all_gone(processes: list[psutil.Process]) -> bool:
    """Wait for the processes to end, and say whether they have. One that waits to be reaped has ended."""
    _, alive = psutil.wait_procs(processes, timeout=30)
    return all(process.status() == psutil.STATUS_ZOMBIE for process in alive)
