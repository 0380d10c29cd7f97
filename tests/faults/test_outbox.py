"""A worker is killed with -9 while it sends: no message is lost, and none goes out under two Message-IDs.

A message is repeated only where the kill falls between the mail server's acceptance and the worker's commit.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from urllib.parse import urlsplit

import pytest
from celery import current_app
from django.conf import settings as configured
from django.db import connection, transaction

from portal import outbox
from portal.outbox.models import Message
from portal.outbox.waking import TASK
from tests.factories import make_user
from tests.outbox.letters import LETTER
from tests.outbox.sink import running_sink

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

PEOPLE = 120
KILLED_BEFORE_IT_IS_TAKEN = {20, 70}
KILLED_ONCE_IT_IS_TAKEN = {40, 90, 91}  # the 91st is the 90th again: it goes out three times
PATIENCE = 60
"""Seconds to wait for what has to happen before the test is given up as failed."""


@contextmanager
def worker(mail_port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a real worker on this test's database, broker and mail server."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "celery", "-A", "portal", "worker", "--pool", "solo", "--loglevel", "warning"),
            *("--include", "tests.outbox.letters", "--without-gossip", "--without-mingle", "--without-heartbeat"),
        ],
        cwd=configured.BASE_DIR,
        env={
            **os.environ,
            "DATABASE_URL": database.geturl(),
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
            "PYTHONWARNINGS": "ignore",
        },
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until_sent_or_killed(process: "subprocess.Popen[bytes]") -> None:
    """Wait until nothing waits any more, or the worker is dead."""
    give_up_at = time.monotonic() + PATIENCE
    while process.poll() is None and Message.objects.filter(state=Message.State.QUEUED).exists():
        assert time.monotonic() < give_up_at, "The worker neither sends nor dies."
        time.sleep(0.05)


def test_a_kill_loses_nothing_and_repeats_at_most_the_one_in_flight(settings) -> None:
    with transaction.atomic():
        outbox.write_many(LETTER, [("booking:1", make_user().pk) for _ in range(PEOPLE)])
    written = {f"<{message_id}@localhost>" for message_id in Message.objects.values_list("message_id", flat=True)}
    before, after = set(KILLED_BEFORE_IT_IS_TAKEN), set(KILLED_ONCE_IT_IS_TAKEN)
    running: list[subprocess.Popen[bytes]] = []

    def survives(planned: set[int], arrived: int) -> bool:
        """Kill the sender where that is planned, and say whether it lives."""
        if arrived not in planned:
            return True
        planned.remove(arrived)
        running[-1].kill()
        running[-1].wait()
        return False

    with running_sink(settings) as sink:
        sink.takes = partial(survives, before)
        sink.before_answering = partial(survives, after)
        workers = 0
        while Message.objects.filter(state=Message.State.QUEUED).exists():
            workers += 1
            assert workers <= 6
            current_app.send_task(TASK)
            with worker(settings.EMAIL_PORT) as process:
                running.append(process)
                wait_until_sent_or_killed(process)

    assert not before | after
    assert workers == 6
    assert {message_id for _, message_id in sink.arrived} == written
    assert len(sink.arrived) == PEOPLE + len(KILLED_ONCE_IT_IS_TAKEN)
    assert len(set(sink.arrived)) == PEOPLE
    assert set(Message.objects.values_list("state", "attempts")) == {(Message.State.SENT, 1)}
