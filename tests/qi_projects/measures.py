"""What tests of measures are made of: measures and their points, by their verbs."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from qi_projects import entering, measuring
from qi_projects.models import Measure, Project
from qi_projects.readings import Reading
from tests.qi_projects.making import lead_of, make_active

MONDAY = date(2026, 1, 5)


def make_measure(project: Project | None = None, **given: Any) -> Measure:
    """Say what a project measures: minutes each week, unless `given` says otherwise."""
    project = project or make_active()
    counted = given.get("counted", Measure.Counted.VALUE)
    fields: dict[str, Any] = {
        "name": "Minutes to an answer",
        "kind": Measure.Kind.OUTCOME,
        "counted": counted,
        "often": Measure.Often.WEEK,
        "direction": Measure.Direction.LOWER,
        "unit": "minutes" if counted == Measure.Counted.VALUE else "",
    }
    return measuring.begin(project, fields | given, by=lead_of(project))


def weeks(figures: Sequence[Any], first: date = MONDAY) -> list[Reading]:
    """Return a reading for each week: of a number, of a pair of numbers, or of None."""
    found = []
    for at, figure in enumerate(figures):
        day = first + timedelta(weeks=at)
        if isinstance(figure, tuple):
            found.append(Reading(day, numerator=Decimal(figure[0]), denominator=Decimal(figure[1])))
        else:
            found.append(Reading(day, value=None if figure is None else Decimal(str(figure))))
    return found


def enter(measure: Measure, figures: Sequence[Any], first: date = MONDAY) -> None:
    """Enter a figure for each week."""
    readings = weeks(figures, first)
    mark = entering.plan(measure, readings).mark
    entering.enter_all(measure, readings, agreed=mark, by=lead_of(measure.project))


def as_pasted(readings: Sequence[Reading]) -> str:
    """Return readings as somebody would paste them."""
    return "\n".join(f"{each.day:%d/%m/%Y}\t{each.value if each.value is not None else 'n/a'}" for each in readings)
