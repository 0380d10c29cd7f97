"""Why a booking is refused. Each refusal carries a sentence for the person, and what a page needs to help on."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError

from cohorts.models import Booking, Session


class BookingRefused(Exception):
    """Nothing was changed. `message` says why in words for the person."""

    message = "This cannot be booked."

    def __init__(self) -> None:
        super().__init__(self.message)


class NotForYou(BookingRefused):
    """The session belongs to a cohort or programme in which the person is not enrolled."""

    message = "This session is not part of a programme that you are enrolled in."


class NotInvited(NotForYou):
    """The session is by invitation, and the person has none."""

    message = "This session is by invitation. If you expected one, contact the programme team."


class AccountMerged(BookingRefused):
    """The account was put together with another at this very moment."""

    message = "This account was put together with another one of yours. Sign in with your other email address."


class BookingClosed(BookingRefused):
    """Booking has not opened or has closed, or the session has begun or was cancelled."""

    def __init__(self, session: Session) -> None:
        if session.is_cancelled:
            self.message = "This session has been cancelled."
        elif session.has_begun:
            self.message = "This session has already begun."
        else:
            self.message = "Booking for this session is closed."
        super().__init__()


class SessionFull(BookingRefused):
    """Every place is taken. The waiting list is open."""

    message = "This session is now full. You can join its waiting list."


class TooFewPlaces(SessionFull):
    """There are places left, and not enough for somebody with all their guests."""

    def __init__(self, guests: int) -> None:
        self.message = (
            f"There are not enough places left for you and {guests} guest{'s' if guests > 1 else ''}. "
            "You can come with fewer, or wait until there are enough for all of you."
        )
        super().__init__()


class TooManyGuests(BookingRefused):
    """The person was not invited with as many guests as that."""

    def __init__(self, most: int) -> None:
        self.message = f"You can bring {most} guests at the most." if most > 1 else "You can bring 1 guest."
        if not most:
            self.message = "You cannot bring guests to this session."
        super().__init__()


class PlaceFree(BookingRefused):
    """Somebody asked for the waiting list of a session that has a place."""

    message = "A place has just come free. You can book it now."


class Overlaps(BookingRefused):
    """The person has booked something else at that time: `other`, where it is known."""

    message = "You have already booked something else at this time. Cancel or swap that booking first."

    def __init__(self, other: Booking | None = None) -> None:
        self.other = other
        super().__init__()


class AnotherDateBooked(BookingRefused):
    """The person has booked another date of the same component: `other`, where it is known. They may swap."""

    message = "You have already booked another date for this. You can swap to this date instead."

    def __init__(self, other: Booking | None = None) -> None:
        self.other = other
        super().__init__()


class AlreadyDone(BookingRefused):
    """The register of this session already has the person."""

    message = "This session's register has already been taken for you."


class AlreadyCompleted(BookingRefused):
    """The person has done what this is a date of, and it is done once: the place is for somebody who has not."""

    message = "You have already completed this. If you need to do it again, ask the programme team to book it for you."


class NoLongerYours(BookingRefused):
    """The booking was cancelled, or its offer expired, while the person looked at the page."""

    message = "This booking has been cancelled or has expired."


def constraint_of(error: IntegrityError) -> str | None:
    """Return the name of the constraint that refused a row."""
    name: str | None = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    return name


@contextmanager
def merged_are_refused(refusal: Exception) -> Iterator[None]:
    """Raise `refusal` when PostgreSQL refuses a row of an account that was put together with another meanwhile.

    Inside is a whole transaction, or one that is undone: nothing of it stays.
    """
    try:
        yield
    except IntegrityError as error:
        if constraint_of(error) != "who_was_merged_takes_no_part":
            raise
        raise refusal from error
