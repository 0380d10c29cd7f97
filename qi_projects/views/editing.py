"""Changing what a project says, and deciding what becomes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from portal.access import access, existing, person, signed_in
from portal.accounts import typed
from portal.accounts.models import User
from qi_projects import editing, life, parts, rules
from qi_projects.forms import EndForm, ProjectForm
from qi_projects.models import Project
from qi_projects.refusals import ProjectRefused
from qi_projects.rules import Seat
from qi_projects.views import beside_others
from qi_projects.views.beside_others import status_of
from qi_projects.views.seats import INVALID, not_theirs, refuse, seat_of

State = Project.State


def _part_form(user: User, data: QueryDict, pk: int, part: str) -> ProjectForm | None:
    seat, chosen = rules.seat(user, pk), parts.find(part)
    return ProjectForm(data, project=seat.project, fields=chosen.fields) if seat and chosen else None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_part_form))
def edit(request: HttpRequest, pk: int, part: str) -> HttpResponse:
    """Show the fields of one part, and put down what was written there."""
    seat = seat_of(request, pk)
    chosen = existing(parts.find(part))
    if not rules.may_edit(seat):
        return not_theirs(request, seat)
    form = ProjectForm(request.POST if request.method == "POST" else None, project=seat.project, fields=chosen.fields)
    if request.method == "POST" and form.is_valid():
        if answer := put_down(request, seat, form):
            return answer
        if not form.changed_meanwhile:
            return redirect(seat.project)
    context = {"project": seat.project, "part": chosen, "form": form}
    return render(request, "qi_projects/edit.html", context, status=status_of(form))


def put_down(request: HttpRequest, seat: Seat, form: ProjectForm, *, quietly: bool = False) -> HttpResponse | None:
    """Save what a form says of a project; see `beside_others`."""
    return beside_others.put_down(
        request,
        seat,
        form,
        lambda: editing.change(
            seat.project,
            form.given,
            seen=form.carried,
            by=seat.person,
            said_not_about_patients=form.said_not_about_patients,
        ),
        lambda: seat_of(request, seat.project.pk).project,
        quietly=quietly,
    )


@dataclass(frozen=True, slots=True)
class Act:
    """What a lead can decide: from which states, what the page says and asks, and what is said once it is done."""

    title: str
    button: str
    states: frozenset[State]
    says: tuple[str, ...]
    done: str
    do: Callable[[Project, str, User], object]
    asks: str = ""
    hint: str = ""


ACTS: Final = {
    "activate": Act(
        title="Make the project active",
        button="Make it active",
        states=frozenset({State.DRAFT}),
        says=(
            "Until now nobody but your team could see the project.",
            "Once it is active, the programme team of each cohort for which it counts can read it. Nobody else can.",
        ),
        done="The project is active.",
        do=lambda project, _, by: life.activate(project, by=by),
    ),
    "finish": Act(
        title="Finish the project",
        button="Finish the project",
        states=frozenset({State.ACTIVE}),
        says=("The project can be read as it is, and no longer changed. You can take it up again.",),
        done="The project is finished. Well done, all of you.",
        do=lambda project, why, by: life.finish(project, why, by=by),
        asks="What came of it?",
        hint="What changed, for whom, and what you would tell the next team.",
    ),
    "stop": Act(
        title="Stop the project early",
        button="Stop the project",
        states=Project.GOING_ON,
        says=(
            "Many good projects stop early. What you learned is worth keeping.",
            "The project can be read as it is, and no longer changed. You can take it up again.",
        ),
        done="The project is stopped. You can take it up again at any time.",
        do=lambda project, why, by: life.abandon(project, why, by=by),
        asks="Why does it stop?",
        hint="What got in the way, and what you would try next time. This is about the work, and not about anybody.",
    ),
    "resume": Act(
        title="Take the project up again",
        button="Take it up again",
        states=frozenset({State.FINISHED, State.ABANDONED}),
        says=("The team can change it again. What you wrote as it ended is kept.",),
        done="The project goes on.",
        do=lambda project, _, by: life.resume(project, by=by),
    ),
    "delete": Act(
        title="Delete the draft",
        button="Delete it for good",
        states=frozenset({State.DRAFT, State.ABANDONED}),
        says=(
            "Everything in it is deleted, for everybody in the team. Nobody can bring it back.",
            "If others could learn from it, stop the project early instead.",
        ),
        done="The draft is deleted.",
        do=lambda project, _, by: life.discard(project, by=by),
    ),
}


def _act_form(user: User, data: QueryDict, pk: int, act: str) -> EndForm | None:
    chosen = ACTS.get(act)
    return EndForm(data, label=chosen.asks, help_text=chosen.hint) if chosen and chosen.asks else None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_act_form))
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Say what a decision about a project does, and do it once that is confirmed."""
    seat, chosen = seat_of(request, pk), existing(ACTS.get(act))
    project = seat.project
    if not rules.may_decide(seat):
        return not_theirs(request, seat)
    if project.state not in chosen.states or (act == "delete" and not project.is_private):
        return refuse(request, seat, ProjectRefused()) if request.method == "POST" else redirect(project)
    sent = request.method == "POST"
    form = None
    if chosen.asks:
        form = EndForm(
            request.POST if sent else None, label=chosen.asks, help_text=chosen.hint, initial=project.ended_why
        )
    if not sent or (form and not form.is_valid()):
        missing = life.what_is_missing(project) if act == "activate" else []
        context = {"project": project, "act": chosen, "form": form, "missing": missing}
        return render(request, "qi_projects/act.html", context, status=INVALID if form and form.errors else None)
    try:
        chosen.do(project, form.cleaned_data["why"] if form else "", person(request))
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    messages.success(request, chosen.done)
    return redirect("projects") if act == "delete" else redirect(project)
