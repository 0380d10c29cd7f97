"""The gate before what is costly: stretching a passphrase takes half a second of a core and 128 MiB.

Few may do it at once, over all processes, and few more may wait: otherwise ten people who unlock at nine o'clock, or
one who sends wrong passphrases, would keep every other page waiting. The count stands in PostgreSQL's advisory locks,
which end with the transaction: a killed process leaves none behind, and a pooler that gives each transaction another
connection does no harm.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

AT_ONCE = 1
WAITING = 1
PATIENCE = 5.0
"""Seconds for which somebody waits in their request before they are asked to try again."""

# The first half of the advisory locks' keys: "gate" in ASCII.
INSIDE, OUTSIDE = 0x67617465, 0x67617466


class Busy(Exception):
    """Too many are at it. Nothing was done; trying again in a few seconds will help."""


@contextmanager
def gate() -> Iterator[None]:
    """Let the block run when there is room. Raises Busy."""
    with transaction.atomic():
        if not _take(OUTSIDE, WAITING + AT_ONCE):
            raise Busy
        _wait_inside()
        yield


def _wait_inside() -> None:
    deadline = time.monotonic() + PATIENCE
    while not _take(INSIDE, AT_ONCE):
        if time.monotonic() > deadline:
            raise Busy
        time.sleep(0.05)


def _take(room: int, places: int) -> bool:
    """Take one of the places in a room until the transaction ends, and say whether one was free."""
    with connection.cursor() as cursor:
        for place in range(places):
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [room, place])
            if cursor.fetchone() == (True,):
                return True
    return False
