"""Reading lists: two admins at one list, and two members who suggest the same book."""

from functools import partial

import pytest

from bookclub import choosing, suggesting
from bookclub.models import ListedBook, Suggestion
from bookclub.refusals import OffList, OnListAlready, SuggestedAlready
from tests.bookclub.making import make_book, make_listed, make_reading_cohort, titles
from tests.concurrency.at_once import at_once
from tests.factories import make_admin, make_user

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8


def test_of_two_who_put_one_book_on_a_list_the_second_is_told() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        cohort, book = make_reading_cohort(), make_book()
        done = at_once(*[partial(choosing.add, cohort, book, by=admin)] * 2)
        assert sum(isinstance(each, OnListAlready) for each in done) == 1, done
        assert titles(cohort) == [book.title]


def test_of_two_who_swap_one_book_the_second_is_told_and_each_place_has_one_book() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        cohort = make_reading_cohort()
        listed, last = make_listed(cohort), make_listed(cohort)
        done = at_once(
            partial(choosing.swap, listed, make_book(), by=admin),
            partial(choosing.swap, listed, make_book(), by=admin),
            partial(choosing.move, last, earlier=True, by=admin),
        )
        assert sum(isinstance(each, OffList) for each in done) == 1, done
        positions = ListedBook.objects.live().filter(cohort=cohort).values_list("position", flat=True)
        assert list(positions) == [1, 2]


def test_two_who_put_different_books_on_a_list_both_do() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        cohort = make_reading_cohort()
        done = at_once(*(partial(choosing.add, cohort, make_book(), by=admin) for _ in range(2)))
        assert not [each for each in done if isinstance(each, Exception)]
        assert len(titles(cohort)) == 2


def test_of_two_who_suggest_one_book_the_second_is_told() -> None:
    for _ in range(ROUNDS):
        cohort, one, two = make_reading_cohort(), make_user(), make_user()
        suggest = partial(suggesting.suggest, cohort, title="Names we carry", authors="Demo", why="")
        done = at_once(partial(suggest, by=one), partial(suggest, by=two))
        assert sum(isinstance(each, SuggestedAlready) for each in done) == 1, done
        assert Suggestion.objects.filter(cohort=cohort).count() == 1
