"""Choosing measures: what the page of a box of the diagram and that of a cycle have in common."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.text import get_text_list

from qi_projects import linking
from qi_projects.link_forms import MeasuresForm
from qi_projects.linking import Chosen
from qi_projects.models import Measure, Project
from qi_projects.refusals import ProjectRefused
from qi_projects.rules import Seat
from qi_projects.views.seats import INVALID, refuse

Link = Callable[[Collection[int], Collection[int]], Chosen]
"""Saves which measures are chosen, beside which were as the page was opened."""


def form_of(data: QueryDict | None, project: Project, linked: Sequence[Measure]) -> MeasuresForm:
    """Return the form on which measures of a project are chosen, where these are now."""
    offered = linking.measures_to_choose(project, [measure.pk for measure in linked])
    return MeasuresForm(data, offered=offered, linked=linked)


def choose(
    request: HttpRequest,
    seat: Seat,
    page: str,
    context: Mapping[str, Any],
    *,
    linked: Sequence[Measure],
    link: Link,
    then: Callable[[], str],
) -> HttpResponse:
    """Show on `page` what can be chosen, or save what was and lead on to `then`.

    What others have chosen meanwhile is said.
    """
    form = form_of(request.POST if request.method == "POST" else None, seat.project, linked)
    if request.method != "POST" or not form.is_valid():
        said = {"project": seat.project, "form": form, **context}
        return render(request, page, said, status=INVALID if form.errors else None)
    try:
        chosen = link(form.chosen, form.seen)
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    if chosen.changed:
        messages.success(request, "Saved.")
    if chosen.theirs:
        names = get_text_list([f"“{measure}”" for measure in chosen.theirs], "and")
        messages.info(request, f"Somebody else has chosen or cleared this meanwhile, and it stands so: {names}.")
    return redirect(then())
