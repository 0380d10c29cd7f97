"""The chart of a measure: its points, with what is missing between them, its new limits and what happened meanwhile.

Rows are read narrow and by prepared statements, as the page of a measure is mostly its chart.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from django.utils import timezone

from portal.prepared import GivenMany, Prepared
from qi_projects import periods
from qi_projects.chart_drawing import draw
from qi_projects.chart_marks import marks_of
from qi_projects.chart_words import remarks, wants_new_limits
from qi_projects.charts import Kind, Mark, Point, Rebase, Reckoned, Series, reckon
from qi_projects.models import Annotation, Measure, RebaseDecision
from qi_projects.models import Point as Row
from qi_projects.spc import Direction, SeriesRefused
from qi_projects.spc_shows import Shows

PER_CENT: Final = 100
KEPT: Final = 64
"""Pictures, and pages of tables, in the memory of a process: one of 60 points is some 20 kB, the largest 60 kB."""

PointRow = tuple[int, date, Decimal | None, Decimal | None, Decimal | None, str]
"""A point's key, day, value, numerator, denominator and note."""

_POINTS: Prepared[Any] = Prepared(
    lambda: (
        Row.objects.filter(measure__in=GivenMany("measures"))
        .order_by("measure", "day")
        .values_list("measure", "pk", "day", "value", "numerator", "denominator", "note")
    )
)
_REBASES: Prepared[RebaseDecision] = Prepared(
    lambda: RebaseDecision.objects.filter(measure__in=GivenMany("measures")).order_by("measure", "pk")
)
_ANNOTATIONS: Prepared[Annotation] = Prepared(
    lambda: Annotation.objects.filter(measure__in=GivenMany("measures")).order_by("measure", "day", "pk")
)


@dataclass(frozen=True)
class Charted:
    """A measure with its chart, or with why there is none yet.

    `keys` has the key of each entry's point, None for a period that is missing. `crowded` points share a period with
    the one before; `due` periods have ended since that of the last point.
    """

    measure: Measure
    keys: Sequence[int | None]
    found: Reckoned | None
    why_not: str
    missing: int
    crowded: int
    due: int

    @property
    def points(self) -> int:
        """Return how many points there are, those without a figure among them."""
        return len(self.keys) - self.missing

    @property
    def shows(self) -> Shows:
        """Return what the measure shows now."""
        return self.found.shows if self.found else Shows.TOO_FEW


def chart_of(measure: Measure) -> Charted:
    """Return the chart of a measure, with all that is to be marked on it."""
    (charted,) = marked_charts_of([measure])
    return charted


def marked_charts_of(measures: Sequence[Measure]) -> list[Charted]:
    """Return the charts of several measures of a project in a constant number of statements, with what is marked."""
    if not measures:
        return []
    marks: dict[int, list[Mark]] = {measure.pk: [] for measure in measures}
    for note in _ANNOTATIONS.all(measures=[*marks]):
        marks[note.measure_id].append(Mark(note.day, note.text))
    for measure, mark in marks_of(measures):
        marks[measure].append(mark)
    return _charts(measures, marks)


def charts_of(measures: Sequence[Measure]) -> list[Charted]:
    """Return the charts of several measures in a constant number of statements, without what is marked on them."""
    return _charts(measures, {}) if measures else []


def _charts(measures: Sequence[Measure], marks: Mapping[int, Sequence[Mark]]) -> list[Charted]:
    keys = [measure.pk for measure in measures]
    rows = {key: [row[1:] for row in group] for key, group in groupby(_POINTS.all(measures=keys), itemgetter(0))}
    decisions: dict[int, list[RebaseDecision]] = {}
    for decision in _REBASES.all(measures=keys):
        decisions.setdefault(decision.measure_id, []).append(decision)
    today = timezone.localdate()
    return [
        _chart(each, rows.get(each.pk, []), decisions.get(each.pk, []), marks.get(each.pk, ()), today)
        for each in measures
    ]


def _chart(
    measure: Measure,
    rows: Sequence[PointRow],
    decisions: list[RebaseDecision],
    marks: Sequence[Mark],
    today: date,
) -> Charted:
    days = [row[1] for row in rows]
    gaps = periods.missing(days, measure.often)
    entries = sorted([*((row[1], row) for row in rows), *((day, None) for day in gaps)], key=itemgetter(0))
    points = tuple(_point(day, row, measure) for day, row in entries)
    found, why_not = None, ""
    try:
        found = reckon(_series(measure, points, decisions, marks)) if points else None
    except SeriesRefused as refused:
        why_not = str(refused)
    return Charted(
        measure=measure,
        keys=[row and row[0] for _, row in entries],
        found=found,
        why_not=why_not,
        missing=len(gaps),
        crowded=periods.crowded(days, measure.often),
        due=periods.due_since(days, measure.often, today),
    )


def _series(
    measure: Measure, points: tuple[Point, ...], decisions: list[RebaseDecision], marks: Sequence[Mark]
) -> Series:
    kind = Kind(measure.chart)
    decided = () if kind is Kind.RUN else ((each.day, each.reason) for each in standing(decisions))
    return Series(
        title=measure.name,
        kind=kind,
        points=points,
        unit=measure.shown_unit,
        per=measure.per,
        direction=Direction(measure.direction),
        target=None if measure.target is None else float(measure.target),
        rules=measure.rules,
        baseline=measure.baseline,
        rebase=tuple(phases(points, decided)),
        screen=measure.screen,
        marks=tuple(marks),
    )


def _point(day: date, row: PointRow | None, measure: Measure) -> Point:
    if row is None:
        return Point(day)
    _, _, value, numerator, denominator, note = row
    if numerator is None or denominator is None:
        return Point(day, None if value is None else float(value), note=note)
    times = PER_CENT if measure.counted == Measure.Counted.PROPORTION else measure.per
    return Point(
        day,
        # What a run or XmR chart shows of a pair; P and U charts divide by themselves.
        value=float(times * numerator / denominator),
        numerator=float(numerator),
        denominator=float(denominator),
        note=note,
    )


def standing(decisions: list[RebaseDecision]) -> list[RebaseDecision]:
    """Return of all decisions about a measure, in any order, those by which limits begin anew, by their days."""
    latest = {each.day: each for each in sorted(decisions, key=lambda each: each.pk)}
    return [latest[day] for day in sorted(latest) if latest[day].decision == RebaseDecision.Decision.BEGINS]


def phases(points: Sequence[Point], decided: Iterable[tuple[date, str]]) -> list[Rebase]:
    """Return where new limits begin, of days with reasons in their order: never with the first point that has a figure.

    It is the first figure of that day or later, as a point may have been taken out, or left open.
    """
    there = [at for at, point in enumerate(points) if point.value is not None]
    found: dict[int, Rebase] = {}
    for day, reason in decided:
        at = next((at for at in there[1:] if points[at].day >= day), None)
        if at is not None:
            found[at] = Rebase(at, reason)
    return [found[at] for at in sorted(found)]


@lru_cache(maxsize=KEPT)
def drawing(series: Series, *, narrow: bool) -> str:
    """Return the picture of a series for its page, which is drawn once for the same series."""
    return draw(reckon(series), name="narrow" if narrow else "wide", narrow=narrow)


def borne_in_mind(charted: Charted) -> list[str]:
    """Return what to bear in mind when reading a chart, in sentences: how far it can be trusted, and what it lacks."""
    chart, often = charted.found, charted.measure.often
    if chart is None:
        return []
    mind = list(remarks(chart))
    if wants_new_limits(chart):
        mind.append("Begin new limits once the new level is the usual one.")
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
    return mind
