"""What is looked at before anything starts, and refused in a sentence."""

import errno
import os
import shutil
import socket
from pathlib import Path

from portal.embedded.trouble import Trouble

# What a new PostgreSQL takes with some room to work in, and what one that is there needs to write its log.
ROOM_FOR_NEW_DATA = 200 * 2**20
ROOM_TO_WORK = 50 * 2**20


def make_data_folder(data: Path) -> None:
    """Make the data folder. Raises Trouble when that is not possible.

    When we are root, PostgreSQL's own account has to pass through it; what lies in it stays closed to others.
    """
    try:
        if not data.is_dir():
            data.mkdir(parents=True)
            data.chmod(0o711 if os.geteuid() == 0 else 0o700)
    except OSError as error:
        raise Trouble(f"The data folder {data} cannot be made: {error.strerror}.") from error
    if not os.access(data, os.W_OK | os.X_OK):
        raise Trouble(f"The data folder {data} cannot be written to. Set PORTAL_DATA_DIR to one that can.")


def refuse_taken_port(port: int) -> None:
    """Raise Trouble when the port on 127.0.0.1 cannot be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen()
        except PermissionError as error:
            raise Trouble(f"Port {port} is kept for root. Choose another: PORT=8123 make run") from error
        except OSError as error:
            other = 8123 if port != 8123 else 8124
            raise Trouble(
                f"Port {port} is taken by another program. Stop that, or choose another: PORT={other} make run"
            ) from error


def refuse_full_disk(data: Path) -> None:
    """Raise Trouble when there is too little room on the disk that holds the data folder."""
    needed = ROOM_TO_WORK if (data / "postgres").exists() else ROOM_FOR_NEW_DATA
    if shutil.disk_usage(data).free < needed:
        raise disk_is_full(data)


def disk_is_full(data: Path) -> Trouble:
    """Return the sentence for a full disk."""
    free = shutil.disk_usage(data).free // 2**20
    return Trouble(
        f"The disk that holds {data} is full ({free} MB left). Make room, or set PORTAL_DATA_DIR to another disk."
    )


def tells_of_full_disk(words: str) -> bool:
    """Say whether a program's words are about a full disk (or a used-up quota)."""
    return os.strerror(errno.ENOSPC) in words or os.strerror(errno.EDQUOT) in words
