"""How quickly one address, or one sign-in, may go on: slowing down, and not shutting out.

A whole trust may stand behind one address, so the limits are generous. An address, or a referral to which somebody
sends notes, is known by a hash under SECRET_KEY, which Valkey does not have, and under a salt that lives as long as the
count: minutes, in Valkey's memory. Nobody waits in a request: the page says to wait, with everything kept that was
typed.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from portal.accounts.models import User
from referrals.models import Referral

WAIT: Final = 10
"""Seconds after which somebody who went too fast may go on."""

SALT = "pace:salt"
SALT_LIVES: Final = 600


@dataclass(frozen=True, slots=True)
class Pace:
    """So many times within so many seconds, by one address or one sign-in."""

    name: str
    times: int
    within: int


BOOKING_GROUPS = Pace("groups", times=10, within=600)
SUBMITTING = Pace("submitting", times=60, within=600)
ADDING_NOTES = Pace("notes", times=10, within=600)
"""By one referral."""

TRYING_CODES = Pace("codes", times=30, within=300)
UNLOCKING = Pace("unlocking", times=5, within=600)
"""By one sign-in, so that nobody's guesses lock anybody else out: a new sign-in begins anew."""

SETTING_KEYS = Pace("keys", times=5, within=600)
"""By one person, however often they sign in: it keeps others waiting who unlock."""


def goes_too_fast(who: str, pace: Pace) -> bool:
    """Count one more try, for all processes, and say whether there have been too many. Every `WAIT` seconds one goes
    on all the same, so that nobody is shut out by others behind the same address."""
    key = f"pace:{pace.name}:{who}"
    cache.add(key, 0, timeout=pace.within)
    try:
        tries = cache.incr(key)
    except ValueError:  # it expired between the two
        return False
    return tries > pace.times and not cache.add(f"{key}:one", 1, timeout=WAIT)


def by_address(request: HttpRequest) -> str:
    """Return what stands for the address of a request for a few minutes, and tells nobody which it is."""
    return _for_minutes(str(get_adapter().get_client_ip(request)))


def by_referral(referral: Referral) -> str:
    """Return what stands for a referral for a few minutes, whoever holds its receipt, and tells nobody which it is."""
    return _for_minutes(str(referral.pk))


def _for_minutes(told: str) -> str:
    salt = cache.get_or_set(SALT, lambda: secrets.token_hex(16), timeout=SALT_LIVES)
    return salted_hmac(SALT, f"{salt}:{told}", algorithm="sha256").hexdigest()


def by_person(person: User) -> str:
    """Return what stands for somebody who is signed in, at whichever browser."""
    return f"person:{person.pk}"


def by_sign_in(request: HttpRequest) -> str:
    """Return what stands for somebody's sign-in."""
    return hashlib.sha256(f"sign-in:{request.session.session_key}".encode()).hexdigest()
