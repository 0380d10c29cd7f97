"""Points of a measure: whatever two people enter at the same moment, nothing is lost and the second is told."""

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from portal import together
from portal.together import ChangedMeanwhile
from qi_projects import entering, measuring, rebasing
from qi_projects.charting import chart_of
from qi_projects.entering import plan
from qi_projects.models import EarlierPoint, Measure, Point, RebaseDecision
from qi_projects.readings import Reading
from qi_projects.refusals import DayTaken, NoSuchPhase, PointGone, PointsChanged
from tests.concurrency.at_once import at_once
from tests.qi_projects.making import lead_of
from tests.qi_projects.measures import MONDAY, enter, make_measure, weeks

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8


def test_one_day_entered_by_two_is_one_point_and_the_other_is_told() -> None:
    measure = make_measure()
    lead = lead_of(measure.project)
    for at in range(ROUNDS):
        day = MONDAY + timedelta(weeks=at)
        deeds = [partial(entering.enter, measure, Reading(day, value=Decimal(each)), by=lead) for each in (1, 2)]
        done = at_once(*deeds)
        assert [type(each) for each in done if isinstance(each, Exception)] == [DayTaken], done
        (told,) = (each for each in done if isinstance(each, DayTaken))
        assert told.point == Point.objects.get(day=day)


def test_two_who_paste_the_same_days_have_one_in_whole_and_the_other_looks_again() -> None:
    lead = lead_of(make_measure().project)
    for _ in range(ROUNDS):
        measure = make_measure()
        first, second = weeks([1] * 30), weeks([2] * 30)
        marks = [plan(measure, each).mark for each in (first, second)]
        pairs = zip((first, second), marks, strict=True)
        done = at_once(*(partial(entering.enter_all, measure, each, agreed=mark, by=lead) for each, mark in pairs))
        assert [type(each) for each in done if isinstance(each, Exception)] == [PointsChanged], done
        assert {each.value for each in measure.points.all()} in ({Decimal(1)}, {Decimal(2)})
        assert measure.points.count() == 30


def test_the_same_rows_pasted_twice_at_once_are_saved_once() -> None:
    measure = make_measure()
    lead = lead_of(measure.project)
    readings = weeks([1, 2, 3])
    mark = plan(measure, readings).mark
    done = at_once(*(partial(entering.enter_all, measure, readings, agreed=mark, by=lead) for _ in range(3)))
    assert sorted(len(each.new) for each in done) == [0, 0, 3]
    assert measure.points.count() == 3


def test_a_point_that_is_changed_by_two_and_taken_out_is_never_lost_unseen() -> None:
    lead = lead_of(make_measure().project)
    for _ in range(ROUNDS):
        measure = make_measure()
        enter(measure, [10])
        point = measure.points.get()
        seen = together.seen(point, ["value"])
        deeds: list[Callable[[], Any]] = [
            partial(entering.change, point, {"value": Decimal(11)}, seen=seen, by=lead),
            partial(entering.change, point, {"value": Decimal(12)}, seen=seen, by=lead),
            partial(entering.take_out, point, by=lead),
        ]
        random.shuffle(deeds)
        done = at_once(*deeds)
        failed = [each for each in done if isinstance(each, Exception)]
        assert all(isinstance(each, ChangedMeanwhile | PointGone) for each in failed), failed
        assert not measure.points.exists()
        # Whatever it said at any time is kept.
        assert EarlierPoint.objects.filter(measure=measure).count() == len(done) - len(failed)


def test_new_limits_that_two_begin_at_one_point_are_one_decision() -> None:
    measure = make_measure()
    lead = lead_of(measure.project)
    enter(measure, list(range(10)))
    day = MONDAY + timedelta(weeks=5)
    done = at_once(*(partial(rebasing.rebase, measure, day, f"Reason {each}", by=lead) for each in (1, 2)))
    assert [type(each) for each in done if isinstance(each, Exception)] == [NoSuchPhase], done
    assert RebaseDecision.objects.count() == 1


def test_what_is_kept_of_a_measure_is_what_its_chart_shows_after_both() -> None:
    """Each alone would leave too few points; whoever comes second has to see what the first did."""
    for _ in range(ROUNDS):
        measure = make_measure(chart=Measure.Chart.XMR, baseline=11)
        lead = lead_of(measure.project)
        enter(measure, [9, 11] * 5 + [10])
        last = MONDAY + timedelta(weeks=11)
        readings = [Reading(last, value=Decimal(10)), Reading(last + timedelta(weeks=1), value=Decimal(1))]
        done = at_once(
            *(partial(entering.enter, measure, each, by=lead) for each in readings),
            partial(measuring.change, measure, {"rules": "ihi"}, seen=together.seen(measure, ["rules"]), by=lead),
        )
        assert not [each for each in done if isinstance(each, Exception)], done
        measure.refresh_from_db()
        assert measure.shows == Measure.Shows.IMPROVING
        assert measure.shows == chart_of(measure).shows.value
