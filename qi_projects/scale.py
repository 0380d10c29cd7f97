"""The scale of 0.5 to 5 on which people say how far a project has come, with what each step asks to see.

It follows the Assessment Scale for Collaboratives of the Institute for Healthcare Improvement (IHI), of which the steps
are told here in words of our own (docs/qi-coach.md). Nothing here advances anything. Pure: no Django.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it is called, what is so by then, and what shows it."""

    score: Decimal
    name: str
    means: str
    shown_by: str

    def __str__(self) -> str:
        return f"{self.score} {self.name}"

    @property
    def prompt(self) -> str:
        """Return what helps somebody to choose: what is so by then, and what shows it."""
        return f"{self.means} What shows it: {self.shown_by[0].lower()}{self.shown_by[1:]}"


def _step(score: str, name: str, means: str, shown_by: str) -> Step:
    return Step(Decimal(score), name, means, shown_by)


STEPS: Final[Sequence[Step]] = (
    _step(
        "0.5",
        "We mean to do it",
        "Somebody has an idea of what should change. There is no aim and no team yet.",
        "What you have noticed, and who else has.",
    ),
    _step(
        "1.0",
        "Aim and team agreed",
        "The aim is written down and somebody has looked at it with you. People have said that they take part.",
        "The aim, who is in the team, and who has said yes.",
    ),
    _step(
        "1.5",
        "Planning has begun",
        "You know where you begin, what you will need, and when the team meets.",
        "Dates of meetings, and a first list of ideas and of what you need.",
    ),
    _step(
        "2.0",
        "Learning, without a change yet",
        "The team looks at how things are done now: it asks, it watches, it counts. Nothing has been changed yet.",
        "What you measure, and some figures of how things were at the start.",
    ),
    _step(
        "2.5",
        "Changes tested, no improvement yet",
        "First changes are tried on a small scale. Most of what you aim for has a measure that is drawn over time.",
        "A cycle that was done and studied, and a chart with its target.",
    ),
    _step(
        "3.0",
        "Modest improvement",
        "Some tests went well, and a first change is in use in one place. There are signs that it helps.",
        "What people say, or the first points on a chart; about a fifth of the way to the aim.",
    ),
    _step(
        "3.5",
        "Improvement",
        "Testing goes on, more of the changes are in use, and the measures begin to move.",
        "A chart that begins to move the right way; about half of the way to the aim.",
    ),
    _step(
        "4.0",
        "Significant improvement",
        "Most changes are in use where the project began, and the figures have moved for good.",
        "A signal of improvement in a main measure, and a plan for spreading it.",
    ),
    _step(
        "4.5",
        "Improvement that lasts",
        "The improvement has held, and what made it is part of how the work is done, also for new colleagues.",
        "A measure that has held its new level, and who looks after it now.",
    ),
    _step(
        "5.0",
        "Outstanding results that last",
        "Every aim is met, it holds, and other places have taken it up.",
        "Measures at their targets over time, and where else it is used.",
    ),
)
_BY_SCORE: Final = {step.score: step for step in STEPS}


def step(score: Decimal) -> Step:
    """Return the step of a score. Raises KeyError for what is no step."""
    return _BY_SCORE[score]
