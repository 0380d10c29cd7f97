"""The chart of single values and the run chart: figures worked out by hand, and what is refused."""

import random
from decimal import Decimal
from fractions import Fraction
from math import comb, inf, nan
from sys import float_info
from typing import Any

import pytest

from qi_projects import spc
from qi_projects.spc import SeriesRefused, run, xmr

STEADY = [9, 11] * 7
"""Mean 10, thirteen moving ranges of 2: limits 10 ± 5.32, two sigma 10 ± 3.54667, one sigma 10 ± 1.77333."""


def flags(values, *, rules="nhs_mdc"):
    """Return the flags of what follows the steady series, whose limits it is read by."""
    return list(xmr([*STEADY, *values], baseline=len(STEADY), rules=rules).flags[len(STEADY) :])


def having(name, of_points):
    """Return for each point whether it has that flag."""
    return [name in names for names in of_points]


def test_mean_and_limits_are_those_worked_out_by_hand():
    # Sum 50 + 52 + 47 + 51 + 55 = 255, mean 51. Ranges 2, 5, 4, 4: mean 15 / 4 = 3.75, and 2.66 * 3.75 = 9.975.
    (phase,) = xmr([50, 52, 47, 51, 55]).phases
    assert (phase.start, phase.stop, phase.points, phase.screened) == (0, 5, 5, 0)
    assert (phase.mean, phase.mean_range) == (51, 3.75)
    assert (phase.lower, phase.upper) == pytest.approx((41.025, 60.975), rel=1e-12)


def test_large_moving_ranges_are_screened_once():
    # Ranges: fourteen of 1, then 29 and 30 around the odd point. Mean 73 / 16 = 4.5625; 3.267 times that is 14.9: two
    # are left out, and the mean of the others is 1. They are not screened again.
    values = [10, 11] * 7 + [10, 39, 9]
    screened, all_in = xmr(values).phases[0], xmr(values, screen=False).phases[0]
    assert (screened.mean_range, screened.screened) == (1, 2)
    assert (all_in.mean_range, all_in.screened) == (73 / 16, 0)
    assert screened.mean == all_in.mean == 205 / 17
    # Ranges: 1 twelve times, 5 and 20: mean 37 / 14 = 2.64, and 8.63 takes the 20. Of the rest the mean is 17 / 13: a
    # second screening, from 4.27, would have taken the 5.
    again = xmr([0, 1] * 6 + [0, 5, 25]).phases[0]
    assert (again.screened, again.mean_range) == (1, 17 / 13)


def test_a_moving_range_of_just_3_267_times_the_mean_is_screened():
    # 999 ranges of 1 and one of x, which is 3.267 (999 + x) / 1000 for x = 3263.733 / 996.733.
    x = 3263.733 / 996.733
    values = [float(i % 2) for i in range(1000)]
    assert xmr([*values, values[-1] + x]).phases[0].screened == 1
    assert xmr([*values, values[-1] + x * (1 - 1e-6)]).phases[0].screened == 0


def test_a_baseline_is_the_first_points_of_each_phase_and_their_ranges():
    # The first four of each: 1, 3, 1, 3 (mean 2, ranges 2) and 11, 12, 11, 12 (mean 11.5, ranges 1).
    first, second = xmr([1, 3, 1, 3, 9, 9, 11, 12, 11, 12, 0], baseline=4, rebase=[6]).phases
    assert (first.mean, first.mean_range, first.points) == (2, 2, 4)
    assert (second.mean, second.mean_range, second.points) == (11.5, 1, 4)
    assert (first.start, first.stop, second.start, second.stop) == (0, 6, 6, 11)


def test_a_phase_shorter_than_the_baseline_rests_on_all_it_has():
    assert [phase.points for phase in xmr(range(10), baseline=5, rebase=[7]).phases] == [5, 3]


def test_no_moving_range_crosses_into_a_new_phase():
    # 5, 6, 5 | 100, 102: ranges 1, 1 and 2, never the 95 between them.
    assert [phase.mean_range for phase in xmr([5, 6, 5, 100, 102], rebase=[3], screen=False).phases] == [1, 2]


def test_a_constant_series_has_its_mean_as_limits_and_no_flag():
    for rules in ("nhs_mdc", "ihi"):
        for value in (0, 7, 0.1, -3.3, 1e-300, 1e300):
            chart = xmr([value] * 40, rules=rules)
            (phase,) = chart.phases
            assert (phase.mean, phase.lower, phase.upper, phase.mean_range) == (value, value, value, 0)
            assert set(chart.flags) == {()}


def test_values_that_differ_by_rounding_alone_are_constant():
    chart = xmr([0.3, 0.1 + 0.2, 0.6 / 2, 3 * 0.1] * 10, rules="ihi")
    assert set(chart.flags) == {()}


