"""Two accounts are put together while their owner books, joins a queue and applies: nothing is left behind."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError

from cohorts import applying, certificates, conversations, enrolment, testifying
from cohorts import booking as verbs
from cohorts.certificates import NotIssued
from cohorts.conversations import NotWritten
from cohorts.enrolment import EnrolmentRefused
from cohorts.models import Application, Booking, Membership
from cohorts.offering import PlaceRefused
from cohorts.refusals import BookingRefused
from portal.accounts import organisations
from portal.accounts.merging import foresee, merge
from portal.accounts.models import User
from portal.accounts.moving import HasChanged, MergeRefused
from portal.accounts.people import add_person
from tests.cohorts.champions import make_champion, make_member, seat
from tests.cohorts.invariants import broken
from tests.concurrency.at_once import at_once
from tests.factories import (
    fill,
    make_admin,
    make_attended,
    make_certificate,
    make_cohort,
    make_complete,
    make_component,
    make_membership,
    make_open_cohort,
    make_open_session,
    make_organisation,
    make_session,
    make_testimony,
    make_user,
)

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 20
REFUSALS = (BookingRefused, MergeRefused, PlaceRefused, EnrolmentRefused)


def put_together(old: User, new: User, by: User) -> None:
    merge(old, new, by=by, seen=foresee(old, new, by=by).seen)


def test_what_is_booked_at_that_moment_is_the_accounts_that_stays_or_refused() -> None:
    admin, cohort = make_admin(), make_cohort(places=1000)
    component = make_component(cohort.programme)
    ours, another = (make_session(component, cohort, days=days, places=500) for days in (20, 30))
    open_one, full = make_open_session(days=40, places=500), make_open_session(days=50, places=1)
    fill(full)
    came = Counter[str]()
    for number in range(ROUNDS):
        old, new = make_user(), make_user()
        make_membership(old, cohort)
        if number % 2:
            make_membership(new, cohort)
            verbs.book(new, another.pk)
        applied, entered = make_open_cohort(), make_cohort()

        done = at_once(
            partial(put_together, old, new, admin),
            partial(verbs.book, old, ours.pk),
            partial(verbs.book, old, open_one.pk),
            partial(verbs.book, new, open_one.pk),
            partial(verbs.join_waiting_list, old, full.pk),
            partial(applying.begin, applied, old),
            partial(enrolment.enrol, old, entered, organisation=None, job_role=None, by=admin),
        )

        unexpected = [each for each in done if isinstance(each, Exception) and not isinstance(each, REFUSALS)]
        assert unexpected == []
        came.update(type(each).__name__ for each in done)
        if isinstance(done[0], MergeRefused):
            put_together(old, new, admin)
        assert not Booking.objects.live().filter(user=old).exists()
        assert not Application.objects.filter(user=old).exists()
        assert set(Membership.objects.filter(user=old).values_list("state", flat=True)) <= Membership.LEFT
        assert Booking.objects.live().filter(user=new, session=open_one).count() <= 1
    assert broken() == []
    assert came["NoneType"] + came["HasChanged"] + came["MergeRefused"] == ROUNDS


def replace_certificate(old: User, new: User, by: User) -> Callable[[], Any]:
    return partial(certificates.reissue, make_certificate(make_complete(old)), by=by)


def ask_for_certificate(old: User, new: User, by: User) -> Callable[[], Any]:
    return partial(certificates.issue_attendance, make_attended(old), by=old)


def publish(old: User, new: User, by: User) -> Callable[[], Any]:
    testimony = make_testimony(author=old)
    return partial(testifying.publish, testimony, looked_at=testimony.sequence, by=by)


def write_to_champion(old: User, new: User, by: User) -> Callable[[], Any]:
    cohort = make_cohort()
    champion = make_champion(make_membership(old, cohort), by=by)
    make_membership(new, cohort)
    return partial(conversations.write, seat(champion, make_member(cohort)), "May I ask you something?")


@pytest.mark.parametrize("meanwhile", [replace_certificate, ask_for_certificate, publish, write_to_champion])
def test_whoever_writes_to_one_of_the_two_at_that_moment_waits_and_nobody_is_thrown_out(
    meanwhile: Callable[[User, User, User], Callable[[], Any]],
) -> None:
    admin = make_admin()
    for _ in range(ROUNDS // 2):
        old, new = make_user(), make_user()
        deed = meanwhile(old, new, admin)
        merged, *others = at_once(partial(put_together, old, new, admin), deed, deed, deed)
        # What was looked at may have changed by that; and of three who replace one thing, one does.
        assert merged is None or isinstance(merged, HasChanged), merged
        failed = [each for each in others if isinstance(each, Exception)]
        assert all(isinstance(each, NotIssued | NotWritten) for each in failed), failed
        assert not any(isinstance(each, OperationalError) for each in failed)
    assert broken() == []


def test_two_admins_put_the_same_two_together_in_both_directions() -> None:
    admins = make_admin(), make_admin()
    for _ in range(ROUNDS):
        one, other = make_user(), make_user()
        for person in (one, other):
            verbs.book(person, make_open_session().pk)
        done = at_once(
            partial(put_together, one, other, admins[0]),
            partial(put_together, other, one, admins[1]),
        )
        assert sorted(type(each).__name__ for each in done) == ["MergeRefused", "NoneType"]
        assert User.objects.filter(pk__in=[one.pk, other.pk], merged_into__isnull=False).count() == 1
    assert broken() == []


def test_whoever_is_added_while_their_organisation_merges_works_for_the_other() -> None:
    admin = make_admin()
    for number in range(ROUNDS):
        old, new = make_organisation(), make_organisation()
        seen = organisations.foresee(old, new, by=admin, with_leads=False).seen
        add = partial(add_person, f"late{number}@trust.example", "Demo Late", added_by=admin, organisation=old)
        done = at_once(partial(organisations.merge, old, new, by=admin, with_leads=False, seen=seen), add)
        if isinstance(done[0], HasChanged):
            organisations.merge(old, new, by=admin, with_leads=False, seen=done[0].plan.seen)
        assert isinstance(done[1], User), done[1]
        done[1].refresh_from_db()
        assert done[1].organisation == new
