"""Lending copies: out, back, for longer, lost and found again.

Each verb holds the copy's row, so that of two who lend the last copy at once the second is told. Whoever lends holds
the borrower's cohort before it, as whoever asks for a copy does. Days are UK dates. The trail says which copy and which
loan, and never who has it: the loan says that, for as long as it is kept.
"""

from datetime import date, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from bookclub.loan_letters import ANSWERED
from bookclub.models import Copy, CopyRequest, LendingTerms, Loan
from bookclub.models.copies import WEEKS
from bookclub.refusals import CopyIsLent, CopyNotIn, NotInProgramme, NotOut, OtherBook, RequestOver, WrongDueDate
from cohorts.enrolment import hold
from cohorts.models import Cohort, Membership, Programme
from portal import outbox, trail
from portal.accounts.models import User

LONGEST: Final = timedelta(days=366)


def due_on_for(programme: Programme) -> date:
    """Return the day on which a copy that a programme lends today is due back by its terms."""
    weeks = LendingTerms.objects.filter(programme=programme).values_list("weeks", flat=True).first()
    return timezone.localdate() + timedelta(weeks=weeks or WEEKS)


@transaction.atomic
def lend(copy: Copy, borrower: User, *, due_on: date | None = None, by: User) -> Loan:
    """Lend a copy to somebody who takes part in its programme: until a day, or for as long as the programme lends.

    What they asked for of this book is settled by it.

    Raises WrongDueDate, NotInProgramme, CopyNotIn.
    """
    loan, _ = _lend(copy, borrower, _hold_cohort(copy, borrower), due_on or due_on_for(copy.programme), by)
    return loan


@transaction.atomic
def lend_as_asked(request: CopyRequest, copy: Copy, *, due_on: date, answer: str = "", by: User) -> Loan:
    """Lend a copy to whoever asked for one, and write to them, with what the team adds to that.

    Raises WrongDueDate, NotInProgramme, OtherBook, CopyNotIn, RequestOver.
    """
    cohort = hold(request.cohort)
    if (copy.book_id, copy.programme_id) != (request.book_id, cohort.programme_id):
        raise OtherBook
    if not Membership.objects.enrolled().filter(user=request.asked_by_id, cohort=cohort).exists():
        raise NotInProgramme
    loan, settled = _lend(copy, request.asked_by, cohort, due_on, by)
    if request.pk not in settled:
        raise RequestOver
    CopyRequest.objects.filter(pk=request.pk).update(answer=answer)
    outbox.write(ANSWERED, subject=f"copyrequest:{request.pk}", person=request.asked_by_id)
    return loan


@transaction.atomic
def give_back(loan: Loan, *, by: User) -> None:
    """Say that a copy is back. Raises NotOut."""
    held = _hold_loan(loan)
    _end(held, Loan.Outcome.RETURNED)
    trail.record("loan.returned", actor=by, subject=held, copy=held.copy_id)


@transaction.atomic
def set_due(loan: Loan, due_on: date, *, by: User) -> None:
    """Say until when somebody has a copy. They are reminded anew before that day. Raises NotOut, WrongDueDate."""
    _require_due_date(due_on)
    held = _hold_loan(loan)
    if due_on == held.due_on:
        return
    held.due_on, held.reminded_before_at, held.reminded_due_at = due_on, None, None
    held.save(update_fields=["due_on", "reminded_before_at", "reminded_due_at"])
    trail.record("loan.due_changed", actor=by, subject=held, copy=held.copy_id, to=due_on.isoformat())


@transaction.atomic
def lose(copy: Copy, *, loan: Loan | None = None, by: User) -> None:
    """Count a copy as lost, and end the loan of it, if somebody has it: this `loan`, where it was lost on one.

    Raises CopyNotIn for a copy that is given up already, NotOut for a loan that has ended.
    """
    held = _hold(copy)
    current = _open_loan(held)
    if loan and loan != current:
        raise NotOut
    if held.state != Copy.State.IN_USE:
        raise CopyNotIn
    if current:
        _end(current, Loan.Outcome.LOST)
        trail.record("loan.lost", actor=by, subject=current, copy=held.pk)
    _put(held, Copy.State.LOST, "copy.lost", by)


