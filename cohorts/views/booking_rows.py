"""How a person's own bookings are shown: each a row of a table, in the words of the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from cohorts.models import Booking
from cohorts.my_bookings import Live, Past, Row
from cohorts.views.addresses import BOOKINGS
from portal.nhsuk.components import link, tag
from portal.nhsuk.dates import say_moment, say_when


@dataclass(frozen=True, slots=True)
class BookingRow:
    """One booking, and what stands in each column: what, when, where, and how it stands."""

    uid: UUID
    cells: Sequence[str]


def live_rows(live: Live[Row]) -> Live[BookingRow]:
    """Return what is still to come as rows."""
    return Live(
        *([_row(row, _how_it_stands(row)) for row in rows] for rows in (live.booked, live.waiting, live.offered))
    )


def past_page(past: Past[Row]) -> Past[BookingRow]:
    """Return a page of what is over as rows."""
    return Past([_row(row, row.state_in_words) for row in past.rows], past.next_before)


def _row(row: Row, how_it_stands: str) -> BookingRow:
    title = link(row.title, BOOKINGS.of(row.uid))
    return BookingRow(row.uid, (title, say_when(row.starts_at, row.ends_at), row.place, how_it_stands))


def _how_it_stands(row: Row) -> str:
    if row.state == Booking.State.WAITING:
        return f"Number {row.place_in_queue}"
    if row.offer_expires_at:
        return say_moment(row.offer_expires_at)
    return tag("Clash", "red") if row.clashing else "Booked"
