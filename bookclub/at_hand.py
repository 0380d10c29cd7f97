"""What members read of copies: how many can be had, what they have on loan themselves, and what they asked for.

Of anybody else's loans they read nothing but that number.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db.models import F
from django.utils import timezone

from bookclub.models import Copy, CopyRequest, ListedBook, Loan
from bookclub.reading_list import InHand
from bookclub.rules import Seat
from cohorts.models import Cohort
from portal.prepared import Given, Prepared

_LOANS: Prepared[Any] = Prepared(
    lambda: (
        Loan.objects.out()
        .filter(borrower=Given("person"), copy__programme=Given("programme"))
        .select_related("copy__book")
        .with_return()
    )
)
_REQUESTS: Prepared[CopyRequest] = Prepared(
    lambda: (
        CopyRequest.objects.filter(asked_by=Given("person"), cohort=Given("cohort"), state__in=["open", "declined"])
        .order_by("book_id", "-asked_at", "-pk")
        .distinct("book_id")
    )
)
_TO_GIVE_BACK: Prepared[Any] = Prepared(
    lambda: (
        Loan.objects.out()
        .filter(
            borrower=Given("person"),
            copy__programme__cohorts__memberships__user=Given("person"),
            copy__programme__cohorts__memberships__state="enrolled",
        )
        .order_by("due_on", "pk", "-copy__programme__cohorts__memberships__pk")
        .distinct("due_on", "pk")
        .values_list(
            F("copy__programme__cohorts__memberships"),
            F("copy__programme__cohorts"),
            "copy__book__title",
            "due_on",
        )
    )
)


class OnLoan(NamedTuple):
    """A copy that the reader has: `is_due` once the day has come on which it is due back."""

    loan: Any
    is_due: bool


class AtHand(NamedTuple):
    """Of a book: how many copies the programme has, how many are in, whether the reader has one, what they asked."""

    copies: int
    free: int
    has_one: bool
    request: CopyRequest | None


class ToGiveBack(NamedTuple):
    """A loan as a line among somebody's tasks."""

    membership: int
    cohort: int
    title: str
    due_on: date


class Shelf(NamedTuple):
    """What the page of a cohort's book club says of copies."""

    of_books: Mapping[int, AtHand]
    on_loan: list[OnLoan]


def shelf(seat: Seat, books: Sequence[InHand]) -> Shelf:
    """Return what somebody reads of copies of the books of a list: for a member by two statements."""
    cohort, person = seat.cohort, seat.person
    loans: list[Any] = []
    requests: dict[int, CopyRequest] = {}
    if seat.membership:
        loans = _LOANS.all(person=person.pk, programme=cohort.programme_id)
        # Also of books of which there is no copy any more: what somebody asked for is theirs to take back.
        requests = {each.book_id: each for each in _REQUESTS.all(person=person.pk, cohort=cohort.pk)}
    has = {loan.copy.book_id for loan in loans}
    today = timezone.localdate()
    return Shelf(
        {
            book: AtHand(len(lent), lent.count(False), book in has, requests.get(book))
            for book, lent in ((each.listed.book_id, each.lent) for each in books)
            if lent or book in requests
        },
        [OnLoan(loan, loan.due_on <= today) for loan in loans],
    )


def formats(cohort: Cohort, listed: ListedBook) -> list[tuple[str, str]]:
    """Return in which forms a cohort's programme has copies of a book on its list, as choices."""
    copies = Copy.objects.in_use().filter(book=listed.book_id, programme=cohort.programme_id)
    found = set(copies.values_list("format", flat=True))
    return [(value, label) for value, label in Copy.Format.choices if value in found]


def to_give_back(person: int) -> list[ToGiveBack]:
    """Return what somebody has on loan, what is due first, each beside a membership of theirs in its programme."""
    return [ToGiveBack(*row) for row in _TO_GIVE_BACK.all(person=person)]
