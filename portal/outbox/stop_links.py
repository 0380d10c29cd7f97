"""The link in an optional letter by which whoever has it stops letters of that kind: RFC 2369 and RFC 8058.

It says whose letters, and of which kind, sealed under SECRET_KEY (`portal.secret_box`): it can neither be read nor
made by anybody else. It does not expire, since people stop letters from an old one. It stops, and does nothing else.
"""

from typing import Final

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.urls import reverse

from portal.outbox import rules
from portal.secret_box import secret_box

PURPOSE: Final = "portal.outbox: stopping letters"

ROUTE: Final = "stop_letters"
"""The page that the link leads to; it stands with the accounts, above the outbox."""

HEADER, ONE_CLICK = "List-Unsubscribe", "One-Click"
"""A mail program that stops letters sends a form with this field and this value."""


def of(person: int, kind: rules.Optional) -> str:
    """Return the whole address at which a person, given by their key, stops letters of a kind."""
    return settings.ORIGIN + reverse(ROUTE, args=[token_of(person, kind)])


def token_of(person: int, kind: rules.Optional) -> str:
    """Return what such an address names."""
    # Without the filling at its end, which some programs take for the end of a sentence and leave off.
    return secret_box(PURPOSE).encrypt(f"{person}:{kind.name}".encode()).decode().rstrip("=")


def opened(token: str) -> tuple[int, rules.Optional] | None:
    """Return whose letters a token stops, and which; None where it is not ours, or nothing of the kind is sent now."""
    try:
        said = secret_box(PURPOSE).decrypt((token + "=" * (-len(token) % 4)).encode()).decode()
    except InvalidToken:
        return None
    person, _, name = said.partition(":")
    kind = rules.optional_kind(name)
    return None if kind is None else (int(person), kind)


def headers(link: str) -> dict[str, str]:
    """Return the headers by which a mail program offers to stop such letters, and does so by itself."""
    return {HEADER: f"<{link}>", f"{HEADER}-Post": f"{HEADER}={ONE_CLICK}"}
