"""Enrolling in a cohort, and leaving it."""

import pytest

from cohorts.enrolment import AccountClosed, CohortFull, Enrolment, HasLeft, enrol, enrol_many, withdraw
from cohorts.models import Booking, Membership
from portal.outbox.models import Message
from portal.trail.models import Entry
from tests import factories as make

pytestmark = pytest.mark.django_db

State = Membership.State


def test_a_person_is_enrolled_with_where_they_work_and_as_what() -> None:
    person, cohort, admin = make.make_user(), make.make_cohort(), make.make_admin()
    organisation, job_role = make.make_organisation(), make.make_job_role()
    membership = enrol(person, cohort, organisation=organisation, job_role=job_role, by=admin)
    assert (membership.state, membership.organisation, membership.job_role) == (State.ENROLLED, organisation, job_role)
    entry = Entry.objects.get(verb="membership.enrolled")
    assert (entry.subject, entry.actor, entry.details) == (f"membership:{membership.pk}", admin, {"was": None})
    assert not Message.objects.exists()


def test_who_is_enrolled_stays_as_they_are() -> None:
    membership, admin = make.make_membership(organisation=make.make_organisation()), make.make_admin()
    again = enrol(membership.user, membership.cohort, organisation=None, job_role=None, by=admin)
    assert (again.pk, again.organisation, again.since) == (membership.pk, membership.organisation, membership.since)
    assert not Entry.objects.filter(verb="membership.enrolled").exists()


@pytest.mark.parametrize("state", [State.APPLIED, State.NOMINATED, State.OFFERED, State.RESERVE])
def test_who_was_on_the_way_is_enrolled(state: State) -> None:
    membership, admin = make.make_membership(state=state), make.make_admin()
    assert enrol(membership.user, membership.cohort, organisation=None, job_role=None, by=admin).pk == membership.pk
    membership.refresh_from_db()
    assert membership.state == State.ENROLLED
    assert Entry.objects.get(verb="membership.enrolled").details == {"was": state}


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.DECLINED, State.DEFERRED])
def test_who_left_is_enrolled_again_only_when_somebody_means_to(state: State) -> None:
    membership, admin = make.make_membership(state=state), make.make_admin()
    with pytest.raises(HasLeft, match=membership.user.name):
        enrol(membership.user, membership.cohort, organisation=None, job_role=None, by=admin)
    membership.refresh_from_db()
    assert membership.state == state
    enrol(membership.user, membership.cohort, organisation=None, job_role=None, by=admin, again=True)
    membership.refresh_from_db()
    assert membership.state == State.ENROLLED


def test_somebody_whose_account_is_closed_is_not_enrolled() -> None:
    person, cohort = make.make_user(is_active=False), make.make_cohort()
    with pytest.raises(AccountClosed, match=f"The account of {person.name} is closed"):
        enrol(person, cohort, organisation=None, job_role=None, by=make.make_admin())
    assert not Membership.objects.exists()


def test_a_cohort_never_holds_more_people_than_places() -> None:
    cohort, admin = make.make_cohort(places=2), make.make_admin()
    make.make_membership(cohort=cohort)
    make.make_membership(cohort=cohort, state=State.WITHDRAWN)
    two = [Enrolment(make.make_user(), None, None) for _ in range(2)]
    with pytest.raises(CohortFull, match="The cohort has 1 place left"):
        enrol_many(cohort, two, by=admin)
    cohort.refresh_from_db()
    assert cohort.places_left == 1
    assert enrol_many(cohort, two[:1], by=admin) == 1
    cohort.refresh_from_db()
    assert cohort.places_left == 0


def test_many_are_enrolled_in_as_many_statements_as_few(django_assert_max_num_queries) -> None:
    cohort, admin = make.make_cohort(places=500), make.make_admin()
    for number in (1, 60):
        people = [Enrolment(make.make_user(), None, None) for _ in range(number)]
        with django_assert_max_num_queries(8):
            assert enrol_many(cohort, people, by=admin) == number


def test_leaving_cancels_what_is_booked_and_passes_the_places_on() -> None:
    cohort, admin = make.make_cohort(), make.make_admin()
    session = make.make_session(cohort=cohort, places=1)
    leaves, waits = make.make_user(), make.make_user()
    held, waiting = make.make_booking(leaves, session), make.make_waiting(waits, session)
    assert withdraw(held.membership, by=admin) == 1
    held.refresh_from_db()
    waiting.refresh_from_db()
    assert (held.state, held.membership.state) == (Booking.State.CANCELLED, State.WITHDRAWN)
    assert waiting.state == Booking.State.BOOKED
    assert withdraw(held.membership, by=admin) == 0
    assert Entry.objects.filter(verb="membership.withdrawn").count() == 1


def test_leaving_one_cohort_leaves_other_bookings_alone() -> None:
    admin, person = make.make_admin(), make.make_user()
    one, another = make.make_session(cohort=make.make_cohort()), make.make_session(cohort=make.make_cohort(), days=20)
    held, kept = make.make_booking(person, one), make.make_booking(person, another)
    withdraw(held.membership, by=admin)
    kept.refresh_from_db()
    assert kept.state == Booking.State.BOOKED
