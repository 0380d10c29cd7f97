"""What people say of a chart: that new limits begin, and what happened on a day."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from portal.access import access, existing, person, signed_in
from portal.accounts import typed
from portal.accounts.models import User
from qi_projects import annotating, measure_rules, rebasing
from qi_projects.charting import standing
from qi_projects.measure_forms import AnnotationForm, ReasonForm, RebaseForm
from qi_projects.models import Measure, RebaseDecision
from qi_projects.refusals import NoSuchPhase, ProjectRefused
from qi_projects.rules import Seat
from qi_projects.views.measures import measure_of
from qi_projects.views.seats import INVALID, not_theirs, refuse


def _rebase_form(user: User, data: QueryDict, pk: int, measure_id: int) -> RebaseForm:
    return RebaseForm(data)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_rebase_form))
def rebase(request: HttpRequest, pk: int, measure_id: int) -> HttpResponse:
    """Show what was decided about the limits, and take a decision."""
    seat, measure = measure_of(request, pk, measure_id)
    may_enter, sent = measure_rules.may_enter(seat, measure), request.method == "POST"
    if sent and not may_enter:
        return not_theirs(request, seat)
    form = RebaseForm(request.POST if sent else None) if may_enter else None
    if sent and form and form.is_valid():
        given = form.cleaned_data
        try:
            rebasing.rebase(
                measure,
                given["day"],
                given["reason"],
                by=seat.person,
                said_not_about_patients=form.said_not_about_patients,
            )
        except NoSuchPhase as refused:
            form.add_error("day", str(refused))
        except ProjectRefused as refused:
            return refuse(request, seat, refused)
        else:
            messages.success(request, "New limits begin there.")
            return redirect("measure", pk, measure_id)
    decisions = list(measure.rebases.select_related("decided_by"))
    context = {
        "project": seat.project,
        "measure": measure,
        "form": form,
        "decisions": decisions,
        "standing": _numbers(standing(decisions)),
        "may_enter": may_enter,
    }
    return render(
        request, "qi_projects/measures/rebase.html", context, status=INVALID if form and form.errors else None
    )


def _numbers(decisions: Sequence[RebaseDecision]) -> set[int]:
    return {each.pk for each in decisions}


def _end_form(user: User, data: QueryDict, pk: int, measure_id: int, rebase_id: int) -> ReasonForm:
    return ReasonForm(data)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_end_form))
def take_back(request: HttpRequest, pk: int, measure_id: int, rebase_id: int) -> HttpResponse:
    """Let limits go on that began anew, with why."""
    seat, measure = measure_of(request, pk, measure_id)
    decision = existing(measure.rebases.filter(pk=rebase_id).first())
    decision.measure = measure
    if not measure_rules.may_enter(seat, measure):
        return not_theirs(request, seat)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        context = {"project": seat.project, "measure": measure, "decision": decision, "form": form}
        status = INVALID if form.errors else None
        return render(request, "qi_projects/measures/rebase_end.html", context, status=status)
    try:
        rebasing.take_back(
            decision,
            form.cleaned_data["reason"],
            by=seat.person,
            said_not_about_patients=form.said_not_about_patients,
        )
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    messages.success(request, "The limits go on as before that day.")
    return redirect("measure_rebase", pk, measure_id)


def _annotation_form(user: User, data: QueryDict, pk: int, measure_id: int) -> AnnotationForm:
    return AnnotationForm(data)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_annotation_form))
def annotate(request: HttpRequest, pk: int, measure_id: int) -> HttpResponse:
    """Show the notes on a chart, take one, or take one off."""
    seat, measure = measure_of(request, pk, measure_id)
    may_enter, sent = measure_rules.may_enter(seat, measure), request.method == "POST"
    if sent and not may_enter:
        return not_theirs(request, seat)
    if sent and "take_off" in request.POST:
        return _take_off(request, seat, measure)
    form = AnnotationForm(request.POST if sent else None) if may_enter else None
    if sent and form and form.is_valid():
        given = form.cleaned_data
        try:
            annotating.annotate(
                measure,
                given["day"],
                given["text"],
                by=seat.person,
                said_not_about_patients=form.said_not_about_patients,
            )
        except ProjectRefused as refused:
            return refuse(request, seat, refused)
        messages.success(request, "It stands on the chart.")
        return redirect("measure", pk, measure_id)
    context = {
        "project": seat.project,
        "measure": measure,
        "form": form,
        "notes": measure.annotations.select_related("written_by"),
        "may_enter": may_enter,
    }
    status = INVALID if form and form.errors else None
    return render(request, "qi_projects/measures/annotate.html", context, status=status)


def _take_off(request: HttpRequest, seat: Seat, measure: Measure) -> HttpResponse:
    sent = request.POST["take_off"]
    number = int(sent) if sent.isascii() and sent.isdigit() and len(sent) <= 18 else 0
    note = existing(measure.annotations.filter(pk=number).first())
    note.measure = measure
    try:
        annotating.take_off(note, by=person(request))
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    messages.success(request, "It is taken off the chart.")
    return redirect("measure_annotate", seat.project.pk, measure.pk)
