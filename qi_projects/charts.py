"""Charts of a measure: what goes into one, and what is to be drawn, tabled and said of it.

A `Series` says all that a chart depends on, apart from any database. `reckon` turns it into a `Reckoned`, from which
`chart_drawing` draws the picture, `chart_words` says it in words, and `chart_table` makes its table and file, so that
the three cannot disagree.

All figures of a Reckoned are in the unit that people read: a P chart in per cent, a U chart per so many of the
denominator.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from sys import float_info
from typing import Final

from qi_projects import spc, spc_shows
from qi_projects.chart_scales import scale_of
from qi_projects.spc import Assurance, Chart, Direction, Phase, Run, Variation
from qi_projects.spc_series import LEAST_BASELINE, Number
from qi_projects.spc_shows import Shows

PER_CENT: Final = 100
MOST_DECIMALS: Final = 6


class Kind(StrEnum):
    """Which chart is drawn."""

    RUN = "run"
    XMR = "xmr"
    P = "p"
    C = "c"
    U = "u"


@dataclass(frozen=True, slots=True)
class Point:
    """A period: its value, or for P and U charts its counts, and what is to be known of it. Without either, a gap."""

    day: date
    value: Number | None = None
    numerator: Number | None = None
    denominator: Number | None = None
    note: str = ""


class MarkKind(StrEnum):
    """What stands beside the figures on a chart."""

    NOTE = "note"
    CYCLE = "cycle"
    REBASE = "rebase"


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened on a day: an event, or a PDSA cycle that began."""

    day: date
    text: str
    kind: MarkKind = MarkKind.NOTE


@dataclass(frozen=True, slots=True)
class Rebase:
    """Somebody's decision that a new phase begins with the point `at` (its 0-based index), and why."""

    at: int
    reason: str


@dataclass(frozen=True, slots=True)
class Series:
    """All that a chart depends on. Points are in the order in which they are drawn, one step apart from one another.

    `unit` is what a value is in ("minutes", "%"); a P chart is in per cent whatever it says, and a U chart counts
    events `per` so many of the denominator. `target` is in the unit that the chart shows: 90 for 90%. `baseline` is how
    many points limits are to rest on in each phase, and may be more than there are yet.
    """

    title: str
    kind: Kind
    points: Sequence[Point]
    unit: str = ""
    per: int = 1
    direction: Direction = Direction.NEITHER
    target: float | None = None
    rules: str = "nhs_mdc"
    baseline: int | None = None
    rebase: Sequence[Rebase] = ()
    screen: bool = True
    marks: Sequence[Mark] = ()

    @property
    def shown_unit(self) -> str:
        """Return the unit on the axis."""
        return "%" if self.kind is Kind.P else self.unit


@dataclass(frozen=True, slots=True)
class Flag:
    """A mark with the number by which it is explained, over the point `at`."""

    number: int
    at: int
    day: date
    text: str
    kind: MarkKind


