"""One run to a data folder."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.embedded.trouble import Trouble


@contextmanager
def run_lock(data: Path, *, say: Callable[[str], None], within: float = 30) -> Iterator[int]:
    """Hold the lock of the data folder, and yield the file descriptor that the servers inherit.

    Since they inherit it, the lock outlives a run that was killed until its last server has stopped: that is waited
    for. Raises Trouble when another run holds the lock, or a killed one's servers stay beyond `within` seconds.
    """
    with (data / "lock").open("a+") as file:
        deadline = time.monotonic() + within
        told = False
        while not _taken(file.fileno()):
            holder = _holder(data)
            if holder is not None:
                raise Trouble(
                    f"The portal already runs on the data in {data} (process {holder}). Stop that one first, "
                    "or give this one its own PORTAL_DATA_DIR and PORT."
                )
            if time.monotonic() > deadline:
                raise Trouble(f"A run on the data in {data} was killed, and its servers have not stopped.")
            if not told:
                say("The last run was killed. Waiting for its servers to stop.")
                told = True
            time.sleep(0.1)
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield file.fileno()
        file.truncate(0)


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(data: Path) -> int | None:
    """Return the process that wrote itself down as the holder, if it lives."""
    try:
        pid = int((data / "lock").read_text())
        os.kill(pid, 0)
    except (ValueError, ProcessLookupError):
        return None
    except PermissionError:
        pass  # it lives, and is somebody else's
    return pid
