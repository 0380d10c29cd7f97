"""What people are told by letter of copies: that one is due back soon, or now; and what became of what they asked.

No subject names a book: people read it on a locked screen, beside others.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone

from bookclub.models import CopyRequest, Loan
from portal import outbox
from portal.accounts.models import User
from portal.nhsuk.dates import say_date

SOON: Final = "bookclub.loan_soon"
DUE: Final = "bookclub.loan_due"
ANSWERED: Final = "bookclub.copy_answered"


def register() -> None:
    """Make these letters known to the outbox."""
    for rule in (SOON, DUE):
        outbox.register(outbox.Rule(rule, load=load_loans, compose=partial(compose_reminder, rule=rule), private=True))
    outbox.register(outbox.Rule(ANSWERED, load=load_requests, compose=compose_answer, private=True))


def subject_of(loan: int, due_on: date) -> str:
    """Return the subject of a reminder: one for each day that a loan is due on."""
    return f"loan:{loan}:{due_on:%Y%m%d}"


def load_loans(subjects: Sequence[str]) -> Mapping[str, Any]:
    """Read the loans of a batch of letters in one statement; without those that are due on another day by now."""
    keys = {int(subject.split(":")[1]) for subject in subjects}
    rows = Loan.objects.out().filter(pk__in=keys).select_related("copy__book", "cohort").with_return()
    found = {subject_of(loan.pk, loan.due_on): loan for loan in rows}
    return {subject: found[subject] for subject in subjects if subject in found}


def load_requests(subjects: Sequence[str]) -> Mapping[str, tuple[CopyRequest, Any]]:
    """Read the requests of a batch of letters, each with the loan of that book to whoever asked: two statements."""
    keys = {subject: int(subject.partition(":")[2]) for subject in subjects}
    requests = CopyRequest.objects.select_related("book", "cohort").in_bulk(keys.values())
    loans = Loan.objects.out().filter(
        borrower__in={request.asked_by_id for request in requests.values()},
        copy__book__in={request.book_id for request in requests.values()},
    )
    found = {
        (loan.borrower_id, loan.copy.book_id, loan.copy.programme_id): loan
        for loan in loans.select_related("copy__book").with_return()
    }
    return {
        subject: (request, found.get((request.asked_by_id, request.book_id, request.cohort.programme_id)))
        for subject, pk in keys.items()
        if (request := requests.get(pk))
    }


def compose_reminder(loan: Any, person: User, *, rule: str) -> outbox.Mail | None:
    """Write to whoever has a copy; nothing, where another has it or the day has passed before which it was to go."""
    today = timezone.localdate()
    if loan.borrower_id != person.pk or (rule == SOON and loan.due_on <= today):
        return None
    day = say_date(loan.due_on)
    if loan.due_on > today:
        lead = f"The book that you have on loan from us is due back on {day}."
    elif loan.due_on == today:
        lead = f"The book that you have on loan from us is due back today, {day}."
    else:
        lead = f"The book that you have on loan from us was due back on {day}."
    return outbox.Mail(
        subject=f"A book on loan, due back {say_date(loan.due_on, weekday=False)}",
        template="bookclub/loan",
        context={"lead": lead, "loan": loan},
        link=None if loan.has_left else _to_book_club(loan.cohort_id),
    )


def compose_answer(about: tuple[CopyRequest, Any], person: User) -> outbox.Mail | None:
    """Tell whoever asked for a copy that it is lent to them, or why not; nothing, where it has changed since."""
    request, loan = about
    is_lent = request.state == CopyRequest.State.LENT
    if request.asked_by_id != person.pk or not (loan if is_lent else request.state == CopyRequest.State.DECLINED):
        return None
    return outbox.Mail(
        subject="Your copy of a book" if is_lent else "The book that you asked to borrow",
        template="bookclub/copy_answered",
        context={
            "request": request,
            "loan": loan if is_lent else None,
            "is_other_kind": is_lent and not request.is_met_by(loan.copy),
        },
        link=_to_book_club(request.cohort_id),
    )


def _to_book_club(cohort: int) -> outbox.Link:
    return outbox.Link("Go to the book club", reverse("book_club", args=[cohort]))
