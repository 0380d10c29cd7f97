"""How a component's dates are shown: each with its places in words, and the one thing to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from cohorts.dates import Choice, Choices
from cohorts.models import Booking
from cohorts.views.addresses import BOOKINGS, CHECKS, SESSIONS, SWAPS
from portal.nhsuk.components import link
from portal.nhsuk.dates import say_when

SEE_WHAT_IS_HELD = {
    Booking.State.BOOKED: "See your booking",
    Booking.State.WAITING: "See your place in the queue",
    Booking.State.OFFERED: "See your offer",
}


@dataclass(frozen=True, slots=True)
class DateRow:
    """One date in the words of the page. Without an `action` there is nothing to do."""

    when: str
    session: str
    place: str
    places: str
    action: str = ""
    href: str = ""

    @property
    def cells(self) -> Sequence[str]:
        """What stands in each column."""
        action = link(self.action, self.href, f"on {self.when}") if self.action else "Nothing now"
        return link(self.when, self.session), self.place, self.places, action


def date_rows(choices: Choices, *, swap_from: UUID | None = None) -> Sequence[DateRow]:
    """Return the rows of a page of dates; each would replace the booking `swap_from`, if there is one."""
    return [_row(date, swap_from) for date in choices.dates]


def _row(date: Choice, swap_from: UUID | None) -> DateRow:
    action, href = _action(date, swap_from)
    return DateRow(
        when=say_when(date.starts_at, date.ends_at),
        session=SESSIONS.of(date.session_id),
        place=date.place,
        places=_places(date),
        action=action,
        href=href,
    )


def _places(date: Choice) -> str:
    if date.may_be_booked:
        return f"{date.places_left} left"
    return "Full" if date.is_full else "Booking is closed"


def _action(date: Choice, swap_from: UUID | None) -> tuple[str, str]:
    if date.held:
        return SEE_WHAT_IS_HELD[Booking.State(date.held.state)], BOOKINGS.of(date.held.uid)
    if date.may_be_booked and swap_from:
        return "Swap to this date", SWAPS.of(swap_from, date.session_id)
    if date.may_be_booked:
        return "Book this date", CHECKS.of(date.session_id)
    if date.is_full:
        return "Join the waiting list", CHECKS.of(date.session_id)
    return "", ""
