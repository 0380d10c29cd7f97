"""PDSA cycles, step by step: a ramp is begun, a cycle planned, done, studied and decided, and the next one planned.

What is written belongs to a step: the plan and its predictions are written before Do begins, and stay. Each verb holds
the project, and finds what it is about in that project alone. The trail has numbers and the names of fields, no words.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from portal import together
from portal.accounts.models import User
from portal.together import Settled
from portal.trail import Detail
from portal.trail.recording import LONGEST_DETAIL
from qi_projects.diagram import Level
from qi_projects.holding import hold_going_on, save
from qi_projects.models import Cycle, CycleMeasure, CycleQuestion, Project, Ramp
from qi_projects.refusals import (
    BoxGone,
    CycleGone,
    CycleMovedOn,
    DatesOutOfOrder,
    NotYet,
    PredictionsLocked,
    ProjectRefused,
)

State = Cycle.State
PLAN: Final = ("objective", "plan_what", "plan_who", "plan_where", "plan_when")
DO: Final = ("happened", "unexpected", "began_on")
STUDY: Final = (*DO, "ended_on", "learnt")
WRITTEN_IN: Final[Mapping[str, Collection[str]]] = {State.PLAN: PLAN, State.DO: DO, State.STUDY: STUDY}
"""Which fields of a cycle are written in which step: none, once it is over."""
ASKED_IN: Final[Mapping[str, Collection[str]]] = {
    State.PLAN: ("text", "prediction"),
    State.STUDY: ("answer", "outcome"),
}
"""Which fields of a question are."""
MOST_QUESTIONS: Final = 20
TOO_MANY: Final = f"A cycle has at most {MOST_QUESTIONS} questions. A small cycle with one or two teaches more."
NO_QUESTION: Final = "Write first at least one question, with what you predict."
NO_PREDICTION: Final = "Write first what you predict, for each question."
NOT_ANSWERED: Final = "Write first what you found, for each question."
NOTHING_LEARNT: Final = "Write first what you learnt."
IN_THE_FUTURE: Final = "The day must be today or in the past."
ENDS_BEFORE: Final = "Do cannot have ended before it began. Check both days."
DECIDED_BEFORE: Final = "You cannot have decided before Do ended. Check the day."
ABANDONED_BEFORE: Final = "You cannot have abandoned the cycle before Do began. Check the day."
STILL_GOING_ON: Final = "A cycle of this ramp goes on. Close it, or abandon it, before you plan the next one."


@transaction.atomic
def begin_ramp(project: Project, idea: int, name: str, *, by: User, said_not_about_patients: bool = False) -> Cycle:
    """Begin a ramp that tries out a change idea, and return its first cycle, to be planned. Raises ProjectRefused."""
    held = hold_going_on(project)
    tried = held.diagram_items.filter(pk=idea, level=Level.IDEA).first()
    if tried is None:
        raise BoxGone
    ramp = Ramp.objects.create(project=held, idea=tried, name=name)
    cycle = Cycle.objects.create(ramp=ramp, number=1)
    _save(held, cycle, "ramp_begun", by=by, said=said_not_about_patients, ramp=ramp.pk)
    return cycle


@transaction.atomic
def rename_ramp(
    project: Project, ramp: int, name: str, *, seen: str, by: User, said_not_about_patients: bool = False
) -> Settled:
    """Give a ramp another name. Raises ChangedMeanwhile, or ProjectRefused."""
    held = hold_going_on(project)
    row = held.ramps.filter(pk=ramp).first()
    if row is None:
        raise CycleGone
    settled = together.settle(row, {"name": name}, seen)
    if settled.changes:
        row.name = name
        row.save(update_fields=["name"])
        save(held, "project.ramp_renamed", by=by, columns=(), **_details(said=said_not_about_patients, ramp=ramp))
    return settled


@transaction.atomic
def change(
    project: Project,
    cycle: int,
    given: Mapping[str, Any],
    *,
    seen: str,
    by: User,
    said_not_about_patients: bool = False,
) -> Settled:
    """Put down what somebody wrote in a cycle, of fields that belong to its step; see `editing.change`.

    Raises ChangedMeanwhile, DatesOutOfOrder, CycleMovedOn where it has gone on to another step, or ProjectRefused.
    """
    held, row = _hold(project, cycle)
    if not set(given) <= set(WRITTEN_IN.get(row.state, ())):
        raise CycleMovedOn
    settled = together.settle(row, given, seen)
    if settled.changes:
        for field, value in settled.changes.items():
            setattr(row, field, value)
        _check_days(row)
        row.save(update_fields=settled.changes)
        fields = ",".join(sorted(settled.changes))[:LONGEST_DETAIL]
        _save(held, row, "cycle_changed", by=by, said=said_not_about_patients, fields=fields)
    return settled


@transaction.atomic
def ask(
    project: Project, cycle: int, text: str, prediction: str, *, by: User, said_not_about_patients: bool = False
) -> CycleQuestion:
    """Add a question to a cycle that is being planned. Raises PredictionsLocked, or ProjectRefused."""
    held, row = _hold(project, cycle)
    if row.state != State.PLAN:
        raise PredictionsLocked
    if row.questions.count() >= MOST_QUESTIONS:
        raise ProjectRefused(TOO_MANY)
    question = CycleQuestion.objects.create(cycle=row, text=text, prediction=prediction)
    _save(held, row, "cycle_question_added", by=by, said=said_not_about_patients, question=question.pk)
    return question


@transaction.atomic
def change_question(
    project: Project,
    question: int,
    given: Mapping[str, Any],
    *,
    seen: str,
    by: User,
    said_not_about_patients: bool = False,
) -> Settled:
    """Put down what is asked and predicted, in a plan; or what was found, in Study.

    Raises ChangedMeanwhile, PredictionsLocked, CycleMovedOn, or ProjectRefused.
    """
    held, row, asked = _hold_question(project, question)
    if not set(given) <= set(ASKED_IN.get(row.state, ())):
        raise PredictionsLocked if "prediction" in given else CycleMovedOn
    settled = together.settle(asked, given, seen)
    if settled.changes:
        for field, value in settled.changes.items():
            setattr(asked, field, value)
        asked.save(update_fields=settled.changes)
        deed = "cycle_question_changed" if row.state == State.PLAN else "cycle_question_answered"
        _save(held, row, deed, by=by, said=said_not_about_patients, question=question)
    return settled


@transaction.atomic
def remove_question(project: Project, question: int, *, seen: str, by: User) -> None:
    """Take a question out of a plan, if it still stands as its page showed it.

    Raises PredictionsLocked, or ProjectRefused.
    """
    held, row, asked = _hold_question(project, question)
    if row.state != State.PLAN:
        raise PredictionsLocked
    if seen != together.seen(asked, ["text", "prediction"]):
        raise ProjectRefused
    asked.delete()
    _save(held, row, "cycle_question_removed", by=by, question=question)


@transaction.atomic
def begin_do(project: Project, cycle: int, began_on: date, *, by: User) -> Cycle:
    """Let Do begin, on a day that has come: from now on questions and predictions stay as they are.

    Raises NotYet without a question or with one that lacks its prediction, DatesOutOfOrder, or ProjectRefused.
    """
    held, row = _hold_in(State.PLAN, project, cycle)
    predictions = list(row.questions.values_list("prediction", flat=True))
    if not all(predictions) or not predictions:
        raise NotYet(NO_PREDICTION if predictions else NO_QUESTION)
    row.state, row.began_on = State.DO, began_on
    return _go_on(held, row, "cycle_begun", ["began_on"], by=by)


@transaction.atomic
def end_do(project: Project, cycle: int, ended_on: date, *, by: User) -> Cycle:
    """End Do, and go on to Study. Raises DatesOutOfOrder, or ProjectRefused."""
    held, row = _hold_in(State.DO, project, cycle)
    row.state, row.ended_on = State.STUDY, ended_on
    return _go_on(held, row, "cycle_do_ended", ["ended_on"], by=by)


def what_is_missing(cycle: Cycle) -> list[str]:
    """Say what Study lacks before one decides."""
    unanswered = cycle.questions.filter(answer="").exists()
    return [*([NOT_ANSWERED] if unanswered else []), *([] if cycle.learnt else [NOTHING_LEARNT])]


@transaction.atomic
def decide(
    project: Project,
    cycle: int,
    decision: str,
    *,
    why: str,
    next_step: str,
    decided_on: date,
    by: User,
    said_not_about_patients: bool = False,
) -> Cycle:
    """Close a cycle with what becomes of the change, why, and what comes next.

    Raises NotYet while Study lacks something, DatesOutOfOrder, or ProjectRefused.
    """
    held, row = _hold_in(State.STUDY, project, cycle)
    if missing := what_is_missing(row):
        raise NotYet(" ".join(missing))
    row.state, row.decision, row.decided_on = State.CLOSED, decision, decided_on
    row.decided_why, row.next_step = why, next_step
    columns = ["decision", "decided_on", "decided_why", "next_step"]
    return _go_on(held, row, "cycle_decided", columns, by=by, said=said_not_about_patients)


@transaction.atomic
def abandon(
    project: Project, cycle: int, why: str, *, abandoned_on: date, by: User, said_not_about_patients: bool = False
) -> Cycle:
    """Abandon a cycle that goes on, with why: that, too, is something learnt.

    Raises DatesOutOfOrder, or ProjectRefused.
    """
    held, row = _hold(project, cycle)
    if not row.is_going_on:
        raise CycleMovedOn
    row.state, row.decided_on, row.decided_why = State.ABANDONED, abandoned_on, why
    columns = ["decided_on", "decided_why"]
    return _go_on(held, row, "cycle_abandoned", columns, by=by, said=said_not_about_patients)


@transaction.atomic
def plan_next(project: Project, cycle: int, *, by: User) -> Cycle:
    """Plan the next cycle of a ramp, and return it: objective, plan, questions and measures are carried over.

    What is predicted is not: it is thought anew each time. One that is planned already is returned. Raises
    ProjectRefused while this one goes on.
    """
    held, row = _hold(project, cycle)
    last = row.ramp.cycles.order_by("-number")[0]
    if row.number == last.number - 1 and last.state == State.PLAN:
        return last
    if row != last or row.is_going_on:
        raise ProjectRefused(STILL_GOING_ON)
    carried = {field: getattr(row, field) for field in PLAN}
    planned = Cycle.objects.create(ramp=row.ramp, number=row.number + 1, **carried)
    CycleQuestion.objects.bulk_create(
        CycleQuestion(cycle=planned, text=question.text) for question in row.questions.all()
    )
    CycleMeasure.objects.bulk_create(
        CycleMeasure(project=held, ramp_id=row.ramp_id, cycle=planned, measure_id=link.measure_id)
        for link in row.measure_links.order_by("pk")
    )
    _save(held, planned, "cycle_planned", by=by)
    return planned


@transaction.atomic
def delete_plan(project: Project, cycle: int, *, by: User) -> None:
    """Delete a cycle of which Do has not begun; its ramp with it, if it is the only one. Raises ProjectRefused."""
    held, row = _hold_in(State.PLAN, project, cycle)
    _save(held, row, "cycle_plan_deleted", by=by)
    ramp = row.ramp
    row.delete()
    if not ramp.cycles.exists():
        ramp.delete()


def _hold(project: Project, cycle: int) -> tuple[Project, Cycle]:
    held = hold_going_on(project)
    row = Cycle.objects.select_related("ramp").filter(pk=cycle, ramp__project=held).first()
    if row is None:
        raise CycleGone
    return held, row


def _hold_in(state: str, project: Project, cycle: int) -> tuple[Project, Cycle]:
    held, row = _hold(project, cycle)
    if row.state != state:
        raise CycleMovedOn
    return held, row


def _hold_question(project: Project, question: int) -> tuple[Project, Cycle, CycleQuestion]:
    held = hold_going_on(project)
    found = CycleQuestion.objects.select_related("cycle").filter(pk=question, cycle__ramp__project=held).first()
    if found is None:
        raise CycleGone
    return held, found.cycle, found


def _check_days(row: Cycle) -> None:
    """Raise DatesOutOfOrder where a cycle's days are not one after the other, or have not come."""
    if any(day and day > timezone.localdate() for day in (row.began_on, row.ended_on, row.decided_on)):
        raise DatesOutOfOrder(IN_THE_FUTURE)
    if row.began_on and row.ended_on and row.ended_on < row.began_on:
        raise DatesOutOfOrder(ENDS_BEFORE)
    latest = row.ended_on or row.began_on
    if latest and row.decided_on and row.decided_on < latest:
        raise DatesOutOfOrder(DECIDED_BEFORE if row.ended_on else ABANDONED_BEFORE)


def _go_on(held: Project, row: Cycle, deed: str, columns: Collection[str], *, by: User, said: bool = False) -> Cycle:
    _check_days(row)
    row.save(update_fields=["state", *columns])
    _save(held, row, deed, by=by, said=said)
    return row


def _save(held: Project, row: Cycle, deed: str, *, by: User, said: bool = False, **details: Detail) -> None:
    save(held, f"project.{deed}", by=by, columns=(), **_details(said=said, cycle=row.pk, **details))


def _details(*, said: bool, **details: Detail) -> dict[str, Any]:
    return {**details, "said_not_about_patients": True} if said else details
