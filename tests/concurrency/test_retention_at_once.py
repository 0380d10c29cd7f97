"""Disposing, legal holds and erasure at the same moment: each thing is done once, and never past a hold."""

import random
from datetime import timedelta
from functools import partial
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from portal.accounts import erasure_requests, needs
from portal.accounts.erasure import CannotErase, erase, is_erased
from portal.accounts.legal_holds import HoldRefused, lift, set_hold
from portal.accounts.merging import foresee, merge
from portal.accounts.models import Needs, User
from portal.accounts.moving import MergeRefused
from portal.accounts.needs import Needed
from portal.outbox.models import Message
from portal.retention import holds
from portal.retention.disposing import dispose
from portal.retention.models import Disposal, ErasureRequest, Hold
from portal.trail.models import Entry
from tests.concurrency.at_once import at_once
from tests.factories import make_admin, make_user
from tests.retention.kept import make, make_message

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 8


def test_two_runs_dispose_of_each_row_once() -> None:
    old = timezone.now() - timedelta(days=3000)
    for _ in range(30):
        make_message(old, make_user())
    people = [make("unused-accounts", old) for _ in range(5)]

    done = at_once(dispose, dispose, dispose)

    assert not [each for each in done if isinstance(each, Exception)], done
    dispose()  # what one run held, another left for the next
    assert not Message.objects.filter(rule="booking.booked").exists()
    assert sum(entry.number for entry in Disposal.objects.filter(category="messages")) == 30
    assert sum(entry.number for entry in Disposal.objects.filter(category="unused-accounts")) == 5
    assert Entry.objects.filter(verb="person.erased").count() == 5
    assert all(is_erased(person) for person in User.objects.filter(pk__in=[each.pk for each in people]))


def test_a_hold_that_is_set_while_a_run_disposes_keeps_all_or_finds_it_gone() -> None:
    admin = make_admin()
    old = timezone.now() - timedelta(days=3000)
    for number in range(ROUNDS):
        person = make("unused-accounts", old)
        deeds: list[Any] = [partial(set_hold, person, f"CASE-{number}", by=admin), dispose]
        random.shuffle(deeds)
        done = at_once(*deeds)
        person.refresh_from_db()
        refused = [each for each in done if isinstance(each, Exception)]
        assert all(isinstance(each, HoldRefused) for each in refused), refused
        assert is_erased(person) == bool(refused)
        assert Hold.objects.filter(person=person).exists() != is_erased(person)


def test_a_hold_waits_for_the_batch_at_hand_and_for_no_other_hold() -> None:
    person, admin = make_user(), make_admin()
    began = Event()

    def set_it() -> None:
        began.set()
        set_hold(person, "CASE-1", by=admin)
        connection.close()

    setter = Thread(target=set_it)
    with transaction.atomic():
        holds.let_none_begin()
        setter.start()
        began.wait()
        setter.join(0.5)
        assert setter.is_alive()
        assert not Hold.objects.exists()
    setter.join(10)
    assert Hold.objects.get().person == person


def test_a_hold_that_is_set_while_two_accounts_are_put_together_stands_on_the_one_that_stays_or_on_none() -> None:
    admin = make_admin()
    for number in range(ROUNDS):
        old, new = make_user(), make_user()
        seen = foresee(old, new, by=admin).seen
        deeds: list[Any] = [
            partial(set_hold, old, f"CASE-{number}", by=admin),
            partial(merge, old, new, by=admin, seen=seen),
        ]
        random.shuffle(deeds)
        done = at_once(*deeds)
        refused = [each for each in done if isinstance(each, Exception)]
        assert [type(each) for each in refused] in ([HoldRefused], [MergeRefused]), refused
        old.refresh_from_db()
        assert Hold.objects.standing().filter(person=old).exists() == (old.merged_into is None)


def test_no_hold_is_set_on_an_account_that_was_put_together_with_another() -> None:
    admin, old, new = make_admin(), make_user(), make_user()
    merge(old, new, by=admin, seen=foresee(old, new, by=admin).seen)
    with pytest.raises(HoldRefused, match="Set the hold on that one"):
        set_hold(old, "CASE-1", by=admin)


def test_erasures_holds_and_liftings_at_once_never_deadlock_nor_erase_past_a_hold() -> None:
    admin = make_admin()
    for number in range(ROUNDS):
        person, other, third = make_user(), make_user(), make_user()
        hold = set_hold(other, f"CASE-{number}", by=admin)
        deeds: list[Any] = [
            partial(erase, person, by=admin),
            partial(erase, third, by=admin),
            partial(set_hold, person, f"CASE-{number}", by=admin),
            partial(lift, [hold], by=admin),
            dispose,
        ]
        random.shuffle(deeds)
        done = at_once(*deeds)
        failed = [each for each in done if isinstance(each, Exception)]
        assert all(isinstance(each, CannotErase | HoldRefused) for each in failed), failed
        person.refresh_from_db()
        assert is_erased(person) != Hold.objects.standing().filter(person=person).exists()


def test_what_somebody_says_that_they_need_as_they_are_erased_is_not_kept() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        person = make_user()
        done = at_once(partial(erase, person, by=admin), partial(needs.say, person, Needed("A ramp", "")))
        assert done == [None, None]
        assert not Needs.objects.exists()


def test_a_request_is_asked_once_and_granted_or_taken_back_and_never_both() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        person = make_user()
        assert not [each for each in at_once(*[partial(erasure_requests.ask, person)] * 3) if each]
        request = ErasureRequest.objects.get(person=person)
        deeds: list[Any] = [
            partial(erasure_requests.grant, request, by=admin),
            partial(erasure_requests.take_back, person),
        ]
        random.shuffle(deeds)
        done = at_once(*deeds)
        assert all(isinstance(each, CannotErase) for each in done if isinstance(each, Exception)), done
        person.refresh_from_db()
        assert is_erased(person) == (True not in done)
        assert not ErasureRequest.objects.exists()
    assert Entry.objects.filter(verb="person.erasure_asked").count() == ROUNDS
