"""Why something was done, beside what the trail says of it: the reason stands on the row, where it can be forgotten."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from django.db.models import Model

from portal.trail.models import Entry

M = TypeVar("M", bound=Model)


def with_reasons(
    entries: Iterable[Entry], row: M, reasons: Mapping[str, Callable[[M], str]]
) -> list[tuple[Entry, str]]:
    """Pair each of a row's entries, newest first, with the reason for it, or with nothing.

    `reasons` say by an entry's verb what reads the reason off the row. A row keeps the reason of the last time, so of
    all entries whose reason would be read in one way the newest alone has it.
    """
    paired, read = [], set()
    for entry in entries:
        reason = reasons.get(entry.verb)
        paired.append((entry, reason(row) if reason and reason not in read else ""))
        read.add(reason)
    return paired
