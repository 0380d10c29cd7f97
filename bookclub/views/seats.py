"""What every page of a book club begins with: who sits there; and the answer where they may not, or cannot, do it."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from bookclub import rules
from bookclub.refusals import BookClubRefused
from bookclub.rules import MeetingSeat, Seat
from bookclub.views.refusing import NOT_THEIRS, REFUSED, WayBack, refuse_here
from portal.access import existing, person

FOR_MEMBERS = BookClubRefused("This is for the members of the cohort, until it ends.")
FOR_LEADERS = BookClubRefused("This is for whoever leads the meeting, and for the programme team.")


def seat_of(request: HttpRequest, cohort: int) -> Seat:
    """Return the seat of whoever is signed in. Raises Http404 where there is no book club for them."""
    return existing(rules.seat(person(request), cohort))


def refuse(
    request: HttpRequest, at: Seat | MeetingSeat, what: str, refused: BookClubRefused, *, status: int = REFUSED
) -> HttpResponse:
    """Say `what` was not done and why, and lead back to the book club or the meeting."""
    if isinstance(at, MeetingSeat):
        back = WayBack(reverse("book_club_meeting", args=[at.seat.cohort.pk, at.meeting.pk]), "the meeting")
    else:
        back = WayBack(reverse("book_club", args=[at.cohort.pk]), "the book club")
    return refuse_here(request, back, what, refused, status=status)


def not_theirs(
    request: HttpRequest, at: Seat | MeetingSeat, what: str, whose: BookClubRefused = FOR_MEMBERS
) -> HttpResponse:
    """Say that somebody may read here and not do this, with whatever they had typed to copy."""
    return refuse(request, at, what, whose, status=NOT_THEIRS)
