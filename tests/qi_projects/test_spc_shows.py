"""What a measure shows now: the last point decides, from so many points on, and the icon says the same."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from qi_projects import spc
from qi_projects.chart_words import ASSURANCES, VARIATIONS, remarks, summary
from qi_projects.charts import Kind, Point, Rebase, Reckoned, Series, reckon
from qi_projects.spc import Assurance, Direction, Variation
from qi_projects.spc_shows import ENOUGH, ENOUGH_FOR_A_RUN, Shows, latest

LOWER, HIGHER, NEITHER = Direction.LOWER, Direction.HIGHER, Direction.NEITHER
STEADY = [9, 11] * 6 + [10]
"""13 points about 10, in limits of 4.9 and 15.1 or so."""
UP_AND_DOWN = [10, 12] * 5


def chart(values: list[Any], direction: Direction = LOWER, kind: Kind = Kind.XMR, **more: Any) -> Reckoned:
    days = [date(2026, 1, 5) + timedelta(weeks=number) for number in range(len(values))]
    points = [Point(day, value) for day, value in zip(days, values, strict=True)]
    return reckon(Series("Waits", kind, points, direction=direction, **more))


@pytest.mark.parametrize(
    ("values", "direction", "shows"),
    [
        (STEADY, LOWER, Shows.STEADY),
        ([*STEADY, 30], LOWER, Shows.WORSENING),
        ([*STEADY, 30], HIGHER, Shows.IMPROVING),
        ([*STEADY, 30], NEITHER, Shows.CHANGED),
        ([*STEADY, 1], LOWER, Shows.IMPROVING),
        # The last point that was measured decides: what was so before it is over, and a gap says nothing.
        ([*STEADY, 30, 10], LOWER, Shows.STEADY),
        ([*STEADY, 1, None], LOWER, Shows.IMPROVING),
        # 12 points are too few, whatever they say; gaps are no points.
        ([9, 11] * 5 + [10, 30], LOWER, Shows.TOO_FEW),
        ([9, 11] * 5 + [10, None, 30], LOWER, Shows.TOO_FEW),
        ([9, 11] * 5 + [10, 10, 30], LOWER, Shows.WORSENING),
    ],
)
def test_the_last_point_of_a_control_chart_decides(values: list[Any], direction: Direction, shows: Shows) -> None:
    assert chart(values, direction, baseline=11).shows is shows


def test_new_limits_begin_with_too_few_points_and_are_read_by_themselves() -> None:
    lower = [each - 6 for each in STEADY]
    anew = (Rebase(len(STEADY), "A new form"),)
    assert chart([*STEADY, *lower], baseline=13).shows is Shows.IMPROVING
    few = chart([*STEADY, *lower[:12]], rebase=anew)
    assert (few.shows, few.variation) == (Shows.TOO_FEW, None)
    assert f"From {ENOUGH} points in the new limits on an icon says what the measure shows." in remarks(few)
    assert chart([*STEADY, *lower], rebase=anew).shows is Shows.STEADY


@pytest.mark.parametrize(
    ("values", "direction", "shows"),
    [
        (UP_AND_DOWN, LOWER, Shows.STEADY),
        (UP_AND_DOWN[:-1], LOWER, Shows.TOO_FEW),
        # 20 points off the median: a run of 8 is longer than round(log2 20) + 3 = 7.
        ([10, 12] * 6 + [9] * 8, LOWER, Shows.IMPROVING),
        ([10, 12] * 6 + [9] * 8, HIGHER, Shows.WORSENING),
        ([10, 12] * 6 + [9] * 8, NEITHER, Shows.CHANGED),
        # A point on the median neither ends the run nor says anything.
        ([10, 12] * 6 + [9] * 8 + [11], LOWER, Shows.IMPROVING),
        # Five runs of four are crossed 4 times, and by chance it would be 6 or more; none of them is long.
        (([9] * 4 + [12] * 4) * 2 + [9] * 2 + [12] * 2, LOWER, Shows.CHANGED),
        ([10] * 12, LOWER, Shows.STEADY),
        ([10] * 9, LOWER, Shows.TOO_FEW),
        # 13 points, of which 6 lie off the median: the rules say nothing of so few.
        ([10] * 7 + [9, 9, 9, 11, 11, 11], LOWER, Shows.TOO_FEW),
    ],
)
def test_the_last_point_off_the_median_of_a_run_chart_decides(
    values: list[Any], direction: Direction, shows: Shows
) -> None:
    found = chart(values, direction, Kind.RUN, baseline=12 if len(values) > 12 and values[1] == 12 else None)
    assert found.shows is shows
    assert found.variation is None


def test_a_chart_of_too_few_points_has_no_icon_and_says_so() -> None:
    few = chart([9, 11, 10])
    assert few.variation is None
    assert not any(words in summary(few) for words in VARIATIONS.values())
    assert f"From {ENOUGH} points on an icon says what the measure shows." in summary(few)
    said = summary(chart([1, 2], kind=Kind.RUN))
    assert f"From {ENOUGH_FOR_A_RUN} points off the median on a run chart can say" in said


def test_limits_that_the_latest_points_have_left_say_nothing_of_the_target() -> None:
    better = chart([*STEADY, *[1] * 8], LOWER, baseline=13, target=3)
    assert (better.assurance, better.shows) == (Assurance.FAIL, Shows.IMPROVING)
    assert "The limits are of before the latest points, which are better than they expect" in summary(better)
    assert ASSURANCES[Assurance.FAIL] not in summary(better)
    steady = chart(STEADY, LOWER, baseline=13, target=3)
    assert f"The target is 3. {ASSURANCES[Assurance.FAIL]}." in summary(steady)
    worse = chart([*STEADY, *[30] * 8], LOWER, baseline=13, target=20)
    assert (worse.assurance, worse.shows) == (Assurance.PASS, Shows.WORSENING)
    assert "which are worse than they expect" in summary(worse)


SAYS = {
    Variation.COMMON: Shows.STEADY,
    Variation.IMPROVEMENT_HIGH: Shows.IMPROVING,
    Variation.IMPROVEMENT_LOW: Shows.IMPROVING,
    Variation.CONCERN_HIGH: Shows.WORSENING,
    Variation.CONCERN_LOW: Shows.WORSENING,
    Variation.NEITHER_HIGH: Shows.CHANGED,
    Variation.NEITHER_LOW: Shows.CHANGED,
    None: Shows.TOO_FEW,
}


@given(
    values=some.lists(some.none() | some.integers(0, 30), min_size=1, max_size=40).filter(any),
    direction=some.sampled_from(Direction),
    kind=some.sampled_from([Kind.RUN, Kind.XMR, Kind.C]),
)
def test_the_icon_and_what_is_kept_never_disagree(values: list[Any], direction: Direction, kind: Kind) -> None:
    found = chart(values, direction, kind)
    assert found.shows is SAYS[latest(found.found, direction)]
    if kind is Kind.RUN:
        assert found.variation is None
    elif isinstance(found.found, spc.Chart):
        assert found.shows is SAYS[found.variation]
        if found.variation:
            assert found.variation is spc.variation(found.found, direction)


@given(
    values=some.lists(some.integers(0, 30), min_size=1, max_size=40),
    kind=some.sampled_from([Kind.RUN, Kind.XMR]),
)
def test_the_other_direction_turns_better_into_worse(values: list[int], kind: Kind) -> None:
    turned = {Shows.IMPROVING: Shows.WORSENING, Shows.WORSENING: Shows.IMPROVING}
    one, other = (chart(values, direction, kind).shows for direction in (LOWER, HIGHER))
    assert other is turned.get(one, one)
    neither = chart(values, NEITHER, kind).shows
    assert neither is (Shows.CHANGED if one in turned else one)
