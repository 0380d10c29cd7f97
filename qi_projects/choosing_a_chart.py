"""Which chart to choose, in plain words, from what each point is and how many there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from qi_projects.measuring import CHARTS
from qi_projects.models import Measure

Chart, Counted = Measure.Chart, Measure.Counted
ENOUGH: Final = 13
"""From so many points on limits are no longer trial limits (docs/qi-methods.md)."""

SAYS: Final[Mapping[str, str]] = {
    Chart.RUN: "Your points and their median. Right for a start, with any measure.",
    Chart.XMR: "One figure for each period, with limits from how much it changes from one to the next.",
    Chart.P: "A share of people or things, with limits that are wider where the denominator is small.",
    Chart.C: "How often something happened, where as many could happen in each period.",
    Chart.U: "How often something happened, for so many days, births or visits.",
}
BECAUSE: Final[Mapping[str, str]] = {
    Counted.VALUE: "each of your points is one figure",
    Counted.COUNT: "you count how often something happened",
    Counted.PROPORTION: "you count how many out of how many",
    Counted.RATE: "you count how often something happened in so many days, births or visits",
}


@dataclass(frozen=True, slots=True)
class Advice:
    """The chart that fits, and why: what follows on “We suggest”."""

    chart: str
    why: str


def recommend(counted: str, points: int) -> Advice:
    """Return which chart fits what is counted, with so many points."""
    best = CHARTS[counted][1]
    name = Chart(best).label
    if points < ENOUGH:
        return Advice(
            Chart.RUN,
            f"a run chart until you have {ENOUGH} points, and the {name} from then on, because {BECAUSE[counted]}.",
        )
    return Advice(best, f"the {name}, because {BECAUSE[counted]}, and you have {ENOUGH} points or more.")
