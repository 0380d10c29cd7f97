"""Lending copies and asking for them: the verbs, and what PostgreSQL holds."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from bookclub import asking, choosing, lending
from bookclub.models import Copy, CopyRequest, LendingTerms, Loan
from bookclub.refusals import (
    AskedAlready,
    BookClubRefused,
    CopyIsLent,
    CopyNotIn,
    HasIt,
    NothingToLend,
    NotInProgramme,
    NotOut,
    OffList,
    OtherBook,
    RequestOver,
    WrongDueDate,
)
from cohorts.enrolment import withdraw
from cohorts.models import Cohort, Membership
from portal.accounts.erasure import erase
from portal.outbox.models import Message
from portal.trail import SYSTEM
from portal.trail.models import Entry
from tests.bookclub.lending import in_days, let_pass, make_copy, make_loan, make_request
from tests.bookclub.making import make_listed, make_reader, make_reading_cohort
from tests.factories import make_admin, make_cohort, make_user
from tests.merging.accounts import put_together

pytestmark = pytest.mark.django_db
State, Outcome = Copy.State, Loan.Outcome


@pytest.fixture
def cohort() -> Cohort:
    return make_reading_cohort()


@pytest.fixture
def member(cohort: Cohort) -> Membership:
    return make_reader(cohort)


def state_of(copy: Copy) -> str:
    copy.refresh_from_db()
    return copy.state


def verbs() -> list[str]:
    entries = Entry.objects.filter(verb__regex=r"^(loan|copy|copyrequest)\.").order_by("pk")
    return list(entries.values_list("verb", flat=True))


class TestLending:
    """Out and back."""

    def test_a_copy_goes_to_a_member_and_comes_back(self, member: Membership) -> None:
        loan, by = make_loan(member), make_admin()
        assert (loan.cohort, loan.lent_on, loan.is_out) == (member.cohort, timezone.localdate(), True)
        assert list(Copy.objects.lent()) == [loan.copy]
        assert not Copy.objects.at_hand().exists()
        lending.give_back(loan, by=by)
        loan.refresh_from_db()
        assert (loan.outcome, loan.ended_on) == (Outcome.RETURNED, timezone.localdate())
        assert list(Copy.objects.at_hand()) == [loan.copy]
        make_loan(member, loan.copy)
        assert verbs() == ["loan.made", "loan.returned", "loan.made"]

    def test_the_trail_does_not_say_who_has_it(self, member: Membership) -> None:
        loan = make_loan(member)
        entry = Entry.objects.get(verb="loan.made")
        assert entry.details == {"copy": loan.copy_id, "cohort": member.cohort_id}

    def test_without_a_day_it_is_lent_as_the_programme_lends(self, member: Membership) -> None:
        copy, other = make_copy(member.cohort), make_copy(member.cohort)
        assert lending.lend(copy, member.user, by=make_admin()).due_on == in_days(42)
        LendingTerms.objects.create(programme=member.cohort.programme, weeks=3, how_to_return="Post it")
        assert lending.lend(other, member.user, by=make_admin()).due_on == in_days(21)

    @pytest.mark.parametrize("days", [-1, 0, 367])
    def test_it_is_due_from_tomorrow_to_a_year_ahead(self, member: Membership, days: int) -> None:
        with pytest.raises(WrongDueDate):
            make_loan(member, days=days)
        loan = make_loan(member, days=366)
        with pytest.raises(WrongDueDate):
            lending.set_due(loan, in_days(days), by=make_admin())

    def test_only_to_somebody_who_takes_part_in_its_programme(self, member: Membership) -> None:
        copy = make_copy(member.cohort)
        for user in (make_user(), make_reader(make_reading_cohort()).user):
            with pytest.raises(NotInProgramme):
                lending.lend(copy, user, by=make_admin())
        withdraw(member, by=make_admin())
        with pytest.raises(NotInProgramme):
            lending.lend(copy, member.user, by=make_admin())

    def test_of_several_cohorts_of_the_programme_the_latest_counts(self, member: Membership) -> None:
        later = make_cohort(programme=member.cohort.programme, starts_on=in_days(5), ends_on=in_days(90))
        make_reader(later, member.user)
        assert make_loan(member).cohort == later

    def test_what_is_lent_lost_or_withdrawn_is_not_lent(self, member: Membership) -> None:
        lent, lost, withdrawn = make_loan(member).copy, make_copy(member.cohort), make_copy(member.cohort)
        lending.lose(lost, by=make_admin())
        lending.withdraw(withdrawn, by=make_admin())
        for copy in (lent, lost, withdrawn):
            with pytest.raises(CopyNotIn):
                make_loan(member, copy)

    def test_for_longer_it_is_reminded_anew(self, member: Membership) -> None:
        loan = make_loan(member)
        Loan.objects.update(reminded_before_at=timezone.now(), reminded_due_at=timezone.now())
        lending.set_due(loan, in_days(42), by=make_admin())
        loan.refresh_from_db()
        assert loan.reminded_due_at
        lending.set_due(loan, in_days(50), by=make_admin())
        loan.refresh_from_db()
        assert loan.due_on == in_days(50)
        assert (loan.reminded_before_at or loan.reminded_due_at) is None

    def test_what_has_ended_is_not_ended_again(self, member: Membership) -> None:
        loan, by = make_loan(member), make_admin()
        lending.give_back(loan, by=by)
        again = make_loan(make_reader(member.cohort), loan.copy)
        deeds: list[Callable[[], Any]] = [
            lambda: lending.give_back(loan, by=by),
            lambda: lending.set_due(loan, in_days(9), by=by),
            lambda: lending.lose(loan.copy, loan=loan, by=by),
        ]
        for deed in deeds:
            with pytest.raises(NotOut):
                deed()
        again.refresh_from_db()
        assert again.is_out


class TestGivingUp:
    """Lost, withdrawn, and taken up again."""

    def test_one_that_is_lost_ends_its_loan_and_counts_as_given_back_once_it_is_found(self, member: Membership) -> None:
        loan, by = make_loan(member), make_admin()
        lending.lose(loan.copy, by=by)
        loan.refresh_from_db()
        assert (state_of(loan.copy), loan.outcome) == (State.LOST, Outcome.LOST)
        with pytest.raises(CopyNotIn):
            lending.lose(loan.copy, by=by)
        lending.take_up_again(loan.copy, by=by)
        loan.refresh_from_db()
        assert (state_of(loan.copy), loan.outcome) == (State.IN_USE, Outcome.RETURNED)
        assert verbs() == ["loan.made", "loan.lost", "copy.lost", "copy.taken_up_again"]

    def test_one_that_somebody_has_is_not_withdrawn(self, member: Membership) -> None:
        copy, by = make_loan(member).copy, make_admin()
        with pytest.raises(CopyIsLent):
            lending.withdraw(copy, by=by)
        idle = make_copy(member.cohort)
        lending.withdraw(idle, by=by)
        with pytest.raises(CopyNotIn):
            lending.withdraw(idle, by=by)
        lending.take_up_again(idle, by=by)
        lending.take_up_again(idle, by=by)
        assert state_of(idle) == State.IN_USE

    def test_a_loan_that_was_given_back_stays_as_it_was(self, member: Membership) -> None:
        loan, by = make_loan(member), make_admin()
        lending.give_back(loan, by=by)
        Loan.objects.update(lent_on=in_days(-9), ended_on=in_days(-3))
        lending.lose(loan.copy, by=by)
        lending.take_up_again(loan.copy, by=by)
        loan.refresh_from_db()
        assert loan.ended_on == in_days(-3)


class TestAsking:
    """Members ask, and take it back; the team lends or says no."""

    def test_a_member_asks_once_and_takes_it_back(self, member: Membership) -> None:
        listed = make_listed(member.cohort)
        make_copy(member.cohort, listed.book)
        request = asking.ask(listed, format="print", by=member.user)
        with pytest.raises(AskedAlready):
            asking.ask(listed, by=member.user)
        asking.take_back(request, by=member.user)
        with pytest.raises(RequestOver):
            asking.take_back(request, by=member.user)
        asking.ask(listed, by=member.user)
        assert CopyRequest.objects.waiting().count() == 1

    def test_not_for_what_nobody_can_lend(self, member: Membership) -> None:
        listed, cohort = make_listed(member.cohort), member.cohort
        with pytest.raises(NothingToLend):
            asking.ask(listed, by=member.user)
        make_copy(make_reading_cohort(), listed.book)
        lending.withdraw(make_copy(cohort, listed.book), by=make_admin())
        with pytest.raises(NothingToLend):
            asking.ask(listed, by=member.user)
        make_loan(member, make_copy(cohort, listed.book))
        with pytest.raises(NothingToLend):
            asking.ask(listed, format="audio", by=member.user)
        with pytest.raises(HasIt):
            asking.ask(listed, by=member.user)
        with pytest.raises(NotInProgramme):
            asking.ask(listed, by=make_user())
        choosing.take_off(listed, by=make_admin())
        with pytest.raises(OffList):
            asking.ask(listed, by=member.user)

    def test_it_is_lent_and_they_are_written_to(self, member: Membership) -> None:
        listed = make_listed(member.cohort)
        copy, request = make_copy(member.cohort, listed.book), asking.ask(listed, by=member.user)
        loan = lending.lend_as_asked(request, copy, due_on=in_days(30), answer="It waits for you.", by=make_admin())
        request.refresh_from_db()
        assert (loan.borrower, request.state, request.answer) == (member.user, "lent", "It waits for you.")
        assert Message.objects.get(rule="bookclub.copy_answered").person == member.user

    def test_a_copy_that_is_handed_over_settles_what_was_asked(self, member: Membership) -> None:
        listed = make_listed(member.cohort)
        request = make_request(listed, member.user)
        make_loan(member, Copy.objects.get())
        request.refresh_from_db()
        assert request.state == "lent"
        assert not Message.objects.filter(rule="bookclub.copy_answered").exists()
        with pytest.raises(RequestOver):
            asking.decline(request, "None is in", by=make_admin())

    def test_it_is_not_lent_twice_nor_as_another_book_nor_to_who_has_left(self, member: Membership) -> None:
        listed, by = make_listed(member.cohort), make_admin()
        one, two = make_copy(member.cohort, listed.book), make_copy(member.cohort, listed.book)
        request = asking.ask(listed, by=member.user)
        refused: list[tuple[Copy, type[BookClubRefused]]] = [
            (make_copy(member.cohort), OtherBook),
            (make_copy(make_reading_cohort(), listed.book), OtherBook),
            (make_loan(make_reader(member.cohort), two).copy, CopyNotIn),
        ]
        for copy, why in refused:
            with pytest.raises(why):
                lending.lend_as_asked(request, copy, due_on=in_days(9), answer="Hello", by=by)
        request.refresh_from_db()
        assert (request.state, request.answer) == ("open", "")
        Membership.objects.filter(pk=member.pk).update(state="withdrawn")
        with pytest.raises(NotInProgramme):
            lending.lend_as_asked(request, one, due_on=in_days(9), by=by)
        assert not CopyRequest.objects.waiting().exists()
        Membership.objects.filter(pk=member.pk).update(state="enrolled")
        lending.lend_as_asked(request, one, due_on=in_days(9), by=by)
        with pytest.raises(RequestOver):
            lending.lend_as_asked(request, make_copy(member.cohort, listed.book), due_on=in_days(9), by=by)


class TestWhatPostgresqlHolds:
    """However it is written."""

    def refuses(self, why: str, write: Callable[[], Any]) -> None:
        with pytest.raises(IntegrityError, match=why), transaction.atomic():
            write()

    def test_one_open_loan_of_a_copy_in_use_of_its_programme_with_days_in_order(self, member: Membership) -> None:
        loan = make_loan(member)
        lost, elsewhere = make_copy(member.cohort, state=State.LOST), make_copy(make_reading_cohort())
        given = {
            "borrower": member.user, "cohort": member.cohort, "lent_on": in_days(0), "due_on": in_days(9),
            "lent_by": member.user,
        }  # fmt: skip
        self.refuses("a_copy_is_lent_once_at_a_time", lambda: Loan.objects.create(copy=loan.copy, **given))
        for copy in (lost, elsewhere):
            self.refuses("a loan is of a copy in use", partial(Loan.objects.create, copy=copy, **given))
        loans = Loan.objects.filter(pk=loan.pk)
        self.refuses("a_copy_is_due_after_it_is_lent", lambda: loans.update(due_on=in_days(-1)))
        self.refuses("a_loan_that_ended_says_when", lambda: loans.update(outcome="returned"))
        self.refuses("a_loan_that_ended_says_when", lambda: loans.update(outcome="returned", ended_on=in_days(-1)))

    def test_a_copy_that_is_lent_stays_what_it_is_and_an_ended_loan_is_not_opened_on_one_that_is_lost(
        self, member: Membership
    ) -> None:
        loan = make_loan(member)
        copies = Copy.objects.filter(pk=loan.copy_id)
        other = make_copy(make_reading_cohort())
        for change in ({"state": "lost"}, {"book": other.book}, {"programme": other.programme}):
            self.refuses("a copy that is lent stays in use", partial(copies.update, **change))
        copies.update(label="Another label")
        lending.lose(loan.copy, by=make_admin())
        self.refuses("a loan is of a copy in use", lambda: Loan.objects.update(outcome="out", ended_on=None))

    def test_a_label_is_one_copys_in_its_programme(self, member: Membership) -> None:
        copy = make_copy(member.cohort, label="Names 1")
        self.refuses("one_copy_of_each_label", lambda: make_copy(member.cohort, label="names 1"))
        make_copy(make_reading_cohort(), copy.book, label="Names 1")


def test_who_has_left_the_programme_and_not_who_went_to_another_cohort_of_it(member: Membership) -> None:
    loan = make_loan(member)
    let_pass(loan, 10)
    assert not Loan.objects.of_leavers().exists()
    withdraw(member, by=make_admin())
    assert list(Loan.objects.out().of_leavers()) == [loan]
    make_reader(make_cohort(programme=member.cohort.programme), member.user)
    assert list(Loan.objects.of_members()) == [loan]


def test_of_who_is_erased_no_name_stays_and_what_is_not_back_does(member: Membership) -> None:
    listed, by = make_listed(member.cohort), make_admin()
    out, back = make_loan(member), make_loan(member)
    lending.give_back(back, by=by)
    asking.decline(make_request(listed, member.user), "None is in", by=by)
    erase(member.user, by=SYSTEM)
    assert list(Loan.objects.values_list("pk", "borrower__name", "outcome")) == [(out.pk, "Erased person", "out")]
    assert not CopyRequest.objects.exists()
    assert list(Loan.objects.out().of_leavers()) == [out]
    lending.lose(out.copy, loan=out, by=by)


def test_of_two_accounts_one_goes_on_with_what_both_have_and_asked(member: Membership) -> None:
    listed, other = make_listed(member.cohort), make_reader(member.cohort)
    make_copy(member.cohort, listed.book)
    loans = {make_loan(member).pk, make_loan(other).pk}
    for user in (member.user, other.user):
        asking.ask(listed, by=user)
    told = put_together(member.user, other.user, make_admin())
    assert (told["Books borrowed", "1"], told.get(("Books asked for", "1"))) == ("Moves", None)
    assert {*Loan.objects.filter(borrower=other.user).values_list("pk", flat=True)} == loans
    assert CopyRequest.objects.get().asked_by == other.user
