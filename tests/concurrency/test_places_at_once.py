"""Places of a cohort: offered, answered and taken back at the same moment, there is never one too many."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from cohorts import applying, nominating, offering
from cohorts.enrolment import CohortFull, defer, enrol, withdraw
from cohorts.models import Application, Cohort, Membership
from cohorts.nominating import Nominee
from cohorts.offering import PlaceChanged
from portal.outbox.models import Message
from tests.concurrency.at_once import at_once
from tests.factories import make_admin, make_job_role, make_membership, make_open_cohort, make_organisation, make_user

pytestmark = pytest.mark.django_db(transaction=True)

State = Membership.State
ROUNDS = 10


def held(cohort: Cohort) -> int:
    return cohort.memberships.filter(state__in=(State.ENROLLED, State.OFFERED)).count()


def test_the_last_place_is_offered_to_one_of_two() -> None:
    admins = [make_admin(), make_admin()]
    for _ in range(ROUNDS):
        cohort = make_open_cohort(places=1)
        two = [make_membership(cohort=cohort, state=State.APPLIED) for _ in admins]
        done = at_once(
            *(partial(offering.offer, cohort, [one], by=admin) for one, admin in zip(two, admins, strict=True))
        )
        assert sorted(str(type(each).__name__) for each in done) == ["CohortFull", "int"]
        cohort.refresh_from_db()
        assert held(cohort) == cohort.taken == 1
    assert Message.objects.filter(rule="place.offered").count() == ROUNDS


def test_an_offer_is_accepted_or_taken_back_and_never_both() -> None:
    admin = make_admin()
    seen = set()
    for _ in range(ROUNDS):
        cohort = make_open_cohort(places=1)
        membership = make_membership(cohort=cohort, state=State.OFFERED)
        deeds: list[Callable[[], Any]] = [
            partial(offering.accept, membership),
            partial(offering.take_back, cohort, [membership], by=admin),
        ]
        random.shuffle(deeds)
        done = at_once(*deeds)
        membership.refresh_from_db()
        cohort.refresh_from_db()
        seen.add(membership.state)
        if membership.state == State.ENROLLED:
            assert 0 in done
            assert cohort.taken == 1
        else:
            assert membership.state == State.APPLIED
            assert any(isinstance(each, PlaceChanged) for each in done)
            assert cohort.taken == 0
    assert seen <= {State.ENROLLED, State.APPLIED}


def test_accepted_lapsed_and_enrolled_by_the_team_at_once_it_is_one_place() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        cohort = make_open_cohort(places=1)
        membership = make_membership(cohort=cohort, state=State.OFFERED, offer_expires_at=timezone.now())
        other = make_membership(cohort=cohort, state=State.RESERVE)
        done = at_once(
            partial(offering.accept, membership),
            offering.lapse_due,
            partial(enrol, other.user, cohort, organisation=None, job_role=None, by=admin),
        )
        failed = [each for each in done if isinstance(each, Exception)]
        assert all(isinstance(each, CohortFull | offering.PlaceRefused) for each in failed), failed
        cohort.refresh_from_db()
        assert held(cohort) == cohort.taken <= 1


def test_an_application_that_is_sent_twice_is_one() -> None:
    cohort, person = make_open_cohort(), make_user(organisation=make_organisation(), job_role=make_job_role())
    begun = at_once(*(partial(applying.begin, cohort, person) for _ in range(4)))
    assert {each.pk for each in begun} == {Application.objects.get().pk}
    sent = at_once(*(partial(applying.send, begun[0]) for _ in range(4)))
    assert {each.pk for each in sent} == {Membership.objects.get().pk}
    assert Message.objects.filter(rule="place.received").count() == 1


def test_two_leads_nominate_the_same_person_once() -> None:
    organisation = make_organisation()
    cohort, leads = make_open_cohort(), [make_user(organisation=organisation) for _ in range(2)]
    someone = Nominee("Demo Nominee", "nominee@trust.example", None)
    done = at_once(*(partial(nominating.nominate, cohort, organisation, [someone], by=lead) for lead in leads))
    assert sorted(done) == [0, 1]
    assert cohort.memberships.get().state == State.NOMINATED
    assert Message.objects.filter(rule="place.nominated").count() == 1


def test_an_offer_and_a_withdrawal_never_overwrite_one_another() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        cohort = make_open_cohort(places=1)
        membership = make_membership(cohort=cohort, state=State.APPLIED)
        deeds: list[Callable[[], Any]] = [
            partial(offering.offer, cohort, [membership], by=admin),
            partial(withdraw, membership, by=admin),
        ]
        random.shuffle(deeds)
        done = at_once(*deeds)
        assert not [each for each in done if isinstance(each, Exception)]
        membership.refresh_from_db()
        cohort.refresh_from_db()
        assert (membership.state, held(cohort), cohort.taken) == (State.WITHDRAWN, 0, 0)


def test_who_leaves_and_who_accepts_do_not_wait_for_one_another() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        cohort = make_open_cohort(places=4)
        leaving = make_membership(cohort=cohort)
        membership = make_membership(cohort=cohort, state=State.OFFERED)
        done = at_once(
            partial(withdraw, membership, by=admin),
            partial(offering.accept, membership),
            partial(withdraw, leaving, by=admin),
            partial(enrol, make_user(), cohort, organisation=None, job_role=None, by=admin),
        )
        assert not [each for each in done if isinstance(each, Exception) and not isinstance(each, PlaceChanged)]
        cohort.refresh_from_db()
        assert held(cohort) == cohort.taken == 1


def test_two_who_are_deferred_into_one_anothers_cohorts() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        one = make_open_cohort(places=3)
        other = make_open_cohort(one.programme, places=3)
        here, there = make_membership(cohort=one), make_membership(cohort=other)
        done = at_once(partial(defer, here, other, by=admin), partial(defer, there, one, by=admin))
        assert [type(each) for each in done] == [Membership, Membership]


def test_who_is_withdrawn_meanwhile_is_not_deferred() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        one = make_open_cohort(places=3)
        other = make_open_cohort(one.programme, places=3)
        membership = make_membership(cohort=one)
        at_once(partial(defer, membership, other, by=admin), partial(withdraw, membership, by=admin))
        membership.refresh_from_db()
        assert other.memberships.exists() == hasattr(membership, "deferred_to")
