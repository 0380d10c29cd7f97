"""What somebody has done, with its day, its points and how long it took."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from cohorts import certificates, cpd, enrolment, progress
from cohorts.models import Evidence
from portal.accounts.models import User
from tests.factories import (
    make_admin,
    make_attended,
    make_booking,
    make_cohort,
    make_component,
    make_membership,
    make_open_session,
    make_series,
    make_session,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def amina() -> User:
    return make_user()


def test_a_session_that_was_attended_has_its_day_points_and_minutes(amina: User) -> None:
    cohort = make_cohort()
    day = make_session(make_component(cohort.programme, title="Day 1", cpd_points="6"), cohort, hours=6.5)
    came = make_attended(amina, day, days_ago=3)
    (entry,) = cpd.of_person(amina.pk)
    assert (entry.title, entry.programme, entry.points) == ("Day 1", cohort.programme.name, Decimal(6))
    assert (entry.day, entry.minutes) == (timezone.localdate() - timedelta(days=3), 390)
    assert (entry.booking, entry.serial) == (came.uid, None)
    issued = certificates.issue_attendance(came, by=amina)
    assert cpd.of_person(amina.pk)[0].serial == issued.serial


def test_what_no_register_shows_has_no_minutes(amina: User) -> None:
    membership = make_membership(amina)
    reading = make_component(membership.cohort.programme, cpd_points="1.5", fulfilled_by=["record"])
    done_on = timezone.localdate() - timedelta(days=9)
    progress.record(membership, reading, kind=Evidence.Kind.RECORD, fulfilled_on=done_on, by=None)
    (entry,) = cpd.of_person(amina.pk)
    assert (entry.day, entry.minutes, entry.booking) == (done_on, None, None)
    assert cpd.total([entry, entry]) == cpd.Total(Decimal(3), 0)


def test_what_was_taken_back_or_only_booked_is_not_there(amina: User) -> None:
    cohort = make_cohort()
    make_booking(amina, make_session(cohort=cohort, days=20))
    came = make_attended(amina, make_session(cohort=cohort))
    progress.withdraw(*came.evidence.all(), by=None)
    assert cpd.of_person(amina.pk) == []
    assert cpd.of_memberships([came.membership_id]) == {}


def test_open_sessions_count_each_time_the_latest_first(amina: User) -> None:
    component = make_component(make_series(), title="Weekly hour")
    for days_ago in (5, 12):
        make_attended(amina, make_session(component, days=30 + days_ago), days_ago=days_ago)
    make_attended(make_user(), make_open_session())
    days = [(timezone.localdate() - entry.day).days for entry in cpd.of_person(amina.pk)]
    assert days == [5, 12]


def test_what_people_come_to_again_and_again_counts_for_each_day(amina: User) -> None:
    cohort = make_cohort()
    meeting = make_component(cohort.programme, once=False)
    for days_ago in (5, 12):
        make_attended(amina, make_session(meeting, cohort, days=30 + days_ago), days_ago=days_ago)
    assert len(cpd.of_person(amina.pk)) == 2


def test_what_was_carried_over_to_a_later_cohort_counts_once(amina: User) -> None:
    cohort = make_cohort()
    came = make_attended(amina, make_session(make_component(cohort.programme), cohort))
    later = enrolment.defer(came.membership, make_cohort(cohort.programme), by=make_admin())
    (entry,) = cpd.of_person(amina.pk)
    assert (entry.booking, entry.minutes) == (came.uid, 180)
    (carried,) = cpd.of_memberships([later.pk])[later.pk]
    assert (carried.day, carried.booking) == (entry.day, None)