@transaction.atomic
def withdraw(copy: Copy, *, by: User) -> None:
    """Lend a copy no more. Raises CopyIsLent, or CopyNotIn for one that is given up already."""
    held = _hold(copy)
    if held.state != Copy.State.IN_USE:
        raise CopyNotIn
    if _open_loan(held):
        raise CopyIsLent
    _put(held, Copy.State.WITHDRAWN, "copy.withdrawn", by)


@transaction.atomic
def take_up_again(copy: Copy, *, by: User) -> None:
    """Lend a copy again that was lost or withdrawn. The loan on which it was lost is one that was given back then."""
    held = _hold(copy)
    if held.state == Copy.State.IN_USE:
        return
    if held.state == Copy.State.LOST:
        last = Loan.objects.select_for_update(of=("self",), no_key=True).filter(copy=held).order_by("-pk").first()
        if last and last.outcome == Loan.Outcome.LOST:
            _end(last, Loan.Outcome.RETURNED)
    _put(held, Copy.State.IN_USE, "copy.taken_up_again", by)


def _lend(copy: Copy, borrower: User, cohort: Cohort, due_on: date, by: User) -> tuple[Loan, list[int]]:
    """Return the loan, and the keys of the requests that it settles."""
    _require_due_date(due_on)
    held = _hold(copy)
    if held.state != Copy.State.IN_USE or _open_loan(held):
        raise CopyNotIn
    loan = Loan.objects.create(
        copy=held, borrower=borrower, cohort=cohort, lent_on=timezone.localdate(), due_on=due_on, lent_by=by
    )
    settled = _hold_requests(borrower, held)
    CopyRequest.objects.filter(pk__in=settled).update(state=CopyRequest.State.LENT, state_since=timezone.now())
    trail.record("loan.made", actor=by, subject=loan, copy=held.pk, cohort=cohort.pk)
    return loan, settled


def _hold_requests(borrower: User, held: Copy) -> list[int]:
    """Lock what somebody asks for of a copy's book, in its programme, and nobody has answered."""
    rows = CopyRequest.objects.settled_by(held, borrower)
    return list(rows.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk", flat=True))


def _hold_cohort(copy: Copy, borrower: User) -> Cohort:
    """Lock the cohort of a copy's programme in which somebody takes part, the latest. Raises NotInProgramme."""
    enrolled = Membership.objects.enrolled().filter(user=borrower, cohort__programme=copy.programme_id)
    found = enrolled.select_related("cohort").order_by("-cohort__starts_on", "-pk").first()
    if found is None:
        raise NotInProgramme
    cohort = hold(found.cohort)
    if not enrolled.filter(pk=found.pk).exists():
        raise NotInProgramme
    return cohort


def _require_due_date(due_on: date) -> None:
    today = timezone.localdate()
    if not today < due_on <= today + LONGEST:
        raise WrongDueDate


def _hold(copy: Copy) -> Copy:
    return Copy.objects.select_for_update(of=("self",), no_key=True).get(pk=copy.pk)


def _hold_loan(loan: Loan) -> Loan:
    """Lock a loan that is open, after its copy. Raises NotOut."""
    held = _open_loan(_hold(loan.copy))
    if held is None or held.pk != loan.pk:
        raise NotOut
    return held


def _open_loan(held: Copy) -> Loan | None:
    return Loan.objects.out().select_for_update(of=("self",), no_key=True).filter(copy=held).first()


def _end(loan: Loan, outcome: Loan.Outcome) -> None:
    loan.outcome, loan.ended_on = outcome, timezone.localdate()
    loan.save(update_fields=["outcome", "ended_on"])


def _put(held: Copy, state: Copy.State, deed: str, by: User) -> None:
    held.state = state
    held.save(update_fields=["state"])
    trail.record(deed, actor=by, subject=held)
