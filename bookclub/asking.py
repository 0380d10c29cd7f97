"""Asking for a copy: a member asks, and may take that back; the programme team lends one (`lending`) or says no."""

from django.db import transaction
from django.utils import timezone

from bookclub.loan_letters import ANSWERED
from bookclub.models import Copy, CopyRequest, ListedBook, Loan
from bookclub.refusals import AskedAlready, HasIt, NothingToLend, NotInProgramme, OffList, RequestOver
from cohorts.enrolment import hold
from cohorts.models import Membership
from portal import outbox, trail
from portal.accounts.models import User

State = CopyRequest.State


@transaction.atomic
def ask(listed: ListedBook, *, format: str = "", by: User) -> CopyRequest:  # noqa: A002  # its name in the form and the table
    """Ask for a copy of a book on one's cohort's list, in a form (Copy.Format) or in any.

    Raises OffList, NotInProgramme, NothingToLend, HasIt, AskedAlready.
    """
    cohort = hold(listed.cohort)
    if not ListedBook.objects.live().filter(pk=listed.pk).exists():
        raise OffList
    if not Membership.objects.enrolled().filter(user=by, cohort=cohort).exists():
        raise NotInProgramme
    copies = Copy.objects.in_use().filter(book=listed.book_id, programme=cohort.programme_id)
    if format:
        copies = copies.filter(format=format)
    if not copies.exists():
        raise NothingToLend
    of_book = {"copy__book": listed.book_id, "copy__programme": cohort.programme_id}
    if Loan.objects.out().filter(borrower=by, **of_book).exists():
        raise HasIt
    if CopyRequest.objects.filter(asked_by=by, cohort=cohort, book=listed.book_id, state=State.OPEN).exists():
        raise AskedAlready
    request = CopyRequest.objects.create(cohort=cohort, book_id=listed.book_id, format=format, asked_by=by)
    trail.record("copyrequest.made", actor=by, subject=request, cohort=cohort.pk)
    return request


@transaction.atomic
def take_back(request: CopyRequest, *, by: User) -> None:
    """Ask no longer. Raises RequestOver."""
    _end(_open(request), State.WITHDRAWN, by)


@transaction.atomic
def decline(request: CopyRequest, answer: str, *, by: User) -> None:
    """Say that no copy is lent, and why; whoever asked is written to. Raises RequestOver."""
    held = _open(request)
    held.answer = answer
    _end(held, State.DECLINED, by)
    outbox.write(ANSWERED, subject=f"copyrequest:{held.pk}", person=held.asked_by_id)


def _open(request: CopyRequest) -> CopyRequest:
    """Lock a request that nobody has answered. Raises RequestOver."""
    held = CopyRequest.objects.select_for_update(of=("self",), no_key=True).filter(pk=request.pk).first()
    if held is None or not held.is_open:
        raise RequestOver
    return held


def _end(held: CopyRequest, state: State, by: User) -> None:
    held.state, held.state_since = state, timezone.now()
    held.save(update_fields=["state", "state_since", "answer"])
    trail.record(f"copyrequest.{state}", actor=by, subject=held, cohort=held.cohort_id)
