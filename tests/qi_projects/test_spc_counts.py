"""P, C and U charts, and the icons: figures worked out by hand, and what is refused."""

from math import sqrt

import pytest

from qi_projects import spc
from qi_projects.spc import Assurance, SeriesRefused, Variation, assurance, c, p, reading, side, u, variation, xmr


def test_a_p_chart_has_limits_for_each_denominator():
    # 90 of 300 in all: mean 0.3. Of 100: 3 √(0.3 * 0.7 / 100) = 0.137477; of 25: 0.274955, so from 0.025 to 0.575.
    chart = p([30, 25, 35, 0], [100, 100, 75, 25])
    (phase,) = chart.phases
    assert phase.mean == 0.3
    assert chart.values == (0.3, 0.25, 35 / 75, 0.0)
    assert chart.limits[0] == pytest.approx((0.162523, 0.437477), abs=1e-6)
    assert chart.limits[3] == pytest.approx((0.025045, 0.574955), abs=1e-6)
    assert (phase.lower, phase.upper) == chart.limits[3]
    # 35 of 75: 0.4667 and the limit is 0.3 + 3 √(0.21 / 75) = 0.4587. None of 25 is below 0.025.
    assert chart.flags == ((), (), ("outside",), ("outside",))
    assert phase.mean_range is None
    assert chart.trial


def test_limits_of_a_p_chart_stay_between_none_and_all():
    chart = p([1, 9, 1, 9], [10] * 4)
    assert chart.limits[0] == (max(0.5 - 3 * sqrt(0.025), 0), min(0.5 + 3 * sqrt(0.025), 1))
    assert p([0, 0], [3, 4]).limits == ((0, 0), (0, 0))
    assert p([3, 4], [3, 4]).limits == ((1, 1), (1, 1))


def test_a_c_chart_is_that_worked_out_by_hand():
    # Mean 36 / 4 = 9: 9 ± 9.
    chart = c([9, 9, 0, 18])
    assert (chart.phases[0].mean, chart.phases[0].lower, chart.phases[0].upper) == (9, 0, 18)
    assert set(chart.flags) == {()}
    assert c([9, 9, 0, 19], baseline=2).flags[-1] == ("outside",)


def test_a_u_chart_is_that_worked_out_by_hand():
    # 12 in 300 bed days: mean 0.04. In 100: 0.04 + 3 √(0.0004) = 0.1; in 25: 0.04 + 3 √0.0016 = 0.16; never below 0.
    chart = u([4, 3, 4, 1], [100, 100, 75, 25])
    assert chart.phases[0].mean == 0.04
    assert chart.limits[0] == pytest.approx((0, 0.1))
    assert chart.limits[3] == pytest.approx((0, 0.16))
    assert set(chart.flags) == {()}


def test_points_of_which_little_is_to_be_expected_are_told():
    # Mean 0.1: of 50 it is 5, of 49 fewer; mean 0.9: as few are without the event.
    assert p([5, 5, 4], [50, 51, 39]).small == (2,)
    assert p([45, 46, 35], [50, 51, 39]).small == (2,)
    assert u([5, 4], [50, 40]).small == (1,)
    assert c([4, 5]).small == (0, 1)
    assert c([5, 5]).small == ()


def test_phases_and_baselines_of_counts_are_each_their_own():
    chart = p([1, 3, 9, 5, 5, 0], [10] * 6, baseline=2, rebase=[3])
    assert [phase.mean for phase in chart.phases] == [0.2, 0.5]
    assert [phase.points for phase in chart.phases] == [2, 2]


def test_the_rules_hold_for_counts_with_the_limits_of_each_point():
    # Mean 0.5; two sigma of 100 is 0.1, of 400 is 0.05: 58 of 100 is within, 0.57 of 400 beyond.
    chart = p([50, 50, 228, 228, 40], [100, 100, 400, 400, 100], baseline=2)
    assert chart.flags == ((), (), (), (), ())
    chart = p([50, 50, 228, 228, 51], [100, 100, 400, 400, 100], baseline=2)
    assert chart.flags == ((), (), ("two_of_three",), ("two_of_three",), ())
    assert set(p([6] * 7 + [4] * 7, [10] * 14, baseline=14).flags) == {("shift",)}


def test_a_gap_in_counts_has_no_value_and_no_limits():
    chart = u([1, None, 3, 4], [10, 10, None, 10])
    assert chart.values == (0.1, None, None, 0.4)
    assert chart.limits[1] is chart.limits[2] is None
    assert u([1, 2, None], [10, 10, None]).phases[0].upper > 0