@dataclass(frozen=True)
class Reckoned:
    """A series with what was found in it."""

    series: Series
    found: Chart | Run
    baseline: int | None

    @property
    def times(self) -> int:
        """Return by how much a figure of `found` is smaller than what is shown."""
        return PER_CENT if self.series.kind is Kind.P else self.series.per if self.series.kind is Kind.U else 1

    def shown(self, figure: float) -> float:
        """Return a figure of `found` in the unit that is shown."""
        return max(-float_info.max, min(figure * self.times, float_info.max))

    @cached_property
    def values(self) -> list[float | None]:
        """Return what is drawn for each point; None for a gap."""
        return [None if value is None else self.shown(value) for value in self.found.values]

    @cached_property
    def decimals(self) -> int:
        """Return how many decimals are said of a figure: one more than the lines of the axis have."""
        figures = [value for value in self.values if value is not None]
        return min(scale_of(figures, per_cent=self.series.shown_unit == "%").decimals + 1, MOST_DECIMALS)

    @property
    def phases(self) -> tuple[Phase, ...]:
        """Return the phases of a control chart; a run chart has none."""
        return self.found.phases if isinstance(self.found, Chart) else ()

    @cached_property
    def centres(self) -> list[float]:
        """Return the mean of each point's phase, or the median."""
        if isinstance(self.found, Run):
            return [self.shown(self.found.median)] * len(self.values)
        return [self.shown(phase.mean) for phase in self.phases for _ in range(phase.start, phase.stop)]

    @cached_property
    def limits(self) -> list[tuple[float, float] | None]:
        """Return the limits of each point, lower first; None where there are none."""
        if isinstance(self.found, Run):
            return [None] * len(self.values)
        return [limits and (self.shown(limits[0]), self.shown(limits[1])) for limits in self.found.limits]

    @cached_property
    def readings(self) -> list[Variation]:
        """Return what each point says of the measure. A signal that has no direction is one that is neither."""
        direction = self.series.direction
        if isinstance(self.found, Chart):
            chart = self.found
            sides = [spc.side(chart, at) if flags else "" for at, flags in enumerate(chart.flags)]
            return [
                Variation.NEITHER_HIGH if flags and not side else spc.variation_of(side, direction)
                for flags, side in zip(chart.flags, sides, strict=True)
            ]
        run = self.found
        return [
            spc_shows.reading_of_run(run, at, direction) if flags else Variation.COMMON
            for at, flags in enumerate(run.flags)
        ]

    @cached_property
    def _latest(self) -> Variation | None:
        return spc_shows.latest(self.found, self.series.direction)

    @property
    def shows(self) -> Shows:
        """Return what the measure shows now."""
        return spc_shows.shows(self._latest)

    @property
    def variation(self) -> Variation | None:
        """Return the icon of variation; a run chart has none, nor has one of too few points."""
        return self._latest if isinstance(self.found, Chart) else None

    @property
    def assurance(self) -> Assurance | None:
        """Return the icon of assurance, where there are a target and limits to hold it against."""
        target = self.series.target
        if target is None or isinstance(self.found, Run):
            return None
        return spc.assurance(self.found, self.series.direction, target / self.times)

    @cached_property
    def flags(self) -> list[Flag]:
        """Return what happened, numbered from left to right: each over the last point that is not after it.

        A point has the day on which its period begins, so that is the period in which it happened.
        """
        points = self.series.points
        found = [(rebase.at, points[rebase.at].day, rebase.reason, MarkKind.REBASE) for rebase in self.series.rebase]
        found += [(at, point.day, point.note, MarkKind.NOTE) for at, point in enumerate(points) if point.note]
        marks = sorted(self.series.marks, key=lambda mark: mark.day)
        at = 0
        for mark in marks:
            while at < len(points) - 1 and points[at + 1].day <= mark.day:
                at += 1
            found.append((at, mark.day, mark.text, mark.kind))
        found.sort(key=lambda each: each[:2])
        return [Flag(number, *each) for number, each in enumerate(found, 1)]

    @cached_property
    def moving_ranges(self) -> list[float | None]:
        """Return each point's difference from the one before it in its phase; None for the first and beside a gap."""
        ranges: list[float | None] = [None]
        for before, after in pairwise(self.values):
            ranges.append(
                None if before is None or after is None else min(abs(after / 2 - before / 2) * 2, float_info.max)
            )
        for phase in self.phases:
            ranges[phase.start] = None
        return ranges


def reckon(series: Series) -> Reckoned:
    """Reckon a chart. Raises SeriesRefused, which says in a sentence why a series cannot be."""
    numerators = [point.numerator for point in series.points]
    denominators = [point.denominator for point in series.points]
    values = [point.value for point in series.points]
    baseline = _baseline(series)
    rebase = [each.at for each in series.rebase]
    match series.kind:
        case Kind.RUN:
            return Reckoned(series, spc.run(values, baseline=baseline), baseline)
        case Kind.XMR:
            found = spc.xmr(values, rules=series.rules, baseline=baseline, rebase=rebase, screen=series.screen)
        case Kind.P:
            found = spc.p(numerators, denominators, rules=series.rules, baseline=baseline, rebase=rebase)
        case Kind.C:
            found = spc.c(values, rules=series.rules, baseline=baseline, rebase=rebase)
        case Kind.U:
            found = spc.u(numerators, denominators, rules=series.rules, baseline=baseline, rebase=rebase)
    return Reckoned(series, found, baseline)


def _baseline(series: Series) -> int | None:
    """Return the baseline, or None while there are not yet as many points: until then limits rest on all there are."""
    if series.baseline is None or series.baseline < LEAST_BASELINE:
        return series.baseline
    counted = series.kind in (Kind.P, Kind.U)
    there = sum(
        (point.numerator is not None and point.denominator is not None) if counted else point.value is not None
        for point in series.points
    )
    return series.baseline if series.baseline <= there else None
