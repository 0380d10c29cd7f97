"""Continuing professional development: what somebody has done, with its day, its points and how long it took.

It is read off the evidence and the registers each time, and stored nowhere but on a certificate that was issued.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from cohorts.models import Booking, Certificate, Evidence
from portal.prepared import Given, GivenMany, Prepared

MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One component that was done. `day` is a UK date.

    `minutes` is how long the session took that was attended, as planned; None where no register shows one. `booking`
    names it then, and `serial` the certificate of attendance that stands for it, if one does.
    """

    title: str
    programme: str
    day: date
    points: Decimal
    minutes: int | None
    booking: UUID | None
    serial: str | None


@dataclass(frozen=True, slots=True)
class Total:
    """What several entries come to."""

    points: Decimal
    minutes: int


def total(entries: Iterable[Entry]) -> Total:
    """Add up the points, and the minutes where they are known."""
    points, minutes = Decimal(0), 0
    for entry in entries:
        points += entry.points
        minutes += entry.minutes or 0
    return Total(points, minutes)


def of_person(person_id: int) -> list[Entry]:
    """Return what somebody has done, in any programme and in open sessions, the latest first. Two statements."""
    evidence = [_Evidence(*row) for row in _OF_PERSON.all(person=person_id)]
    # These have no evidence, which hangs on a membership: their register says that somebody came.
    open_sessions = [
        Entry(
            title,
            programme,
            timezone.localdate(starts_at),
            points,
            minutes_between(starts_at, ends_at),
            booking,
            serial,
        )
        for title, programme, points, starts_at, ends_at, booking, serial in _IN_OPEN_SESSIONS.all(person=person_id)
    ]
    return sorted(_entries(evidence) + open_sessions, key=lambda entry: (entry.day, entry.title), reverse=True)


def of_memberships(membership_ids: Sequence[int]) -> Mapping[int, list[Entry]]:
    """Return what was done in each of these memberships, by its id; none for one without anything. One statement."""
    evidence: dict[int, list[_Evidence]] = defaultdict(list)
    for row in map(_Evidence._make, _OF_MEMBERSHIPS.all(memberships=list(membership_ids))):
        evidence[row.membership].append(row)
    return {membership_id: _entries(found) for membership_id, found in evidence.items()}


def minutes_between(starts_at: datetime, ends_at: datetime) -> int:
    """Return how many whole minutes a session takes."""
    return (ends_at - starts_at) // MINUTE


class _Evidence(NamedTuple):
    """One row of the ledger that stands, with what it is of."""

    membership: int
    component: int
    once: bool
    title: str
    programme: str
    points: Decimal
    day: date
    starts_at: datetime | None
    ends_at: datetime | None
    booking: UUID | None
    serial: str | None


def _entries(evidence: Iterable[_Evidence]) -> list[Entry]:
    """Return an entry for each component, or for each day of one that people come to again and again.

    Evidence stands twice where something was done again, or where it was carried over to a later cohort, which leaves
    the booking behind: the first day counts, and of one day what a register shows.
    """
    found: dict[tuple[int, date | None], Entry] = {}
    for row in sorted(evidence, key=lambda row: (row.day, row.booking is None)):
        minutes = minutes_between(row.starts_at, row.ends_at) if row.starts_at and row.ends_at else None
        entry = Entry(row.title, row.programme, row.day, row.points, minutes, row.booking, row.serial)
        found.setdefault((row.component, None if row.once else row.day), entry)
    return list(found.values())


def _standing(booking: str) -> Subquery:
    return Subquery(Certificate.objects.standing().filter(booking=OuterRef(booking)).order_by().values("serial")[:1])


def _evidence() -> QuerySet[Evidence, Any]:
    return (
        Evidence.objects.counting()
        .annotate(serial=_standing("booking"))
        .order_by()
        .values_list(
            *("membership", "component", "component__once", "component__title", "component__programme__name"),
            *("component__cpd_points", "fulfilled_on"),
            *("booking__session__starts_at", "booking__session__ends_at", "booking__uid", "serial"),
        )
    )


def _open_bookings() -> QuerySet[Booking, Any]:
    return (
        Booking.objects.filter(user=Given("person"), state=Booking.State.ATTENDED, membership__isnull=True)
        .annotate(serial=_standing("pk"))
        .order_by()
        .values_list(
            *("component__title", "component__programme__name", "component__cpd_points"),
            *("session__starts_at", "session__ends_at", "uid", "serial"),
        )
    )


_OF_PERSON = Prepared(lambda: _evidence().filter(membership__user=Given("person")))
_OF_MEMBERSHIPS = Prepared(lambda: _evidence().filter(membership__in=GivenMany("memberships")))
_IN_OPEN_SESSIONS = Prepared(_open_bookings)
