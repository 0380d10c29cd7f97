"""The account that PostgreSQL runs as when we are root, since it refuses to run as root.

It is an account of its own, not `nobody` (which other programs share) and not Debian's `postgres` (which owns other
people's data). Nothing is made readable to it but its own folder.
"""

import fcntl
import logging
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from portal.embedded.trouble import Trouble

logger = logging.getLogger(__name__)

NAME = "portal-postgres"
ACCOUNTS: Final = Path("/etc/passwd")


@dataclass(frozen=True)
class Account:
    """A system account, by its numbers."""

    uid: int
    gid: int


def database_account() -> Account | None:
    """Return the account for PostgreSQL, made on first use; None when we are not root and run it as ourselves.

    Raises Trouble when the account cannot be made.
    """
    if os.geteuid() != 0:
        return None
    # One run at a time: useradd looks for the name before it waits its turn, and gives the account a second number.
    with ACCOUNTS.open() as accounts:
        fcntl.flock(accounts, fcntl.LOCK_EX)
        return _look_up() or _make()


def _make() -> Account:
    logger.info("PostgreSQL refuses to run as root: making the system account %s for it.", NAME)
    made = subprocess.run(  # noqa: S603  # a constant command
        ["/usr/sbin/useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
         "--shell", "/usr/sbin/nologin", NAME],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = _look_up()
    if not found:
        raise Trouble(
            f"PostgreSQL refuses to run as root, and the account {NAME} could not be made for it "
            f"({made.stderr.strip()}). Run this as another user."
        )
    return found


def _look_up() -> Account | None:
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid)


def can_enter(account: Account | None, folder: Path) -> bool:
    """Say whether `account` can reach files in `folder`, which exists. The kernel is asked, as the account."""
    if account is None:
        return True
    asked = subprocess.run(  # noqa: S603  # a constant command
        ["/bin/sh", "-c", 'test -x "$0"', str(folder)],
        user=account.uid, group=account.gid, extra_groups=[], cwd="/", check=False,
    )  # fmt: skip
    return asked.returncode == 0


def own_folder(folder: Path, account: Account | None) -> None:
    """Make `folder` (its parent exists), entered by `account` and us alone."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if account:
        os.chown(folder, account.uid, account.gid)
