"""Lists in order of time are read by key: a page begins after the last row of the one before, however long the list."""

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db.models import Q

from portal.prepared import Given

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
KEY = re.compile(r"(\d{1,17})-(\d{1,18})", re.ASCII)


class Key(NamedTuple):
    """The row next to which a page begins: what `later` and `earlier` are given."""

    moment: datetime
    row: int


BEFORE_ALL = Key(datetime.min.replace(tzinfo=UTC), 0)
AFTER_ALL = Key(datetime.max.replace(tzinfo=UTC), 0)


def page_key(moment: datetime, pk: int) -> str:
    """Return the key of a row, to stand in an address."""
    return f"{(moment - EPOCH) // MICROSECOND}-{pk}"


def read(key: str, otherwise: Key) -> Key:
    """Return the row that `key` stands for; `otherwise`, for what is no key."""
    found = KEY.fullmatch(key)
    return Key(EPOCH + int(found[1]) * MICROSECOND, int(found[2])) if found else otherwise


def later(column: str) -> Q:
    """Return what comes after a given Key in order of `column` and id."""
    return _beyond(column, "gt")


def earlier(column: str) -> Q:
    """Return what comes before a given Key in order of `column` and id."""
    return _beyond(column, "lt")


def _beyond(column: str, way: str) -> Q:
    moment, row = Given("moment"), Given("row")
    return Q(**{f"{column}__{way}": moment}) | Q(**{column: moment, f"pk__{way}": row})
