"""What the public is shown of a measure and of a driver diagram, kept as it was when its story was sent to an editor.

A chart tells more than it seems to: the limits of a P or U chart give each denominator away, and "41.18%" is 7 of 17.
So nothing goes along by which a number of fewer than ten could be worked out (`portal.small_numbers`, ADR 0089):

- shares are told to the nearest five in a hundred, and of fewer than ten people not at all;
- counts are told to the nearest five, so that two charts of the same people give no third number away;
- rates are told with two figures, and only where each denominator is 100 or more: 83.3 in a hundred is 10 of 12;
- counts, and rates, whose numbers are ever under ten have no public chart, since leaving out the low points alone would
  tell a false story;
- limits, where there are any, are reckoned from the figures as they are told, and never from denominators;
- notes of single points stay with the team.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from math import floor
from typing import Any, Final

from portal import small_numbers
from portal.small_numbers import LEAST
from portal.together import label, said
from qi_projects.charting import Charted, phases
from qi_projects.charts import Kind, Mark, MarkKind, Point, Rebase, Reckoned, Series, reckon
from qi_projects.diagram import Box, Diagram, Level, arrange
from qi_projects.models import Measure
from qi_projects.spc import Direction, SeriesRefused

Counted = Measure.Counted
DEFINITION: Final = (
    *("name", "kind", "definition", "counted", "numerator", "denominator", "unit", "per", "direction", "target"),
    *("sampling", "often", "chart", "rules", "baseline", "screen"),
)
"""The fields of a measure that say what is measured and how it is drawn: what somebody else can start from."""
SMALL: Final = (
    f"It has numbers under {LEAST}. They are not told to the public, and a chart without its low points would mislead."
)
LEAST_EXPOSURE: Final = 100
OF_LITTLE: Final = (
    f"It is a rate of fewer than {LEAST_EXPOSURE} at some point. From it the numbers behind it could be worked out."
)
COUNTS_TO: Final = 5
FIGURES: Final = 2
OF_FEW: Final = f"Fewer than two of its points are of {LEAST} people or more."
FEWEST: Final = 2
WITHOUT_DENOMINATORS: Final = {Kind.P: Kind.XMR, Kind.U: Kind.XMR}


SAID: Final = ("definition", "numerator", "denominator", "sampling", "often")
"""What is told of a measure beside its chart: all the words that somebody gets who starts from it."""
ROUNDED: Final = (
    "Shares are told to the nearest 5%, and a period of fewer than 10 people is left open, so that nobody can be known "
    "by them. What the chart says rests on these figures."
)
TO_FIVE: Final = (
    "Counts are told to the nearest 5, so that nobody can be known by them. What the chart says rests on these figures."
)
TWO_FIGURES: Final = (
    "Rates are told with 2 figures, so that nobody can be known by them. What the chart says rests on these figures."
)
HOW_TOLD: Final = {Counted.PROPORTION: ROUNDED, Counted.COUNT: TO_FIVE, Counted.RATE: TWO_FIGURES}
NOT_WHY: Final = "A signal says that something is different, not why."


class NotForThePublic(Exception):
    """A measure has no chart that the public could be shown; `str()` says why."""


def for_the_public(charted: Charted) -> Reckoned:
    """Return the chart of a measure as anybody may see it. Raises NotForThePublic."""
    if charted.found is None:
        raise NotForThePublic(charted.why_not or "It has no points yet.")
    measure, series = charted.measure, charted.found.series
    if measure.counted in {Counted.COUNT, Counted.RATE} and any(0 <= each < LEAST for each in _counts(series)):
        raise NotForThePublic(SMALL)
    if measure.counted == Counted.RATE and any(
        point.denominator is not None and point.denominator < LEAST_EXPOSURE for point in series.points
    ):
        raise NotForThePublic(OF_LITTLE)
    points = tuple(Point(point.day, _told(point, measure.counted)) for point in series.points)
    if sum(point.value is not None for point in points) < FEWEST:
        raise NotForThePublic(OF_FEW)
    kind = WITHOUT_DENOMINATORS.get(series.kind, series.kind)
    shown = replace(series, kind=kind, points=points, unit=measure.shown_unit, rebase=_rebase(series, points), per=1)
    try:
        return reckon(shown)
    except SeriesRefused as refused:
        raise NotForThePublic(str(refused)) from refused


def _counts(series: Series) -> Iterator[float]:
    """Yield the numbers of a count or a rate, its denominators among them."""
    for point in series.points:
        numbers = (point.value,) if point.denominator is None else (point.numerator, point.denominator)
        yield from (float(number) for number in numbers if number is not None)


def _told(point: Point, counted: str) -> float | None:
    if counted == Counted.COUNT:
        return None if point.value is None else float(COUNTS_TO * floor(float(point.value) / COUNTS_TO + 0.5))
    if counted == Counted.RATE:
        return None if point.value is None else float(f"{point.value:.{FIGURES}g}")
    if counted == Counted.VALUE:
        return None if point.value is None else float(point.value)
    if point.numerator is None or point.denominator is None:
        return None
    share = small_numbers.share(int(float(point.numerator)), int(float(point.denominator)))
    return None if share is None else float(share)


def _rebase(series: Series, points: Sequence[Point]) -> tuple[Rebase, ...]:
    """Return where new limits begin: with the first point from there on that has a figure that is told."""
    return tuple(phases(points, [(series.points[each.at].day, each.reason) for each in series.rebase]))


def frozen(charted: Charted) -> dict[str, Any]:
    """Return all that a measure's public chart is drawn from, as JSON holds it. Raises NotForThePublic."""
    series = for_the_public(charted).series
    return {
        "definition": {name: _plain(getattr(charted.measure, name)) for name in DEFINITION},
        "series": {
            "kind": series.kind.value,
            "unit": series.unit,
            "direction": series.direction.value,
            "target": series.target,
            "rules": series.rules,
            "baseline": series.baseline,
            "screen": series.screen,
            "points": [[point.day.isoformat(), point.value] for point in series.points],
            "rebase": [[each.at, each.reason] for each in series.rebase],
            "marks": [[mark.day.isoformat(), mark.text, mark.kind.value] for mark in series.marks],
        },
    }


