"""What a project measures: the list, the page of one measure with its chart, and its files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst, slugify
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from portal.access import access, existing, person, signed_in
from portal.accounts import typed
from portal.accounts.models import User
from portal.addresses import Addresses
from portal.nhsuk.dates import say_date
from portal.nhsuk.lists import table_of
from qi_projects import measure_rules, measuring, periods, rules
from qi_projects.chart_drawing import draw, explanation
from qi_projects.chart_icons import draw_assurance, draw_variation
from qi_projects.chart_png import as_png
from qi_projects.chart_table import Row, as_csv, columns, rows
from qi_projects.chart_words import ASSURANCES, VARIATIONS, remarks, signals_told
from qi_projects.charting import Charted, chart_of, charts_of, drawing
from qi_projects.charts import Kind, Reckoned
from qi_projects.choosing_a_chart import recommend
from qi_projects.measure_fields import CHART, HOW, TITLES, WHAT, names_in
from qi_projects.measure_forms import MeasureForm
from qi_projects.models import Measure
from qi_projects.refusals import ProjectRefused
from qi_projects.rules import Seat
from qi_projects.together import ChangedMeanwhile, said
from qi_projects.views.editing import status_of
from qi_projects.views.seats import INVALID, not_theirs, refuse, seat_of

ON_A_PAGE: Final = 60
"""Rows of the table at a time: five years of months, or a year of weeks with some to spare."""


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


# --- The page of one measure


@dataclass(frozen=True, slots=True)
class Cells:
    """A row of the table, as `{% table_of %}` shows it."""

    cells: Sequence[str]


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def measure(request: HttpRequest, pk: int, measure_id: int) -> HttpResponse:
    """Show the chart of a measure, what it says and does not say, and the same as a table."""
    seat, found = measure_of(request, pk, measure_id)
    charted = chart_of(found)
    may_enter = measure_rules.may_enter(seat, found)
    context = {
        "project": seat.project,
        "measure": found,
        "charted": charted,
        "may_enter": may_enter,
        "may_measure": measure_rules.may_measure(seat),
        "definition": _definition(found),
        "due": periods.say_periods(charted.due, found.often) if charted.due else "",
        "advice": _advice(charted) if may_enter else "",
    }
    if charted.found:
        context |= _drawn(charted.found) | _told(charted) | _table(request, charted, may_enter=may_enter)
    return render(request, "qi_projects/measures/measure.html", context)


def _drawn(chart: Reckoned) -> dict[str, object]:
    """Return the pictures, which `qi_projects.chart_shapes` has escaped."""
    icons = []
    if chart.variation:
        icons.append((_safe(draw_variation(chart.variation, name="variation")), VARIATIONS[chart.variation]))
    if chart.assurance:
        icons.append((_safe(draw_assurance(chart.assurance, name="assurance")), ASSURANCES[chart.assurance]))
    return {
        "wide": _safe(drawing(chart.series, narrow=False)),
        "narrow": _safe(drawing(chart.series, narrow=True)),
        "icons": icons,
    }


def _safe(drawn: str) -> SafeString:
    return mark_safe(drawn)  # noqa: S308  # written by ElementTree, which has escaped every text in it


def _told(charted: Charted) -> dict[str, object]:
    """Return what the chart says in sentences, and what is to be borne in mind."""
    chart, often = charted.found, charted.measure.often
    if chart is None:
        return {}
    mind = list(remarks(chart))
    if charted.missing:
        number = periods.say_periods(charted.missing, often)
        one = charted.missing == 1
        mind.append(
            f"{number} {'has' if one else 'have'} no point, and {'is' if one else 'are'} left open. "
            + ("A run chart passes over them." if chart.series.kind is Kind.RUN else "No signal goes across them.")
        )
    if charted.crowded:
        number = f"{charted.crowded} point{'' if charted.crowded == 1 else 's'}"
        mind.append(
            f"{number} came in the same {periods.say_periods(1, often).removeprefix('1 ')} as the one before. Add them "
            "together, or say under “What you measure” how often there is a point."
        )
    return {
        "says": signals_told(chart),
        "mind": mind,
        "flags": [explanation(flag) for flag in chart.flags],
        "is_run": chart.series.kind is Kind.RUN,
    }


def _advice(charted: Charted) -> str:
    """Suggest another chart where a run chart has enough points for one."""
    advice = recommend(charted.measure.counted, charted.points)
    is_run = charted.measure.chart == Measure.Chart.RUN
    return advice.why if is_run and advice.chart != Measure.Chart.RUN else ""


def _table(request: HttpRequest, charted: Charted, *, may_enter: bool) -> dict[str, object]:
    """Return one page of the table: the latest, unless the address says up to which entry."""
    count = len(charted.keys)
    sent = request.GET.get("to", "")
    stop = int(sent) if sent.isascii() and sent.isdigit() and len(sent) <= 9 else count
    stop = min(max(stop, 1), count)
    start = max(stop - ON_A_PAGE, 0)
    chart = charted.found
    headings = columns(chart) if chart else []
    found = rows(chart, start, stop) if chart else []
    kept = [at for at, heading in enumerate(headings) if any(_cell(row, heading) for row in found) or heading in STAY]
    named = [headings[at] for at in kept]
    table = [
        Cells([*(_cell(row, heading) for heading in named), *([_change(charted, row)] if may_enter else [])])
        for row in found
    ]
    return {
        "table": table_of(table, "Data", *named, *(["Change"] if may_enter else [])),
        "shown": f"{start + 1:,} to {stop:,} of {count:,}" if count > ON_A_PAGE else "",
        "earlier": f"?to={start}#data" if start else "",
        "later": f"?to={min(stop + ON_A_PAGE, count)}#data" if stop < count else "",
    }


STAY: Final = frozenset({"Date", "Value", "Reading"})
"""Columns that are there even where no row of the page has anything in them."""
CELLS: Final[Mapping[str, Callable[[Row], str]]] = {
    "Date": lambda row: say_date(row.day, weekday=False),
    "Value": lambda row: row.value,
    "Numerator": lambda row: row.numerator,
    "Denominator": lambda row: row.denominator,
    "Mean": lambda row: row.centre,
    "Median": lambda row: row.centre,
    "Lower limit": lambda row: row.lower,
    "Upper limit": lambda row: row.upper,
    "Reading": lambda row: row.reading,
    "Rules": lambda row: row.rules,
    "Flags": lambda row: row.flags,
}


def _cell(row: Row, heading: str) -> str:
    return CELLS[heading](row)


_POINT: Final = Addresses("measure_point", 0, 1, 2)
_NEW_POINT: Final = Addresses("measure_point_new", 0, 1)


def _change(charted: Charted, row: Row) -> SafeString:
    """Lead to a point, or for a missing period to where one is entered."""
    measure, key = charted.measure, charted.keys[row.number - 1]
    day = say_date(row.day, weekday=False)
    if key is None:
        href, words = f"{_NEW_POINT.of(measure.project_id, measure.pk)}?day={row.day.isoformat()}", "Add"
    else:
        href, words = _POINT.of(measure.project_id, measure.pk, key), "Change"
    return format_html(
        '<a class="nhsuk-link" href="{}">{}<span class="nhsuk-u-visually-hidden"> {}</span></a>', href, words, day
    )


def _definition(measure: Measure) -> Sequence[tuple[str, str, Sequence[tuple[str, str]]]]:
    """Return part by part its key, its title, and label and words of what it says."""
    told: list[tuple[str, str, Sequence[tuple[str, str]]]] = []
    for part, title in TITLES.items():
        named = [(measure._meta.get_field(name), _words(measure, name)) for name in names_in(part, measure)]
        told.append(
            (
                part,
                title,
                [(capfirst(str(getattr(field, "verbose_name", ""))), words) for field, words in named if words],
            )
        )
    return told


def _words(measure: Measure, name: str) -> str:
    value = getattr(measure, name)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if name == "target" and value is not None:
        unit = measure.shown_unit
        number = f"{value.normalize():,f}"
        return f"{number}%" if unit == "%" else f"{number} {unit}".strip()
    return said(measure, name)


# --- The chart as a file

FILES: Final[Mapping[str, tuple[str, Callable[[Reckoned], bytes]]]] = {
    "svg": ("image/svg+xml", lambda chart: draw(chart, name="chart", alone=True, ranges=True).encode()),
    "png": ("image/png", lambda chart: as_png(draw(chart, name="chart", alone=True, ranges=True))),
    "csv": ("text/csv; charset=utf-8", lambda chart: b"".join(as_csv(chart))),
}


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def file(request: HttpRequest, pk: int, measure_id: int, form: str) -> HttpResponse:
    """Give the chart as a picture, or its table as a CSV file, to download."""
    seat, found = measure_of(request, pk, measure_id)
    content_type, make = existing(FILES.get(form))
    chart = chart_of(found).found
    if chart is None:
        return refuse(request, seat, ProjectRefused("There is no chart yet: it needs a point with a figure."))
    name = slugify(found.name)[:60] or "measure"
    disposition = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return HttpResponse(make(chart), content_type=content_type, headers=disposition)
