"""Entering the points of a measure: one by one, many from a spreadsheet; changing one, or taking it out."""

from collections.abc import Sequence
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from portal.access import access, existing, person, signed_in
from portal.accounts import typed
from portal.accounts.models import User
from portal.nhsuk.dates import say_date
from portal.together import ChangedMeanwhile
from qi_projects import entering, measure_rules, periods, rules
from qi_projects.entering import Plan
from qi_projects.measure_forms import PointForm
from qi_projects.models import Measure, Point
from qi_projects.paste_forms import PasteForm
from qi_projects.readings import Reading
from qi_projects.refusals import DayTaken, PointsChanged, ProjectRefused
from qi_projects.rules import Seat
from qi_projects.views.beside_others import status_of
from qi_projects.views.measures import measure_of
from qi_projects.views.seats import INVALID, REFUSED, not_theirs, refuse

AGREED: Final = "confirmed"
"""The name of the button that saves what was looked at; its value is the plan's mark."""
MOST_CHANGED: Final = 50
MOST_NEW: Final = 10
"""Rows of a preview: what changes is worth reading; of what is new a few show whether it was read as it was meant."""
MOST_EARLIER: Final = 200


def _new_form(user: User, data: QueryDict, pk: int, measure_id: int) -> PointForm | None:
    found = _measure(user, pk, measure_id)
    return PointForm(data, measure=found) if found else None


def _measure(user: User, pk: int, measure_id: int) -> Measure | None:
    seat = rules.seat(user, pk)
    return measure_rules.measure(seat, measure_id) if seat else None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_new_form))
def new(request: HttpRequest, pk: int, measure_id: int) -> HttpResponse:
    """Take one point."""
    seat, measure = measure_of(request, pk, measure_id)
    if not measure_rules.may_enter(seat, measure):
        return not_theirs(request, seat)
    form = PointForm(request.POST if request.method == "POST" else None, measure=measure)
    there = None
    if request.method != "POST":
        form.initial = {"day": request.GET.get("day", "")}
    elif form.is_valid():
        try:
            entering.enter(measure, form.reading, by=seat.person, said_not_about_patients=form.said_not_about_patients)
        except DayTaken as taken:
            form.add_error("day", str(taken))
            there = taken.point
        except ProjectRefused as refused:
            return refuse(request, seat, refused)
        else:
            messages.success(request, f"{form.reading}, {say_date(form.reading.day, weekday=False)}: saved.")
            return redirect("measure_point_new" if "another" in request.POST else "measure", pk, measure_id)
    context = {"project": seat.project, "measure": measure, "form": form, "there": _there(there)}
    return render(request, "qi_projects/measures/point.html", context, status=INVALID if form.errors else None)


def _there(point: Point | None) -> tuple[Point, Reading] | None:
    return (point, Reading.of(point)) if point else None


def _point_form(user: User, data: QueryDict, pk: int, measure_id: int, point_id: int) -> PointForm | None:
    found = _measure(user, pk, measure_id)
    point = found.points.filter(pk=point_id).first() if found else None
    return PointForm(data, measure=found, point=point) if found and point else None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_point_form))
def point(request: HttpRequest, pk: int, measure_id: int, point_id: int) -> HttpResponse:
    """Show one point to be changed, and put down what it says now."""
    seat, measure, found = _point_of(request, pk, measure_id, point_id)
    if not measure_rules.may_enter(seat, measure):
        return not_theirs(request, seat)
    form = PointForm(request.POST if request.method == "POST" else None, measure=measure, point=found)
    there = None
    if request.method == "POST" and form.is_valid():
        try:
            entering.change(
                found,
                form.given,
                seen=form.carried,
                by=seat.person,
                said_not_about_patients=form.said_not_about_patients,
            )
        except ChangedMeanwhile as refused:
            form.meets(refused, _point_of(request, pk, measure_id, point_id)[2])
        except DayTaken as taken:
            form.add_error("day", str(taken))
            there = taken.point
        except ProjectRefused as refused:
            return refuse(request, seat, refused)
        else:
            messages.success(request, "Saved.")
            return redirect("measure", pk, measure_id)
    context = {"project": seat.project, "measure": measure, "form": form, "point": found, "there": _there(there)}
    return render(request, "qi_projects/measures/point.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def take_out(request: HttpRequest, pk: int, measure_id: int, point_id: int) -> HttpResponse:
    """Take a point out, once that is confirmed."""
    seat, measure, found = _point_of(request, pk, measure_id, point_id)
    if not measure_rules.may_enter(seat, measure):
        return not_theirs(request, seat)
    if request.method != "POST":
        context = {"project": seat.project, "measure": measure, "point": found, "reading": Reading.of(found)}
        return render(request, "qi_projects/measures/take_out.html", context)
    try:
        entering.take_out(found, by=person(request))
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    messages.success(request, f"The point of {say_date(found.day, weekday=False)} is taken out.")
    return redirect("measure", pk, measure_id)


def _point_of(request: HttpRequest, pk: int, measure_id: int, point_id: int) -> tuple[Seat, Measure, Point]:
    seat, measure = measure_of(request, pk, measure_id)
    found = existing(measure.points.filter(pk=point_id).first())
    found.measure = measure
    return seat, measure, found


def _paste_form(user: User, data: QueryDict, pk: int, measure_id: int) -> PasteForm | None:
    found = _measure(user, pk, measure_id)
    return PasteForm(data, measure=found) if found else None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_paste_form))
