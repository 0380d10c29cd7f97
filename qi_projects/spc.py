"""Statistical process control: what in a series over time is its usual variation, and what is a signal of change.

Pure Python on plain numbers. `xmr` reckons the chart of single values, `p`, `c` and `u` those of counts, `run` a run
chart; `variation` and `assurance` sum a chart up as the icons of Making Data Count do. Each door takes a whole series
in its order; None is a period that was not measured. What cannot be reckoned is refused with a SeriesRefused, whose
sentence counts points from 1, as people do. All that is returned counts from 0.

Each phase is reckoned from its own points alone. What is missing is evidence of nothing: in a control chart no moving
range, trend, shift or other pattern crosses a gap. A run chart passes a gap over: its rules count the points there are.

Formulas, rules, edges and sources in words: `docs/qi-methods.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise
from math import copysign, frexp, fsum, inf, isclose, isnan, ldexp
from statistics import median_high, median_low
from sys import float_info
from typing import Final

from qi_projects.spc_counts import c, p, u
from qi_projects.spc_icons import Assurance, Direction, Variation, assurance, reading, side, variation, variation_of
from qi_projects.spc_rules import EQUAL, ROUNDING, RuleSet, Signal, flagged, lines_between_zones, steps_of, zone
from qi_projects.spc_series import (
    Chart,
    Flags,
    Number,
    Phase,
    SeriesRefused,
    end_of_baseline,
    measured,
    numbers_of,
    phases_of,
    rule_set,
    with_gaps,
)

__all__ = [
    "Assurance",
    "Chart",
    "Direction",
    "Phase",
    "Run",
    "SeriesRefused",
    "Signal",
    "Variation",
    "assurance",
    "c",
    "p",
    "reading",
    "run",
    "side",
    "u",
    "variation",
    "variation_of",
    "xmr",
]

LIMITS: Final = 2.66
"""Three sigma of single values, in the mean of their moving ranges: 3 / 1.128."""
SCREENED: Final = 3.267
"""The upper limit of moving ranges, in their mean. From here on one is left out of the mean, once (Nelson 1982)."""
RARE: Final = 0.05
"""So seldom, or more seldom, chance alone gives as few crossings as are a signal."""


def xmr(
    values: Sequence[Number | None],
    *,
    rules: str = "nhs_mdc",
    baseline: int | None = None,
    rebase: Sequence[int] = (),
    screen: bool = True,
) -> Chart:
    """Return the chart of single values (XmR, or I chart). Raises SeriesRefused.

    Limits are mean ± 2.66 mean moving ranges. In each phase they rest on the first `baseline` points that have a value,
    or on all where it has fewer. `rebase` holds the index of the first point of each new phase. With `screen`, moving
    ranges of 3.267 times their mean or more are left out of it, once.
    """
    numbers = numbers_of(values)
    chosen = rule_set(rules)
    phases: list[Phase] = []
    flags: list[Flags] = []
    limits: list[tuple[float, float] | None] = []
    signals: list[Signal] = []
    for start, stop in phases_of(numbers, baseline, rebase):
        phase, of_points, of_phase = _xmr_phase(numbers[start:stop], start, chosen, baseline, screen=screen)
        phases.append(phase)
        flags += of_points
        signals += of_phase
        limits += [(phase.lower, phase.upper)] * (stop - start)
    return Chart(
        kind="xmr",
        rules=chosen,
        values=with_gaps(numbers),
        phases=tuple(phases),
        flags=tuple(flags),
        limits=tuple(limits),
        signals=tuple(signals),
    )


def _xmr_phase(
    values: Sequence[float], start: int, chosen: RuleSet, baseline: int | None, *, screen: bool
) -> tuple[Phase, list[Flags], list[Signal]]:
    # Reckoned with all values between -1 and 1: they are a power of two away, which changes no digit, and so neither
    # a sum nor a limit is too large for a float.
    magnitude, exponent = frexp(max(map(abs, measured(values))))
    values = [ldexp(value, -exponent) for value in values]
    base = values[: end_of_baseline(values, baseline)]
    points = measured(base)
    mean = fsum(points) / len(points)
    ranges = measured([abs(after - before) for before, after in pairwise(base)])
    mean_range = fsum(ranges) / len(ranges) if ranges else 0.0
    kept = ranges
    if screen and mean_range:
        kept = [each for each in ranges if each * (1 + EQUAL) < SCREENED * mean_range]
        mean_range = fsum(kept) / len(kept)
    spread = LIMITS * mean_range
    # Without a single moving range there are no limits, and nothing lies outside them.
    sigma = spread / 3 if ranges else inf
    lines = lines_between_zones(mean, sigma, magnitude)
    zones = "".join([zone(value, lines) for value in values])
    flags, signals = flagged(zones, steps_of(values), chosen.rules, spread=sigma > ROUNDING * magnitude, start=start)
    phase = Phase(
        start=start,
        stop=start + len(values),
        mean=_unscaled(mean, exponent),
        lower=_unscaled(mean - spread, exponent),
        upper=_unscaled(mean + spread, exponent),
        mean_range=_unscaled(mean_range, exponent),
        points=len(points),
        screened=len(ranges) - len(kept),
    )
    return phase, flags, signals


def _unscaled(number: float, exponent: int) -> float:
    """Return a number in the series' own scale; a limit beyond the largest float is that, and no value is beyond it."""
    try:
        return ldexp(number, exponent)
    except OverflowError:
        return copysign(float_info.max, number)


