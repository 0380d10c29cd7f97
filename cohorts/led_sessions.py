"""The sessions that a facilitator leads: today's, those to come, and, page by page, those that are over."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Generic, NamedTuple, TypeVar

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from cohorts import page_keys
from cohorts.models import Booking, Session
from cohorts.models.sessions import place_of
from portal.accounts.models import User
from portal.prepared import Given, Prepared

T = TypeVar("T")

PAGE = 20


class Led(NamedTuple):
    """A session in a list. `is_unmarked`: somebody is still booked, neither attended nor absent."""

    pk: int
    title: str
    cohort_id: int | None
    cohort: str | None
    starts_at: datetime
    ends_at: datetime
    format: str
    venue: str | None
    places: int
    taken: int
    cancelled_at: datetime | None
    is_unmarked: bool

    @property
    def place(self) -> str:
        """Return where it is held."""
        return place_of(self.format, self.venue)

    @property
    def needs_register(self) -> bool:
        """Say whether it has begun and its register is not complete."""
        return self.cancelled_at is None and self.starts_at <= timezone.now() and self.is_unmarked


COLUMNS = ("pk", "title", "cohort", "cohort_name", "starts_at", "ends_at", "format", "venue_name")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page of a list. `following` is the key of the page after it, empty on the last."""

    rows: Sequence[T]
    following: str

    def without(self, taken: Collection[T]) -> "Page[T]":
        """Return the page without the rows that are shown elsewhere."""
        return replace(self, rows=[row for row in self.rows if row not in taken])


def today(person: User) -> list[Led]:
    """Return the sessions of this UK day, in order of time."""
    return _led(_TODAY.all(person=person.pk, midnight=_midnight(), next_midnight=_midnight(1)))


def upcoming(person: User, *, after: str = "") -> Page[Led]:
    """Return a page of the sessions from tomorrow on, soonest first; `after` is a key that was given out before."""
    begins = page_keys.read(after, page_keys.BEFORE_ALL)
    return _page(_led(_UPCOMING.all(person=person.pk, next_midnight=_midnight(1), **begins._asdict())))


def past(person: User, *, before: str = "") -> Page[Led]:
    """Return a page of the sessions up to yesterday, latest first; `before` is a key that was given out before."""
    begins = page_keys.read(before, page_keys.AFTER_ALL)
    return _page(_led(_PAST.all(person=person.pk, midnight=_midnight(), **begins._asdict())))


def _midnight(days: int = 0) -> datetime:
    """Return the beginning of the UK day that is so many days from today."""
    day = timezone.localdate() + timedelta(days=days)
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def _rows(which: Q, *order: str) -> QuerySet[Session, tuple[Any, ...]]:
    unmarked = Booking.objects.filter(session=OuterRef("pk"), state=Booking.State.BOOKED)
    return (
        Session.objects.filter(which, facilitators__user=Given("person"))
        .order_by(*order)
        .annotate(
            title=F("component__title"),
            cohort_name=F("cohort__name"),
            venue_name=F("venue__name"),
            is_unmarked=Exists(unmarked),
        )
        .values_list(*COLUMNS, "places", "taken", "cancelled_at", "is_unmarked")
    )


_MIDNIGHT, _NEXT_MIDNIGHT = Given("midnight"), Given("next_midnight")
_TODAY = Prepared(lambda: _rows(Q(starts_at__gte=_MIDNIGHT, starts_at__lt=_NEXT_MIDNIGHT), "starts_at", "id"))
_UPCOMING = Prepared(
    lambda: _rows(Q(starts_at__gte=_NEXT_MIDNIGHT) & page_keys.later("starts_at"), "starts_at", "id")[: PAGE + 1]
)
_PAST = Prepared(
    lambda: _rows(Q(starts_at__lt=_MIDNIGHT) & page_keys.earlier("starts_at"), "-starts_at", "-id")[: PAGE + 1]
)


def _led(rows: list[tuple[Any, ...]]) -> list[Led]:
    return [Led(*row) for row in rows]


def _page(rows: list[Led]) -> Page[Led]:
    shown = rows[:PAGE]
    return Page(shown, page_keys.page_key(shown[-1].starts_at, shown[-1].pk) if len(rows) > PAGE else "")
