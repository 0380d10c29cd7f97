"""The dates of a component from which a person chooses: what each offers, and what they already hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from cohorts import page_keys
from cohorts.models import Booking, Component, Session
from portal.accounts.models import User

PAGE = 20
# What a date's line needs to know.
SHOWN = (
    *("starts_at", "ends_at", "format", "venue__name"),
    *("places", "taken", "booking_opens_at", "booking_closes_at", "cancelled_at"),
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
    sessions = (
        Session.objects.upcoming()
        .filter(Q(cohort=cohort_id) | Q(cohort__isnull=True) if cohort_id else Q(cohort__isnull=True))
        .filter(page_keys.after(after, "starts_at"), component=component)
        .select_related("venue")
        .only(*SHOWN)
        .order_by("starts_at", "id")[: PAGE + 1]
    )
    found = list(sessions)
    held = {} if person is None else _held(component, person)
    shown = found[:PAGE]
    return Choices(
        dates=[
            Choice(
                session_id=session.pk,
                starts_at=session.starts_at,
                ends_at=session.ends_at,
                place=session.venue.name if session.venue else session.get_format_display(),
                places_left=session.places_left,
                is_open=session.booking_is_open,
                held=held.get(session.pk),
            )
            for session in shown
        ],
        booked=next((booking for booking in held.values() if booking.state == Booking.State.BOOKED), None),
        next_after=page_keys.page_key(shown[-1].starts_at, shown[-1].pk) if len(found) > PAGE else "",
    )


def _held(component: Component, person: User) -> dict[int, Held]:
    bookings = Booking.objects.live().filter(user=person, component=component, during__endswith__gt=timezone.now())
    return {held[1]: Held(*held) for held in bookings.values_list("uid", "session_id", "state")}
