"""`outbox.write` and `outbox.send`: many reminders become due at once, and one worker sends them."""

import smtplib
import socket
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

from portal.embedded.supervisor import WORKER
from tests.benchmarks.crowds import Reminders
from tests.benchmarks.effort import Effort
from tests.benchmarks.result import Floor, Result, median_of
from tests.benchmarks.stack import Stack, free_port

PEOPLE = 200
SENDER = "portal.outbox.tasks.send_what_waits"


def measure(stack: Stack, effort: Effort) -> Iterator[Result]:
    """Yield the results of writing and of sending."""
    reminders = Reminders(PEOPLE, effort.messages)
    yield _write(reminders, effort)
    yield _send(stack, reminders, effort)


def _write(reminders: Reminders, effort: Effort) -> Result:
    speed = median_of(effort.runs, reminders.write)
    floor = median_of(effort.runs, reminders.insert_bare_rows)
    return Result(
        "outbox.write",
        speed,
        "reminders/s",
        Floor("one INSERT of as many bare messages, rows/s", floor),
        {"messages": effort.messages, "statements_per_1000": reminders.statements_per_thousand()},
    )


def _send(stack: Stack, reminders: Reminders, effort: Effort) -> Result:
    port, kept = free_port(), stack.folder / "last-mail"
    sink = [sys.executable, "-m", "tests.benchmarks.sink", str(port), str(kept)]
    speeds = []
    with stack.running("sink", sink, stack.environment):
        _wait_for_sink(port)
        with stack.running("worker", WORKER, stack.environment | {"EMAIL_URL": f"smtp://127.0.0.1:{port}"}):
            for run in range(effort.runs + 1):
                reminders.write()
                began = time.monotonic()
                reminders.have_sent(SENDER)
                if run:
                    speeds.append(effort.messages / (time.monotonic() - began))
    mail = kept.read_bytes()
    port = free_port()
    with stack.running("sink", [*sink[:3], str(port), str(kept)], stack.environment):
        _wait_for_sink(port)
        floor = median_of(effort.runs, lambda: _fill_sink(port, mail, effort.messages))
    return Result(
        "outbox.send",
        statistics.median(speeds),
        "messages/s",
        Floor("the sink's own: the same mail by smtplib on one connection, messages/s", floor),
        {"messages": effort.messages, "bytes_each": len(mail)},
    )


def _wait_for_sink(port: int, *, within: float = 30) -> None:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise TimeoutError("The mail sink did not start.")


def _fill_sink(port: int, mail: bytes, messages: int) -> float:
    with smtplib.SMTP("127.0.0.1", port) as connection:
        began = time.monotonic()
        for _ in range(messages):
            connection.sendmail("portal@localhost", ["somebody@demo.example"], mail)
        return messages / (time.monotonic() - began)
