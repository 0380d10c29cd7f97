"""What a project measures: the list, saying what is measured and how, and putting a measure away."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from portal.access import access, existing, person, signed_in
from portal.accounts import typed
from portal.accounts.models import User
from portal.together import ChangedMeanwhile
from qi_projects import measure_rules, measuring, rules
from qi_projects.chart_words import VARIATIONS, signals_told
from qi_projects.charting import Charted, charts_of
from qi_projects.choosing_a_chart import recommend
from qi_projects.measure_fields import CHART, HOW, TITLES, WHAT
from qi_projects.measure_forms import MeasureForm
from qi_projects.models import Measure
from qi_projects.refusals import ProjectRefused
from qi_projects.rules import Seat
from qi_projects.spc_shows import Shows
from qi_projects.views.beside_others import status_of
from qi_projects.views.seats import INVALID, not_theirs, refuse, seat_of


def measure_of(request: HttpRequest, pk: int, measure_id: int) -> tuple[Seat, Measure]:
    """Return the seat of whoever is signed in, and the measure. Raises Http404 where either is not there for them."""
    seat = seat_of(request, pk)
    return seat, existing(measure_rules.measure(seat, measure_id))


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def measures(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a project measures, and what each chart says."""
    seat = seat_of(request, pk)
    found = list(seat.project.measures.all())
    charted = charts_of([each for each in found if each.put_away_at is None])
    context = {
        "project": seat.project,
        "charted": [(each.measure, _in_short(each)) for each in charted],
        "put_away": [each for each in found if each.put_away_at is not None],
        "may_measure": measure_rules.may_measure(seat),
    }
    return render(request, "qi_projects/measures/list.html", context)


def _in_short(charted: Charted) -> str:
    """Say in a few words how far a measure is, and what its chart says."""
    if charted.found is None:
        return charted.why_not or "No points yet."
    number = f"{charted.points:,} point{'' if charted.points == 1 else 's'}"
    if charted.found.variation:
        return f"{number}. {VARIATIONS[charted.found.variation]}."
    if charted.shows is Shows.TOO_FEW:
        return f"{number}: too few yet to say what it shows."
    return f"{number}. {signals_told(charted.found)[-1]}"


def _new_form(user: User, data: QueryDict, pk: int) -> MeasureForm:
    return MeasureForm(data, measure=None, part=WHAT)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_new_form))
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask what is measured, and lead on to how."""
    seat = seat_of(request, pk)
    if not measure_rules.may_measure(seat):
        return not_theirs(request, seat)
    form = MeasureForm(request.POST if request.method == "POST" else None, measure=None, part=WHAT)
    if request.method != "POST" or not form.is_valid():
        context = {"project": seat.project, "form": form, "title": "Add a measure"}
        status = INVALID if form.errors else None
        return render(request, "qi_projects/measures/edit.html", context, status=status)
    try:
        measure = measuring.begin(
            seat.project, form.given, by=seat.person, said_not_about_patients=form.said_not_about_patients
        )
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    return redirect("measure_edit", pk, measure.pk, HOW)


def _edit_form(user: User, data: QueryDict, pk: int, measure_id: int, part: str) -> MeasureForm | None:
    seat = rules.seat(user, pk)
    measure = measure_rules.measure(seat, measure_id) if seat else None
    return MeasureForm(data, measure=measure, part=part) if measure and part in TITLES else None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_edit_form))
def edit(request: HttpRequest, pk: int, measure_id: int, part: str) -> HttpResponse:
    """Show the fields of one part of a measure, and put down what was written there."""
    seat, measure = measure_of(request, pk, measure_id)
    title = existing(TITLES.get(part))
    if not measure_rules.may_enter(seat, measure):
        return not_theirs(request, seat)
    form = MeasureForm(request.POST if request.method == "POST" else None, measure=measure, part=part)
    if request.method == "POST" and form.is_valid():
        try:
            settled = measuring.change(
                measure,
                form.given,
                seen=form.carried,
                by=seat.person,
                said_not_about_patients=form.said_not_about_patients,
            )
        except ChangedMeanwhile as refused:
            form.meets(refused, measure_of(request, pk, measure_id)[1])
        except ProjectRefused as refused:
            return refuse(request, seat, refused)
        else:
            if settled.changes:
                messages.success(request, "Saved.")
            return redirect("measure", pk, measure_id)
    advice = recommend(measure.counted, measure.points.count()) if part == CHART else None
    context = {"project": seat.project, "measure": measure, "form": form, "title": title, "advice": advice}
    return render(request, "qi_projects/measures/edit.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def keep(request: HttpRequest, pk: int, measure_id: int) -> HttpResponse:
    """Put a measure away, or take it up again, once that is confirmed."""
    seat, measure = measure_of(request, pk, measure_id)
    if not measure_rules.may_measure(seat):
        return not_theirs(request, seat)
    if request.method != "POST":
        context = {"project": seat.project, "measure": measure, "untouched": measuring.is_untouched(measure)}
        return render(request, "qi_projects/measures/keep.html", context)
    try:
        if "take_up" in request.POST:
            measuring.take_up(measure, by=person(request))
        else:
            measuring.put_away(measure, by=person(request))
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    messages.success(request, "It is measured again." if "take_up" in request.POST else "It is no longer measured.")
    return redirect("project_measures", pk)
