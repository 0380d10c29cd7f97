"""What is told of groups, and what can be worked out from it."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.small_numbers import (
    LEAST,
    STEPS,
    Band,
    at_least,
    band,
    band_of_all,
    band_of_part,
    band_of_sum,
    in_fives_of_known,
    parts,
    quartiles,
    say,
    share,
)


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


@pytest.mark.parametrize(
    ("number", "whole", "told"),
    [(4, 30, None), (5, 30, 5), (9, 30, 5), (10, 30, 10), (30, 30, 25), (6, 6, None), (9, 9, None), (10, 10, 5)],
)
def test_of_people_who_are_known_it_is_told_in_fives_and_never_of_all(
    number: int, whole: int, told: int | None
) -> None:
    assert in_fives_of_known(number, whole) == told


def test_of_nobody_in_a_group_that_is_known_can_be_known_what_they_have_done() -> None:
    """Whatever is told of those who have begun and of those who have finished, neither can be all, or none."""
    for whole in range(1, 41):
        could_be: dict[tuple[int | None, int | None], set[tuple[int, int]]] = {}
        for begun in range(whole + 1):
            for finished in range(begun + 1):
                told = in_fives_of_known(begun, whole), in_fives_of_known(finished, whole)
                could_be.setdefault(told, set()).add((begun, finished))
        for found in could_be.values():
            assert any(begun <= max(whole - 5, 0) for begun, _ in found)
            assert any(finished <= max(whole - 5, 0) for _, finished in found)
            assert any(finished for _, finished in found)
            # Nor how many are in the midst of it.
            assert len({begun - finished for begun, finished in found}) > 1


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


FEW = set(range(LEAST))
NUMBERS = st.lists(st.integers(0, 60), min_size=1, max_size=7)


def bands(numbers: Iterable[int]) -> list[Band]:
    return [band(number) for number in numbers]


def worked_out(tables: Iterable[tuple[tuple[int | None, ...], tuple[int, ...]]]) -> Iterator[list[set[int]]]:
    """Work out what can be: for each thing that is told, what each number is in any of the tables that tell it.

    So it stands for a reader who knows the rules and tries every table that there could be. `tables` yields what is
    told, and the numbers behind it.
    """
    could_be: dict[tuple[int | None, ...], list[set[int]]] = {}
    for told, numbers in tables:
        found = could_be.setdefault(told, [set() for _ in numbers])
        for values, number in zip(found, numbers, strict=True):
            values.add(number)
    yield from could_be.values()


class TestBands:
    """Counts in one table with their totals, for whoever works out all that can be."""

    @pytest.mark.parametrize(("number", "told"), [(0, None), (9, None), (10, 10), (14, 10), (15, 15), (1_003, 1_000)])
    def test_a_number_is_told_in_fives_from_ten_up(self, number: int, told: int | None) -> None:
        assert band(number).told == told

    @pytest.mark.parametrize(
        ("numbers", "told"),
        [
            # One alone that is left out cannot be found by subtraction: the total is that of the others.
            ((27, 9), 25),
            ((27, 0), 25),
            ((12, 13, 8), 20),
            # Where several are, the total says how many they are together.
            ((9, 9), None),
            ((4, 4, 4), 10),
            ((9, 9, 9), 15),
            ((6, 7, 8, 9, 5, 6), 40),
            ((14, 14, 14, 14), 50),
        ],
    )
    def test_a_total_gives_way_to_its_parts(self, numbers: tuple[int, ...], told: int | None) -> None:
        assert band_of_sum(sum(numbers), bands(numbers)).told == told

    @pytest.mark.parametrize(
        ("groups", "everybody", "told"),
        [((25, 30), 55, 55), ((25, 30), 40, 30), ((25, 4), 29, 25), ((9, 9, 9), 10, 10), ((9, 9, 9), 9, None)],
    )
    def test_people_in_several_groups_are_counted_once(
        self, groups: tuple[int, ...], everybody: int, told: int | None
    ) -> None:
        assert band_of_all(everybody, bands(groups)).told == told

    @pytest.mark.parametrize(
        ("done", "whole", "told"),
        [(10, 20, 10), (9, 40, None), (0, 40, None), (31, 40, None), (40, 40, None), (30, 44, 30), (33, 44, 30)],
    )
    def test_those_who_have_done_something_are_told_beside_ten_who_have_not(
        self, done: int, whole: int, told: int | None
    ) -> None:
        assert band_of_part(done, whole, band(whole)).told == told

    @pytest.mark.parametrize("most_in_both", [0, 14])
    def test_trying_every_table_narrows_down_no_number_of_two_programmes(self, most_in_both: int) -> None:
        """Two years of one programme, who completed it, one year of another, and everybody.

        It is known, or not, that nobody is in both.
        """

        def tables() -> Iterator[tuple[tuple[int | None, ...], tuple[int, ...]]]:
            for first, second, other in product(range(15), repeat=3):
                years = bands((first, second))
                whole = first + second
                programmes = [band_of_sum(whole, years), band(other)]
                completed = [band_of_part(done, whole, programmes[0]).told for done in range(whole + 1)]
                for both in range(min(whole, other, most_in_both) + 1):
                    people = whole + other - both
                    told = tuple(each.told for each in (*years, *programmes, band_of_all(people, programmes)))
                    for done in range(whole + 1):
                        yield (*told, completed[done]), (first, second, other, whole, people, both, done, whole - done)

        for first, second, other, *totals, both, done, not_done in worked_out(tables()):
            assert all(leaf in (FEW, set(range(10, 15))) for leaf in (first, second, other))
            assert all(len(number) >= 5 for number in (*totals, done, not_done))
            assert len(both) >= 5 or not most_in_both

    @pytest.mark.parametrize("groups", list(product([Band(0, 9), Band(10, 14), Band(15, 27)], repeat=2)))
    @pytest.mark.parametrize("most_in_both", [0, 14])
    def test_trying_every_table_narrows_down_no_group_of_them_all(
        self, groups: tuple[Band, Band], most_in_both: int
    ) -> None:
        """Two groups, of which one may be a total itself, and everybody."""

        def tables() -> Iterator[tuple[tuple[int | None, ...], tuple[int, ...]]]:
            for one, other in product(*(range(group.least, group.most + 1) for group in groups)):
                for both in range(min(one, other, most_in_both) + 1):
                    everybody = one + other - both
                    yield (band_of_all(everybody, groups).told,), (one, other)

        for could_be in worked_out(tables()):
            assert could_be == [set(range(group.least, group.most + 1)) for group in groups]

    def test_trying_every_table_narrows_down_no_number_beside_those_who_completed(self) -> None:
        """Three years of a programme, its total, and how many completed it."""

        def tables() -> Iterator[tuple[tuple[int | None, ...], tuple[int, ...]]]:
            for years in product(range(15), repeat=3):
                whole = sum(years)
                programme = band_of_sum(whole, bands(years))
                for done in range(whole + 1):
                    completed = band_of_part(done, whole, programme)
                    told = tuple(each.told for each in (*bands(years), programme, completed))
                    yield told, (*years, whole, done, whole - done)

        for *years, whole, done, not_done in worked_out(tables()):
            assert all(year in (FEW, set(range(10, 15))) for year in years)
            assert len(whole) >= 5
            assert len(done) >= 5
            assert len(not_done) >= 5
            # Neither that nobody has, nor that all have; or that ten have, and ten have not.
            assert (done >= FEW and not_done >= FEW) or (min(done) >= LEAST and min(not_done) >= LEAST)

    @given(NUMBERS)
    def test_each_part_could_be_any_number_of_its_band(self, numbers: list[int]) -> None:
        """In tables too large to try them all: for each part and number there is a table that tells the same."""
        told = bands(numbers)
        total = band_of_sum(sum(numbers), told)
        for place, part in enumerate(told):
            for number in (part.least, part.most):
                others = [each for other, each in enumerate(told) if other != place]
                another = [number, *filled(others, total.least - number)]
                assert total.least <= sum(another) <= total.most
                assert band_of_sum(sum(another), [part, *others]) == total
                assert sorted(each.least for each in bands(another)) == sorted(each.least for each in told)

    @given(NUMBERS, st.data())
    def test_no_part_is_told_as_more_than_its_total(self, numbers: list[int], data: st.DataObject) -> None:
        told = bands(numbers)
        everybody = data.draw(st.integers(max(numbers), sum(numbers)))
        done = data.draw(st.integers(0, sum(numbers)))
        total = band_of_sum(sum(numbers), told)
        assert sum(each.told or 0 for each in told) <= (total.told or 0) <= sum(numbers)
        assert max(each.told or 0 for each in told) <= (band_of_all(everybody, told).told or 0) <= everybody
        completed = band_of_part(done, sum(numbers), total).told
        assert completed is None or LEAST <= completed <= (total.told or 0) - LEAST


def filled(told: Sequence[Band], wanted: int) -> list[int]:
    """Return a number of each band, the first ones as large as they can be, that make `wanted` or the nearest to it."""
    numbers = [each.least for each in told]
    for place, each in enumerate(told):
        numbers[place] += max(0, min(each.width, wanted - sum(numbers)))
    return numbers
