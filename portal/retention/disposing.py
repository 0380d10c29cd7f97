"""Disposing of what is due, in batches, and saying beforehand what that would be."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, Min, Q
from django.utils import timezone

from portal.retention import holds
from portal.retention.categories import Category, all_of_them
from portal.retention.models import Disposal


@dataclass(frozen=True, slots=True)
class Due:
    """What of a category is due: how many, from when the oldest is (a UK date), and how many more a hold keeps."""

    category: Category
    number: int
    oldest: date | None
    on_hold: int


@dataclass(frozen=True, slots=True)
class _Batch:
    """How many were disposed of in one transaction, and the key of the last row that was looked at."""

    number: int
    last: int


def what_is_due(today: date | None = None) -> list[Due]:
    """Return what would be disposed of today (a UK date), by category: one statement for each, and nothing changes."""
    return [_due(category, today or timezone.localdate()) for category in all_of_them()]


def _due(category: Category, today: date) -> Due:
    rows = category.due(category.up_to(today)).order_by().annotate(is_on_hold=category.kept)
    found = rows.aggregate(
        number=Count("pk", filter=Q(is_on_hold=False)),
        oldest=Min(category.dated, filter=Q(is_on_hold=False)),
        on_hold=Count("pk", filter=Q(is_on_hold=True)),
    )
    oldest = found["oldest"]
    return Due(
        category,
        found["number"],
        timezone.localdate(oldest) if isinstance(oldest, datetime) else oldest,
        found["on_hold"],
    )


def dispose(today: date | None = None) -> dict[str, int]:
    """Dispose of all that is due today (a UK date) and that no legal hold keeps; return how many, by category.

    What another worker is at, or somebody is changing at this moment, is left for the next run. Where one category
    fails, the others are disposed of all the same: an ExceptionGroup of what failed is raised in the end.
    """
    today, run = today or timezone.localdate(), uuid.uuid4()
    numbers, failed = {}, []
    for category in all_of_them():
        try:
            numbers[category.name] = _dispose_of(category, today, run)
        except Exception as error:  # noqa: BLE001  # a category is an app's own code, and may fail in any way
            failed.append(error)
    if failed:
        raise ExceptionGroup("Not everything that is due could be disposed of", failed)
    return numbers


def _dispose_of(category: Category, today: date, run: uuid.UUID) -> int:
    number, last = 0, 0
    while batch := _dispose_of_batch(category, today, run, after=last):
        last = batch.last
        number += batch.number
    return number


@transaction.atomic
def _dispose_of_batch(category: Category, today: date, run: uuid.UUID, *, after: int) -> _Batch | None:
    """Dispose of the next rows that are due, by their keys, and log it; return None once there are no more."""
    holds.let_none_begin()
    up_to = category.up_to(today)
    due = category.due(up_to).filter(~category.kept, pk__gt=after).order_by("pk")
    keys = list(due.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True)[: category.at_once])
    if not keys:
        return None
    number = category.dispose(keys)
    if number:
        Disposal.objects.create(
            category=category.name, number=number, period=str(category.kept_for), up_to=up_to, run=run
        )
    return _Batch(number, keys[-1])
