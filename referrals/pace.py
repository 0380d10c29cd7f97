"""How quickly one address may go on: generous enough for a whole trust behind one, and slowing down, not shutting out.

An address is known by a hash under a salt that nobody is told and that lives as long as the count: minutes, in Valkey's
memory. Nobody waits in a request: the page says to wait, with everything kept that was typed.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

WAIT: Final = 10
"""Seconds after which somebody who went too fast may go on."""

SALT = "pace:salt"
SALT_LIVES: Final = 600


@dataclass(frozen=True, slots=True)
class Pace:
    """So many times within so many seconds, from one address."""

    name: str
    times: int
    within: int


SUBMITTING = Pace("submitting", times=60, within=600)
TRYING_CODES = Pace("codes", times=30, within=300)


def goes_too_fast(request: HttpRequest, pace: Pace) -> bool:
    """Count one more try, for all processes, and say whether there have been too many. Every `WAIT` seconds one goes
    on all the same, so that nobody is shut out by others behind the same address."""
    who = _who(request)
    key = f"pace:{pace.name}:{who}"
    cache.add(key, 0, timeout=pace.within)
    try:
        tries = cache.incr(key)
    except ValueError:  # it expired between the two
        return False
    return tries > pace.times and not cache.add(f"{key}:one", 1, timeout=WAIT)


def _who(request: HttpRequest) -> str:
    cache.add(SALT, secrets.token_hex(16), timeout=SALT_LIVES)
    address = get_adapter().get_client_ip(request)
    return hashlib.sha256(f"{cache.get(SALT)}:{address}".encode()).hexdigest()
