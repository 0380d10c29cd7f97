"""ISBNs as people copy them, and what PostgreSQL takes of them."""

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from bookclub import isbn
from bookclub.models import Book
from tests.bookclub.making import make_book

# 0-306-40615-2 is worked out by hand in many books: 10*0 + 9*3 + 8*0 + 7*6 + 6*4 + 5*0 + 4*6 + 3*1 + 2*5 = 130, and
# 130 + 2 = 132 = 12 * 11. Of 978030640615?: 9 + 3*7 + 8 + 3*0 + 3 + 3*0 + 6 + 3*4 + 0 + 3*6 + 1 + 3*5 = 93, so 7.
RIGHT = "9780306406157"


@pytest.mark.parametrize(
    "typed",
    [
        "0306406152",
        "0-306-40615-2",
        "978-0-306-40615-7",
        "978 0 306 40615 7",
        "ISBN 0-306-40615-2",
        "isbn-13: 9780306406157",
        "ISBN:0306406152",
        "ISBN13 978-0-306-40615-7",
        "ISBN 13: 978-0-306-40615-7",
        "ISBN10: 0306406152",
        "978\u20130\u2013306\u201340615\u20137",
        "\u00a09780306406157 ",
    ],
)
def test_one_number_however_it_is_written(typed: str) -> None:
    assert isbn.read(typed) == RIGHT


def test_ten_digits_may_end_in_an_x() -> None:
    # 0*10 + 8*9 + 0*8 + 4*7 + 4*6 + 2*5 + 9*4 + 5*3 + 7*2 = 199, and 199 + 10 = 209 = 19 * 11.
    assert isbn.read("0-8044-2957-x") == "9780804429573"


@pytest.mark.parametrize("typed", ["9780306406158", "0306406153", "9780306460157", "0-8044-2957-1"])
def test_a_wrong_digit_is_noticed(typed: str) -> None:
    with pytest.raises(isbn.NotAnISBN, match="One of the digits is wrong"):
        isbn.read(typed)


@pytest.mark.parametrize("typed", ["", "123", "ISBN", "97803064061570", "The weight of a name", "x" * 10_000, "\0"])
def test_what_is_none_is_told_so(typed: str) -> None:
    with pytest.raises(isbn.NotAnISBN, match="Enter 10 or 13 digits"):
        isbn.read(typed)


@given(st.text(max_size=40))
def test_whatever_is_typed_is_read_or_refused(typed: str) -> None:
    try:
        found = isbn.read(typed)
    except isbn.NotAnISBN:
        return
    assert isbn.read(isbn.show(found)) == found


def test_it_is_shown_with_its_hyphens() -> None:
    assert isbn.show(RIGHT) == "978-0-306-40615-7"


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", ["9780306406158", "978030640615", "0306406152", "9770306406157", "97803064O6157"])
def test_postgresql_takes_no_other(wrong: str) -> None:
    make_book(isbn=RIGHT)
    make_book(isbn="")
    make_book(isbn="")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_book(isbn=wrong)
    with pytest.raises(IntegrityError, match="one_book_of_each_isbn"), transaction.atomic():
        make_book(isbn=RIGHT)
    assert Book.objects.count() == 3
