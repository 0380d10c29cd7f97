"""Where a server's Unix socket lies."""

import tempfile
from pathlib import Path

# What fits in a Unix socket's address on Linux (108) and on macOS (104), with the zero at its end.
LONGEST_ADDRESS = 103


def socket_folder(preferred: Path, name: str) -> Path:
    """Return `preferred`, or a new private folder in /tmp when the address of socket `name` would be too long there."""
    if len(str(preferred / name)) <= LONGEST_ADDRESS:
        return preferred
    return Path(tempfile.mkdtemp(prefix="portal-", dir="/tmp"))
