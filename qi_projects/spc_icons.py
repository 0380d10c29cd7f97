"""The icons of Making Data Count: what a chart says of a measure that is to go one way, and of its target.

Source: NHS England, Making Data Count, Strengthening your decisions ("Using summary icons"); which rule decides as in
the NHS-R Community's NHSRplotthedots (its change 180 says why a trend goes by its direction).
"""

from bisect import bisect_right
from enum import StrEnum
from math import isclose

from qi_projects.spc_rules import EQUAL
from qi_projects.spc_series import Chart, Phase


class Direction(StrEnum):
    """Which way a measure is to go."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


class Variation(StrEnum):
    """What the last point says, as the variation icons of Making Data Count do."""

    COMMON = "common"
    IMPROVEMENT_HIGH = "improvement_high"
    IMPROVEMENT_LOW = "improvement_low"
    CONCERN_HIGH = "concern_high"
    CONCERN_LOW = "concern_low"
    NEITHER_HIGH = "neither_high"
    NEITHER_LOW = "neither_low"


class Assurance(StrEnum):
    """Whether the limits let a target be met, as the assurance icons of Making Data Count say it."""

    PASS = "pass"  # noqa: S105  # the name of an icon
    FAIL = "fail"
    HIT_OR_MISS = "hit_or_miss"


def side(chart: Chart, at: int) -> str:
    """Return which way the signal at a point goes: "high", "low", or "" where there is none or it has no direction.

    The first of its rules decides: a trend goes the way it moves, on whichever side of the mean; any other rule the way
    from the mean to the point. Fifteen points near the mean have no direction.
    """
    flags, value = chart.flags[at], chart.values[at]
    if value is None or not flags or flags[0] == "fifteen":
        return ""
    trend = _step(chart, at - 1) or _step(chart, at) if flags[0] == "trend" else 0.0
    return "high" if (trend or value - _phase(chart, at).mean) > 0 else "low"


def _step(chart: Chart, at: int) -> float:
    """Return by how much the point after `at` differs, where both are in one trend; else 0."""
    if at < 0 or at + 1 >= len(chart.values) or _phase(chart, at) is not _phase(chart, at + 1):
        return 0.0
    before, after = chart.values[at], chart.values[at + 1]
    if before is None or after is None or "trend" not in chart.flags[at]:
        return 0.0
    return after / 2 - before / 2  # no difference of two floats is too large by halves


def _phase(chart: Chart, at: int) -> Phase:
    return chart.phases[bisect_right(chart.phases, at, key=lambda phase: phase.start) - 1]


def reading(chart: Chart, at: int, direction: Direction | str) -> Variation:
    """Return what a point says about a measure that is to go in `direction`: "higher", "lower" or "neither"."""
    return variation_of(side(chart, at), direction)


def variation_of(went: str, direction: Direction | str) -> Variation:
    """Return what a signal says that goes "high" or "low"; "" is none."""
    wanted = Direction(direction)
    if not went:
        return Variation.COMMON
    if wanted is Direction.NEITHER:
        return Variation(f"neither_{went}")
    improves = (went == "high") is (wanted is Direction.HIGHER)
    return Variation(f"{'improvement' if improves else 'concern'}_{went}")


def variation(chart: Chart, direction: Direction | str) -> Variation:
    """Return what the last point that was measured says."""
    return reading(chart, max(at for at, value in enumerate(chart.values) if value is not None), direction)


def assurance(chart: Chart, direction: Direction | str, target: float | None) -> Assurance | None:
    """Return whether the limits of the last phase let the target be met; a target on a limit is inside.

    None without a target, for a measure that is to go neither way, and where the phase has no moving range, so that
    there are no limits. `target` is in the unit of the chart's values: a share of 1 in a P chart.
    """
    wanted, phase = Direction(direction), chart.phases[-1]
    if target is None or wanted is Direction.NEITHER or (phase.points == 1 and phase.mean_range is not None):
        return None
    if isclose(target, phase.lower, rel_tol=EQUAL) or isclose(target, phase.upper, rel_tol=EQUAL):
        return Assurance.HIT_OR_MISS
    if phase.lower <= target <= phase.upper:
        return Assurance.HIT_OR_MISS
    below = target < phase.lower
    return Assurance.PASS if below is (wanted is Direction.HIGHER) else Assurance.FAIL