def series_of(shown: Mapping[str, Any]) -> Series:
    """Return the series of a chart that was frozen."""
    kept = shown["series"]
    return Series(
        title=shown["definition"]["name"],
        kind=Kind(kept["kind"]),
        points=tuple(Point(date.fromisoformat(day), value) for day, value in kept["points"]),
        unit=kept["unit"],
        direction=Direction(kept["direction"]),
        target=kept["target"],
        rules=kept["rules"],
        baseline=kept["baseline"],
        rebase=tuple(Rebase(at, reason) for at, reason in kept["rebase"]),
        screen=kept["screen"],
        marks=tuple(Mark(date.fromisoformat(day), text, MarkKind(kind)) for day, text, kind in kept["marks"]),
    )


def definition_of(shown: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was measured, as the fields of a measure: without a point, and without anybody's name."""
    kept = dict(shown["definition"])
    target = kept["target"]
    return {**kept, "target": None if target is None else Decimal(target)}


def measure_of(shown: Mapping[str, Any]) -> Measure:
    """Return a measure, which is not saved, as it was when its chart was frozen."""
    return Measure(**definition_of(shown))


def said_of(measure: Measure) -> list[tuple[str, str]]:
    """Return what the public is told of a measure: label and words."""
    return [(label(Measure, name), words) for name in SAID if (words := said(measure, name))]


def borne_in_mind(measure: Measure) -> list[str]:
    """Return what is to be borne in mind of a measure's chart, as the public is shown it."""
    return [*filter(None, [HOW_TOLD.get(Counted(measure.counted))]), NOT_WHY]


def _plain(value: Any) -> Any:
    return format(value.normalize(), "f") if isinstance(value, Decimal) else value


def frozen_diagram(diagram: Diagram) -> dict[str, Any] | None:
    """Return a driver diagram as JSON holds it; None for one without boxes."""
    if not diagram.boxes:
        return None
    return {
        "boxes": [[box.key, int(box.level), box.text] for box in diagram.boxes.values()],
        "links": sorted(map(list, diagram.links)),
    }


def diagram_of(kept: Mapping[str, Any]) -> Diagram:
    """Return a driver diagram that was frozen."""
    boxes = (Box(key, Level(level), text) for key, level, text in kept["boxes"])
    return arrange(boxes, ((upper, lower) for upper, lower in kept["links"]))
