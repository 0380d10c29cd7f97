"""The code on a facilitator's screen, by which whoever is in the room says with their own phone that they are there.

It changes each half minute and opens nothing once it has: a picture of it that is passed on is of no use. Whoever has
opened it in time has some minutes to sign in, in that browser, and to say that it is them.
"""

import time
from datetime import timedelta
from typing import Final

from django.core.signing import BadSignature, Signer
from django.db import transaction

from cohorts import register
from cohorts.models import Booking, Session
from portal.accounts.models import User

LASTS: Final = 30
"""Seconds for which one code is shown."""

ON_ITS_WAY: Final = 5
"""Seconds after its change in which a code is still taken: a phone has read it, and its request is on the way."""

TO_SIGN_IN: Final = timedelta(minutes=15)

SIGNER: Final = Signer(salt="cohorts.presence")
State = Booking.State


class NotBooked(Exception):
    """The person has no place on this session: whoever leads it puts them on the register."""


def code(session: Session, *, now: float | None = None) -> str:
    """Return the code that stands on the screen at this moment (in seconds since the epoch)."""
    return SIGNER.sign(f"{session.pk}-{_slot(time.time() if now is None else now)}")


def seconds_left() -> float:
    """Return for how long the present code still stands on the screen."""
    return LASTS - time.time() % LASTS


def session_of(shown: str, *, now: float | None = None) -> Session | None:
    """Return the session of a code, or None for one that has changed since, or is none."""
    now = time.time() if now is None else now
    try:
        pk, _, slot = SIGNER.unsign(shown).partition("-")
    except BadSignature:
        return None
    if int(slot) not in {_slot(now), _slot(now - ON_ITS_WAY)}:
        return None
    return Session.objects.select_related("component").filter(pk=int(pk)).first()


def mark_present(session: Session, person: User) -> Booking:
    """Mark somebody as attended at their own word; doing it again changes nothing.

    Raises NotBooked, and RegisterClosed.
    """
    with transaction.atomic():
        booking = session.bookings.filter(user=person, state__in=(State.BOOKED, *register.MARKS)).first()
        if booking is None:
            raise NotBooked
        register.mark(session, {booking.pk: State.ATTENDED}, by=person)
    return booking


def _slot(moment: float) -> int:
    return int(moment // LASTS)
