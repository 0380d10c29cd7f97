"""What every page of a book club begins with: who sits there; and the answer where they may not, or cannot, do it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bookclub import rules
from bookclub.refusals import BookClubRefused
from bookclub.rules import MeetingSeat, Seat
from portal.access import existing, person
from portal.accounts.typed import just_typed

REFUSED, INVALID, NOT_THEIRS = 409, 422, 403
FOR_MEMBERS = BookClubRefused("This is for the members of the cohort, until it ends.")
FOR_LEADERS = BookClubRefused("This is for whoever leads the meeting, and for the programme team.")


def seat_of(request: HttpRequest, cohort: int) -> Seat:
    """Return the seat of whoever is signed in. Raises Http404 where there is no book club for them."""
    return existing(rules.seat(person(request), cohort))


def refuse(
    request: HttpRequest, at: Seat | MeetingSeat, what: str, refused: BookClubRefused, *, status: int = REFUSED
) -> HttpResponse:
    """Say `what` was not done and why, with whatever was typed, and lead back to the book club or the meeting."""
    seat, meeting = (at.seat, at.meeting) if isinstance(at, MeetingSeat) else (at, None)
    context = {
        "cohort": seat.cohort,
        "meeting": meeting,
        "what": what,
        "refused": refused,
        "typed": just_typed(request),
    }
    return render(request, "bookclub/refused.html", context, status=status)


def not_theirs(
    request: HttpRequest, at: Seat | MeetingSeat, what: str, whose: BookClubRefused = FOR_MEMBERS
) -> HttpResponse:
    """Say that somebody may read here and not do this, with whatever they had typed to copy."""
    return refuse(request, at, what, whose, status=NOT_THEIRS)
