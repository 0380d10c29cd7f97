"""The sessions that a facilitator leads: today's, those to come, and, page by page, those that are over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from cohorts import page_keys
from cohorts.models import Booking, Session
from cohorts.rules import sessions_led
from portal.accounts.models import User

PAGE = 20


class Led(NamedTuple):
    """A session in a list. `is_unmarked`: somebody is still booked, neither attended nor absent."""

    pk: int
    title: str
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
        return self.venue or Session.Format(self.format).label

    @property
    def needs_register(self) -> bool:
        """Say whether it has begun and its register is not complete."""
        return self.cancelled_at is None and self.starts_at <= timezone.now() and self.is_unmarked


COLUMNS = ("pk", "title", "cohort_name", "starts_at", "ends_at", "format", "venue_name")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list. `following` is the key of the page after it, empty on the last."""

    rows: Sequence[Led]
    following: str


def today(person: User) -> list[Led]:
    """Return the sessions of this UK day, in order of time."""
    return _read(person, Q(starts_at__gte=_midnight(), starts_at__lt=_midnight(1)), ("starts_at", "id"))


def upcoming(person: User, *, after: str = "") -> Page:
    """Return a page of the sessions from tomorrow on, soonest first; `after` is a key that was given out before."""
    later = Q(starts_at__gte=_midnight(1)) & page_keys.after(after, "starts_at")
    return _page(_read(person, later, ("starts_at", "id"), PAGE + 1))


def past(person: User, *, before: str = "") -> Page:
    """Return a page of the sessions up to yesterday, latest first; `before` is a key that was given out before."""
    earlier = Q(starts_at__lt=_midnight()) & page_keys.before(before, "starts_at")
    return _page(_read(person, earlier, ("-starts_at", "-id"), PAGE + 1))


def _midnight(days: int = 0) -> datetime:
    """Return the beginning of the UK day that is so many days from today."""
    day = timezone.localdate() + timedelta(days=days)
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def _read(person: User, which: Q, order: Sequence[str], limit: int | None = None) -> list[Led]:
    unmarked = Booking.objects.filter(session=OuterRef("pk"), state=Booking.State.BOOKED)
    rows = (
        sessions_led(person)
        .filter(which)
        .order_by(*order)
        .annotate(
            title=F("component__title"),
            cohort_name=F("cohort__name"),
            venue_name=F("venue__name"),
            is_unmarked=Exists(unmarked),
        )
        .values_list(*COLUMNS, "places", "taken", "cancelled_at", "is_unmarked")[:limit]
    )
    return [Led(*row) for row in rows]


def _page(rows: list[Led]) -> Page:
    shown = rows[:PAGE]
    return Page(shown, page_keys.page_key(shown[-1].starts_at, shown[-1].pk) if len(rows) > PAGE else "")
