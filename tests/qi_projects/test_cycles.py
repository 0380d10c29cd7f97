"""PDSA cycles: the steps, what is locked, the days in their order, and what PostgreSQL refuses whoever asks."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from portal import together
from portal.together import ChangedMeanwhile
from portal.trail.models import Entry
from qi_projects import cycles, life, outlining
from qi_projects.charts import Mark, MarkKind
from qi_projects.cycle_marks import marks
from qi_projects.models import Cycle, CycleQuestion, DiagramItem, Project, Ramp
from qi_projects.refusals import (
    BoxGone,
    CycleGone,
    CycleMovedOn,
    DatesOutOfOrder,
    IdeaTried,
    NotYet,
    PredictionsLocked,
    ProjectOver,
    ProjectRefused,
)
from tests.qi_projects.making import make_active
from tests.qi_projects.measures import make_measure
from tests.qi_projects.test_diagram import Drawn

pytestmark = pytest.mark.django_db


def today(days: int = 0) -> date:
    return timezone.localdate() + timedelta(days=days)


class Tried(Drawn):
    """A project with a diagram, and a ramp of which the first cycle is planned with one question."""

    def __init__(self, project: Project | None = None) -> None:
        super().__init__(project)
        self.cycle = cycles.begin_ramp(self.project, self.board, "The board", by=self.by).pk
        self.question = cycles.ask(self.project, self.cycle, "Is it filled in?", "On half of shifts", by=self.by).pk

    def row(self) -> Cycle:
        return Cycle.objects.select_related("ramp").get(pk=self.cycle)

    def asked(self) -> CycleQuestion:
        return CycleQuestion.objects.get(pk=self.question)

    def writes(self, **given: Any) -> None:
        seen = together.seen(self.row(), given)
        cycles.change(self.project, self.cycle, given, seen=seen, by=self.by)

    def answers(self, **given: Any) -> None:
        seen = together.seen(self.asked(), given)
        cycles.change_question(self.project, self.question, given, seen=seen, by=self.by)

    def begins(self, days: int = -10) -> None:
        cycles.begin_do(self.project, self.cycle, today(days), by=self.by)

    def ends(self, days: int = -8) -> None:
        cycles.end_do(self.project, self.cycle, today(days), by=self.by)

    def studies(self) -> None:
        self.begins()
        self.ends()
        self.answers(answer="On 7 of 10", outcome="otherwise")
        self.writes(learnt="It is filled in where the board hangs beside the telephone.")

    def decides(self, days: int = -7) -> None:
        cycles.decide(
            self.project,
            self.cycle,
            Cycle.Decision.ADAPT,
            why="It works where people pass.",
            next_step="Hang it beside the telephone on both wards.",
            decided_on=today(days),
            by=self.by,
        )


class TestSteps:
    def test_a_cycle_goes_from_plan_to_act_and_the_next_one_takes_over_what_it_asks(self) -> None:
        tried = Tried()
        tried.writes(objective="To see whether it is filled in", plan_who="The night team")
        tried.studies()
        tried.decides()
        closed = tried.row()
        assert (closed.state, closed.decision, closed.decided_on) == ("closed", "adapt", today(-7))
        following = cycles.plan_next(tried.project, tried.cycle, by=tried.by)
        assert (following.number, following.state, following.plan_who) == (2, "plan", "The night team")
        assert list(following.questions.values_list("text", "prediction", "answer")) == [("Is it filled in?", "", "")]
        assert cycles.plan_next(tried.project, tried.cycle, by=tried.by) == following
        deeds = Entry.objects.filter(verb__contains="cycle").order_by("id").values_list("verb", flat=True)
        assert list(deeds)[-4:] == [
            "project.cycle_question_answered",
            "project.cycle_changed",
            "project.cycle_decided",
            "project.cycle_planned",
        ]

    def test_do_begins_with_questions_and_predictions_alone(self) -> None:
        tried = Tried()
        tried.answers(prediction="")
        with pytest.raises(NotYet, match="what you predict, for each"):
            tried.begins()
        cycles.remove_question(
            tried.project, tried.question, seen=together.seen(tried.asked(), ["text", "prediction"]), by=tried.by
        )
        with pytest.raises(NotYet, match="at least one question"):
            tried.begins()

    def test_once_do_has_begun_the_plan_and_its_predictions_stay(self) -> None:
        tried = Tried()
        tried.begins()
        with pytest.raises(PredictionsLocked):
            tried.answers(prediction="On every shift")
        with pytest.raises(PredictionsLocked):
            cycles.ask(tried.project, tried.cycle, "Another?", "Yes", by=tried.by)
        with pytest.raises(PredictionsLocked):
            cycles.remove_question(tried.project, tried.question, seen="", by=tried.by)
        with pytest.raises(CycleMovedOn):
            tried.writes(plan_who="Somebody else")
        with pytest.raises(CycleMovedOn):
            tried.answers(answer="Too early")
        with pytest.raises(CycleMovedOn):
            tried.begins()

    def test_act_asks_for_a_study(self) -> None:
        tried = Tried()
        tried.begins()
        with pytest.raises(CycleMovedOn):
            tried.decides()
        tried.ends()
        with pytest.raises(NotYet, match=r"found, for each question\. Write first what you learnt"):
            tried.decides()

    @pytest.mark.parametrize("step", ["plan", "do", "study"])
    def test_it_can_be_abandoned_at_any_step_with_why(self, step: str) -> None:
        tried = Tried()
        if step != "plan":
            tried.begins()
        if step == "study":
            tried.ends()
        cycles.abandon(tried.project, tried.cycle, "The ward moved.", abandoned_on=today(), by=tried.by)
        assert (tried.row().state, tried.row().decided_why, tried.row().decided_on) == (
            "abandoned",
            "The ward moved.",
            today(),
        )
        with pytest.raises(CycleMovedOn):
            cycles.abandon(tried.project, tried.cycle, "Again", abandoned_on=today(), by=tried.by)
        assert cycles.plan_next(tried.project, tried.cycle, by=tried.by).number == 2

    def test_the_next_waits_for_the_one_before(self) -> None:
        tried = Tried()
        with pytest.raises(ProjectRefused, match="goes on"):
            cycles.plan_next(tried.project, tried.cycle, by=tried.by)

    def test_a_plan_is_deleted_and_the_ramp_with_its_only_one(self) -> None:
        tried = Tried()
        cycles.delete_plan(tried.project, tried.cycle, by=tried.by)
        assert not Ramp.objects.exists()
        with pytest.raises(CycleGone):
            cycles.delete_plan(tried.project, tried.cycle, by=tried.by)
        tried = Tried()
        tried.begins()
        with pytest.raises(CycleMovedOn):
            cycles.delete_plan(tried.project, tried.cycle, by=tried.by)

    def test_an_idea_that_is_tried_out_stays(self) -> None:
        tried = Tried()
        seen = together.seen(DiagramItem.objects.get(pk=tried.board), ["text"])
        with pytest.raises(IdeaTried):
            outlining.delete(tried.project, tried.board, seen=seen, by=tried.by)

    def test_only_ideas_of_the_project_are_tried_out(self) -> None:
        tried, other = Tried(), Drawn()
        for item in (tried.seen, tried.noticed, other.board):
            with pytest.raises(BoxGone):
                cycles.begin_ramp(tried.project, item, "x", by=tried.by)
        with pytest.raises(CycleGone):
            cycles.begin_do(other.project, tried.cycle, today(), by=other.by)
        with pytest.raises(CycleGone):
            cycles.change_question(other.project, tried.question, {}, seen="", by=other.by)

    def test_two_at_one_cycle_lose_nothing(self) -> None:
        tried = Tried()
        seen = together.seen(tried.row(), ["objective", "plan_who"])
        cycles.change(tried.project, tried.cycle, {"objective": "Theirs", "plan_who": ""}, seen=seen, by=tried.by)
        settled = cycles.change(
            tried.project, tried.cycle, {"objective": "", "plan_who": "Mine"}, seen=seen, by=tried.by
        )
        assert settled.theirs == ["Objective"]
        with pytest.raises(ChangedMeanwhile):
            cycles.change(tried.project, tried.cycle, {"objective": "Mine"}, seen=seen, by=tried.by)
        assert (tried.row().objective, tried.row().plan_who) == ("Theirs", "Mine")

    def test_a_project_that_has_ended_is_left_as_it_is(self) -> None:
        tried = Tried(make_active())
        life.finish(tried.project, "It worked.", by=tried.by)
        with pytest.raises(ProjectOver):
            tried.begins()

    def test_a_draft_goes_with_its_cycles(self) -> None:
        tried = Tried()
        tried.begins()
        life.discard(tried.project, by=tried.by)
        connection.check_constraints()
        assert not Ramp.objects.exists()
        assert not CycleQuestion.objects.exists()

    def test_the_trail_has_no_words(self) -> None:
        tried = Tried()
        tried.writes(objective="Canary words")
        assert Entry.objects.get(verb="project.cycle_changed").details == {"cycle": tried.cycle, "fields": "objective"}
        assert not any("anary" in str(details) for details in Entry.objects.values_list("details", flat=True))


class TestDays:
    def test_days_are_not_in_the_future(self) -> None:
        tried = Tried()
        with pytest.raises(DatesOutOfOrder, match="today or in the past"):
            tried.begins(1)
        tried.begins(0)
        tried.ends(0)
        assert tried.row().ended_on == today()

    def test_do_does_not_end_before_it_began(self) -> None:
        tried = Tried()
        tried.begins(-5)
        with pytest.raises(DatesOutOfOrder, match="ended before it began"):
            tried.ends(-6)
        tried.ends(-5)
        with pytest.raises(DatesOutOfOrder):
            tried.writes(began_on=today(-4))
        tried.writes(began_on=today(-9))
        assert tried.row().began_on == today(-9)

    def test_nobody_decides_before_do_ended(self) -> None:
        tried = Tried()
        tried.studies()
        with pytest.raises(DatesOutOfOrder, match="decided before Do ended"):
            tried.decides(-9)

    def test_nobody_abandons_before_do_began(self) -> None:
        tried = Tried()
        tried.begins(-5)
        with pytest.raises(DatesOutOfOrder, match="abandoned the cycle before Do began"):
            cycles.abandon(tried.project, tried.cycle, "x", abandoned_on=today(-6), by=tried.by)


class TestMarks:
    def test_each_cycle_that_began_is_a_mark_on_its_day(self) -> None:
        tried = Tried()
        measure, other = make_measure(tried.project), make_measure(tried.project)
        assert list(marks([measure])) == []
        tried.studies()
        tried.decides()
        following = cycles.plan_next(tried.project, tried.cycle, by=tried.by)
        cycles.ask(tried.project, following.pk, "And now?", "Yes", by=tried.by)
        CycleQuestion.objects.filter(cycle=following).update(prediction="Yes")
        cycles.begin_do(tried.project, following.pk, today(-2), by=tried.by)
        cycles.abandon(tried.project, following.pk, "The ward moved.", abandoned_on=today(), by=tried.by)
        cycles.plan_next(tried.project, following.pk, by=tried.by)
        first = Mark(today(-10), "PDSA cycle 1 of “The board” began", MarkKind.CYCLE)
        second = Mark(today(-2), "PDSA cycle 2 of “The board” began", MarkKind.CYCLE)
        assert list(marks([measure, other])) == [
            *((measure.pk, first), (other.pk, first)),
            *((measure.pk, second), (other.pk, second)),
        ]


class TestPostgreSQL:
    """What no code of ours can do, by mistake or on purpose."""

    def refuses(self, constraint: str, deed: Any) -> None:
        def do_and_commit() -> None:
            deed()
            connection.check_constraints()

        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            do_and_commit()

    def test_predictions_stay_once_do_has_begun(self) -> None:
        tried = Tried()
        tried.begins()
        asked = CycleQuestion.objects.filter(pk=tried.question)
        locked = "questions and predictions are written before"
        self.refuses(locked, lambda: asked.update(prediction="What we found"))
        self.refuses(locked, lambda: asked.update(text="Another question"))
        self.refuses(locked, lambda: CycleQuestion.objects.create(cycle_id=tried.cycle, text="x", prediction="y"))
        self.refuses("kept once Do has begun", asked.delete)
        self.refuses("not go back", lambda: Cycle.objects.filter(pk=tried.cycle).update(state="plan", began_on=None))
        other = Tried()
        self.refuses("stays in its cycle", lambda: asked.update(cycle_id=other.cycle))
        asked.update(answer="On 7 of 10")

    def test_do_begins_with_predictions(self) -> None:
        tried = Tried()
        CycleQuestion.objects.filter(pk=tried.question).update(prediction="")
        row = Cycle.objects.filter(pk=tried.cycle)
        self.refuses("each with its prediction", lambda: row.update(state="do", began_on=today()))

    def test_days_are_those_of_the_step_and_in_order(self) -> None:
        tried = Tried()
        row = Cycle.objects.filter(pk=tried.cycle)
        self.refuses("days_of_its_step", lambda: row.update(began_on=today()))
        self.refuses("days_of_its_step", lambda: row.update(state="do"))
        study = {"state": "study", "began_on": today(), "ended_on": today(-1)}
        self.refuses("do_ends_after_it_began", lambda: row.update(**study))
        over = {"state": "closed", "began_on": today(-3), "ended_on": today(-2), "decided_on": today(-3)}
        self.refuses("decided_after_do", lambda: row.update(**over, decision="adopt", decided_why="x"))
        over["decided_on"] = today()
        self.refuses("over_says_why", lambda: row.update(**over, decision="adopt"))
        self.refuses("over_says_why", lambda: row.update(state="abandoned", decided_on=today()))

    def test_a_ramp_has_one_cycle_at_a_time(self) -> None:
        tried = Tried()
        ramp = tried.row().ramp
        self.refuses("one_cycle_of_a_ramp_at_a_time", lambda: Cycle.objects.create(ramp=ramp, number=2))

    def test_a_ramp_tries_out_an_idea_of_its_own_project(self) -> None:
        tried, other = Tried(), Drawn()
        for idea in (tried.seen, other.board):
            self.refuses(
                "tries_out_a_change_idea",
                lambda idea=idea: Ramp.objects.filter(project=tried.project).update(idea=idea),
            )
