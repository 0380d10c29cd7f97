"""Saving what a form says beside what somebody else has saved meanwhile: nothing is lost, and both are told."""

from collections.abc import Callable

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.text import get_text_list

from portal.together import ChangedMeanwhile, Settled
from portal.together_forms import BesideOthers
from qi_projects.refusals import ProjectRefused
from qi_projects.rules import Seat
from qi_projects.views.seats import INVALID, REFUSED, refuse


def put_down(
    request: HttpRequest,
    seat: Seat,
    form: BesideOthers,
    change: Callable[[], Settled],
    row_now: Callable[[], Model],
    *,
    quietly: bool = False,
) -> HttpResponse | None:
    """Save what a form says, or let it know of what it meets; return the answer where neither can be.

    Done `quietly`, it says nothing of what is saved: the next page shows that it was.
    """
    try:
        settled = change()
    except ChangedMeanwhile as refused:
        form.meets(refused, row_now())
        return None
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    if settled.changes and not quietly:
        messages.success(request, "Saved.")
    if settled.theirs:
        fields = get_text_list([label.lower() for label in settled.theirs], "and")
        messages.info(request, f"Somebody else has changed this meanwhile, and it stands as they put it: {fields}.")
    return None


def status_of(form: BesideOthers) -> int | None:
    """Return with which status a page answers that shows a form again."""
    if form.changed_meanwhile:
        return REFUSED
    return INVALID if form.errors else None
