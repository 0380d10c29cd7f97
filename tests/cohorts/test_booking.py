"""Booking, waiting and cancelling: what each does, and what each refuses."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from cohorts import booking as verbs
from cohorts.models import Booking, Membership, Session
from cohorts.refusals import (
    AlreadyDone,
    AnotherDateBooked,
    BookingClosed,
    NotForYou,
    Overlaps,
    PlaceFree,
    SessionFull,
)
from portal.trail.models import Entry
from tests.cohorts.told import messages_about
from tests.factories import (
    fill,
    make_booking,
    make_cohort,
    make_component,
    make_membership,
    make_open_session,
    make_programme,
    make_session,
    make_user,
    make_waiting,
)

pytestmark = pytest.mark.django_db


def test_booking_takes_a_place_tells_the_person_and_stands_in_the_trail(member: Membership) -> None:
    session = make_session(cohort=member.cohort, places=20)

    booking = verbs.book(member.user, session.pk)

    session.refresh_from_db()
    assert (booking.state, booking.membership, session.taken) == (Booking.State.BOOKED, member, 1)
    assert messages_about(booking) == ["booking.booked"]
    entry = Entry.objects.get(subject=f"booking:{booking.pk}")
    assert (entry.verb, entry.actor, entry.details) == ("booking.booked", member.user, {"session": session.pk})


def test_booking_costs_a_handful_of_statements(member: Membership, django_assert_num_queries) -> None:
    session = make_session(cohort=member.cohort)
    for _ in range(3):
        make_booking(make_user(), session)

    # Savepoint and release, in a test's transaction, stand for BEGIN and COMMIT; the lock, how the member stands with
    # the session, the booking, and what the trail and the outbox hold of it.
    with django_assert_num_queries(6):
        verbs.book(member.user, session.pk)


@pytest.mark.django_db(transaction=True)
def test_a_refusal_leaves_what_is_prepared_on_the_connection() -> None:
    member = make_membership()
    session = make_session(cohort=member.cohort, places=1)
    fill(session)

    for _ in range(4):
        with pytest.raises(SessionFull):
            verbs.book(member.user, session.pk)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%FOR UPDATE%'")
        assert cursor.fetchone() == (1,)


def test_booking_twice_is_booking_once(member: Membership) -> None:
    session = make_session(cohort=member.cohort)

    first, second = verbs.book(member.user, session.pk), verbs.book(member.user, session.pk)

    assert first.pk == second.pk
    assert messages_about(first) == ["booking.booked"]


def test_a_full_session_refuses_and_keeps_nothing(member: Membership) -> None:
    session = make_session(cohort=member.cohort, places=1)
    fill(session)

    with pytest.raises(SessionFull):
        verbs.book(member.user, session.pk)

    assert not Booking.objects.filter(user=member.user).exists()


def test_postgresql_itself_refuses_one_booking_too_many(member: Membership) -> None:
    session = make_session(cohort=member.cohort, places=1)
    fill(session)

    with pytest.raises(IntegrityError, match="session_is_never_overbooked"):
        Booking.objects.create(
            user=member.user,
            session=session,
            membership=member,
            component=session.component,
            once=True,
            during=session.during,
            state=Booking.State.BOOKED,
        )


def test_saving_a_session_as_it_was_read_leaves_the_count_of_places_alone(member: Membership) -> None:
    session = make_session(cohort=member.cohort, places=1)
    read_before = Session.objects.get(pk=session.pk)
    make_booking(member.user, session)

    read_before.save()

    session.refresh_from_db()
    assert session.taken == 1


@pytest.mark.parametrize("drifting", ["during", "component", "membership"])
def test_postgresql_refuses_a_copy_that_is_not_its_sessions_or_persons(member: Membership, drifting: str) -> None:
    booking = make_booking(member.user, make_session(cohort=member.cohort))
    elsewhere = make_session(days=50)
    wrong = {
        "during": elsewhere.during,
        "component": elsewhere.component,
        "membership": make_membership(cohort=member.cohort),
    }

    with pytest.raises(IntegrityError), transaction.atomic():
        Booking.objects.filter(pk=booking.pk).update(**{drifting: wrong[drifting]})


def test_a_session_of_another_cohort_is_not_for_me(member: Membership) -> None:
    theirs = make_session(cohort=make_cohort(member.cohort.programme))

    with pytest.raises(NotForYou):
        verbs.book(member.user, theirs.pk)


def test_who_has_withdrawn_cannot_book(member: Membership) -> None:
    Membership.objects.filter(pk=member.pk).update(state=Membership.State.WITHDRAWN)

    with pytest.raises(NotForYou):
        verbs.book(member.user, make_session(cohort=member.cohort).pk)


def test_a_session_for_all_cohorts_is_booked_by_a_member_of_any(member: Membership) -> None:
    session = make_session(make_component(member.cohort.programme))

    assert verbs.book(member.user, session.pk).membership == member
    with pytest.raises(NotForYou):
        verbs.book(make_user(), session.pk)


def test_an_open_series_is_booked_without_membership() -> None:
    assert verbs.book(make_user(), make_open_session().pk).membership is None


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("cancelled_at", timedelta(0), "This session has been cancelled."),
        ("booking_opens_at", timedelta(days=1), "Booking for this session is closed."),
        ("booking_closes_at", -timedelta(minutes=1), "Booking for this session is closed."),
        ("starts_at", -timedelta(minutes=1), "This session has already begun."),
    ],
)
def test_booking_is_closed_outside_its_dates(member: Membership, field: str, value: timedelta, sentence: str) -> None:
    session = make_session(cohort=member.cohort)
    Session.objects.filter(pk=session.pk).update(**{field: timezone.now() + value})

    with pytest.raises(BookingClosed) as refusal:
        verbs.book(member.user, session.pk)

    assert str(refusal.value) == sentence


def test_two_sessions_at_one_time_are_refused_and_the_other_is_named(member: Membership) -> None:
    first = make_booking(member.user, make_session(cohort=member.cohort, clock="09:30"))
    overlapping = make_session(cohort=member.cohort, clock="11:00")

    with pytest.raises(Overlaps) as refusal:
        verbs.book(member.user, overlapping.pk)

    assert refusal.value.other == first


def test_one_session_may_begin_when_the_other_ends(member: Membership) -> None:
    make_booking(member.user, make_session(cohort=member.cohort, clock="09:30", hours=2))

    assert verbs.book(member.user, make_session(cohort=member.cohort, clock="11:30").pk)


def test_a_second_date_of_one_component_is_refused_and_the_first_is_named(member: Membership) -> None:
    component = make_component(member.cohort.programme)
    first = make_booking(member.user, make_session(component, member.cohort))

    with pytest.raises(AnotherDateBooked) as refusal:
        verbs.book(member.user, make_session(component, member.cohort, days=20).pk)

    assert refusal.value.other == first


def test_meetings_that_repeat_are_booked_again_and_again(member: Membership) -> None:
    component = make_component(member.cohort.programme, once=False)

    for days in (10, 20, 30):
        assert verbs.book(member.user, make_session(component, member.cohort, days=days).pk)


def test_who_is_on_the_register_cannot_book_the_same_session_again(member: Membership) -> None:
    booking = make_booking(member.user, make_session(cohort=member.cohort))
    Booking.objects.filter(pk=booking.pk).update(state=Booking.State.APOLOGIES, next_reminder_at=None)

    with pytest.raises(AlreadyDone):
        verbs.book(member.user, booking.session_id)


def test_the_waiting_list_is_for_a_full_session_alone(member: Membership) -> None:
    session = make_session(cohort=member.cohort, places=1)

    with pytest.raises(PlaceFree):
        verbs.join_waiting_list(member.user, session.pk)

    fill(session)
    waiting = verbs.join_waiting_list(member.user, session.pk)
    assert verbs.join_waiting_list(member.user, session.pk).pk == waiting.pk
    assert messages_about(waiting) == ["booking.waiting"]


def test_cancelling_passes_the_place_to_the_first_in_the_queue_and_tells_both(member: Membership) -> None:
    session = make_session(cohort=member.cohort, places=1)
    held = make_booking(member.user, session)
    first, second = make_waiting(make_user(), session), make_waiting(make_user(), session)

    verbs.cancel(held, by=member.user, reason="On shift")

    for booking in (held, first, second):
        booking.refresh_from_db()
    assert (held.state, held.cancel_reason) == (Booking.State.CANCELLED, "On shift")
    assert (first.state, second.state) == (Booking.State.BOOKED, Booking.State.WAITING)
    assert messages_about(held) == ["booking.booked", "booking.cancelled"]
    assert messages_about(first) == ["booking.waiting", "booking.promoted"]
    assert first.next_reminder_at is not None


def test_cancelling_twice_is_cancelling_once(member: Membership) -> None:
    booking = make_booking(member.user, make_session(cohort=member.cohort))

    verbs.cancel(booking, by=member.user)
    verbs.cancel(booking, by=member.user)

    assert messages_about(booking) == ["booking.booked", "booking.cancelled"]


def test_a_session_that_has_begun_is_not_cancelled(member: Membership) -> None:
    booking = make_booking(member.user, make_session(cohort=member.cohort))
    Session.objects.filter(pk=booking.session_id).update(starts_at=timezone.now() - timedelta(minutes=1))

    with pytest.raises(BookingClosed):
        verbs.cancel(booking, by=member.user)


def test_a_date_whose_register_nobody_took_bars_from_no_other(member: Membership) -> None:
    component = make_component(member.cohort.programme)
    missed = make_booking(member.user, make_session(component, member.cohort))
    long_ago = timezone.now() - timedelta(days=2)
    Session.objects.filter(pk=missed.session_id).update(starts_at=long_ago, ends_at=long_ago + timedelta(hours=3))

    again = verbs.book(member.user, make_session(component, member.cohort, days=20).pk)

    missed.refresh_from_db()
    assert (missed.state, again.state) == (Booking.State.BOOKED, Booking.State.BOOKED)


def test_the_trail_says_who_booked_for_somebody(member: Membership) -> None:
    admin = make_user()
    full = make_session(cohort=member.cohort, places=1, days=30)
    fill(full)

    booked = verbs.book(member.user, make_session(cohort=member.cohort).pk, by=admin)
    waiting = verbs.join_waiting_list(member.user, full.pk, by=admin)

    for booking in (booked, waiting):
        assert Entry.objects.get(subject=f"booking:{booking.pk}").actor == admin


def test_a_programme_of_two_shapes_keeps_its_own_rule() -> None:
    pathway = make_programme(shape="pathway")
    with pytest.raises(NotForYou):
        verbs.book(make_user(), make_session(make_component(pathway)).pk)