@pytest.mark.parametrize(("values", "mean_range"), [([4], 0), ([4, 7], 3)])
def test_one_point_or_two_are_a_chart_with_trial_limits(values, mean_range):
    chart = xmr(values)
    assert chart.phases[0].mean_range == mean_range
    assert chart.trial
    assert set(chart.flags) == {()}


def test_limits_are_trial_limits_under_thirteen_points():
    assert xmr(STEADY[:12]).trial
    assert not xmr(STEADY[:13]).trial
    assert xmr(STEADY, baseline=12).trial
    assert [phase.trial for phase in xmr(STEADY * 2, rebase=[20]).phases] == [False, True]


# --- rules, each at its edge


def test_a_value_on_a_limit_is_inside_to_1_part_in_10_to_the_9():
    # The upper limit is 15.32, the lower 4.68.
    assert flags([15.32]) == flags([4.68]) == [()]
    assert flags([15.32 * (1 + 5e-10)]) == flags([4.68 * (1 - 5e-10)]) == [()]
    assert flags([15.32 * (1 + 5e-9)]) == flags([4.68 * (1 - 5e-9)]) == [("outside",)]


def test_a_value_on_a_limit_that_rounding_moves_off_zero_is_inside():
    # Mean 2.66 and ranges of 1: the lower limit is 0, which 2.66 - 2.66 * 1.0000000000000002 misses.
    values = [2.16, 3.16] * 10
    assert xmr([*values, 0.0], baseline=20).flags[-1] == ()
    assert xmr([*values, -1e-6], baseline=20).flags[-1] == ("outside",)


@pytest.mark.parametrize(("rules", "steps"), [("nhs_mdc", 6), ("ihi", 5)])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_trend_is_as_many_steps_one_way(rules, steps, sign):
    # Before it and after it comes a step the other way.
    trend = [sign * at for at in range(steps + 1)]
    whole = xmr([sign * 0.5, *trend, sign * 0.5], rules=rules)
    assert having("trend", whole.flags) == [False, *[True] * (steps + 1), False]
    short = xmr([sign * 1.5, *trend[1:], sign * 0.5], rules=rules)
    assert not any(having("trend", short.flags))


def test_a_tie_breaks_a_trend_of_making_data_count():
    assert not any(having("trend", xmr([1, 2, 3, 4, 4, 5, 6, 7]).flags))
    assert having("trend", xmr([1, 2, 3, 4, 5, 6, 7, 7]).flags) == [True] * 7 + [False]


def test_ihi_passes_over_ties_and_counts_the_first_of_them():
    # 2, 2, 3, 3, 4, 5, 6, 7: six different values in order. The repeated ones carry no flag.
    chart = xmr([2, 2, 3, 3, 4, 5, 6, 7, 0], rules="ihi")
    assert having("trend", chart.flags) == [True, False, True, False, True, True, True, True, False]


def test_a_turning_point_belongs_to_both_trends_and_is_flagged_once():
    chart = xmr([1, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 2, 1])
    assert chart.flags[6].count("trend") == 1
    assert all(having("trend", chart.flags))


@pytest.mark.parametrize(("rules", "least"), [("nhs_mdc", 7), ("ihi", 8)])
@pytest.mark.parametrize("value", [10.5, 9.5])
@pytest.mark.parametrize("count", [6, 7, 8])
def test_a_shift_is_as_many_points_on_one_side(rules, least, value, count):
    # Before it comes a point on the other side, from which a run cannot be longer.
    other = 20 - value
    found = flags([other, *[value] * count, other], rules=rules)
    assert having("shift", found) == [False, *[count >= least] * count, False]


def test_a_point_on_the_mean_breaks_a_shift_of_making_data_count_and_not_of_ihi():
    values = [9.5, 10.5, 10.5, 10.5, 10.5, 10, 10.5, 10.5, 10.5, 10.5, 9.5]
    assert set(flags(values)) == {()}
    assert having("shift", flags(values, rules="ihi")) == [False, *[True] * 4, False, *[True] * 4, False]


def test_a_mean_that_rounding_moves_is_still_the_mean():
    # The mean of 0.1, 0.2 and 0.3 is 0.20000000000000004 when added up, and 0.2 lies on it.
    chart = xmr([0.1, 0.3] * 10 + [0.2] * 10)
    assert set(chart.flags) == {()}