@dataclass(frozen=True, slots=True)
class Run:
    """A run chart. `useful` points are off the median.

    `last_useful` is the index of the last of them. `flags` has "run" for each point of a run that is too long;
    `signals` has those runs.
    """

    median: float
    longest_run: int
    longest_run_max: int
    crossings: int
    crossings_min: int
    useful: int
    last_useful: int | None
    values: tuple[float | None, ...]
    flags: tuple[Flags, ...]
    signals: tuple[Signal, ...]

    @property
    def signal(self) -> bool:
        """Say whether the series varies otherwise than by chance."""
        return self.longest_run > self.longest_run_max or self.crossings < self.crossings_min


def run(values: Sequence[Number | None], *, baseline: int | None = None) -> Run:
    """Return the run chart of a series, about the median of its first `baseline` values, or of all.

    A run is of points on one side of the median, a crossing is between two runs; points on the median and gaps are
    passed over. It is a signal when the longest run is above round(log2 n) + 3, or crossings are below the smallest k
    with P(Binomial(n - 1, 1/2) <= k) >= 0.05, where n is the number of useful points: J. Anhøj and A. V. Olesen, Run
    charts revisited, PLoS ONE 2014;9(11):e113825. Raises SeriesRefused.
    """
    numbers = numbers_of(values)
    phases_of(numbers, baseline, ())
    centre = _median(measured(numbers)[:baseline])
    useful = [at for at, value in enumerate(numbers) if not (isnan(value) or isclose(value, centre, rel_tol=ROUNDING))]
    runs = [list(points) for _, points in groupby(useful, key=lambda at: numbers[at] > centre)]
    longest_max = _longest_run_max(len(useful))
    flags: list[Flags] = [()] * len(numbers)
    signals = []
    for points in (points for points in runs if len(points) > longest_max):
        signals.append(Signal("run", points[0], points[-1], len(points)))
        for at in points:
            flags[at] = ("run",)
    return Run(
        median=centre,
        longest_run=max(map(len, runs), default=0),
        longest_run_max=longest_max,
        crossings=max(len(runs) - 1, 0),
        crossings_min=_crossings_min(len(useful)),
        useful=len(useful),
        last_useful=useful[-1] if useful else None,
        values=with_gaps(numbers),
        flags=tuple(flags),
        signals=tuple(signals),
    )


def _median(values: Sequence[float]) -> float:
    """Return the middle value, or the mean of the two; neither are large ones added up, nor small ones halved."""
    low, high = median_low(values), median_high(values)
    return low / 2 + high / 2 if abs(low) > 1 else (low + high) / 2


def _longest_run_max(points: int) -> int:
    """Return round(log2 n) + 3 in whole numbers: n² has floor(2 log2 n) + 1 binary digits. No points are as one."""
    return (points * points).bit_length() // 2 + 3


@lru_cache(maxsize=1024)
def _crossings_min(points: int) -> int:
    """Return the smallest k with P(Binomial(points - 1, 1/2) <= k) >= 0.05.

    Chances are reckoned as shares of the largest, in the middle, from where they fall off within some √points; their
    sum is right to twelve digits. Smaller ones than 10^-20 of the largest change none of those.
    """
    trials = max(points - 1, 0)
    shares = [1.0]
    k = trials // 2
    while k > 0 and shares[-1] > 1e-20:
        shares.append(shares[-1] * k / (trials - k + 1))
        k -= 1
    rare = RARE * (2 * fsum(shares) - (0 if trials % 2 else 1))
    reached = 0.0
    for above, share in enumerate(reversed(shares)):
        reached += share
        if reached >= rare:
            return k + above
    raise AssertionError("The chances up to the middle are half of all or more.")
