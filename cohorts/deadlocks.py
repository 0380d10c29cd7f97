"""Trying again after a deadlock.

Session locks are taken in order, so verbs never wait for one another in a circle over those. But PostgreSQL checks an
exclusion constraint after it has written the row: two transactions that at the same moment give one person two
overlapping bookings can each find the other's row and wait for it. PostgreSQL ends one of them; nothing of it stays,
and done again it finds what the other has written and is refused, or marks a clash, like anybody who comes later.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError
from psycopg.errors import DeadlockDetected

P = ParamSpec("P")
R = TypeVar("R")

MOST_ATTEMPTS = 5


def again_after_deadlock(verb: Callable[P, R]) -> Callable[P, R]:
    """Do a verb, which is one transaction, again when PostgreSQL ended it for a deadlock; at most 5 times in all."""

    @wraps(verb)
    def attempt(*args: P.args, **kwargs: P.kwargs) -> R:
        for _ in range(MOST_ATTEMPTS - 1):
            try:
                return verb(*args, **kwargs)
            except OperationalError as error:
                if not isinstance(error.__cause__, DeadlockDetected):
                    raise
        return verb(*args, **kwargs)

    return attempt
