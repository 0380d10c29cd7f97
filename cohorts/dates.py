"""The dates of a component from which a person chooses: what each offers, and what they already hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from cohorts import page_keys
from cohorts.models import Booking, Component, Session
from portal.accounts.models import User
from portal.prepared import Given, Prepared

PAGE = 20
OFFERED_INSTEAD = 3
# What a date's line needs to know.
SHOWN = (
    *("starts_at", "ends_at", "format", "venue__name"),
    *("places", "taken", "booking_opens_at", "booking_closes_at", "cancelled_at"),
)


def _dates(held_for: Q) -> QuerySet[Session]:
    return (
        Session.objects.upcoming()
        .filter(held_for, page_keys.later("starts_at"), component=Given("component"))
        .select_related("venue")
        .only(*SHOWN)
        .order_by("starts_at", "id")[: PAGE + 1]
    )


_OPEN_DATES = Prepared(lambda: _dates(Q(cohort__isnull=True)))
_DATES_OF_A_COHORT = Prepared(lambda: _dates(Q(cohort=Given("cohort")) | Q(cohort__isnull=True)))
_HELD = Prepared(
    lambda: (
        Booking.objects.live()
        .filter(user=Given("person"), component=Given("component"), during__endswith__gt=Now())
        .values_list("uid", "session_id", "state")
    )
)


class Held(NamedTuple):
    """A person's own live booking."""

    uid: UUID
    session_id: int
    state: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One date as it stands for one person."""

    session_id: int
    starts_at: datetime
    ends_at: datetime
    place: str
    places_left: int
    is_open: bool
    held: Held | None

    @property
    def is_full(self) -> bool:
        """Say whether nobody can book it now, but the waiting list is open."""
        return self.is_open and self.places_left <= 0

    @property
    def may_be_booked(self) -> bool:
        """Say whether a place is left and booking is open."""
        return self.is_open and self.places_left > 0


@dataclass(frozen=True, slots=True)
class Choices:
    """A page of dates, soonest first. `next_after` is the key of the page that follows, empty on the last."""

    dates: Sequence[Choice]
    booked: Held | None
    next_after: str


def choices(component: Component, *, cohort_id: int | None, person: User | None, after: str = "") -> Choices:
    """Return the upcoming dates of a component for a cohort (None: of an open series), in two statements or fewer.

    `after` is a `next_after` that was given out before; anything else begins at the beginning.
    """
    begins = page_keys.read(after, page_keys.BEFORE_ALL)._asdict()
    if cohort_id is None:
        found = _OPEN_DATES.all(component=component.pk, **begins)
    else:
        found = _DATES_OF_A_COHORT.all(component=component.pk, cohort=cohort_id, **begins)
    held = {} if person is None else _held(component, person)
    shown = found[:PAGE]
    return Choices(
        dates=[
            Choice(
                session_id=session.pk,
                starts_at=session.starts_at,
                ends_at=session.ends_at,
                place=session.place,
                places_left=session.places_left,
                is_open=session.booking_is_open,
                held=held.get(session.pk),
            )
            for session in shown
        ],
        booked=next((booking for booking in held.values() if booking.state == Booking.State.BOOKED), None),
        next_after=page_keys.page_key(shown[-1].starts_at, shown[-1].pk) if len(found) > PAGE else "",
    )


def open_dates(gone: Sequence[Session]) -> dict[int, list[Session]]:
    """Return for each of some cancelled sessions, by its number, the next dates with a place left: one statement."""
    if not gone:
        return {}
    found = [
        session
        for session in Session.objects.upcoming()
        .filter(component__in={session.component_id for session in gone}, taken__lt=F("places"))
        .order_by("starts_at", "id")
        if session.booking_is_open
    ]
    return {
        session.pk: [
            other
            for other in found
            if other.component_id == session.component_id and other.cohort_id in {None, session.cohort_id}
        ][:OFFERED_INSTEAD]
        for session in gone
    }


def _held(component: Component, person: User) -> dict[int, Held]:
    return {held[1]: Held(*held) for held in _HELD.all(component=component.pk, person=person.pk)}
