"""What a phone's camera reads off a facilitator's screen."""

import time

from django.urls import reverse

from cohorts import presence
from cohorts.models import Session


def address_on_the_screen(session: Session, origin: str, *, seconds_ago: float = 0) -> str:
    """Return the address in the picture that is shown now, or was so many seconds ago."""
    return origin + reverse("here_by_code", args=[presence.code(session, now=time.time() - seconds_ago)])


def address_that_is_too_late(session: Session, origin: str) -> str:
    """Return the address in a picture that has changed since, and is taken no more."""
    return address_on_the_screen(session, origin, seconds_ago=presence.LASTS + presence.ON_ITS_WAY)
