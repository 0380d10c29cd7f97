"""What is told of groups, and what can be worked out from it."""

import math
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.small_numbers import LEAST, STEPS, at_least, parts, quartiles, say, share


@pytest.mark.parametrize(
    ("number", "told"), [(0, None), (9, None), (10, 10), (49, 10), (50, 50), (99, 50), (100, 100), (70_000, 5_000)]
)
def test_a_groups_size_is_told_in_steps(number: int, told: int | None) -> None:
    assert at_least(number) == told


@pytest.mark.parametrize(
    ("part", "whole", "told"), [(9, 9, None), (0, 10, 0), (10, 10, 100), (11, 12, 90), (195, 200, 100), (1, 40, 5)]
)
def test_a_share_is_told_to_the_nearest_five(part: int, whole: int, told: int | None) -> None:
    assert share(part, whole) == told


def test_no_part_under_ten_can_be_worked_out_from_a_share() -> None:
    """For each share and size that are told, there is more than one part that they could stand for."""
    for step, following in pairwise(STEPS):
        could_be: dict[int | None, set[int]] = {}
        for whole in range(step, following):
            for part in range(whole + 1):
                could_be.setdefault(share(part, whole), set()).add(part)
        assert all(len(found) > 1 for found in could_be.values())


class TestQuartiles:
    """In whole numbers, of ten or more."""

    def test_of_too_few_there_are_none(self) -> None:
        assert quartiles(range(9)) is None

    def test_they_lie_between_the_values(self) -> None:
        assert quartiles([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) == [3, 6, 8]
        assert quartiles([4] * 10) == [4, 4, 4]

    def test_what_has_not_happened_yet_counts_as_longest(self) -> None:
        assert quartiles([1] * 6 + [math.inf] * 4) == [1, 1, None]
        assert quartiles([math.inf] * 12) == [None, None, None]

    @given(st.lists(st.integers(0, 400), min_size=10, max_size=200))
    def test_in_order_and_never_outside(self, values: list[int]) -> None:
        low, middle, high = quartiles(values) or []
        assert low is not None
        assert middle is not None
        assert high is not None
        assert min(values) <= low <= middle <= high <= max(values)


class TestParts:
    """Beside their total."""

    def test_what_is_large_enough_is_told(self) -> None:
        assert parts({"a": 10, "b": 200}) == {"a": 10, "b": 200}

    def test_one_alone_takes_the_next_with_it(self) -> None:
        assert parts({"a": 3, "b": 12, "c": 40}) == {"a": None, "b": None, "c": 40}

    def test_several_that_are_few_together_take_the_next_with_them(self) -> None:
        assert parts({"a": 1, "b": 2, "c": 12, "d": 40}) == {"a": None, "b": None, "c": None, "d": 40}

    def test_nought_is_a_small_number(self) -> None:
        assert parts({"a": 0, "b": 12, "c": 40}) == {"a": None, "b": None, "c": 40}

    @given(st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 40), min_size=2))
    def test_nothing_under_ten_can_be_worked_out_from_the_total(self, numbers: dict[str, int]) -> None:
        told = parts(numbers)
        hidden = [name for name, number in told.items() if number is None]
        assert all(number is None or number >= LEAST for number in told.values())
        rest = sum(numbers.values()) - sum(number or 0 for number in told.values())
        # What is left out: nothing, or all, or several that are ten or more together.
        assert not hidden or len(hidden) == len(told) or (len(hidden) > 1 and rest >= LEAST)
        if len(hidden) == 2 and sum(numbers.values()) >= LEAST:
            one, other = hidden
            could_be = [pair for pair in product(range(rest + 1), repeat=2) if sum(pair) == rest]
            assert {pair[0] for pair in could_be} > {numbers[one]}
            assert numbers[other] <= rest


def test_numbers_are_said() -> None:
    assert say(None) == "fewer than 10"
    assert say(1234) == "1,234"
