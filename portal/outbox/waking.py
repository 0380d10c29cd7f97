"""Telling a worker that something waits, at almost no cost to who wrote it.

At most one wake-up is under way: a mark in the broker says so, and the sender takes the mark away *before* it looks
for what waits. Whatever is committed before that look is found by it; whatever is committed after finds no mark and
wakes the sender again. The mark is a saving, not a promise: it expires, and beat has the sender look every 20 seconds.
"""

import logging
import time
from functools import cache

from celery import current_app
from kombu import Connection, pools
from kombu.exceptions import OperationalError
from redis import RedisError

from portal import broker

logger = logging.getLogger(__name__)

MARK = "outbox:awake"
MARK_LASTS = 20
TASK_LASTS = 300
"""Seconds. While no worker runs, wake-ups do not pile up."""

TASK = "portal.outbox.tasks.send_what_waits"

RESTS = 5.0
"""Seconds for which this process does not try a broker that has just failed it."""

_rests_until = 0.0


def wake_sender() -> None:
    """Have a worker look into the outbox now. Never raises, and never waits long for a broker that is away."""
    global _rests_until  # noqa: PLW0603  # one breaker for the process is the point
    if time.monotonic() < _rests_until:
        return
    try:
        if broker.client().set(MARK, 1, nx=True, ex=MARK_LASTS):
            with pools.producers[connection()].acquire(block=True, timeout=broker.PATIENCE) as producer:
                current_app.send_task(TASK, producer=producer, retry=False, expires=TASK_LASTS)
    except (RedisError, OperationalError, OSError) as error:
        _rests_until = time.monotonic() + RESTS
        logger.warning("The broker could not be told that messages wait", extra={"error": type(error).__name__})


def about_to_look() -> None:
    """Let whoever writes from now on wake the sender again: call it before looking for what waits."""
    try:
        broker.client().delete(MARK)
    except RedisError as error:
        logger.warning("The broker could not be told that the sender looks", extra={"error": type(error).__name__})


@cache
def connection() -> Connection:
    """Return a connection to Celery's broker with as little patience as `portal.broker` has."""
    return current_app.connection_for_write(
        connect_timeout=broker.PATIENCE,
        transport_options={
            "socket_connect_timeout": broker.PATIENCE,
            "socket_timeout": broker.PATIENCE,
            "max_retries": 0,
        },
    )
