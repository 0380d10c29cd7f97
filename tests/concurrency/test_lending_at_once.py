"""Lending: two admins and one copy, two answers to one request, two sweeps, a copy that is given up as it is lent."""

from functools import partial

import pytest
from django.db import IntegrityError

from bookclub import asking, lending, reminding
from bookclub.models import Copy, CopyRequest, Loan
from bookclub.refusals import AskedAlready, BookClubRefused, CopyNotIn, NotOut, RequestOver
from portal.outbox.models import Message
from tests.bookclub.lending import in_days, let_pass, make_copy, make_loan, morning
from tests.bookclub.making import make_listed, make_reader, make_reading_cohort
from tests.concurrency.at_once import at_once
from tests.factories import make_admin, make_cohort

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6


def test_of_two_admins_who_lend_the_last_copy_the_second_is_told() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        cohort = make_reading_cohort()
        elsewhere = make_cohort(programme=cohort.programme)
        copy = make_copy(cohort)
        readers = [make_reader(each).user for each in (cohort, cohort, elsewhere)]
        done = at_once(*(partial(lending.lend, copy, reader, due_on=in_days(9), by=admin) for reader in readers))
        assert sum(isinstance(each, CopyNotIn) for each in done) == 2, done
        assert Loan.objects.out().filter(copy=copy).count() == 1


def test_a_copy_is_lent_or_given_up_and_never_both() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        cohort = make_reading_cohort()
        copy, reader = make_copy(cohort), make_reader(cohort).user
        done = at_once(
            partial(lending.lend, copy, reader, due_on=in_days(9), by=admin), partial(lending.withdraw, copy, by=admin)
        )
        assert sum(isinstance(each, BookClubRefused) for each in done) == 1, done
        copy.refresh_from_db()
        assert (copy.state == Copy.State.IN_USE) == Loan.objects.out().filter(copy=copy).exists()


def test_postgresql_holds_that_without_the_verbs_too() -> None:
    for _ in range(ROUNDS):
        cohort = make_reading_cohort()
        copy, reader = make_copy(cohort), make_reader(cohort).user
        given = {"borrower": reader, "cohort": cohort, "lent_on": in_days(0), "due_on": in_days(9), "lent_by": reader}
        done = at_once(
            partial(Loan.objects.create, copy=copy, **given),
            partial(Copy.objects.filter(pk=copy.pk).update, state=Copy.State.LOST),
        )
        assert sum(isinstance(each, IntegrityError) for each in done) == 1, done


def test_of_two_who_say_it_is_back_the_second_is_told_and_it_is_lost_or_back() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        loan = make_loan(make_reader(make_reading_cohort()))
        done = at_once(
            partial(lending.give_back, loan, by=admin),
            partial(lending.give_back, loan, by=admin),
            partial(lending.lose, loan.copy, loan=loan, by=admin),
        )
        assert sum(isinstance(each, NotOut) for each in done) == 2, done


def test_a_request_is_answered_once() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        cohort = make_reading_cohort()
        listed, reader = make_listed(cohort), make_reader(cohort).user
        one, two = make_copy(cohort, listed.book), make_copy(cohort, listed.book)
        request = asking.ask(listed, by=reader)
        done = at_once(
            partial(lending.lend_as_asked, request, one, due_on=in_days(9), by=admin),
            partial(lending.lend_as_asked, request, two, due_on=in_days(9), by=admin),
            partial(asking.decline, request, "None is in", by=admin),
            partial(asking.take_back, request, by=reader),
        )
        assert sum(isinstance(each, RequestOver) for each in done) == 3, done
        request.refresh_from_db()
        assert (request.state == "lent") == Loan.objects.out().filter(borrower=reader).exists()


def test_a_member_who_presses_twice_asks_once() -> None:
    for _ in range(ROUNDS):
        cohort = make_reading_cohort()
        listed, reader = make_listed(cohort), make_reader(cohort).user
        make_copy(cohort, listed.book)
        done = at_once(*[partial(asking.ask, listed, by=reader)] * 2)
        assert sum(isinstance(each, AskedAlready) for each in done) == 1, done
        assert CopyRequest.objects.filter(asked_by=reader).count() == 1


def test_two_sweeps_write_each_letter_once_and_none_about_what_is_back_by_then() -> None:
    admin, member = make_admin(), make_reader(make_reading_cohort())
    for _ in range(ROUNDS):
        loans = [make_loan(member) for _ in range(5)]
        for loan in loans:
            let_pass(loan, 42)
        before = Message.objects.count()
        done = at_once(
            *[partial(reminding.write_due, now=morning())] * 2, partial(lending.give_back, loans[0], by=admin)
        )
        assert not [each for each in done if isinstance(each, Exception)], done
        assert 4 <= done[0] + done[1] <= 5
        assert Message.objects.count() - before == done[0] + done[1]
        reminding.write_due(now=morning())
