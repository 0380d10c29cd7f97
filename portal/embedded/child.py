"""A process that we started and that we can be certain to stop."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from portal.embedded.account import Account

LEASH = Path(__file__).with_name("leash.py")


class Child:
    """A running program in a process group of its own, so that a Ctrl-C in the terminal reaches its supervisor alone.

    It is sent `stop_with` by `stop()`, and by the kernel when our process dies (see `leash`). `while_waiting` is what
    is done for so many seconds while it is waited for: who reads its pipe reads on, since a full pipe would hold it.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        output: IO[bytes] | int = subprocess.PIPE,
        stop_with: signal.Signals = signal.SIGTERM,
        account: Account | None = None,
        keep_open: Sequence[int] = (),
    ) -> None:
        """Start the program. Its standard output and error go to `output` together.

        `keep_open` are file descriptors that it inherits: a lock so held is free only once the program is gone.
        """
        self.name = name
        self.while_waiting: Callable[[float], None] = time.sleep
        self._stop_with = stop_with
        leash = [sys.executable, "-I", "-S", str(LEASH), str(int(stop_with)), str(os.getpid())]
        self.process: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603  # our own programs, no shell
            [*leash, f"{account.uid}:{account.gid}" if account else "-", *command],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=0,
            pass_fds=keep_open,
        )

    def is_running(self) -> bool:
        """Say whether the program still runs."""
        return self.process.poll() is None

    def ending(self) -> str:
        """Say how the program ended, in words that follow its name: "ended with exit code 1"."""
        code = self.process.returncode
        if code < 0:
            return f"was ended by {signal.Signals(-code).name}"
        return f"ended with exit code {code}"

    def stop(self, *, within: float) -> None:
        """Ask the program to stop; after `within` seconds, end it and whatever it started."""
        if self.is_running():
            self.process.send_signal(self._stop_with)
            deadline = time.monotonic() + within
            while self.is_running() and time.monotonic() < deadline:
                self.while_waiting(0.02)
        with suppress(ProcessLookupError):  # the usual case: the group has gone with its leader
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
