"""What somebody has answered so far, between the pages of the form.

It waits for 30 minutes from the last page, encrypted under a random key that only their browser's cookie holds
(`portal.kept_sealed`), in Valkey's memory; nothing of it reaches the database. A receipt waits there in the same way
for as long, so that a second click or a reload shows the one that there is.
"""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from portal import kept_sealed
from referrals.intake import Receipt

KIND = "answers"
COOKIE = "answers"
# How long somebody's second click waits for what the first one does.
SENDING_LASTS = 30


@dataclass
class Draft:
    """The answers given so far, by page and field, and what came of them."""

    key: str
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    receipt: Receipt | None = None

    def save(self) -> None:
        """Keep it for another half hour."""
        receipt = {"code": self.receipt.code, "handover": self.receipt.handover} if self.receipt else None
        kept_sealed.keep_under(KIND, self.key, {"answers": self.answers, "receipt": receipt})

    def begin_sending(self) -> bool:
        """Say whether this request is the one that sends the answers: of two clicks, the first."""
        return bool(cache.add(f"sending:{kept_sealed.place(KIND, self.key)}", 1, timeout=SENDING_LASTS))

    def is_being_sent(self) -> bool:
        """Say whether a request is sending the answers at this moment."""
        return bool(cache.get(f"sending:{kept_sealed.place(KIND, self.key)}"))

    def stop_sending(self) -> None:
        """Let the answers be sent again: they could not be."""
        cache.delete(f"sending:{kept_sealed.place(KIND, self.key)}")


def begin(response: HttpResponse) -> None:
    """Start anew, with a key of its own in the browser's cookie."""
    key = kept_sealed.keep(KIND, {"answers": {}, "receipt": None})
    response.set_cookie(
        COOKIE, key, path=settings.SEALED_PREFIX, secure=settings.HTTPS, httponly=True, samesite="Strict"
    )


def of(request: HttpRequest) -> Draft | None:
    """Return what this browser has answered, or None when it has expired or nothing was begun."""
    key = request.COOKIES.get(COOKIE, "")
    kept = kept_sealed.read(KIND, key)
    if kept is None:
        return None
    return Draft(key, kept["answers"], Receipt(**kept["receipt"]) if kept["receipt"] else None)


def forget(request: HttpRequest, response: HttpResponse) -> None:
    """Delete what this browser has answered."""
    kept_sealed.forget(KIND, request.COOKIES.get(COOKIE, ""))
    response.delete_cookie(COOKIE, path=settings.SEALED_PREFIX, samesite="Strict")
