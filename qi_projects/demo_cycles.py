"""The driver diagram and the PDSA cycles of the demonstration's active project, made through the verbs.

The ramp has three cycles: one that went on to be adapted, one that was abandoned, and one in Do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.utils import timezone

from portal import together
from portal.accounts.models import User
from qi_projects import cycles, outlining
from qi_projects.diagram import Level
from qi_projects.models import Cycle, CycleQuestion, Project

BOARD: Final = "Write the time of each request on the board in the bay"
DIAGRAM: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    "Requests are heard and believed": {
        "Everybody who asks is taken at their word": (
            "Ask “What do you need?” before any examination",
            "Read women's own accounts at the start of each study day",
        ),
        "Language is no hindrance": (
            "A card with six requests in nine languages at each bed",
            "A telephone interpreter for labour, agreed at booking",
        ),
    },
    "Nobody's request is lost": {
        "Everybody in the bay can see who waits": (
            BOARD,
            "Whoever passes says when somebody comes",
        ),
        "Requests go with the handover": ("Two minutes of each handover for those who wait",),
    },
    "Somebody comes": {
        "It is clear who comes when the anaesthetist is in theatre": (
            "A second name on the board for each night",
            "Call the consultant after 15 minutes, without asking again",
        ),
    },
    "We see whom we keep waiting": {
        "Times are looked at by ethnicity, each month": (
            "A chart of waiting times for all, and for women racialised as Black, on the staff-room wall",
        ),
    },
}
SHARED: Final = ("Requests go with the handover", "Requests are heard and believed")
"""A secondary driver that acts on another primary driver, too."""


@dataclass(frozen=True, slots=True)
class _Asked:
    text: str
    prediction: str
    answer: str = ""
    outcome: CycleQuestion.Outcome = CycleQuestion.Outcome.AS_PREDICTED


FIRST: Final = {
    "objective": "Whether we can write down the time of each request at all, on two nights",
    "plan_what": "Whoever hears a request writes the time on the board; we count at 7am",
    "plan_who": "The midwives and health care assistants of the night team",
    "plan_where": "Bay 2",
    "plan_when": "Two night shifts in one week",
}
FIRST_ASKED: Final = (
    _Asked(
        "Of the requests that women remember, how many are on the board?",
        "Half. We think that we will forget when it is busy.",
        "11 of 14",
        CycleQuestion.Outcome.OTHERWISE,
    ),
    _Asked(
        "How long do people wait, where we know?",
        "About 20 minutes",
        "Between 4 and 55 minutes, 22 in the middle",
        CycleQuestion.Outcome.PARTLY,
    ),
)
FIRST_DONE: Final = {
    "happened": "The board was filled in on both nights. On the second one two women asked why theirs was not there.",
    "unexpected": "Women read the board and told us what was missing. Nobody had thought that they would.",
}
FIRST_LEARNT: Final = (
    "It can be done, and it works because those who wait can see it. The three that were missing had been asked for "
    "through a partner or by gestures."
)
SECOND: Final = {
    "objective": "Whether the board works in the whole unit, over a weekend",
    "plan_where": "Bays 1 to 4",
    "plan_when": "Friday evening to Monday morning",
}
SECOND_WHY: Final = (
    "Bays 3 and 4 were closed for repairs on the Saturday, and everybody was in two bays. We stopped on the day rather "
    "than count what would mean nothing. Next time we ask the site team a week before."
)
THIRD: Final = {
    "objective": "Whether requests without English words come on the board, too",
    "plan_what": "The card with six requests lies at each bed; what is pointed at is written down like a word",
    "plan_where": "Bays 1 and 2",
    "plan_when": "Two weeks, day and night",
}
THIRD_PREDICTED: Final = ("Three of four", "Under 20 minutes in the middle; as long for women racialised as Black")


def tell(project: Project, by: User) -> None:
    """Draw up the diagram, and take the cycles as far as they are: on the days of which the measures' notes tell."""
    ideas = _draw_up(project, by)
    first = cycles.begin_ramp(project, ideas[BOARD], "The board", by=by)
    write(project, first, FIRST, by)
    for asked in FIRST_ASKED:
        cycles.ask(project, first.pk, asked.text, asked.prediction, by=by)
    cycles.begin_do(project, first.pk, days_ago(226), by=by)
    write(project, first, FIRST_DONE, by)
    cycles.end_do(project, first.pk, days_ago(224), by=by)
    for asked, question in zip(FIRST_ASKED, first.questions.all(), strict=True):
        put(project, question, {"answer": asked.answer, "outcome": asked.outcome}, by)
    write(project, first, {"learnt": FIRST_LEARNT}, by)
    cycles.decide(
        project,
        first.pk,
        Cycle.Decision.ADAPT,
        why="More came on the board than we predicted, and those who could not ask in English were missing from it.",
        next_step="The whole unit, over a weekend; then the card in nine languages.",
        decided_on=days_ago(220),
        by=by,
    )
    second = cycles.plan_next(project, first.pk, by=by)
    _begin(project, second, SECOND, ("Three of four, because it will be new to some", "25 minutes"), 143, by)
    cycles.abandon(project, second.pk, SECOND_WHY, abandoned_on=days_ago(142), by=by)
    third = cycles.plan_next(project, second.pk, by=by)
    _begin(project, third, THIRD, THIRD_PREDICTED, 6, by)
    write(project, third, {"happened": "The cards are at the beds since the first day. We count at 7am and 7pm."}, by)


def _draw_up(project: Project, by: User) -> dict[str, int]:
    """Draw up the diagram, and return the key of each box by its words."""
    found: dict[str, int] = {}
    for primary, seconds in DIAGRAM.items():
        found[primary] = outlining.add(project, primary, Level.PRIMARY, by=by).pk
        for second, ideas in seconds.items():
            found[second] = outlining.add_under(project, found[primary], second, by=by).pk
            for idea in ideas:
                found[idea] = outlining.add_under(project, found[second], idea, by=by).pk
    outlining.link(project, found[SHARED[0]], found[SHARED[1]], by=by)
    return found


def _begin(
    project: Project, cycle: Cycle, says: Mapping[str, str], predicted: Sequence[str], ago: int, by: User
) -> None:
    write(project, cycle, says, by)
    for prediction, question in zip(predicted, cycle.questions.all(), strict=True):
        put(project, question, {"prediction": prediction}, by)
    cycles.begin_do(project, cycle.pk, days_ago(ago), by=by)


def write(project: Project, cycle: Cycle, says: Mapping[str, str], by: User) -> None:
    cycle.refresh_from_db()
    cycles.change(project, cycle.pk, says, seen=together.seen(cycle, says), by=by)


def put(project: Project, question: CycleQuestion, says: Mapping[str, str], by: User) -> None:
    cycles.change_question(project, question.pk, says, seen=together.seen(question, says), by=by)


def days_ago(number: int) -> date:
    return timezone.localdate() - timedelta(days=number)
