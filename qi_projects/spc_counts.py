"""Control charts of counts: P (a proportion), C (a count), U (a rate). `qi_projects.spc` is the door to them.

Their variation follows from the mean by the binomial and the Poisson distribution, so no moving range is needed.
Source: M. A. Mohammed, P. Worthington and W. H. Woodall, Plotting basic control charts: tutorial notes for healthcare
practitioners, Quality and Safety in Health Care 2008;17:137-145.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import fsum, inf, isfinite, sqrt
from typing import Final

from qi_projects.spc_rules import EQUAL, Signal, flagged, lines_between_zones, steps_of, zone
from qi_projects.spc_series import (
    Chart,
    Flags,
    Number,
    Phase,
    counts_of,
    end_of_baseline,
    measured,
    phases_of,
    rule_set,
    with_gaps,
)

EXPECTED: Final = 5
"""Limits are rough where fewer events are to be expected of a point, or in a P chart fewer without the event."""
Counts = list[tuple[float, float]]


def p(
    numerators: Sequence[Number | None],
    denominators: Sequence[Number | None],
    *,
    rules: str = "nhs_mdc",
    baseline: int | None = None,
    rebase: Sequence[int] = (),
) -> Chart:
    """Return the chart of a proportion: so many of so many. Raises SeriesRefused.

    Values, mean and limits are shares of 1. Limits are mean ± 3 √(mean (1 - mean) / denominator), from 0 to 1.
    """
    counts = counts_of(numerators, denominators, of_persons=True)
    return _chart("p", counts, lambda mean: mean * (1 - mean), 1.0, rules, baseline, rebase)


def c(
    counts: Sequence[Number | None],
    *,
    rules: str = "nhs_mdc",
    baseline: int | None = None,
    rebase: Sequence[int] = (),
) -> Chart:
    """Return the chart of counts of events, where as many could happen in each period. Raises SeriesRefused.

    Limits are mean ± 3 √mean, from 0.
    """
    pairs = counts_of(counts, [1] * len(counts), of_persons=False)
    return _chart("c", pairs, lambda mean: mean, inf, rules, baseline, rebase)


def u(
    numerators: Sequence[Number | None],
    denominators: Sequence[Number | None],
    *,
    rules: str = "nhs_mdc",
    baseline: int | None = None,
    rebase: Sequence[int] = (),
) -> Chart:
    """Return the chart of a rate: so many events in so much exposure, such as bed days. Raises SeriesRefused.

    Limits are mean ± 3 √(mean / denominator), from 0.
    """
    counts = counts_of(numerators, denominators, of_persons=False)
    return _chart("u", counts, lambda mean: mean, inf, rules, baseline, rebase)


def _chart(
    kind: str,
    counts: Counts,
    variance: Callable[[float], float],
    most: float,
    rules: str,
    baseline: int | None,
    rebase: Sequence[int],
) -> Chart:
    """Reckon a chart; `variance` is that of one unit of the denominator, `most` the largest value there can be."""
    values = [count / of for count, of in counts]
    chosen = rule_set(rules)
    phases: list[Phase] = []
    flags: list[Flags] = []
    limits: list[tuple[float, float] | None] = []
    signals: list[Signal] = []
    small: list[int] = []
    for start, stop in phases_of(values, baseline, rebase):
        part, part_values = counts[start:stop], values[start:stop]
        base = part[: end_of_baseline(part_values, baseline)]
        mean = fsum(measured(count for count, _ in base)) / fsum(measured(of for _, of in base))
        sigmas = [sqrt(variance(mean) / of) for _, of in part]
        limits += [_limits(mean, sigma, most) for sigma in sigmas]
        small += [at for at, (_, of) in enumerate(part, start) if of * min(mean, most - mean) < EXPECTED * (1 - EQUAL)]
        zones, steps = _zones(part_values, mean, sigmas), steps_of(part_values)
        of_points, of_phase = flagged(zones, steps, chosen.rules, spread=variance(mean) > 0, start=start)
        flags += of_points
        signals += of_phase
        lower, upper = next(each for each in reversed(limits) if each)
        phases.append(Phase(start, stop, mean, lower, upper, None, len(measured(of for _, of in base))))
    return Chart(
        kind=kind,
        rules=chosen,
        values=with_gaps(values),
        phases=tuple(phases),
        flags=tuple(flags),
        limits=tuple(limits),
        signals=tuple(signals),
        small=tuple(small),
    )


def _limits(mean: float, sigma: float, most: float) -> tuple[float, float] | None:
    return (max(mean - 3 * sigma, 0.0), min(mean + 3 * sigma, most)) if isfinite(sigma) else None


def _zones(values: Sequence[float], mean: float, sigmas: Sequence[float]) -> str:
    """Return the zone of each point, between lines of its own; equal denominators in a row share theirs."""
    magnitude = max(measured(values))

    @lru_cache(maxsize=1)
    def lines(sigma: float) -> list[float]:
        return lines_between_zones(mean, sigma, magnitude)

    return "".join([zone(value, lines(sigma)) for value, sigma in zip(values, sigmas, strict=True)])