@pytest.mark.parametrize(
    ("door", "counts", "said"),
    [
        (p, ([3, 11], [10, 10]), "Point 2: the numerator, 11, is larger than the denominator, 10."),
        (p, ([3, 0], [10, 0]), "Point 2: the denominator is 0."),
        (u, ([3, 0], [10, 0]), "Point 2: the denominator is 0."),
        (p, ([-1], [10]), "Point 1: the numerator, -1, is below 0."),
        (u, ([1], [-10]), "Point 1: the denominator, -10, is below 0."),
        (p, ([1.5], [10]), "Point 1: the numerator, 1.5, is not a whole number."),
        (p, ([1], [10.5]), "Point 1: the denominator, 10.5, is not a whole number."),
        (c, ([0.5],), "Point 1: the numerator, 0.5, is not a whole number."),
        (c, ([10**16],), "Point 1: the numerator is too large to be a count."),
        (p, ([1, 2], [3]), "There are 2 numerators and 1 denominators."),
        (p, ([1, None], [None, 3]), "No point has both"),
        (p, ([], []), "There are no values yet."),
    ],
)
def test_counts_that_cannot_be_are_refused_with_the_number_of_the_point(door, counts, said):
    with pytest.raises(SeriesRefused, match=said):
        door(*counts)


def test_a_rate_may_be_of_a_part_of_a_unit():
    assert u([1, 2], [0.5, 1.5]).phases[0].mean == 1.5


# --- icons

STEADY = [9, 11] * 7
HIGH, LOW = [*STEADY, 16], [*STEADY, 4]


def chart(values):
    return xmr(values, baseline=len(STEADY))


@pytest.mark.parametrize(
    ("values", "direction", "icon"),
    [
        (STEADY, "higher", Variation.COMMON),
        (HIGH, "higher", Variation.IMPROVEMENT_HIGH),
        (HIGH, "lower", Variation.CONCERN_HIGH),
        (HIGH, "neither", Variation.NEITHER_HIGH),
        (LOW, "higher", Variation.CONCERN_LOW),
        (LOW, "lower", Variation.IMPROVEMENT_LOW),
        (LOW, "neither", Variation.NEITHER_LOW),
        ([*HIGH, 10], "higher", Variation.COMMON),
        ([*HIGH, None], "higher", Variation.IMPROVEMENT_HIGH),
    ],
)
def test_variation_is_what_the_last_point_says(values, direction, icon):
    assert variation(chart(values), direction) is icon


def test_a_trend_goes_the_way_it_moves_on_whichever_side_of_the_mean():
    rising = chart([*STEADY, 5, 5.5, 6, 6.5, 7, 7.5, 8])
    assert {side(rising, at) for at in range(len(STEADY), len(rising.values))} == {"high"}
    # Up to a turning point, which belongs to what came before it, and down again.
    turning = chart([*STEADY, 8, 9, 10, 11, 12, 13, 14, 13, 12, 11, 10, 9, 8])
    assert [side(turning, at) for at in range(14, 27)] == ["high"] * 7 + ["low"] * 6


def test_a_trend_does_not_look_across_a_rebase():
    values = [7, 6, 5, 4, 3, 2, 1, 2, 3, 4, 5, 6, 7, 8]
    both = xmr(values, rebase=[7])
    assert side(both, 7) == side(xmr(values[7:]), 0)


def test_outside_counts_before_a_trend_and_fifteen_has_no_direction():
    assert side(chart([*STEADY, 3, 3.5, 4, 5, 6, 7, 8]), len(STEADY)) == "low"
    near = xmr([*STEADY, *[10.5, 9.5] * 8], baseline=len(STEADY), rules="ihi")
    assert near.flags[-1] == ("fifteen",)
    assert reading(near, len(near.values) - 1, "higher") is Variation.COMMON


@pytest.mark.parametrize(
    ("target", "higher", "lower"),
    [
        (4.6, Assurance.PASS, Assurance.FAIL),
        (4.68, Assurance.HIT_OR_MISS, Assurance.HIT_OR_MISS),
        (10, Assurance.HIT_OR_MISS, Assurance.HIT_OR_MISS),
        (15.32, Assurance.HIT_OR_MISS, Assurance.HIT_OR_MISS),
        (15.4, Assurance.FAIL, Assurance.PASS),
        (None, None, None),
    ],
)
def test_assurance_is_where_the_target_lies_to_the_limits(target, higher, lower):
    assert assurance(chart(STEADY), "higher", target) is higher
    assert assurance(chart(STEADY), "lower", target) is lower
    assert assurance(chart(STEADY), "neither", target) is None


def test_assurance_is_that_of_the_last_phase():
    assert assurance(xmr([*STEADY, *[30, 32] * 7], rebase=[14]), "higher", 20) is Assurance.PASS


def test_one_point_assures_of_nothing():
    assert assurance(xmr([5]), "higher", 4) is None


def test_the_names_are_those_that_a_page_writes():
    assert [str(each) for each in spc.Assurance] == ["pass", "fail", "hit_or_miss"]
    assert f"{spc.Variation.COMMON}" == "common"
