"""What keeps somebody from a place on a session: each raises the refusal before anything is written."""

from django.utils import timezone

from cohorts.models import Booking, Session
from cohorts.refusals import (
    AlreadyCompleted,
    AlreadyDone,
    AnotherDateBooked,
    BookingClosed,
    NoLongerYours,
    Overlaps,
    SessionFull,
    TooFewPlaces,
    TooManyGuests,
)
from cohorts.standing import Standing


def require_open(session: Session) -> None:
    """Raise BookingClosed unless the session can be booked now."""
    if not session.booking_is_open:
        raise BookingClosed(session)


def require_bookable(here: Booking | None, others: list[Booking], session: Session, guests: int = 0) -> None:
    """Raise a refusal unless somebody can have a place, with so many guests, as it all stands under the lock."""
    require_open(session)
    require_unhindered(here, others, session)
    if session.places_left <= 0:
        raise SessionFull
    if session.places_left <= guests:
        raise TooFewPlaces(guests)


def require_guests(standing: Standing, guests: int) -> None:
    """Raise TooManyGuests for more than somebody was invited with."""
    if not 0 <= guests <= standing.guests:
        raise TooManyGuests(standing.guests)


def require_to_do(standing: Standing, session: Session) -> None:
    """Keep places for those who have not done yet what is done once; the programme team may give one all the same."""
    if standing.has_done and session.component.once:
        raise AlreadyCompleted


def require_unhindered(here: Booking | None, others: list[Booking], session: Session) -> None:
    """Raise a refusal where a register, another date of the same, or something at that time is in the way."""
    if here and here.state in Booking.REGISTERED:
        raise AlreadyDone
    for other in others:
        if other.session.has_ended:
            continue
        if other.component_id == session.component_id and other.once:
            raise AnotherDateBooked(other)
        raise Overlaps(other)


def require_offer_held(booking: Booking, session: Session) -> None:
    """Raise NoLongerYours once an offer has lapsed, or its session has begun."""
    if booking.offer_expires_at is None or booking.offer_expires_at <= timezone.now() or session.has_begun:
        raise NoLongerYours
