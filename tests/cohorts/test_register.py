"""The register: marks, corrections, and the evidence that follows them."""

from datetime import timedelta

import pytest
from django.db import Error, connection, transaction
from django.utils import timezone

from cohorts import booking as verbs
from cohorts import progress, register
from cohorts.models import Booking, Evidence, Membership, Session
from portal.trail.models import Entry
from tests.factories import (
    make_booking,
    make_component,
    make_facilitator,
    make_membership,
    make_open_session,
    make_session,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def facilitator():
    """Somebody who keeps registers."""
    return make_facilitator(make_user()).user


def begin(session: Session) -> Session:
    """Let a session have begun an hour ago."""
    starts_at = timezone.now() - timedelta(hours=1)
    Session.objects.filter(pk=session.pk).update(starts_at=starts_at, ends_at=starts_at + timedelta(hours=3))
    session.refresh_from_db()
    return session


def is_done(member: Membership, session: Session) -> bool:
    """Say whether the member's task list shows the session's component as done."""
    return next(task.is_done for task in progress.tasks(member.user)[member.pk] if task.component == session.component)


def test_attendance_is_marked_and_progress_moves(member: Membership, facilitator) -> None:
    session = make_session(cohort=member.cohort)
    booking = make_booking(member.user, session)
    begin(session)

    changed = register.mark(session, {booking.pk: "attended"}, by=facilitator)

    assert [b.pk for b in changed] == [booking.pk]
    evidence = Evidence.objects.get()
    assert (evidence.membership, evidence.booking, evidence.recorded_by) == (member, booking, facilitator)
    assert evidence.fulfilled_on == timezone.localdate(session.starts_at)
    assert is_done(member, session)


def test_a_correction_withdraws_what_was_recorded_and_stands_in_the_trail(member: Membership, facilitator) -> None:
    session = make_session(cohort=member.cohort)
    booking = make_booking(member.user, session)
    begin(session)

    for mark in ("attended", "did_not_attend", "attended", "apologies"):
        register.mark(session, {booking.pk: mark}, by=facilitator)

    assert Evidence.objects.count() == 4
    assert not Evidence.objects.standing().exists()
    assert not is_done(member, session)
    assert [
        (entry.details["was"], entry.details["now"])
        for entry in Entry.objects.filter(verb="register.marked").order_by("id")
    ] == [
        ("booked", "attended"),
        ("attended", "did_not_attend"),
        ("did_not_attend", "attended"),
        ("attended", "apologies"),
    ]


def test_the_same_mark_again_changes_nothing(member: Membership, facilitator) -> None:
    session = make_session(cohort=member.cohort)
    booking = make_booking(member.user, session)
    begin(session)
    register.mark(session, {booking.pk: "attended"}, by=facilitator)

    assert register.mark(session, {booking.pk: "attended"}, by=facilitator) == []
    assert Evidence.objects.count() == 1


def test_who_cancelled_or_is_booked_elsewhere_is_left_alone(member: Membership, facilitator) -> None:
    session = make_session(cohort=member.cohort)
    cancelled = make_booking(member.user, session)
    verbs.cancel(cancelled, by=member.user)
    elsewhere = make_booking(make_user(), make_open_session())
    begin(session)

    assert register.mark(session, {cancelled.pk: "attended", elsewhere.pk: "attended"}, by=facilitator) == []
    assert not Evidence.objects.exists()


def test_the_register_opens_an_hour_before_and_never_for_a_cancelled_session(member: Membership, facilitator) -> None:
    session = make_session(cohort=member.cohort)
    booking = make_booking(member.user, session)

    with pytest.raises(register.RegisterClosed, match="an hour before"):
        register.mark(session, {booking.pk: "attended"}, by=facilitator)
    Session.objects.filter(pk=session.pk).update(cancelled_at=timezone.now())
    with pytest.raises(register.RegisterClosed, match="cancelled"):
        register.mark(begin(session), {booking.pk: "attended"}, by=facilitator)


def test_what_is_no_mark_is_refused(member: Membership, facilitator) -> None:
    with pytest.raises(ValueError, match="cancelled"):
        register.mark(begin(make_session(cohort=member.cohort)), {1: "cancelled"}, by=facilitator)


def test_an_open_session_leaves_no_evidence_since_nobody_is_a_member(facilitator) -> None:
    session = make_open_session()
    booking = make_booking(make_user(), session)
    begin(session)

    register.mark(session, {booking.pk: "attended"}, by=facilitator)

    assert Booking.objects.get().state == Booking.State.ATTENDED
    assert not Evidence.objects.exists()


def test_a_component_fulfilled_otherwise_gets_no_evidence_from_its_register(member: Membership, facilitator) -> None:
    component = make_component(member.cohort.programme, fulfilled_by=[Evidence.Kind.PROJECT])
    session = make_session(component, member.cohort)
    booking = make_booking(member.user, session)
    begin(session)

    register.mark(session, {booking.pk: "attended"}, by=facilitator)

    assert not Evidence.objects.exists()


@pytest.mark.parametrize("people", [1, 3])
def test_a_register_costs_the_same_however_many_are_marked(people: int, facilitator, django_assert_num_queries) -> None:
    cohort = make_membership().cohort
    session = make_session(cohort=cohort)
    bookings = [make_booking(make_membership(cohort=cohort).user, session) for _ in range(people)]
    begin(session)

    with django_assert_num_queries(9):
        register.mark(session, {booking.pk: "attended" for booking in bookings}, by=facilitator)


@pytest.mark.parametrize("statement", ["UPDATE cohorts_evidence SET kind = 'record'", "DELETE FROM cohorts_evidence"])
def test_postgresql_refuses_to_change_the_ledger(member: Membership, facilitator, statement: str) -> None:
    progress.record(
        member,
        make_component(member.cohort.programme),
        kind=Evidence.Kind.RECORD,
        fulfilled_on=timezone.localdate(),
        by=facilitator,
    )

    with pytest.raises(Error, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
