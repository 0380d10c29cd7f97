"""What tests of lending are made of: copies, and who has them."""

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from bookclub import asking, lending
from bookclub.models import Book, Copy, CopyRequest, ListedBook, Loan
from cohorts.models import Cohort, Membership
from portal.accounts.models import User
from tests.bookclub.making import make_book
from tests.factories import make_admin

_number = count(1)


def make_copy(cohort: Cohort, book: Book | None = None, **fields: Any) -> Copy:
    """Make a copy that a cohort's programme lends."""
    given = {"programme": cohort.programme, "book": book or make_book(), "label": f"Copy {next(_number)}"}
    return Copy.objects.create(**given | fields)


def in_days(days: int) -> date:
    """Return a day from today on, or before it."""
    return timezone.localdate() + timedelta(days=days)


def morning(days: int = 0) -> datetime:
    """Return an hour of a day at which letters are written."""
    return (timezone.localtime() + timedelta(days=days)).replace(hour=10)


def make_loan(member: Membership, copy: Copy | None = None, *, days: int = 42) -> Loan:
    """Lend a copy to a member, for so many days."""
    return lending.lend(copy or make_copy(member.cohort), member.user, due_on=in_days(days), by=make_admin())


def make_request(listed: ListedBook, user: User) -> CopyRequest:
    """Make a copy of a book on a list, and let a member ask for one."""
    make_copy(listed.cohort, listed.book)
    return asking.ask(listed, by=user)


def let_pass(loan: Loan, days: int) -> None:
    """Let days pass since a copy was lent."""
    Loan.objects.filter(pk=loan.pk).update(
        lent_on=loan.lent_on - timedelta(days=days), due_on=loan.due_on - timedelta(days=days)
    )
    loan.refresh_from_db()