def test_two_of_three_beyond_two_sigma_on_one_side_are_flagged():
    # Two sigma above is 13.5467, the limit 15.32.
    two = ("two_of_three",)
    assert flags([9, 14, 14, 9]) == [(), (), (), ()]  # the third of each three is on the other side
    assert flags([9, 14, 11, 14, 9]) == [(), two, (), two, ()]
    assert flags([9, 14, 14, 10.1, 9]) == [(), two, two, (), ()]
    assert flags([9, 14, 14, 14, 9]) == [(), two, two, two, ()]
    assert flags([11, 6, 9, 6, 11]) == [(), two, (), two, ()]
    assert flags([9, 14, 10, 14, 9]) == [(), (), (), (), ()]  # on the mean is on neither side
    assert flags([9, 14, 11, 11, 14, 9]) == [()] * 6
    # Beyond the limit is not "beyond two sigma but inside", and is on the same side all the same.
    assert flags([9, 14, 16, 14, 9]) == [(), two, ("outside",), two, ()]
    assert flags([9, 14, 16, 11, 9]) == [(), (), ("outside",), (), ()]


def test_a_value_on_two_sigma_is_not_beyond_it():
    line = 10 + 5.32 * 2 / 3
    assert flags([9, line, 11, line, 9]) == [()] * 5
    assert flags([9, line * (1 + 1e-8), 11, line * (1 + 1e-8), 9])[1] == ("two_of_three",)


@pytest.mark.parametrize(("count", "flagged"), [(14, False), (15, True)])
def test_fifteen_within_one_sigma_are_flagged_by_ihi_alone(count, flagged):
    # One sigma is 10 ± 1.77333; the steady series itself is within it, so a point outside it comes between.
    near = ([10.5, 9.5] * 8)[:count]
    assert flags([12, *near], rules="ihi")[1:] == [("fifteen",) if flagged else ()] * count
    assert set(flags([12, *near])) == {()}
    on_the_line = [10 + 5.32 / 3, 10 - 5.32 / 3] * 8
    assert ("fifteen" in flags([12, *on_the_line], rules="ihi")[1]) is True


def test_a_signal_is_told_with_its_first_and_last_point():
    chart = xmr([*STEADY, 9, *[10.5] * 4, 10, *[10.5] * 4, 9], baseline=len(STEADY), rules="ihi")
    (shift,) = (signal for signal in chart.signals if signal.rule == "shift")
    assert (shift.first, shift.last, shift.points) == (15, 23, 8)
    (long_run,) = run([1, 9, 1] + [9] * 7, baseline=2).signals
    assert (long_run.rule, long_run.first, long_run.last, long_run.points) == ("run", 3, 9, 7)


def test_flags_are_named_in_the_order_of_the_rules():
    assert flags([9, 10.5, 11, 12, 13, 13.6, 14, 16, 9])[1:-1] == [
        ("trend", "shift"),
        ("trend", "shift"),
        ("trend", "shift"),
        ("trend", "shift"),
        ("trend", "two_of_three", "shift"),
        ("trend", "two_of_three", "shift"),
        ("outside", "trend", "shift"),
    ]


def test_no_pattern_crosses_a_gap_nor_a_moving_range():
    above = [10.5] * 4
    assert set(flags([*above, None, *above])) == {()}
    assert set(flags([9.1, 9.2, 9.3, 9.4, None, 9.5, 10.6, 10.7, 10.8])) == {()}
    assert flags([9, 14, None, 14, 9]) == [()] * 5
    # 1, 2 | 10, 13: ranges 1 and 3.
    assert xmr([1, 2, None, 10, 13], screen=False).phases[0].mean_range == 2


def test_a_gap_is_no_point_of_a_baseline():
    assert xmr([1, None, 3, 100], baseline=2).phases[0].mean == 2


def test_without_two_points_in_a_row_nothing_is_outside():
    chart = xmr([1, None, 50, None, 3])
    assert (chart.phases[0].lower, chart.phases[0].mean_range) == (18, 0)
    assert set(chart.flags) == {()}


# --- what comes in


def test_numbers_may_be_of_any_kind():
    values: list[Any] = [Decimal("1.5"), Fraction(5, 2), 2, 3.0]
    assert xmr(values).phases == xmr([1.5, 2.5, 2.0, 3.0]).phases


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([], "There are no values yet."),
        ([None, None], "There are no values yet."),
        ([1, nan], "Point 2 is not a finite number"),
        ([1, 2, -inf], "Point 3 is not a finite number"),
        ([Decimal("sNaN")], "Point 1 is not a finite number"),
        ([10**400], "Point 1 is not a finite number"),
        ([1, "2"], "Point 2 is not a number"),
        ([True], "Point 1 is not a number"),
        ([1j], "Point 1 is not a number"),
    ],
)
def test_what_is_no_series_is_refused(values, said):
    for door in (xmr, run):
        with pytest.raises(SeriesRefused, match=said):
            door(values)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"rebase": [0]}, "cannot begin at point 1: it has to be one of points 2 to 5"),
        ({"rebase": [5]}, "cannot begin at point 6"),
        ({"rebase": [-1]}, "cannot begin at point 0"),
        ({"rebase": [2, 2]}, "each given once: point 3 comes after point 3"),
        ({"rebase": [3, 2]}, "in order"),
        ({"baseline": 6}, "first 6 points, and only 5 have a value"),
        ({"baseline": 1}, "at least 2 points"),
        ({"rules": "nelson"}, "There are no rules called 'nelson'. There are: nhs_mdc, ihi."),
    ],
)
def test_what_cannot_be_reckoned_is_refused(more, said):
    with pytest.raises(ValueError, match=said):
        xmr([1, 2, 3, 4, 5], **more)


