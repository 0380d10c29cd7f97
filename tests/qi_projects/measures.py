"""What tests of measures are made of: measures and their points, by their verbs."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.test import Client

from qi_projects import entering, measuring
from qi_projects.models import Measure, Project
from qi_projects.readings import Reading
from tests.cohorts.pages import address
from tests.qi_projects.making import browser_of, lead_of, make_active

MONDAY = date(2026, 1, 5)
STEADY = [10 + number % 3 for number in range(15)]


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
    for number, figure in enumerate(figures):
        week = first + timedelta(weeks=number)
        if isinstance(figure, tuple):
            found.append(Reading(week, numerator=Decimal(figure[0]), denominator=Decimal(figure[1])))
        else:
            found.append(Reading(week, value=None if figure is None else Decimal(str(figure))))
    return found


def enter(measure: Measure, figures: Sequence[Any], first: date = MONDAY) -> None:
    """Enter a figure for each week."""
    readings = weeks(figures, first)
    mark = entering.plan(measure, readings).mark
    entering.enter_all(measure, readings, agreed=mark, by=lead_of(measure.project))


def as_pasted(readings: Sequence[Reading]) -> str:
    """Return readings as somebody would paste them."""
    return "\n".join(f"{each.day:%d/%m/%Y}\t{each.value if each.value is not None else 'n/a'}" for each in readings)


def at(name: str, measure: Measure, *more: object) -> str:
    """Return the address of a page of a measure."""
    return address(name, measure.project_id, measure.pk, *more)


def lead_browser(measure: Measure) -> Client:
    """Return the browser of who leads the project of a measure."""
    return browser_of(lead_of(measure.project))


def day(name: str, written: str) -> dict[str, str]:
    """Return what a form sends of a date, written as day, month and year."""
    return dict(zip((f"{name}_day", f"{name}_month", f"{name}_year"), written.split(), strict=True))
