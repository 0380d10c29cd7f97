"""What a measure shows now. One decision, from which come the icon on its chart and what the portfolio keeps of it.

Source: NHS England, Making Data Count, Strengthening your decisions ("Using summary icons"): an icon says what is so
now, by the last point. How many points that takes, and what a run chart says, is ours: `docs/qi-methods.md`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from qi_projects.spc import Direction, Run, Variation, variation, variation_of
from qi_projects.spc_series import FIRM, Chart

ENOUGH: Final = FIRM
"""From so many points on in its latest phase a control chart says something: as many as make limits firm."""
ENOUGH_FOR_A_RUN: Final = 10
"""From so many points off the median on a run chart says something: the tables of its rules begin there."""


class Shows(StrEnum):
    """What a measure shows now."""

    IMPROVING = "improving"
    WORSENING = "worsening"
    CHANGED = "changed"
    STEADY = "steady"
    TOO_FEW = "too_few"


def latest(found: Chart | Run, direction: Direction | str) -> Variation | None:
    """Return what a chart says now of a measure that is to go in `direction`; None while it has too few points."""
    if isinstance(found, Run):
        points = sum(value is not None for value in found.values)
        # Where all points lie on the median, there is nothing to be found, and they are many enough to say so.
        enough = found.useful or points
        return _of_run(found, direction) if enough >= ENOUGH_FOR_A_RUN else None
    phase = found.phases[-1]
    points = sum(value is not None for value in found.values[phase.start : phase.stop])
    return variation(found, direction) if points >= ENOUGH else None


def _of_run(run: Run, direction: Direction | str) -> Variation:
    """Return what the last point off the median says: that a long run goes on, or that crossings are too few.

    Too few crossings are a signal of the whole chart, and say nothing of better or worse.
    """
    at = run.last_useful
    if at is None:
        return Variation.COMMON
    if run.flags[at]:
        return reading_of_run(run, at, direction)
    few = run.crossings < run.crossings_min
    return reading_of_run(run, at, Direction.NEITHER) if few else Variation.COMMON


def reading_of_run(run: Run, at: int, direction: Direction | str) -> Variation:
    """Return what a signal says at a point of a run chart that is off the median."""
    value = run.values[at]
    return variation_of("high" if value is not None and value > run.median else "low", direction)


def shows(icon: Variation | None) -> Shows:
    """Return what a measure shows whose chart says so now."""
    return Shows.TOO_FEW if icon is None else _SHOWS[icon]


_SHOWS: Final[Mapping[Variation, Shows]] = {
    Variation.COMMON: Shows.STEADY,
    Variation.IMPROVEMENT_HIGH: Shows.IMPROVING,
    Variation.IMPROVEMENT_LOW: Shows.IMPROVING,
    Variation.CONCERN_HIGH: Shows.WORSENING,
    Variation.CONCERN_LOW: Shows.WORSENING,
    Variation.NEITHER_HIGH: Shows.CHANGED,
    Variation.NEITHER_LOW: Shows.CHANGED,
}
