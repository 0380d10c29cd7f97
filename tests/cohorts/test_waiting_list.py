"""The waiting list: who is served, how, and what becomes of an offer."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cohorts import booking as verbs
from cohorts import scheduling, waiting_list
from cohorts.models import Booking, Session
from cohorts.refusals import Overlaps, SessionFull
from portal.accounts.models import User
from portal.outbox.models import Message
from tests.factories import (
    fill,
    make_admin,
    make_booking,
    make_cohort,
    make_open_session,
    make_session,
    make_user,
    make_waiting,
)

pytestmark = pytest.mark.django_db


def states(*bookings: Booking) -> list[str]:
    """Return the bookings' states as they are now."""
    for booking in bookings:
        booking.refresh_from_db()
    return [booking.state for booking in bookings]


def test_everybody_sees_their_place_and_moves_up_when_somebody_leaves() -> None:
    session = make_open_session(places=1)
    fill(session)
    queue = [make_waiting(make_user(), session) for _ in range(3)]
    assert [waiting_list.place_in_queue(booking) for booking in queue] == [1, 2, 3]

    verbs.cancel(queue[0], by=queue[0].user)

    assert [waiting_list.place_in_queue(booking) for booking in queue[1:]] == [1, 2]
    assert states(*queue) == ["cancelled", "waiting", "waiting"]


def test_close_to_the_start_a_place_is_offered_and_held_until_half_the_time_is_gone() -> None:
    session = make_open_session(places=1)
    soon = timezone.now() + timedelta(hours=10)
    Session.objects.filter(pk=session.pk).update(starts_at=soon, ends_at=soon + timedelta(hours=1))
    (holder,) = fill(session)
    waiting = make_waiting(make_user(), session)

    verbs.cancel(holder, by=holder.user)

    assert states(waiting) == ["offered"]
    assert waiting.offer_expires_at is not None
    assert timedelta(hours=4, minutes=59) < waiting.offer_expires_at - timezone.now() <= timedelta(hours=5)
    assert Message.objects.filter(rule="booking.offered", person=waiting.user).count() == 1


def test_an_offer_holds_its_place() -> None:
    session = make_open_session(places=1, days=2)
    (holder,) = fill(session)
    make_waiting(make_user(), session)
    verbs.cancel(holder, by=holder.user)

    with pytest.raises(SessionFull):
        verbs.book(make_user(), session.pk)


def test_who_is_busy_then_is_offered_the_place_and_loses_nothing() -> None:
    session = make_open_session(places=1)
    (holder,) = fill(session)
    busy = make_user()
    waiting = make_waiting(busy, session)
    other = make_booking(busy, make_open_session())

    verbs.cancel(holder, by=holder.user)

    assert states(waiting, other) == ["offered", "booked"]
    with pytest.raises(Overlaps):
        verbs.accept_offer(waiting, by=busy)
    verbs.cancel(other, by=busy)
    verbs.accept_offer(waiting, by=busy)
    assert states(waiting) == ["booked"]


def test_an_expired_offer_passes_on_and_both_are_told() -> None:
    session = make_open_session(places=1, days=2)
    (holder,) = fill(session)
    first, second = make_waiting(make_user(), session), make_waiting(make_user(), session)
    verbs.cancel(holder, by=holder.user)
    Booking.objects.filter(pk=first.pk).update(offer_expires_at=timezone.now())

    assert waiting_list.expire_offers() == 1
    assert waiting_list.expire_offers() == 0

    assert states(first, second) == ["cancelled", "offered"]
    assert set(Message.objects.filter(person__in=[first.user, second.user]).values_list("rule", flat=True)) == {
        "booking.waiting",
        "booking.offer_expired",
        "booking.offered",
    }


def test_a_place_freed_after_booking_has_closed_still_goes_to_the_first_in_the_queue() -> None:
    session = make_open_session(places=1)
    (holder,) = fill(session)
    waiting = make_waiting(make_user(), session)
    Session.objects.filter(pk=session.pk).update(booking_closes_at=timezone.now())

    verbs.cancel(holder, by=holder.user)

    assert states(waiting) == ["booked"]


def test_whose_account_is_closed_is_passed_over() -> None:
    session = make_open_session(places=1)
    (holder,) = fill(session)
    closed, next_one = make_waiting(make_user(), session), make_waiting(make_user(), session)
    User.objects.filter(pk=closed.user_id).update(is_active=False)

    verbs.cancel(holder, by=holder.user)

    assert states(closed, next_one) == ["waiting", "booked"]


def test_the_queue_of_a_session_that_has_begun_is_ended_and_told() -> None:
    session = make_open_session(places=1)
    (holder,) = fill(session)
    waiting, elsewhere = make_waiting(make_user(), session), make_open_session(places=1)
    fill(elsewhere)
    still_waiting = make_waiting(make_user(), elsewhere)
    Session.objects.filter(pk=session.pk).update(starts_at=timezone.now())

    assert waiting_list.end_queues() == 1
    assert waiting_list.end_queues() == 0

    assert states(holder, waiting, still_waiting) == ["booked", "cancelled", "waiting"]
    assert Message.objects.get(rule="booking.queue_ended").person == waiting.user


@pytest.mark.parametrize("people", [1, 3])
def test_ending_queues_costs_the_same_however_many_wait(people: int, django_assert_num_queries) -> None:
    session = make_open_session(places=1)
    fill(session)
    for _ in range(people):
        make_waiting(make_user(), session)
    Session.objects.filter(pk=session.pk).update(starts_at=timezone.now())

    with django_assert_num_queries(6):
        assert waiting_list.end_queues() == people


def test_more_places_pass_to_the_queue_in_its_order() -> None:
    cohort = make_cohort()
    session = make_session(cohort=cohort, places=1)
    fill(session)
    queue = [make_waiting(make_user(), session) for _ in range(3)]

    scheduling.change_places(session, 3, by=make_admin())

    assert states(*queue) == ["booked", "booked", "waiting"]


def test_passing_places_on_costs_the_same_whoever_else_waits(django_assert_max_num_queries) -> None:
    session = make_open_session(places=1)
    (holder,) = fill(session)
    for _ in range(5):
        make_waiting(make_user(), session)

    with django_assert_max_num_queries(17):
        verbs.cancel(holder, by=holder.user)
