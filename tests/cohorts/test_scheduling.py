"""Making sessions, moving and cancelling them: nobody loses a booking unsaid, and clocks stay UK clocks."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from cohorts import booking as verbs
from cohorts import scheduling
from cohorts.models import Booking, Membership, Session
from portal import trail
from portal.outbox.models import Message
from portal.trail.models import Entry
from tests.factories import (
    at,
    fill,
    make_admin,
    make_booking,
    make_component,
    make_facilitator,
    make_open_session,
    make_session,
    make_user,
    make_venue,
    make_waiting,
)

pytestmark = pytest.mark.django_db


def later(session: Session, **by: float) -> tuple[datetime, datetime]:
    """Return the session's start and end, so much later."""
    return session.starts_at + timedelta(**by), session.ends_at + timedelta(**by)


def test_dates_of_a_series_keep_their_clock_time_when_the_clocks_change(member: Membership) -> None:
    first = date(2027, 3, 21)
    pattern = Session(
        component=make_component(member.cohort.programme),
        cohort=member.cohort,
        starts_at=at(first, "09:30"),
        ends_at=at(first, "16:30"),
        venue=make_venue(),
        places=12,
    )
    facilitator = make_facilitator()

    made = scheduling.add_dates(pattern, [facilitator], every=timedelta(weeks=1), count=2, by=make_admin())

    said = [f"{timezone.localtime(s.starts_at):%d %H:%M} {timezone.localtime(s.ends_at):%H:%M}" for s in made]
    assert said == ["21 09:30 16:30", "28 09:30 16:30"]
    assert [s.starts_at.astimezone(ZoneInfo("UTC")).hour for s in made] == [9, 8]
    assert all(list(s.facilitators.all()) == [facilitator] for s in made)


def test_a_session_made_like_another_has_all_of_it_but_what_is_said(member: Membership) -> None:
    pattern = make_session(
        cohort=member.cohort, venue=make_venue(), format="hybrid", join_link="https://meet.example/a", places=7
    )
    starts_at, ends_at = later(pattern, days=7)

    made = scheduling.add_like(
        pattern, [make_facilitator()], by=make_admin(), starts_at=starts_at, ends_at=ends_at, join_link=""
    )

    for field in ("component", "cohort", "venue", "format", "what_to_bring", "places"):
        assert getattr(made, field) == getattr(pattern, field)
    assert (made.starts_at, made.ends_at, made.join_link) == (starts_at, ends_at, "")
    assert made.facilitators.count() == 1
    assert Entry.objects.get(verb="session.added").subject == trail.subject_key(made)


def test_a_series_with_one_date_that_cannot_be_is_not_made_at_all(member: Membership) -> None:
    pattern = Session(
        component=make_component(member.cohort.programme),
        starts_at=at(date(2027, 3, 21), "09:30"),
        ends_at=at(date(2027, 3, 21), "09:00"),
        places=12,
    )

    with pytest.raises(ValidationError, match="end must be after the start"):
        scheduling.add_dates(pattern, [], every=timedelta(weeks=1), count=2, by=make_admin())

    assert not Session.objects.exists()


def test_a_move_takes_bookings_reminders_and_calendars_along(member: Membership) -> None:
    session = make_session(cohort=member.cohort, days=14)
    booking = make_booking(member.user, session)

    scheduling.move(session, *later(session, days=7), by=make_admin())

    booking.refresh_from_db()
    session.refresh_from_db()
    assert booking.during == session.during
    assert (booking.sequence, session.sequence) == (1, 1)
    assert booking.next_reminder_at is not None
    assert timezone.localtime(booking.next_reminder_at).date() == timezone.localdate() + timedelta(days=14)
    assert Message.objects.get(rule="session.moved").subject == f"booking:{booking.pk}:1"


def test_a_move_onto_another_booking_marks_the_clash_and_keeps_both(member: Membership) -> None:
    other = make_booking(member.user, make_session(cohort=member.cohort, days=20))
    session = make_session(cohort=member.cohort, days=14)
    booking = make_booking(member.user, session)
    bystander = make_booking(make_user(), session)

    affected = scheduling.whom_a_move_affects(session, *later(session, days=6))
    assert {(b.pk, b.would_clash) for b in affected} == {(booking.pk, True), (bystander.pk, False)}
    scheduling.move(session, *later(session, days=6), by=make_admin())

    for each in (booking, bystander, other):
        each.refresh_from_db()
    assert [(b.state, b.clashing) for b in (booking, bystander, other)] == [
        ("booked", True),
        ("booked", False),
        ("booked", False),
    ]


