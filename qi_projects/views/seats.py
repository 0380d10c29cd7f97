"""What every page of a project begins with: who sits there; and the answer where they may not, or cannot, do it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.access import existing, person
from portal.accounts.typed import just_typed
from qi_projects import rules
from qi_projects.refusals import ProjectOver, ProjectRefused
from qi_projects.rules import Seat

REFUSED, INVALID, NOT_THEIRS = 409, 422, 403
ASK_A_LEAD = ProjectRefused("You can read this project. To do more, ask one who leads it.")


def seat_of(request: HttpRequest, pk: int) -> Seat:
    """Return the seat of whoever is signed in. Raises Http404 where there is no project for them."""
    return existing(rules.seat(person(request), pk))


def not_theirs(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Say that somebody may read a project and not do this, with whatever they had typed to copy."""
    if not seat.project.is_going_on and seat.place is not None:
        return refuse(request, seat, ProjectOver())
    return refuse(request, seat, ASK_A_LEAD, status=NOT_THEIRS)


def refuse(request: HttpRequest, seat: Seat, refused: ProjectRefused, *, status: int = REFUSED) -> HttpResponse:
    """Say why something was not done, with whatever was typed, and lead back to the project."""
    context = {"project": seat.project, "refused": refused, "typed": just_typed(request)}
    return render(request, "qi_projects/refused.html", context, status=status)