def paste(request: HttpRequest, pk: int, measure_id: int) -> HttpResponse:
    """Take many points at once: look at what they would do first, then save all of them or none."""
    seat, measure = measure_of(request, pk, measure_id)
    if not measure_rules.may_enter(seat, measure):
        return not_theirs(request, seat)
    form = PasteForm(*((request.POST, request.FILES) if request.method == "POST" else ()), measure=measure)
    if not form.is_valid():
        return _ask(request, seat, measure, form, status=INVALID if form.errors else None)
    agreed = request.POST.get(AGREED, "")
    if not agreed:
        return _ask(request, seat, measure, form, entering.plan(measure, form.pasted.readings))
    try:
        done = entering.enter_all(
            measure,
            form.pasted.readings,
            agreed=agreed,
            by=seat.person,
            said_not_about_patients=form.said_not_about_patients,
        )
    except PointsChanged as changed:
        plan = entering.plan(measure, form.pasted.readings)
        return _ask(request, seat, measure, form, plan, refused=changed, status=REFUSED)
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    messages.success(request, _done(done))
    return redirect("measure", pk, measure_id)


def _ask(
    request: HttpRequest,
    seat: Seat,
    measure: Measure,
    form: PasteForm,
    plan: Plan | None = None,
    *,
    refused: ProjectRefused | None = None,
    status: int | None = None,
) -> HttpResponse:
    """Show the form, with what it would do where that is known."""
    context = {"project": seat.project, "measure": measure, "form": form, "plan": plan, "refused": refused}
    if plan:
        context |= {
            "agreed": AGREED,
            "said": [*form.guessed, *form.pasted.said, *_crowded(measure, plan)],
            "button": f"Save {_points(len(plan.new) + len(plan.changed))}",
            "changed": [(Reading.of(point), reading) for point, reading in plan.changed[:MOST_CHANGED]],
            "changed_more": max(len(plan.changed) - MOST_CHANGED, 0),
            "new": plan.new[:MOST_NEW],
            "new_more": max(len(plan.new) - MOST_NEW, 0),
            "empty": sum(reading.is_empty for reading in plan.new),
        }
    return render(request, "qi_projects/measures/paste.html", context, status=status)


def _crowded(measure: Measure, plan: Plan) -> Sequence[str]:
    """Say that some periods would have more than one point."""
    there = measure.points.values_list("day", flat=True)
    days = sorted({*there, *(reading.day for reading in plan.new)})
    number = periods.crowded(days, measure.often)
    if not number or not plan.new:
        return []
    period = periods.say_periods(1, measure.often).removeprefix("1 ")
    return [f"{_points(number)} would be in the same {period} as the one before."]


def _points(number: int) -> str:
    return f"{number:,} point{'' if number == 1 else 's'}"


def _done(done: Plan) -> str:
    if not done.acts:
        return "All of these points were there already."
    told = [f"{len(done.new):,} new" if done.new else "", f"{len(done.changed):,} changed" if done.changed else ""]
    return f"Saved: {', '.join(filter(None, told))}."


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def earlier(request: HttpRequest, pk: int, measure_id: int) -> HttpResponse:
    """Show what points said before they were changed or taken out, the latest first."""
    seat, measure = measure_of(request, pk, measure_id)
    found = measure.earlier_points.select_related("changed_by")[:MOST_EARLIER]
    context = {
        "project": seat.project,
        "measure": measure,
        "earlier": [(each, Reading.of(each)) for each in found],
        "most": MOST_EARLIER,
    }
    return render(request, "qi_projects/measures/earlier.html", context)
