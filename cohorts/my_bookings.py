"""A person's own bookings as lists: narrow rows, each list one statement however many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from cohorts import page_keys
from cohorts.models import Booking, Component, Membership
from cohorts.models.sessions import place_of
from portal.accounts.models import User
from portal.prepared import Given, Prepared

T = TypeVar("T")

# Rows of a page of past bookings.
PAGE = 20


class Row(NamedTuple):
    """A booking in a list. `ahead` counts who is before it in the queue, when it waits."""

    pk: int
    uid: UUID
    state: str
    clashing: bool
    offer_expires_at: datetime | None
    session_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    format: str
    venue: str | None
    ahead: int = 0

    @property
    def place(self) -> str:
        """Return where it is held."""
        return place_of(self.format, self.venue)

    @property
    def place_in_queue(self) -> int:
        """Return the place in the queue: 1 is next."""
        return self.ahead + 1

    @property
    def state_in_words(self) -> str:
        """Return the state as people call it; what was booked and has no mark yet awaits its register."""
        if self.state == Booking.State.BOOKED and self.ends_at <= timezone.now():
            return "Register to come"
        return Booking.State(self.state).label


COLUMNS = ("pk", "uid", "state", "clashing", "offer_expires_at", "session_id")
NAMED = {
    "title": F("component__title"),
    "starts_at": F("session__starts_at"),
    "ends_at": F("session__ends_at"),
    "format": F("session__format"),
    "venue": F("session__venue__name"),
}


@dataclass(frozen=True, slots=True)
class Live(Generic[T]):
    """What is still to come."""

    booked: Sequence[T]
    waiting: Sequence[T]
    offered: Sequence[T]


@dataclass(frozen=True, slots=True)
class Past(Generic[T]):
    """A page of what is over, latest first. `next_before` is the key of the page that follows, empty on the last."""

    rows: Sequence[T]
    next_before: str


def live(person: User) -> Live[Row]:
    """Return what a person has booked, waits for and is offered, soonest first."""
    rows = [Row(*row) for row in _LIVE.all(person=person.pk)]
    return Live(*([row for row in rows if row.state == state] for state in Booking.LIVE))


def past(person: User, *, before: str = "") -> Past[Row]:
    """Return a page of what a person has been booked on; `before` is a `next_before` that was given out earlier."""
    begins = page_keys.read(before, page_keys.AFTER_ALL)
    rows = [Row(*row) for row in _PAST.all(person=person.pk, **begins._asdict())]
    shown = rows[:PAGE]
    return Past(shown, page_keys.page_key(shown[-1].starts_at, shown[-1].pk) if len(rows) > PAGE else "")


def _live() -> QuerySet[Booking, tuple[Any, ...]]:
    earlier = Q(queued_at__lt=OuterRef("queued_at")) | Q(queued_at=OuterRef("queued_at"), pk__lt=OuterRef("pk"))
    queue = Booking.objects.filter(earlier, session=OuterRef("session"), state=Booking.State.WAITING).order_by()
    ahead = Subquery(queue.values("session").annotate(number=Count("pk")).values("number"))
    waits = When(state=Booking.State.WAITING, then=Coalesce(ahead, Value(0)))
    return (
        Booking.objects.live()
        .filter(user=Given("person"), during__endswith__gt=Now())
        .annotate(**NAMED, ahead=Case(waits, default=Value(0)))
        .order_by("during__startswith", "id")
        .values_list(*COLUMNS, *NAMED, "ahead")
    )


def _past() -> QuerySet[Booking, tuple[Any, ...]]:
    over = Q(state__in=Booking.REGISTERED) | Q(state=Booking.State.BOOKED, during__endswith__lte=Now())
    return (
        Booking.objects.filter(over, page_keys.earlier("during__startswith"), user=Given("person"))
        .annotate(**NAMED)
        .order_by("-during__startswith", "-id")
        .values_list(*COLUMNS, *NAMED)[: PAGE + 1]
    )


_LIVE, _PAST = Prepared(_live), Prepared(_past)


_HELD_FOR = Prepared(
    lambda: (
        Booking.objects.live()
        .filter(membership=Given("membership"), component=Given("component"), during__startswith__gt=Now())
        .select_related("session")
        .order_by("during", "id")
    )
)


def held_for(membership: Membership, component: Component) -> Booking | None:
    """Return the next booking, wait or offer of a date of a component that a membership holds."""
    return _HELD_FOR.first(membership=membership.pk, component=component.pk)