def test_giving_one_of_two_clashing_bookings_up_settles_the_other(member: Membership) -> None:
    other = make_booking(member.user, make_session(cohort=member.cohort, days=20))
    session = make_session(cohort=member.cohort, days=14)
    booking = make_booking(member.user, session)
    scheduling.move(session, *later(session, days=6), by=make_admin())

    verbs.cancel(other, by=member.user)

    booking.refresh_from_db()
    assert booking.clashing is False


def test_moving_on_again_settles_the_clash(member: Membership) -> None:
    make_booking(member.user, make_session(cohort=member.cohort, days=20))
    session = make_session(cohort=member.cohort, days=14)
    booking = make_booking(member.user, session)
    scheduling.move(session, *later(session, days=6), by=make_admin())

    session.refresh_from_db()
    scheduling.move(session, *later(session, days=6), by=make_admin())

    booking.refresh_from_db()
    assert booking.clashing is False


def test_a_new_place_is_told_to_everybody_on_the_session(member: Membership) -> None:
    session = make_session(cohort=member.cohort, places=1, venue=make_venue())
    booked, waiting = make_booking(member.user, session), make_waiting(make_user(), session)

    assert scheduling.relocate(session, by=make_admin()) == 2

    assert set(Message.objects.filter(rule="session.relocated").values_list("subject", flat=True)) == {
        f"booking:{booked.pk}:1",
        f"booking:{waiting.pk}:1",
    }


def test_a_session_whose_register_has_been_started_is_neither_moved_nor_cancelled(member: Membership) -> None:
    session = make_session(cohort=member.cohort)
    booking = make_booking(member.user, session)
    Booking.objects.filter(pk=booking.pk).update(state=Booking.State.ATTENDED, next_reminder_at=None)

    with pytest.raises(ValidationError, match="register"):
        scheduling.move(session, *later(session, days=1), by=make_admin())
    with pytest.raises(ValidationError, match="register"):
        scheduling.cancel_session(session, by=make_admin())


def test_an_offer_ends_with_the_new_start_at_the_latest(member: Membership) -> None:
    session = make_session(cohort=member.cohort, places=1)
    (holder,) = fill(session)
    make_booking(member.user, make_session(cohort=member.cohort))
    waiting = make_waiting(member.user, session)
    verbs.cancel(holder, by=holder.user)
    soon = timezone.now() + timedelta(hours=2)

    scheduling.move(session, soon, soon + timedelta(hours=1), by=make_admin())

    waiting.refresh_from_db()
    assert (waiting.state, waiting.offer_expires_at) == (Booking.State.OFFERED, soon)


def test_what_cannot_be_moved(member: Membership) -> None:
    session = make_session(cohort=member.cohort)
    begun = make_session(cohort=member.cohort, days=-1)
    tomorrow = timezone.now() + timedelta(days=1)

    for wrong, starts_at, ends_at in (
        (begun, tomorrow, tomorrow + timedelta(hours=1)),
        (session, tomorrow, tomorrow),
        (session, timezone.now() - timedelta(hours=1), tomorrow),
    ):
        with pytest.raises(ValidationError):
            scheduling.move(wrong, starts_at, ends_at, by=make_admin())


def test_a_cancelled_session_releases_and_tells_everybody_once(member: Membership) -> None:
    session = make_session(cohort=member.cohort, places=1)
    booked = make_booking(member.user, session)
    waiting = make_waiting(make_user(), session)
    admin = make_admin()

    assert scheduling.cancel_session(session, by=admin) == 2
    assert scheduling.cancel_session(session, by=admin) == 0

    session.refresh_from_db()
    assert session.is_cancelled
    assert session.taken == 0
    assert set(Message.objects.filter(rule="session.cancelled").values_list("person", flat=True)) == {
        booked.user_id,
        waiting.user_id,
    }
    assert not Booking.objects.live().exists()


def test_a_session_that_has_begun_is_not_cancelled(member: Membership) -> None:
    with pytest.raises(ValidationError):
        scheduling.cancel_session(make_session(cohort=member.cohort, days=-1), by=make_admin())


def test_fewer_places_than_are_taken_are_refused() -> None:
    session = make_open_session(places=3)
    fill(session)

    with pytest.raises(ValidationError, match="3 places are already taken"):
        scheduling.change_places(session, 2, by=make_admin())


@pytest.mark.parametrize("people", [1, 3])
def test_cancelling_costs_the_same_for_one_and_for_three(people: int, django_assert_num_queries) -> None:
    session = make_open_session(places=3)
    for _ in range(people):
        make_booking(make_user(), session)
    admin = make_admin()

    with django_assert_num_queries(10):
        scheduling.cancel_session(session, by=admin)
