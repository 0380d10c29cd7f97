"""Two people at one thing: what each of them changed is kept, and what both changed is for the second to settle.

A page carries what stood there when it was opened, field by field, as hashes. When it is sent, the row is locked and
compared: a field that somebody left as they found it is not written back over what another has saved meanwhile, and of
one that both have changed nothing is saved until the second has read the other's words. It fits any row.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.utils.text import capfirst

from portal.admin_edits import as_it_stands, read_seen
from portal.nhsuk.dates import say_date


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that both have changed: what it is called, and what the other has put there."""

    field: str
    label: str
    now: str


class ChangedMeanwhile(Exception):
    """Nothing was saved: somebody else has changed the same meanwhile. `str()` says so, in words for the person."""

    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        self.conflicts = conflicts
        super().__init__(
            "Somebody else has changed the same since you opened this page. What you wrote is below, and is not saved "
            "yet. Read what they wrote, and save again to put yours in its place."
        )


@dataclass(frozen=True, slots=True)
class Settled:
    """What is to be written, and the labels of the fields in which another's words stay as they put them meanwhile."""

    changes: Mapping[str, Any]
    theirs: Sequence[str] = ()


def seen(row: Model, fields: Iterable[str]) -> str:
    """Return what a page carries of how a row stands, as text that tells nothing of it."""
    return json.dumps(as_it_stands(row, fields, {}))


def settle(row: Model, given: Mapping[str, Any], carried: str) -> Settled:
    """Say which of the `given` values are to be written to a row that is locked. Raises ChangedMeanwhile.

    `carried` is what the page carried; whatever else is sent in its place says that all stood as it stands now.
    """
    candidate = copy(row)
    for field, value in given.items():
        setattr(candidate, field, value)
    now, mine = as_it_stands(row, given, {}), as_it_stands(candidate, given, {})
    before = read_seen(carried)
    mine_alone: dict[str, Any] = {}
    theirs: list[str] = []
    both: list[str] = []
    for field in given:
        opened_at = before.get(field, now[field])
        if mine[field] == now[field]:
            continue
        if mine[field] == opened_at:
            theirs.append(label(row, field))
        elif now[field] != opened_at:
            both.append(field)
        else:
            mine_alone[field] = given[field]
    if both:
        raise ChangedMeanwhile([Conflict(field, label(row, field), said(row, field)) for field in both])
    return Settled(mine_alone, theirs)


def said(row: Model, name: str) -> str:
    """Say what stands in a field, in words: nothing, where there is nothing."""
    field = row._meta.get_field(name)
    value = getattr(row, name)
    if getattr(field, "choices", None):
        return str(getattr(row, f"get_{name}_display")())
    if isinstance(value, date):
        return say_date(value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, Decimal):
        return f"{value.normalize():,f}"
    return "" if value is None else str(value)


def label(row: Model | type[Model], name: str) -> str:
    """Return what a field is called, as it stands before what it says."""
    return capfirst(str(getattr(row._meta.get_field(name), "verbose_name", name)))
