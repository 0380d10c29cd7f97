"""The answer where something cannot be done: what, why, whatever was typed, and the way back."""

from typing import Final, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bookclub.refusals import BookClubRefused
from portal.accounts.typed import just_typed

REFUSED, INVALID, NOT_THEIRS = 409, 422, 403
CANNOT: Final = "You cannot do this now"


class WayBack(NamedTuple):
    """Where the answer leads: its address, and what it is called in a sentence, as in "Go to the thread"."""

    href: str
    name: str


def refuse_here(  # each stands on the page
    request: HttpRequest,
    back: WayBack,
    what: str,
    refused: BookClubRefused,
    *,
    asked: str = CANNOT,
    status: int = REFUSED,
) -> HttpResponse:
    """Say `what` was not done and why; `asked`, where a page was only asked for, by which it would be done."""
    said = what if request.method == "POST" else asked
    context = {"back": back, "what": said, "refused": refused, "typed": just_typed(request)}
    return render(request, "bookclub/refused.html", context, status=status)
