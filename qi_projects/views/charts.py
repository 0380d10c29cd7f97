"""The page of one measure: its chart, what it says and does not say, the same as a table, and files of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from portal.access import access, existing, signed_in
from portal.addresses import Addresses
from portal.nhsuk.components import EMPTY
from portal.nhsuk.dates import say_date
from portal.nhsuk.lists import table_of
from qi_projects import linking, measure_rules, periods
from qi_projects.chart_drawing import draw, explanation
from qi_projects.chart_icons import draw_assurance, draw_variation
from qi_projects.chart_png import as_png
from qi_projects.chart_table import as_csv, told
from qi_projects.chart_words import VARIATIONS, assurance_told, signals_told
from qi_projects.charting import KEPT, Charted, borne_in_mind, chart_of, drawing
from qi_projects.charts import Kind, Reckoned, Series, reckon
from qi_projects.choosing_a_chart import recommend
from qi_projects.measure_fields import said_of
from qi_projects.models import Measure
from qi_projects.refusals import ProjectRefused
from qi_projects.spc import Assurance, Variation
from qi_projects.views.measures import measure_of
from qi_projects.views.seats import refuse

ON_A_PAGE: Final = 60
"""Rows of the table at a time: five years of months, or a year of weeks with some to spare."""

MOST_FLAGS: Final = 10
"""So many marks are explained beneath the chart; more are folded away."""


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
    boxes, cycles = linking.tells_of(found)
    is_measured = seat.project.is_going_on and found.put_away_at is None
    context = {
        "project": seat.project,
        "measure": found,
        "charted": charted,
        "may_enter": may_enter,
        "may_measure": measure_rules.may_measure(seat),
        "definition": said_of(found),
        "boxes": boxes,
        "cycles": cycles,
        "due": periods.say_periods(charted.due, found.often) if charted.due and is_measured else "",
        "advice": _advice(charted) if may_enter else "",
    }
    if charted.found:
        context |= _drawn(charted.found) | _told(charted) | _table(request, charted, may_enter=may_enter)
    return render(request, "qi_projects/measures/measure.html", context)


def _drawn(chart: Reckoned) -> dict[str, object]:
    """Return the pictures, which `qi_projects.chart_shapes` has escaped."""
    icons = []
    if chart.variation:
        icons.append((_variation(chart.variation), VARIATIONS[chart.variation]))
    if chart.assurance:
        icons.append((_assurance(chart.assurance), assurance_told(chart, chart.assurance)))
    return {
        "wide": _safe(drawing(chart.series, narrow=False)),
        "narrow": _safe(drawing(chart.series, narrow=True)),
        "icons": icons,
    }


@cache
def _variation(icon: Variation) -> SafeString:
    return _safe(draw_variation(icon, name="variation"))


@cache
def _assurance(icon: Assurance) -> SafeString:
    return _safe(draw_assurance(icon, name="assurance"))


def _safe(drawn: str) -> SafeString:
    return mark_safe(drawn)  # noqa: S308  # written by ElementTree, which has escaped every text in it


def _told(charted: Charted) -> dict[str, object]:
    """Return what the chart says in sentences, and what is to be borne in mind."""
    chart = charted.found
    if chart is None:
        return {}
    return {
        "says": signals_told(chart),
        "mind": borne_in_mind(charted),
        "flags": [explanation(flag) for flag in chart.flags],
        "many_flags": f"What happened, {len(chart.flags)} times" if len(chart.flags) > MOST_FLAGS else "",
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
    table, same = EMPTY, list[tuple[str, str]]()
    if charted.found:
        links = _links(charted, start, stop) if may_enter else ()
        table, same = table_of_rows(charted.found.series, start, stop, links)
    return {
        "table": table,
        "same": same,
        "shown": f"{start + 1:,} to {stop:,} of {count:,}" if count > ON_A_PAGE else "",
        "earlier": f"?to={start}#data" if start else "",
        "later": f"?to={min(stop + ON_A_PAGE, count)}#data" if stop < count else "",
    }


@lru_cache(maxsize=KEPT)
def table_of_rows(
    series: Series, start: int, stop: int, links: tuple[str, ...] = ()
) -> tuple[SafeString, list[tuple[str, str]]]:
    """Return rows as a table, which is made once for the same series, and what is the same in each of them.

    That is said once, above them: a narrow screen has a card for each.
    """
    found = told(reckon(series), start, stop)
    headings, lines = [*found.headings], found.lines
    if links:
        headings.append("Change")
        days = [point.day for point in series.points[start:stop]]
        lines = [(*cells, _change(day, href)) for day, cells, href in zip(days, lines, links, strict=True)]
    return table_of(map(Cells, lines), "Data", *headings), [*found.same]


_POINT: Final = Addresses("measure_point", 0, 1, 2)
_NEW_POINT: Final = Addresses("measure_point_new", 0, 1)


def _links(charted: Charted, start: int, stop: int) -> tuple[str, ...]:
    """Return where each point is changed; for a missing period where one is entered, up to its day."""
    project, measure = charted.measure.project_id, charted.measure.pk
    return tuple(
        f"{_NEW_POINT.of(project, measure)}?day=" if key is None else _POINT.of(project, measure, key)
        for key in charted.keys[start:stop]
    )


def _change(day: date, href: str) -> SafeString:
    """Lead to a point, or for a missing period to where one is entered."""
    words, to = ("Add", f"{href}{day.isoformat()}") if href.endswith("=") else ("Change", href)
    return format_html(
        '<a class="nhsuk-link" href="{}">{}<span class="nhsuk-u-visually-hidden"> {}</span></a>',
        to,
        words,
        say_date(day, weekday=False),
    )


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