def test_a_phase_without_values_is_refused():
    with pytest.raises(SeriesRefused, match="The phase from point 3 to point 4 has no values"):
        xmr([1, 2, None, None], rebase=[2])


def test_the_largest_and_smallest_numbers_are_reckoned():
    top = float_info.max
    (phase,) = xmr([top, -top] * 10).phases
    assert (phase.mean, phase.mean_range, phase.lower, phase.upper) == (0, top, -top, top)
    (phase,) = xmr([1e308, 1.2e308] * 10).phases
    assert phase.mean == pytest.approx(1.1e308)
    assert phase.upper == pytest.approx(1.632e308)
    (phase,) = xmr([5e-324, 15e-324] * 10).phases
    assert (phase.mean, phase.mean_range) == (10e-324, 10e-324)
    assert run([top, top]).median == top
    assert run([5e-324] * 3).median == 5e-324


# --- run chart


def test_a_run_chart_is_that_worked_out_by_hand():
    # In order 1 2 3 4 5 6 7 8 9 10: median 5.5. Above or below: 3- 8+ 1- 9+ 10+ 2- 7+ 6+ 4- 5-: seven runs, the longest
    # of 2. n = 10: round(log2 10) + 3 = 3 + 3; P(Bin(9) <= 1) = 10 / 512 = 0.0195, <= 2: 46 / 512 = 0.0898.
    found = run([3, 8, 1, 9, 10, 2, 7, 6, 4, 5])
    assert (found.median, found.useful, found.signal) == (5.5, 10, False)
    assert (found.longest_run, found.longest_run_max, found.crossings, found.crossings_min) == (2, 6, 6, 2)


def test_points_on_the_median_and_gaps_are_passed_over():
    found = run([1, 5, 1, None, 1, 5, 9, 9, 9])
    assert (found.median, found.useful, found.longest_run, found.crossings) == (5, 6, 3, 1)


@pytest.mark.parametrize(("length", "signal"), [(6, False), (7, True)])
def test_a_run_longer_than_its_bound_is_a_signal_and_flagged(length, signal):
    # With the baseline 1 9 the median is 5. 12 points: round(3.58) + 3 = 7; 10 points: 6.
    values = [1, 9, 1] + [9] * length
    found = run(values, baseline=2)
    assert (found.median, found.longest_run, found.longest_run_max) == (5, length, 6)
    assert [bool(names) for names in found.flags] == [False] * 3 + [signal] * length


def test_few_crossings_are_a_signal_without_a_long_run():
    # 20 points in runs of 5: round(4.32) + 3 = 7, crossings 3; P(Bin(19) <= 5) = 0.0318, <= 6: 0.0835.
    found = run(([1] * 5 + [9] * 5) * 2)
    assert (found.longest_run, found.longest_run_max, found.crossings, found.crossings_min) == (5, 7, 3, 6)
    assert found.signal
    assert set(found.flags) == {()}


def test_a_constant_run_chart_has_no_run_and_no_signal():
    found = run([4] * 30)
    assert (found.median, found.useful, found.longest_run, found.crossings, found.signal) == (4, 0, 0, 0, False)
    assert (found.longest_run_max, found.crossings_min) == (3, 0)


def test_the_bound_of_crossings_is_exact():
    for points in [*range(1, 400), 1000, 1001]:
        trials, reached, k = points - 1, 1, 0
        while 20 * reached < 2**trials:  # P < 0.05, in whole numbers
            k += 1
            reached += comb(trials, k)
        assert spc._crossings_min(points) == k


def test_the_bound_of_runs_is_the_rounded_logarithm():
    for points in range(1, 3000):
        whole = spc._longest_run_max(points) - 3
        assert 2 ** (2 * whole - 1) <= points**2 <= 2 ** (2 * whole + 1)


def test_a_series_in_any_order_of_length_has_one_entry_for_each_point():
    values = [random.Random(length).gauss(0, 1) for length in range(50)]
    for length in range(1, 50):
        assert len(xmr(values[:length]).flags) == len(run(values[:length]).flags) == length
