"""What holds of every series: nothing depends on the unit, on the zero, or on what another phase holds."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qi_projects.spc import p, run, side, u, xmr
from qi_projects.spc_rules import RULE_SETS, flagged, steps_of

WHOLE = st.lists(st.integers(-50, 50), min_size=1, max_size=60)
"""Few enough different numbers for ties, points on the mean and values on a limit to come up."""
FLOATS = st.lists(st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 3)), min_size=1, max_size=60)
RULES = st.sampled_from(sorted(RULE_SETS))
GAPS = st.lists(st.one_of(st.none(), st.integers(-50, 50)), min_size=1, max_size=60).filter(
    lambda values: any(value is not None for value in values)
)


def figures(chart):
    return [(phase.mean, phase.lower, phase.upper, phase.mean_range) for phase in chart.phases]


@given(WHOLE, st.integers(-1000, 1000), RULES, st.booleans())
def test_a_shifted_series_has_the_same_flags_and_shifted_limits(values, by, rules, screen):
    plain = xmr(values, rules=rules, screen=screen)
    moved = xmr([value + by for value in values], rules=rules, screen=screen)
    assert moved.flags == plain.flags
    (before,), (after,) = figures(plain), figures(moved)
    assert [each - by for each in after[:3]] == pytest.approx(before[:3], rel=1e-9, abs=1e-9)
    assert after[3] == before[3]


@given(WHOLE, st.floats(1e-6, 1e6), RULES, st.booleans())
def test_a_series_in_another_unit_has_the_same_flags_and_limits_in_it(values, times, rules, screen):
    plain = xmr(values, rules=rules, screen=screen)
    scaled = xmr([value * times for value in values], rules=rules, screen=screen)
    assert scaled.flags == plain.flags
    expected = [each * times for each in figures(plain)[0]]
    assert list(figures(scaled)[0]) == pytest.approx(expected, rel=1e-9, abs=1e-9 * times)


@given(FLOATS, st.integers(-900, 900))
def test_a_power_of_two_changes_no_digit(values, exponent):
    plain, scaled = xmr(values), xmr([value * 2.0**exponent for value in values])
    assert scaled.flags == plain.flags
    assert figures(scaled) == [tuple(each * 2.0**exponent for each in figures(plain)[0])]


@given(WHOLE)
def test_backwards_the_limits_are_the_same_and_the_flags_in_reverse(values):
    forwards, backwards = xmr(values), xmr(values[::-1])
    assert figures(backwards) == figures(forwards)
    assert backwards.flags == forwards.flags[::-1]


@given(WHOLE, RULES)
def test_upside_down_the_flags_are_the_same_on_the_other_side(values, rules):
    plain, turned = xmr(values, rules=rules), xmr([-value for value in values], rules=rules)
    assert turned.flags == plain.flags
    other = {"high": "low", "low": "high", "": ""}
    assert [side(turned, at) for at in range(len(values))] == [other[side(plain, at)] for at in range(len(values))]


@given(st.lists(WHOLE, min_size=1, max_size=4), RULES, st.booleans())
def test_each_phase_is_as_if_it_stood_alone(parts, rules, screen):
    starts = [sum(map(len, parts[:at])) for at in range(1, len(parts))]
    whole = xmr([value for part in parts for value in part], rules=rules, rebase=starts, screen=screen)
    alone = [xmr(part, rules=rules, screen=screen) for part in parts]
    assert figures(whole) == [each for chart in alone for each in figures(chart)]
    assert whole.flags == tuple(names for chart in alone for names in chart.flags)
    assert [phase.start for phase in whole.phases] == [0, *starts]
    assert [(signal.rule, signal.points) for signal in whole.signals] == [
        (signal.rule, signal.points) for chart in alone for signal in chart.signals
    ]
    assert all(signal.rule in whole.flags[at] for signal in whole.signals for at in (signal.first, signal.last))


@given(WHOLE, WHOLE)
def test_what_follows_a_baseline_does_not_move_its_limits(base, later):
    base = [*base, 1]
    assert figures(xmr([*base, *later], baseline=len(base))) == figures(xmr(base))


@given(GAPS, RULES)
def test_a_gap_has_no_flag_and_parts_what_lies_on_either_side(values, rules):
    chart = xmr(values, rules=rules)
    assert chart.values == tuple(values)
    assert all(names == () for value, names in zip(values, chart.flags, strict=True) if value is None)


@given(GAPS)
def test_a_run_chart_is_that_of_the_points_that_are_there(values):
    there = [value for value in values if value is not None]
    found, plain = run(values), run(there)
    assert (found.median, found.longest_run, found.crossings, found.useful) == (
        plain.median,
        plain.longest_run,
        plain.crossings,
        plain.useful,
    )
    assert [names for value, names in zip(values, found.flags, strict=True) if value is not None] == list(plain.flags)


@given(WHOLE)
def test_a_run_chart_backwards_is_the_same(values):
    forwards, backwards = run(values), run(values[::-1])
    assert (forwards.median, forwards.longest_run, forwards.crossings) == (
        backwards.median,
        backwards.longest_run,
        backwards.crossings,
    )
    assert forwards.flags == backwards.flags[::-1]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=40), RULES)
def test_no_finite_series_overflows(values, rules):
    chart = xmr(values, rules=rules)
    for each in figures(chart):
        assert all(abs(number) < float("inf") for number in each)
    ordered = sorted(values)
    assert ordered[(len(values) - 1) // 2] <= run(values).median <= ordered[len(values) // 2]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=40), RULES)
def test_charts_of_counts_keep_their_limits_where_a_value_can_be(pairs, rules):
    numerators, denominators = [few for few, _ in pairs], [few + more + 1 for few, more in pairs]
    for chart, most in ((p(numerators, denominators, rules=rules), 1), (u(numerators, denominators, rules=rules), 41)):
        assert len(chart.flags) == len(chart.limits) == len(pairs)
        for limits in chart.limits:
            assert limits
            assert 0 <= limits[0] <= chart.phases[0].mean <= limits[1]
            assert most > 1 or limits[1] <= 1


# --- the rules against a plain reading of their definitions, in windows


def windows(values: Sequence[float], length: int) -> Iterator[range]:
    return (range(start, start + length) for start in range(len(values) - length + 1))


@settings(max_examples=300)
@given(st.lists(st.integers(0, 8), min_size=1, max_size=40))
def test_the_patterns_of_zones_find_what_the_definitions_say(zones):
    expected: dict[str, set[int]] = {"outside": set(), "two_of_three": set(), "shift": set()}
    expected["outside"] = {at for at, zone in enumerate(zones) if zone in (0, 8)}
    for window in windows(zones, 7):
        if all(zones[at] > 4 for at in window) or all(zones[at] < 4 for at in window):
            expected["shift"] |= set(window)
    for window in windows(zones, 3):
        for close, beyond in ((7, lambda zone: zone > 4), (1, lambda zone: zone < 4)):
            near = {at for at in window if zones[at] == close}
            if len(near) > 1 and all(beyond(zones[at]) for at in window):
                expected["two_of_three"] |= near
    found, _ = flagged("".join(map(str, zones)), "." * (len(zones) - 1), RULE_SETS["nhs_mdc"].rules, spread=True)
    for name, points in expected.items():
        assert {at for at, names in enumerate(found) if name in names} == points


@settings(max_examples=300)
@given(st.lists(st.integers(0, 8), min_size=1, max_size=40))
def test_the_patterns_of_ihi_find_what_the_definitions_say(zones):
    off = [at for at, zone in enumerate(zones) if zone != 4]
    shift: set[int] = set()
    for window in windows(off, 8):
        if len({zones[off[each]] > 4 for each in window}) == 1:
            shift |= {off[each] for each in window}
    near = {at for window in windows(zones, 15) if all(3 <= zones[each] <= 5 for each in window) for at in window}
    found, _ = flagged("".join(map(str, zones)), "." * (len(zones) - 1), RULE_SETS["ihi"].rules, spread=True)
    assert {at for at, names in enumerate(found) if "shift" in names} == shift
    assert {at for at, names in enumerate(found) if "fifteen" in names} == near


@settings(max_examples=300)
@given(st.lists(st.integers(-1, 1), max_size=40))
def test_trends_are_what_the_definitions_say(moves):
    values = [0.0]
    for move in moves:
        values.append(values[-1] + move)
    trend: set[int] = set()
    for window in windows(values, 7):
        steps = {values[at + 1] - values[at] for at in window[:-1]}
        if steps in ({1}, {-1}):
            trend |= set(window)
    assert of("nhs_mdc", values) == trend
    # Without the repeats, six in order are a trend of IHI.
    once = [at for at in range(len(values)) if at == 0 or values[at] != values[at - 1]]
    trend = set()
    for window in windows(once, 6):
        steps = {values[once[at + 1]] - values[once[at]] for at in window[:-1]}
        if steps in ({1}, {-1}):
            trend |= {once[at] for at in window}
    assert of("ihi", values) == trend


def of(rules, values):
    """Return the points of a trend."""
    found, _ = flagged("4" * len(values), steps_of(values), RULE_SETS[rules].rules, spread=False)
    return {at for at, names in enumerate(found) if "trend" in names}
