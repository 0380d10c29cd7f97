"""One foreground command that runs the portal: the servers, then what stands on them, until it is told to stop.

A process that ends by itself takes the rest down with it. Restarting it would hide the fault from the one person who
could see it; in production each process has a supervisor that does restart it.
"""

import http.client
import os
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from http import HTTPStatus
from pathlib import Path

from portal import web_server
from portal.accounts.demo_people import DEMO_PASSPHRASE, DEMO_PASSWORD, DEMO_PEOPLE
from portal.embedded.child import Child
from portal.embedded.console import Console, Relay
from portal.embedded.demonstration import demonstration
from portal.embedded.postgres import Postgres
from portal.embedded.refusals import (
    disk_is_full,
    make_data_folder,
    refuse_full_disk,
    refuse_taken_port,
    tells_of_full_disk,
)
from portal.embedded.run_lock import run_lock
from portal.embedded.trouble import Trouble
from portal.embedded.valkey import Valkey

# Celery warns of root because its pickled messages can run code; ours are JSON, and loopback is all that is open.
NO_WORD_ABOUT_ROOT = ["-W", "ignore:You're running the worker with superuser privileges"]
CELERY = [sys.executable, *NO_WORD_ABOUT_ROOT, "-m", "celery", "--quiet", "--app", "portal"]
WORKER = [*CELERY, "worker", "--pool", "threads", "--concurrency", "2", "--without-gossip", "--without-mingle"]
BEAT = [*CELERY, "beat"]


class Supervisor:
    """The portal on one data folder and one port."""

    def __init__(self, data: Path, port: int, console: Console) -> None:
        """Settle what to run; `run()` runs it."""
        self._data = data
        self._port = port
        self._console = console
        self._children: list[Child] = []
        self._relay = Relay(console)
        self._stops = ExitStack()

    def run(self) -> None:
        """Run the portal until SIGINT, SIGTERM or SIGHUP. Raises Trouble when it cannot start, or a process ends."""
        began = time.monotonic()
        stop_signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        for number in stop_signals:
            signal.signal(number, signal.default_int_handler)
        try:
            make_data_folder(self._data)
            refuse_taken_port(self._port)
            lock = self._stops.enter_context(run_lock(self._data, say=self._console.say))
            refuse_full_disk(self._data)
            environment = demonstration(self._data, self._port, self._start_servers(lock))
            self._prepare(environment)
            self._start("web", web_server.command(environment), environment, patience=15)
            quiet = {**environment, "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING")}
            self._start("worker", WORKER, quiet, patience=20)
            self._start("beat", BEAT, quiet, patience=5)
            self._wait_for_first_page()
            self._announce(time.monotonic() - began)
            while True:
                self._refuse_ended_child()
                self._relay.attend(0.2)
        except KeyboardInterrupt:
            self._console.say("Stopping.")
        finally:
            for number in stop_signals:
                signal.signal(number, signal.SIG_IGN)
            self._stops.close()  # in the opposite order: nothing loses what it stands on
            self._relay.finish()
        self._console.say("Everything has stopped.")

    def _start_servers(self, lock: int) -> dict[str, str]:
        """Start the servers that the environment does not name, and return all their addresses."""
        servers = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
        postgres = None if "DATABASE_URL" in servers else Postgres(self._data / "postgres")
        valkey = None if "REDIS_URL" in servers else Valkey(self._data / "valkey")
        if postgres:
            if postgres.was_cut_off():
                self._console.say("The last run was cut off; PostgreSQL recovers its data.")
            self._stops.callback(postgres.stop)
            self._adopt(postgres.start(keep_open=[lock]))
        if valkey:
            self._stops.callback(valkey.stop)
            self._adopt(valkey.start(keep_open=[lock]))
        try:
            if postgres:
                postgres.wait_until_ready()
                servers["DATABASE_URL"] = postgres.url()
            if valkey:
                valkey.wait_until_ready()
                servers["REDIS_URL"] = valkey.url
        except Trouble:
            self._refuse_ended_child()
            raise
        return servers

    def _prepare(self, environment: Mapping[str, str]) -> None:
        self._console.say("Bringing the database and the demonstration up to date.")
        child = Child("prepare", [sys.executable, "-m", "portal.embedded.prepare"], environment=environment)
        self._stops.callback(child.stop, within=10)
        self._relay.add(child)
        while child.is_running():
            self._refuse_ended_child()
            self._relay.attend(0.02)
        if child.process.returncode:
            raise self._trouble(child)

    def _start(self, name: str, command: list[str], environment: Mapping[str, str], *, patience: float) -> None:
        child = Child(name, command, environment=environment)
        self._stops.callback(child.stop, within=patience)
        self._adopt(child)

    def _adopt(self, child: Child) -> None:
        self._children.append(child)
        self._relay.add(child)

    def _refuse_ended_child(self) -> None:
        for child in self._children:
            if not child.is_running():
                raise self._trouble(child)

    def _trouble(self, child: Child) -> Trouble:
        if tells_of_full_disk(self._relay.last_words(child)):
            return disk_is_full(self._data)
        return Trouble(f"The process {child.name} {child.ending()}, so the portal stops. Its last lines stand above.")

    def _wait_for_first_page(self, *, within: float = 60) -> None:
        deadline = time.monotonic() + within
        while not answers(self._port):
            self._refuse_ended_child()
            if time.monotonic() > deadline:
                raise Trouble(f"The web server did not answer within {within:.0f} seconds. Its lines above say why.")
            self._relay.attend(0.05)

    def _announce(self, seconds: float) -> None:
        width = max(len(person.email) for person in DEMO_PEOPLE)
        people = "\n".join(f"    {person.email:<{width}}  {person.role_description}" for person in DEMO_PEOPLE)
        self._console.say(
            f"\nThe portal is at http://localhost:{self._port} (up in {seconds:.1f} seconds). Ctrl-C stops it.\n\n"
            f"These people can sign in, with the password {DEMO_PASSWORD}:\n\n{people}\n\n"
            f"The confidential queue of the last two opens with the passphrase {DEMO_PASSPHRASE}.\n"
        )


def answers(port: int) -> bool:
    """Say whether the portal on this port says that it is alive."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/health/live", headers={"Host": "localhost"})
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
