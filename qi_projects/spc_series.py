"""What goes into a chart of statistical process control, made sure of, and what comes out of it.

Inside, a gap is NaN, which passes through sums and comparisons by itself; outside it is None.
"""

import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice, pairwise
from math import isfinite, nan
from numbers import Real
from typing import Final

from qi_projects.spc_rules import RULE_SETS, RuleSet, Signal

Number = float | Decimal | Real
Flags = tuple[str, ...]

FIRM: Final = 13
"""Limits that rest on fewer points are trial limits."""
LEAST_BASELINE: Final = 2
LARGEST_COUNT: Final = 10**15
"""Whole numbers up to here are exact as floats, and so are their sums, near enough."""


class SeriesRefused(ValueError):
    """A series cannot be reckoned. What it says is a sentence for whoever entered it; points are counted from 1."""


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of a chart with limits of its own, from the point `start` up to and without the point `stop`.

    Its limits rest on `points` values. `mean_range` is the mean of their moving ranges without the `screened` ones, and
    None in charts of counts. Where limits differ from point to point (P and U charts), `lower` and `upper` are those of
    the last point that was measured; `Chart.limits` has all.
    """

    start: int
    stop: int
    mean: float
    lower: float
    upper: float
    mean_range: float | None
    points: int
    screened: int = 0

    @property
    def trial(self) -> bool:
        """Say whether its limits are trial limits, which rest on so few points that each new one may move them far."""
        return self.points < FIRM


@dataclass(frozen=True, slots=True)
class Chart:
    """A control chart. `values`, `flags` (names of rules) and `limits` (lower, upper) have one entry for each point.

    A gap has no value and, where limits depend on the denominator, no limits. `signals` are what the rules found, phase
    by phase. `small` has the indices of the points of
    which too few events are to be expected for limits that are more than rough.
    """

    kind: str
    rules: RuleSet
    values: tuple[float | None, ...]
    phases: tuple[Phase, ...]
    flags: tuple[Flags, ...]
    limits: tuple[tuple[float, float] | None, ...]
    signals: tuple[Signal, ...]
    small: tuple[int, ...] = ()

    @property
    def trial(self) -> bool:
        """Say whether the limits of any phase are trial limits."""
        return any(phase.trial for phase in self.phases)


def rule_set(name: str) -> RuleSet:
    """Return the rules of that name. Raises SeriesRefused."""
    if name not in RULE_SETS:
        raise SeriesRefused(f"There are no rules called {name!r}. There are: {', '.join(RULE_SETS)}.")
    return RULE_SETS[name]


def numbers_of(values: Sequence[Number | None]) -> list[float]:
    """Return the values as floats, gaps as NaN. Raises SeriesRefused: not a number, not finite, or none at all."""
    found = [
        value if type(value) is float and isfinite(value) else _number(value, at) for at, value in enumerate(values, 1)
    ]
    if not measured(found):
        raise SeriesRefused("There are no values yet.")
    return found


def _number(value: object, at: int) -> float:
    if value is None:
        return nan
    if isinstance(value, bool) or not isinstance(value, Real | Decimal):
        raise SeriesRefused(f"Point {at} is not a number.")
    try:
        number = float(value)
    except (OverflowError, ValueError):  # a whole number of 400 digits, a signalling NaN
        number = nan
    if not isfinite(number):
        raise SeriesRefused(f"Point {at} is not a finite number. Leave out what was not measured.")
    return number


def counts_of(
    numerators: Sequence[Number | None], denominators: Sequence[Number | None], *, of_persons: bool
) -> list[tuple[float, float]]:
    """Return the counts with what they are counted in; both are NaN where either is missing. Raises SeriesRefused.

    `of_persons` says that what is counted is part of the denominator, which is then a whole number and the larger.
    """
    if len(numerators) != len(denominators):
        raise SeriesRefused(f"There are {len(numerators)} numerators and {len(denominators)} denominators.")
    counts = []
    for at, (count, of) in enumerate(zip(numbers_of(numerators), numbers_of(denominators), strict=True), 1):
        if not (isfinite(count) and isfinite(of)):
            counts.append((nan, nan))
            continue
        _refuse_count(count, "numerator", at, whole=True)
        _refuse_count(of, "denominator", at, whole=of_persons)
        if of == 0:
            raise SeriesRefused(f"Point {at}: the denominator is 0. Leave both empty where there was nobody to count.")
        if of_persons and count > of:
            raise SeriesRefused(f"Point {at}: the numerator, {count:.15g}, is larger than the denominator, {of:.15g}.")
        counts.append((count, of))
    if not measured(of for _, of in counts):
        raise SeriesRefused("No point has both a numerator and a denominator yet.")
    return counts


def _refuse_count(count: float, name: str, at: int, *, whole: bool) -> None:
    if count < 0:
        raise SeriesRefused(f"Point {at}: the {name}, {count:.15g}, is below 0.")
    if count > LARGEST_COUNT:
        raise SeriesRefused(f"Point {at}: the {name} is too large to be a count.")
    if whole and not count.is_integer():
        raise SeriesRefused(f"Point {at}: the {name}, {count:.15g}, is not a whole number.")


def phases_of(values: Sequence[float], baseline: int | None, rebase: Sequence[int]) -> list[tuple[int, int]]:
    """Return where each phase starts and stops. Raises SeriesRefused for a baseline or a rebase that cannot be."""
    if baseline is not None:
        points = len(measured(values))
        if operator.index(baseline) < LEAST_BASELINE:
            raise SeriesRefused(f"A baseline needs at least {LEAST_BASELINE} points, and not {baseline}.")
        if baseline > points:
            raise SeriesRefused(f"The baseline is to be the first {baseline} points, and only {points} have a value.")
    starts = [0, *map(operator.index, rebase)]
    for before, start in pairwise(starts):
        if not 0 < start < len(values):
            raise SeriesRefused(
                f"A new phase cannot begin at point {start + 1}: it has to be one of points 2 to {len(values)}."
            )
        if start <= before:
            raise SeriesRefused(
                f"New phases have to be in order and each given once: point {start + 1} comes after point {before + 1}."
            )
    phases = list(pairwise([*starts, len(values)]))
    for start, stop in phases:
        if not measured(values[start:stop]):
            raise SeriesRefused(f"The phase from point {start + 1} to point {stop} has no values.")
    return phases


def end_of_baseline(values: Sequence[float], baseline: int | None) -> int:
    """Return how many entries of a phase hold its first `baseline` values: all of them, where it has fewer or None."""
    if baseline is None:
        return len(values)
    there = (index for index, value in enumerate(values, 1) if isfinite(value))
    return next(islice(there, baseline - 1, None), len(values))


def measured(values: Iterator[float] | Sequence[float]) -> list[float]:
    """Return the values without the gaps."""
    return [value for value in values if value == value]  # noqa: PLR0124  # NaN alone is not itself


def with_gaps(values: Sequence[float]) -> tuple[float | None, ...]:
    """Return the values with None for the gaps."""
    return tuple([value if value == value else None for value in values])  # noqa: PLR0124  # as above
