"""Diagrams and cycles: Do begins while a prediction is written, two at one cycle, two at one outline, two who go on."""

from functools import partial
from threading import Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from portal import together
from portal.together import ChangedMeanwhile
from qi_projects import cycles, outlining
from qi_projects.models import Cycle, CycleQuestion, DiagramItem
from qi_projects.refusals import BoxGone, CycleMovedOn, PredictionsLocked, ProjectRefused
from tests.concurrency.at_once import at_once
from tests.qi_projects.making import join
from tests.qi_projects.test_cycles import Tried, today

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6


def test_a_prediction_is_written_before_do_begins_or_not_at_all() -> None:
    for _ in range(ROUNDS):
        tried = Tried()
        seen = together.seen(tried.asked(), ["prediction"])
        begun, written = at_once(
            partial(cycles.begin_do, tried.project, tried.cycle, today(), by=tried.by),
            partial(
                cycles.change_question, tried.project, tried.question, {"prediction": "New"}, seen=seen, by=tried.by
            ),
        )
        assert isinstance(begun, Cycle), begun
        late = isinstance(written, PredictionsLocked)
        assert tried.asked().prediction == ("On half of shifts" if late else "New"), written


def test_postgresql_lets_a_prediction_wait_for_do_that_begins_and_then_refuses_it() -> None:
    tried = Tried()
    caught: list[Any] = []

    def write_past_every_verb() -> None:
        try:
            CycleQuestion.objects.filter(pk=tried.question).update(prediction="What we found")
        except IntegrityError as error:
            caught.append(error)
        finally:
            connection.close()

    writing = Thread(target=write_past_every_verb)
    with transaction.atomic():
        Cycle.objects.filter(pk=tried.cycle).update(state="do", began_on=today())
        writing.start()
        writing.join(0.5)
        assert writing.is_alive()
    writing.join(10)
    assert "before Do begins" in str(caught)
    assert tried.asked().prediction == "On half of shifts"


def test_of_two_editors_of_one_cycle_nothing_is_lost_and_the_second_is_told() -> None:
    for _ in range(ROUNDS):
        tried = Tried()
        other = join(tried.project).user
        seen = together.seen(tried.row(), ["objective", "plan_who"])
        done = at_once(
            partial(cycles.change, tried.project, tried.cycle, {"objective": "One"}, seen=seen, by=tried.by),
            partial(
                cycles.change,
                tried.project,
                tried.cycle,
                {"objective": "Two", "plan_who": ""},
                seen=seen,
                by=other,
            ),
        )
        assert [isinstance(each, ChangedMeanwhile) for each in done].count(True) == 1, done
        assert tried.row().objective in ("One", "Two")


def test_of_two_who_take_a_cycle_on_one_does() -> None:
    for _ in range(ROUNDS):
        tried = Tried()
        done = at_once(
            partial(cycles.begin_do, tried.project, tried.cycle, today(), by=tried.by),
            partial(cycles.abandon, tried.project, tried.cycle, "The ward moved.", abandoned_on=today(), by=tried.by),
            partial(cycles.begin_do, tried.project, tried.cycle, today(), by=tried.by),
        )
        assert all(isinstance(each, Cycle | CycleMovedOn) for each in done), done
        assert sum(isinstance(each, Cycle) for each in done) in (1, 2)
        following = at_once(*[partial(cycles.plan_next, tried.project, tried.cycle, by=tried.by)] * 2)
        if tried.row().state == Cycle.State.ABANDONED:
            assert following[0] == following[1]


def test_two_at_one_outline_leave_a_diagram_that_holds() -> None:
    for _ in range(ROUNDS):
        tried = Tried()
        project, by = tried.project, tried.by
        seen = together.seen(DiagramItem.objects.get(pk=tried.words), ["text"])
        done = at_once(
            partial(outlining.move, project, tried.handed, up=True, under=tried.noticed, by=by),
            partial(outlining.add_under, project, tried.noticed, "A third", by=by),
            partial(outlining.delete, project, tried.words, seen=seen, by=by),
            partial(outlining.link, project, tried.words, tried.seen, by=by),
        )
        assert all(each is None or isinstance(each, DiagramItem | BoxGone) for each in done), done
        found = outlining.read(project)
        assert len(found.lowers[tried.noticed]) == 3
        assert tried.words not in found.boxes


def test_an_idea_that_is_being_tried_out_is_not_deleted_with_what_tries_it() -> None:
    for _ in range(ROUNDS):
        tried = Tried()
        seen = together.seen(DiagramItem.objects.get(pk=tried.words), ["text"])
        begun, deleted = at_once(
            partial(cycles.begin_ramp, tried.project, tried.words, "Handover", by=tried.by),
            partial(outlining.delete, tried.project, tried.words, seen=seen, by=tried.by),
        )
        assert isinstance(begun, Cycle) != (deleted is None), (begun, deleted)
        assert isinstance(begun, Cycle | BoxGone)
        assert deleted is None or isinstance(deleted, ProjectRefused)
