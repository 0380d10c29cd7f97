"""The whole portal on servers of its own that a test may kill: PostgreSQL, Valkey, web server, workers and beats."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from django.db import Error as DatabaseTrouble
from django.db import connection

from portal import web_server
from portal.embedded.child import Child
from portal.embedded.postgres import Postgres
from portal.embedded.supervisor import BEAT, WORKER
from portal.embedded.valkey import Valkey
from tests.embedded.running import free_port

ROOT = Path(__file__).resolve().parents[2]
MIGRATED = "migrated"
SAYS_WHAT_IT_DOES = ("--loglevel", "info")
PATIENCE = 90
"""Seconds to wait for what has to happen before the test is given up as failed."""


class Servers:
    """A PostgreSQL that keeps what it committed whatever happens to it, and a Valkey that forgets all when it ends.

    They may be stopped from any thread, but are started from the main one: they end with the thread that started them.
    """

    def __init__(self, folder: Path, lock: int) -> None:
        """Settle where they lie; `lock` is the descriptor that they keep open."""
        self.postgres = Postgres(folder / "postgres")
        self.valkey = Valkey(folder / "valkey")
        self._lock = lock
        self._log = folder / "servers.log"

    def start_postgres(self) -> None:
        """Start it, and wait until it answers."""
        with self._log.open("ab") as log:
            self.postgres.start(output=log, keep_open=[self._lock])
        self.postgres.wait_until_ready()

    def stop_postgres(self, how: signal.Signals) -> None:
        """End it: SIGINT has it break off all work and close its data; after SIGQUIT it must recover them."""
        if self.postgres.child:
            self.postgres.child.process.send_signal(how)
            self.postgres.child.process.wait(PATIENCE)

    def postgres_has_ended(self) -> bool:
        """Say whether it does not run."""
        return not _runs(self.postgres)

    def start_valkey(self) -> None:
        """Start it, and wait until it answers."""
        with self._log.open("ab") as log:
            self.valkey.start(output=log, keep_open=[self._lock])
        self.valkey.wait_until_ready()

    def kill_valkey(self) -> None:
        """Kill it with -9: queue, cache and every connection are gone."""
        if self.valkey.child:
            self.valkey.child.process.kill()
            self.valkey.child.process.wait()

    def valkey_has_ended(self) -> bool:
        """Say whether it does not run."""
        return not _runs(self.valkey)

    def start_what_is_down(self) -> None:
        """Start what does not run, as at first or after a test that failed half-way."""
        if self.postgres_has_ended():
            self.start_postgres()
        if self.valkey_has_ended():
            self.start_valkey()

    def stop(self) -> None:
        """Stop both."""
        self.valkey.stop()
        self.postgres.stop()


class WholePortal:
    """The portal's processes on one database of the servers, with the commands of `make run`."""

    def __init__(self, servers: Servers, database: str, mail_port: int, logs: Path) -> None:
        """Settle what they are told; `start()` starts them."""
        self.servers = servers
        self.port = free_port()
        self._children: dict[str, Child] = {}
        self._logs = logs
        self._environment = {
            **os.environ,
            "DATABASE_URL": servers.postgres.url(database),
            "REDIS_URL": servers.valkey.url,
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
            "DJANGO_SETTINGS_MODULE": "tests.faults.hurried",
            "PORTAL_ORIGIN": self.origin,
            "PORT": str(self.port),
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "ignore",
        }
        self._commands = {
            "web": web_server.command(self._environment),
            "worker": [*WORKER, *SAYS_WHAT_IT_DOES],
            "beat": [*BEAT, *SAYS_WHAT_IT_DOES],
        }

    @property
    def origin(self) -> str:
        """The front page's address, without its last slash."""
        return f"http://localhost:{self.port}"

    def start(self, *names: str) -> None:
        """Start processes by name: `worker`, or `worker 2` for one more."""
        for name in names:
            with self._log_of(name).open("ab") as log:
                kind = name.split()[0]
                self._children[name] = Child(name, self._commands[kind], environment=self._environment, output=log)

    def stop(self) -> None:
        """Stop whatever runs."""
        for child in self._children.values():
            child.process.terminate()
        for child in self._children.values():
            child.stop(within=10)

    def has_said(self, name: str, words: str) -> int:
        """Return how often a process has logged these words."""
        return self._log_of(name).read_text(errors="replace").count(words)

    def migrate(self) -> None:
        """Bring the database up to date."""
        command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"]
        subprocess.run(command, env=self._environment, check=True)

    def wait_until(self, holds: Callable[[], object], what: str) -> None:
        """Wait until something holds; while the database is away it does not. Every process must live meanwhile."""
        give_up_at = time.monotonic() + PATIENCE
        while not _holds(holds):
            for name, child in self._children.items():
                assert child.is_running(), f"{name} {child.ending()}:\n{self._last_words()}"
            assert time.monotonic() < give_up_at, f"It does not come about: {what}.\n{self._last_words()}"
            time.sleep(0.05)

    def wait_for_ticks(self, count: int, task: str = "cohorts.tasks.write_due_reminders") -> None:
        """Wait until the workers have done so many more of beat's tasks: what was to happen has happened by then."""
        workers = [name for name in self._children if name.startswith("worker")]

        def done() -> int:
            return sum(self.has_said(name, f"Task {task}") for name in workers)

        enough = done() + count
        self.wait_until(lambda: done() >= enough, f"{count} more ticks")

    def _log_of(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def _last_words(self) -> str:
        return "\n".join(
            f"--- {name}\n{self._log_of(name).read_text(errors='replace')[-3000:]}" for name in self._children
        )


def _runs(server: Postgres | Valkey) -> bool:
    return server.child is not None and server.child.is_running()


def _holds(condition: Callable[[], object]) -> bool:
    """Ask, and take a database that is away for a no."""
    try:
        return bool(condition())
    except DatabaseTrouble:
        connection.close()
        return False
