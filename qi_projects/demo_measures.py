"""What the demonstration's active project measures: a wait that became shorter, the share that was answered in time,
and what might have got worse. Made through the verbs, ending with the week before this one.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone

from portal.accounts.models import User
from qi_projects import annotating, entering, measuring
from qi_projects.models import Measure, Project
from qi_projects.readings import Reading

Chart, Counted, Direction, Kind, Often = (
    Measure.Chart,
    Measure.Counted,
    Measure.Direction,
    Measure.Kind,
    Measure.Often,
)
WAIT: Final = "Minutes from a request for pain relief to an answer"
IN_TIME: Final = "Requests answered within 15 minutes"
CALLS: Final = "Night calls to the anaesthetist that were not needed"

WEEKS: Final = 36
CHANGED_AFTER: Final = 17
"""So many weeks in, requests were first written on the board on all shifts."""
WAITS: Final = (
    *("31.5", "28", "34", "30.5", "36", "27.5", "33", "29", "35", "31", "26.5", "34.5", "32", "30", "37", "29.5", "33"),
    *("24", "22.5", "21", "17.5", "19", "16.5", "20", "", "18", "15.5", "19.5", "17", "14.5", "18.5", "16", "17.5"),
    *("15", "16.5", "14"),
)
ANSWERED: Final = (
    *((19, 41), (22, 45), (17, 38), (24, 47), (18, 36), (21, 44), (23, 42), (20, 43)),
    *((25, 44), (31, 46), (34, 45), (30, 39), (37, 48), (35, 43), (33, 40), (38, 45), (36, 42), (39, 44)),
)
CALLED: Final = (
    *(4, 2, 5, 3, 3, 6, 2, 4, 3, 5, 4, 2, 3, 5, 4, 3, 2, 4, 5, 3, 4, 2, 6, 3, 4, 5, 3, 2, 4, 3, 5, 4, 3, 4, 2, 4),
)

DEFINITIONS: Final[Sequence[dict[str, Any]]] = (
    {
        "name": WAIT,
        "kind": Kind.OUTCOME,
        "counted": Counted.VALUE,
        "often": Often.WEEK,
        "direction": Direction.LOWER,
        "unit": "minutes",
        "target": Decimal(15),
        "definition": "The median of the week, from the time that stands on the board to the time at which somebody "
        "told the woman what happens next. Read off the board at each handover.",
        "sampling": "Every request on the labour ward from Monday to Sunday, day and night.",
        "chart": Chart.XMR,
        "baseline": 12,
    },
    {
        "name": IN_TIME,
        "kind": Kind.PROCESS,
        "counted": Counted.PROPORTION,
        "often": Often.FORTNIGHT,
        "direction": Direction.HIGHER,
        "target": Decimal(90),
        "numerator": "requests that were answered within 15 minutes",
        "denominator": "requests in the 2 weeks",
        "definition": "An answer is that somebody came and said what happens next, not that the pain was gone.",
        "sampling": "Every request on the labour ward.",
        "chart": Chart.P,
        "baseline": 8,
    },
    {
        "name": CALLS,
        "kind": Kind.BALANCING,
        "counted": Counted.COUNT,
        "often": Often.WEEK,
        "direction": Direction.LOWER,
        "unit": "calls",
        "numerator": "calls between midnight and 6am after which nothing was done",
        "definition": "The anaesthetist marks in the log which calls these were.",
        "sampling": "Every call of the week.",
        "chart": Chart.C,
    },
)
NOTES: Final = (
    (4, "Two night shifts write each request on the board"),
    (CHANGED_AFTER, "All shifts write each request on the board"),
    (26, "Two new health care assistants begin"),
)
NO_FIGURE: Final = "The board was being moved"


def make(project: Project, *, by: User) -> None:
    """Say what a project measures, and enter what was found in the 36 weeks before this one."""
    mondays = weeks_before_this(WEEKS)
    wait, in_time, calls = (measuring.begin(project, given, by=by) for given in DEFINITIONS)
    figures = [Decimal(figure) if figure else None for figure in WAITS]
    enter(
        wait,
        (
            Reading(day, value=figure, note="" if figure else NO_FIGURE)
            for day, figure in zip(mondays, figures, strict=True)
        ),
        by,
    )
    enter(
        in_time,
        (
            Reading(day, numerator=Decimal(few), denominator=Decimal(of))
            for day, (few, of) in zip(mondays[::2], ANSWERED, strict=True)
        ),
        by,
    )
    enter(calls, (Reading(day, value=Decimal(each)) for day, each in zip(mondays, CALLED, strict=True)), by)
    for week, text in NOTES:
        annotating.annotate(wait, mondays[week], text, by=by)


def weeks_before_this(number: int) -> list[date]:
    today = timezone.localdate()
    return [today - timedelta(days=today.weekday(), weeks=ago) for ago in range(number, 0, -1)]


def enter(measure: Measure, readings: Iterable[Reading], by: User) -> None:
    found = list(readings)
    entering.enter_all(measure, found, agreed=entering.plan(measure, found).mark, by=by)
