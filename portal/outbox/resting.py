"""A mail server that is down is left in peace: longer each time, across all workers.

The broker remembers it. When it cannot, senders simply try.
"""

import logging
import random

from redis import RedisError

from portal import broker

logger = logging.getLogger(__name__)

RESTS = "outbox:relay-rests"
FAILURES = "outbox:relay-failures"
FIRST_REST = 5
LONGEST_REST = 60
"""Seconds. Not longer, since somebody may be waiting at a screen for a code to sign in."""


def relay_rests() -> bool:
    """Say whether the mail server has just failed, so that it is too early to try again."""
    try:
        return bool(broker.client().exists(RESTS))
    except RedisError:
        return False


def let_relay_rest() -> None:
    """Remember that the mail server has failed: 5 seconds the first time, then twice as long, up to a minute."""
    client = broker.client()
    try:
        failures = int(client.incr(FAILURES))
        client.expire(FAILURES, 15 * LONGEST_REST)
        rest = min(LONGEST_REST, FIRST_REST * 2 ** min(failures - 1, 10))
        client.set(RESTS, 1, px=int(rest * random.SystemRandom().uniform(800, 1000)))
    except RedisError as error:
        logger.warning("The broker could not remember the mail server's rest", extra={"error": type(error).__name__})


def relay_recovered() -> None:
    """Forget earlier failures: the mail server has taken a message."""
    try:
        broker.client().delete(RESTS, FAILURES)
    except RedisError as error:
        logger.warning("The broker could not forget the mail server's rest", extra={"error": type(error).__name__})
