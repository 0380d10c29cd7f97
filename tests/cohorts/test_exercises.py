"""Exercises that check themselves: what is right is taken, and what is not gets help."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from cohorts import exercises
from cohorts.models import CoursePage, PageOption
from cohorts.study_forms import ExerciseForm


def made(kind: str, right: Sequence[bool] = (), **fields: Any) -> tuple[CoursePage, list[PageOption]]:
    """Return a page, unsaved, with an option for each of `right`."""
    page = CoursePage(pk=7, exercise=kind, question="What is right?", **fields)
    texts = (f"Option {number}" for number in range(1, len(right) + 1))
    return page, [
        PageOption(pk=number, position=number, text=text, is_right=is_right, feedback=f"Think of {text}.")
        for number, (text, is_right) in enumerate(zip(texts, right, strict=True), start=1)
    ]


def answered(page: CoursePage, options: Sequence[PageOption], data: str) -> tuple[bool, list[str]]:
    """Return whether an answer is taken, and what is said of it."""
    form = ExerciseForm(QueryDict(data), page=page, options=options)
    is_right = form.is_valid()
    return is_right, [str(said) for errors in form.errors.values() for said in errors]


def test_a_wrong_choice_is_told_what_speaks_against_it() -> None:
    page, options = made("one", [False, True])

    assert answered(page, options, "answer=2") == (True, [])
    assert answered(page, options, "answer=1") == (False, ["Not yet. “Option 1”: Think of Option 1."])
    assert answered(page, options, "") == (False, ["Select an answer"])
    for gone in ("99", "x"):
        said = "The answers were changed meanwhile. Select among these"
        assert answered(page, options, f"answer={gone}") == (False, [said])


def test_of_several_each_wrong_one_is_told_and_then_that_there_are_more() -> None:
    page, options = made("several", [True, False, True])

    assert answered(page, options, "answer=1&answer=3") == (True, [])
    assert answered(page, options, "answer=1") == (False, [exercises.MORE_APPLY])
    assert answered(page, options, "answer=1&answer=2") == (False, ["Not yet. “Option 2”: Think of Option 2."])
    assert answered(page, options, "") == (False, ["Select each answer that applies"])


def test_an_order_says_how_many_are_in_their_place_and_hints() -> None:
    page, options = made("order", [False, False, False], hint="What do you need to know before you begin?")

    assert answered(page, options, "place_1=1&place_2=2&place_3=3") == (True, [])
    assert answered(page, options, "place_1=1&place_2=3&place_3=2") == (
        False,
        ["Not yet: 1 of 3 are in their place", "What do you need to know before you begin?"],
    )
    assert answered(page, options, "place_1=1&place_2=1&place_3=2") == (
        False,
        ["“Option 2” and “Option 1” are both number 1. Change one"],
    )
    for left_out in ("", "&place_3=7", "&place_3=x"):
        said = ["Choose a place for “Option 3”"]
        assert answered(page, options, f"place_1=1&place_2=2{left_out}") == (False, said)


@pytest.mark.parametrize("typed", ["12.5", "12,5", " 12.4 ", "12.6%", "12.50", "1 2.5"])
def test_a_number_is_read_as_people_write_it(typed: str) -> None:
    page, options = made("number", number=Decimal("12.5"), tolerance=Decimal("0.1"))

    assert answered(page, options, f"answer={typed.replace('%', '%25')}") == (True, [])


def test_a_comma_may_stand_for_thousands() -> None:
    page, options = made("number", number=Decimal(1200), tolerance=Decimal(0))

    assert answered(page, options, "answer=1,200") == (True, [])
    assert answered(page, options, "answer=1,2") == (False, ["Not yet: 1.2 is not the number"])


@pytest.mark.parametrize("typed", ["", "twelve", "NaN", "Infinity", "1e99999", "1" * 40, "12.55555", "--3", "\0"])
def test_what_is_no_number_is_asked_for_again(typed: str) -> None:
    page, options = made("number", number=Decimal("12.5"), tolerance=Decimal(1))

    is_right, said = answered(page, options, f"answer={typed}")

    assert not is_right
    assert said in (["Enter a number, like 12 or 7.5"], ["Enter a number"], ["Null characters are not allowed."])


@given(off=st.decimals(-20, 20, places=2), tolerance=st.decimals(0, 10, places=2))
def test_a_number_is_right_up_to_its_tolerance_and_no_further(off: Decimal, tolerance: Decimal) -> None:
    page, _ = made("number", number=Decimal(50), tolerance=tolerance, hint="Look again.")

    assert (exercises.check_number(page, Decimal(50) + off) == []) is (abs(off) <= tolerance)


@given(right=st.lists(st.booleans(), min_size=2, max_size=8).filter(any), data=st.data())
def test_several_are_right_when_they_are_just_those_that_apply(right: list[bool], data: st.DataObject) -> None:
    _, options = made("several", right)
    chosen = data.draw(st.lists(st.sampled_from([option.pk for option in options]), unique=True, min_size=1))

    is_right = exercises.check_choices(options, chosen) == []

    assert is_right is (set(chosen) == {option.pk for option in options if option.is_right})


@given(number=st.integers(2, 12), key=st.integers(1, 10**6))
def test_what_is_put_in_order_is_shown_mixed_and_always_alike(number: int, key: int) -> None:
    page, options = made("order", [False] * number)
    page.pk = key

    shown = exercises.options_shown(page, options)

    assert shown != options
    assert sorted(shown, key=lambda option: option.pk) == options
    assert shown == exercises.options_shown(page, options)
