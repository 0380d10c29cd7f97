"""Sending a project for review, and deciding about one that was sent."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from portal.access import access, existing, signed_in
from portal.accounts import typed
from portal.accounts.models import User
from qi_projects import crediting, reviewing, rules
from qi_projects.coaching_forms import DecideForm, SubmitForm
from qi_projects.models import Project, Submission
from qi_projects.refusals import ChangedSinceRead, ProjectRefused, ReviewMoved
from qi_projects.reviewing import Point
from qi_projects.rules import Seat
from qi_projects.views.seats import INVALID, REFUSED, not_theirs, refuse, seat_of

State = Submission.State


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody has decided: with which words, having `read` which version of the project."""

    words: str
    read: int
    by: User


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody decides about what was sent: where that stands, what the page says and asks, and what is done."""

    title: str
    button: str
    state: State
    may: Callable[[Seat], bool]
    says: tuple[str, ...]
    done: str
    do: Callable[[Submission, Decision], None]
    asks: str = ""
    hint: str = ""
    missing: str = ""


ACTS: Final = {
    "withdraw": Act(
        title="Take the project back from review",
        button="Take it back",
        state=State.WAITING,
        may=rules.may_submit,
        says=("Nobody reviews it then. You can send it again at any time.",),
        done="The project is taken back. You can send it again at any time.",
        do=lambda sent, made: reviewing.withdraw(sent, by=made.by),
    ),
    "accept": Act(
        title="Accept the project",
        button="Accept the project",
        state=State.WAITING,
        may=rules.may_review,
        says=("The team is told by email.",),
        done="The project is accepted, and its team is told.",
        do=lambda sent, made: reviewing.accept(sent, made.words, read=made.read, by=made.by),
        asks="What would you like to say to the team?",
        hint="What you liked, and what you would watch from here. You need not write anything.",
    ),
    "return": Act(
        title="Return the project with reasons",
        button="Return it to the team",
        state=State.WAITING,
        may=rules.may_review,
        says=("The team is told by email, and reads what you write. It can send the project again.",),
        done="The project is returned, and its team is told.",
        do=lambda sent, made: reviewing.send_back(sent, made.words, read=made.read, by=made.by),
        asks="What would you like to see first?",
        hint="What is good, and what is missing, so that the team knows what to do next. It is about the work alone.",
        missing="Write what you would like to see first",
    ),
    "undo": Act(
        title="Take the acceptance back",
        button="Take the acceptance back",
        state=State.ACCEPTED,
        may=rules.may_take_acceptance_back,
        says=(
            "What it counted for is withdrawn, also where it was carried over to a later cohort.",
            "The team is told by email, and reads why. It can send the project again.",
        ),
        done="The acceptance is taken back, and the team is told.",
        do=lambda sent, made: reviewing.undo(sent, made.words, by=made.by),
        asks="Why?",
        hint="So that the team understands, and whoever looks at the records later does.",
        missing="Write why the acceptance is taken back",
    ),
}


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Show where a project stands with its review, what a reviewer looks for, and what was decided before."""
    seat = seat_of(request, pk)
    project = seat.project
    rows = project.submissions.select_related("submitted_by", "decided_by", "undone_by")
    sent = list(rows.prefetch_related("credits__place__user"))
    # What has been sent shows where that stands, and else what is missing.
    live = next((each for each in sent if each.state in Submission.LIVE), None)
    points = [] if live else reviewing.checklist(project)
    context = {
        "project": project,
        "live": live,
        "changed": live is not None and reviewing.has_changed(live, project),
        "earlier": [each for each in sent if each != live],
        "points": [(point, _address(seat, point)) for point in points],
        "may_submit": live is None and rules.may_submit(seat),
        "ready": all(point.is_there or not point.is_needed for point in points),
        "reviews": live is not None and live.state == State.WAITING and rules.may_review(seat),
        "acts": [(key, act) for key, act in ACTS.items() if live and live.state == act.state and act.may(seat)],
    }
    return render(request, "qi_projects/review.html", context)


