"""Lists in order of time are read by key: a page begins after the last row of the one before, however long the list."""

import re
from datetime import UTC, datetime, timedelta

from django.db.models import Q

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
KEY = re.compile(r"(\d{1,17})-(\d{1,18})", re.ASCII)


def page_key(moment: datetime, pk: int) -> str:
    """Return the key of a row, to stand in an address."""
    return f"{(moment - EPOCH) // MICROSECOND}-{pk}"


def after(key: str, column: str) -> Q:
    """Return what comes after the row of `key` in order of `column` and id; everything, for what is no key."""
    return _beyond(key, column, "gt")


def before(key: str, column: str) -> Q:
    """Return what comes before the row of `key` in order of `column` and id; everything, for what is no key."""
    return _beyond(key, column, "lt")


def _beyond(key: str, column: str, way: str) -> Q:
    found = KEY.fullmatch(key)
    if found is None:
        return Q()
    moment, pk = EPOCH + int(found[1]) * MICROSECOND, int(found[2])
    return Q(**{f"{column}__{way}": moment}) | Q(**{column: moment, f"pk__{way}": pk})
