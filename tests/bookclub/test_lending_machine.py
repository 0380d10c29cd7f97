"""Whatever admins and members do about two copies in whatever order, the shelf adds up."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bookclub import asking, lending, reminding
from bookclub.models import Copy, CopyRequest, Loan
from bookclub.refusals import BookClubRefused
from portal.outbox.models import Message
from tests.bookclub.lending import in_days, make_copy, morning
from tests.bookclub.making import make_listed, make_reader, make_reading_cohort
from tests.factories import make_admin

WHICH = st.integers(0, 1)


class Lending(RuleBasedStateMachine):
    """Two copies of one book, two readers, days that pass."""

    @initialize()
    def begin(self) -> None:
        """Make what is lent, and to whom."""
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.admin, self.cohort = make_admin(), make_reading_cohort()
        self.listed = make_listed(self.cohort)
        self.copies = [make_copy(self.cohort, self.listed.book) for _ in range(2)]
        self.readers = [make_reader(self.cohort).user for _ in range(2)]
        # What the test knows itself: who has which copy, and which are given up.
        self.has: dict[int, int] = {}
        self.given_up: set[int] = set()

    def do(self, verb: Callable[..., Any], *args: Any, **given: Any) -> bool:
        """Say whether a verb did something, or refused."""
        try:
            verb(*args, **given, by=self.admin)
        except BookClubRefused:
            return False
        return True

    @rule(copy=WHICH, reader=WHICH, days=st.integers(1, 60))
    def lend(self, copy: int, reader: int, days: int) -> None:
        """Hand a copy over."""
        done = self.do(lending.lend, self.copies[copy], self.readers[reader], due_on=in_days(days))
        assert done == (copy not in self.has and copy not in self.given_up)
        if done:
            self.has[copy] = reader

    @rule(copy=WHICH)
    def give_back(self, copy: int) -> None:
        """Take a copy back."""
        for loan in Loan.objects.filter(copy=self.copies[copy]):
            if self.do(lending.give_back, loan):
                del self.has[copy]
        assert copy not in self.has

    @rule(copy=WHICH)
    def lose(self, copy: int) -> None:
        """Count a copy as lost."""
        assert self.do(lending.lose, self.copies[copy]) == (copy not in self.given_up)
        self.given_up.add(copy)
        self.has.pop(copy, None)

    @rule(copy=WHICH)
    def withdraw(self, copy: int) -> None:
        """Lend a copy no more."""
        done = self.do(lending.withdraw, self.copies[copy])
        assert done == (copy not in self.has and copy not in self.given_up)
        if done:
            self.given_up.add(copy)

    @rule(copy=WHICH)
    def take_up_again(self, copy: int) -> None:
        """Lend a copy again."""
        lending.take_up_again(self.copies[copy], by=self.admin)
        self.given_up.discard(copy)

    @rule(reader=WHICH)
    def ask(self, reader: int) -> None:
        """Ask for a copy."""
        try:
            asking.ask(self.listed, by=self.readers[reader])
        except BookClubRefused:
            return
        assert reader not in self.has.values()

    @rule(copy=WHICH, reader=WHICH)
    def lend_as_asked(self, copy: int, reader: int) -> None:
        """Answer whoever asks with a copy."""
        for request in CopyRequest.objects.waiting().filter(asked_by=self.readers[reader]):
            done = self.do(lending.lend_as_asked, request, self.copies[copy], due_on=in_days(20))
            assert done == (copy not in self.has and copy not in self.given_up)
            if done:
                self.has[copy] = reader

    @rule(copy=WHICH, days=st.integers(1, 60))
    def set_due(self, copy: int, days: int) -> None:
        """Let somebody have it for longer, or for less long."""
        for loan in Loan.objects.out().filter(copy=self.copies[copy]):
            lending.set_due(loan, in_days(days), by=self.admin)

    @rule(days=st.integers(1, 15))
    def let_days_pass(self, days: int) -> None:
        """Let days pass, and letters go."""
        for loan in Loan.objects.all():
            loan.lent_on -= timedelta(days=days)
            loan.due_on -= timedelta(days=days)
            loan.ended_on = loan.ended_on and loan.ended_on - timedelta(days=days)
            loan.save()
        before = Message.objects.filter(rule__startswith="bookclub.loan_").count()
        written = reminding.write_due(now=morning())
        assert Message.objects.filter(rule__startswith="bookclub.loan_").count() == before + written
        assert reminding.write_due(now=morning()) == 0

    @invariant()
    def the_shelf_adds_up(self) -> None:
        """What is in, lent and given up is all there is, and who has what is as it was said."""
        out = {
            (self.copies.index(loan.copy), self.readers.index(loan.borrower))
            for loan in Loan.objects.out().select_related("copy", "borrower")
        }
        assert out == {*self.has.items()}
        at_hand = {self.copies.index(copy) for copy in Copy.objects.at_hand()}
        assert at_hand == {0, 1} - {*self.has} - self.given_up
        assert not Loan.objects.out().exclude(copy__state=Copy.State.IN_USE).exists()

    def teardown(self) -> None:
        """Undo all of it."""
        if hasattr(self, "undo"):
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)


@pytest.mark.django_db
def test_the_shelf_adds_up_whatever_is_done_in_whatever_order() -> None:
    run_state_machine_as_test(
        Lending,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