def _address(seat: Seat, point: Point) -> str:
    """Return where the team does something about a point: nothing, for whoever cannot."""
    if seat.place is None or (point.route == "project_edit" and not rules.may_edit(seat)):
        return ""
    pk = seat.project.pk
    return reverse(point.route, args=[pk, point.key] if point.key else [pk])


def _submit_form(user: User, data: QueryDict, pk: int) -> SubmitForm:
    return SubmitForm(data)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_submit_form))
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Say who will read a project that is sent for review, and send it."""
    seat = seat_of(request, pk)
    if not rules.may_submit(seat):
        return not_theirs(request, seat)
    sent = request.method == "POST"
    form = SubmitForm(request.POST if sent else None)
    try:
        if sent and form.is_valid():
            reviewing.submit(seat.project, form.cleaned_data["note"], by=seat.person)
            messages.success(request, "The project is sent for review. You are told by email what was decided.")
            return redirect("project_review", pk)
        if reviewing.live_submission(seat.project):
            return redirect("project_review", pk)
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    context = {
        "project": seat.project,
        "form": form,
        "missing": [
            point.name for point in reviewing.checklist(seat.project) if point.is_needed and not point.is_there
        ],
    }
    return render(request, "qi_projects/submit.html", context, status=INVALID if form.errors else None)


def _decide_form(user: User, data: QueryDict, pk: int, act: str) -> DecideForm | None:
    chosen = ACTS.get(act)
    return _form(chosen, 1, data) if chosen and chosen.asks else None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_decide_form))
def decide(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Say what a decision about a project that was sent does, and do it once that is confirmed."""
    seat, chosen = seat_of(request, pk), existing(ACTS.get(act))
    if not chosen.may(seat):
        return not_theirs(request, seat)
    sent = request.method == "POST"
    submission = reviewing.live_submission(seat.project)
    if submission is None or submission.state != chosen.state:
        return refuse(request, seat, ReviewMoved()) if sent else redirect("project_review", pk)
    form = _form(chosen, seat.project.version, request.POST if sent else None)
    context = {**_context(seat.project, submission, act, chosen), "form": form}
    if not sent or not form.is_valid():
        return render(request, "qi_projects/decide.html", context, status=INVALID if form.errors else None)
    try:
        chosen.do(submission, Decision(form.cleaned_data.get("words", ""), form.cleaned_data["read"], seat.person))
    except ChangedSinceRead as refused:
        again = seat_of(request, pk).project
        anew = request.POST.copy()
        anew["read"] = str(again.version)
        form = _form(chosen, again.version, anew)
        context = {**_context(again, submission, act, chosen), "form": form, "refused": refused}
        return render(request, "qi_projects/decide.html", context, status=REFUSED)
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    messages.success(request, chosen.done)
    return redirect("projects_to_coach") if _is_shut_out(request, pk) else redirect("project_review", pk)


def _is_shut_out(request: HttpRequest, pk: int) -> bool:
    """Say whether somebody who has just decided can no longer read the project: a coach who reviewed it."""
    return isinstance(request.user, User) and rules.seat(request.user, pk) is None


def _form(chosen: Act, version: int, data: QueryDict | None = None) -> DecideForm:
    form = DecideForm(data, label=chosen.asks, help_text=chosen.hint, missing=chosen.missing, version=version)
    if not chosen.asks:
        del form.fields["words"]
    return form


def _context(project: Project, submission: Submission, key: str, chosen: Act) -> dict[str, object]:
    """Return what the page of a decision shows."""
    return {
        "project": project,
        "submission": submission,
        "changed": reviewing.has_changed(submission, project),
        "act": chosen,
        "counted": crediting.counts_for(project) if key == "accept" else [],
        "is_accepting": key == "accept",
    }
