"""Swapping to another date, and taking an offer: what each does, and what each refuses."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cohorts import booking as verbs
from cohorts.models import Booking, Membership, Session
from cohorts.refusals import BookingClosed, NoLongerYours, NotForYou, SessionFull
from tests.cohorts.told import messages_about
from tests.factories import fill, make_booking, make_component, make_session, make_user, make_waiting

pytestmark = pytest.mark.django_db


def test_a_swap_moves_the_same_booking_and_passes_the_old_place_on(member: Membership) -> None:
    component = make_component(member.cohort.programme)
    old = make_session(component, member.cohort, places=1)
    new = make_session(component, member.cohort, days=20)
    booking = make_booking(member.user, old)
    waiting = make_waiting(make_user(), old)

    moved = verbs.swap(booking, new.pk, by=member.user)

    waiting.refresh_from_db()
    moved.refresh_from_db()
    assert (moved.pk, moved.session, moved.during, moved.sequence) == (booking.pk, new, new.during, 1)
    assert waiting.state == Booking.State.BOOKED
    assert messages_about(booking) == ["booking.booked", "booking.swapped"]


def test_a_swap_that_cannot_be_done_keeps_the_old_place(member: Membership) -> None:
    component = make_component(member.cohort.programme)
    booking = make_booking(member.user, make_session(component, member.cohort))
    full = make_session(component, member.cohort, days=20, places=1)
    fill(full)
    other_component = make_session(cohort=member.cohort, days=40)
    gone = make_session(component, member.cohort, days=41)
    Session.objects.filter(pk=gone.pk).update(cancelled_at=timezone.now())

    for target, refusal in ((full, SessionFull), (other_component, NotForYou), (gone, BookingClosed)):
        with pytest.raises(refusal):
            verbs.swap(booking, target.pk, by=member.user)
    with pytest.raises(Session.DoesNotExist):
        verbs.swap(booking, 10**12, by=member.user)

    booking.refresh_from_db()
    assert (booking.state, booking.sequence) == (Booking.State.BOOKED, 0)


def test_who_waits_for_a_date_may_swap_to_it_when_it_has_a_place(member: Membership) -> None:
    component = make_component(member.cohort.programme)
    booking = make_booking(member.user, make_session(component, member.cohort))
    wanted = make_session(component, member.cohort, days=20, places=1)
    (holder,) = fill(wanted)
    waiting = make_waiting(member.user, wanted)

    # A place comes free: since another date is booked, it is offered, and taking it is a swap.
    verbs.cancel(holder, by=holder.user)
    waiting.refresh_from_db()
    assert waiting.state == Booking.State.OFFERED
    taken = verbs.accept_offer(waiting, by=member.user)

    waiting.refresh_from_db()
    wanted.refresh_from_db()
    assert (taken.pk, taken.session_id, waiting.state) == (booking.pk, wanted.pk, Booking.State.CANCELLED)
    assert wanted.taken == 1


def test_an_offer_that_has_expired_is_no_longer_mine(member: Membership) -> None:
    session = make_session(cohort=member.cohort, places=1, days=2)
    (holder,) = fill(session)
    waiting = make_waiting(member.user, session)
    verbs.cancel(holder, by=holder.user)
    Booking.objects.filter(pk=waiting.pk).update(offer_expires_at=timezone.now() - timedelta(seconds=1))
    waiting.refresh_from_db()

    with pytest.raises(NoLongerYours):
        verbs.accept_offer(waiting, by=member.user)


@pytest.mark.parametrize("too_late", ["expired", "begun"])
def test_an_offer_is_not_swapped_to_when_it_is_too_late(member: Membership, too_late: str) -> None:
    component = make_component(member.cohort.programme)
    booking = make_booking(member.user, make_session(component, member.cohort, days=30))
    wanted = make_session(component, member.cohort, days=20, places=1)
    (holder,) = fill(wanted)
    waiting = make_waiting(member.user, wanted)
    verbs.cancel(holder, by=holder.user)
    waiting.refresh_from_db()
    just_now = timezone.now() - timedelta(seconds=1)
    if too_late == "expired":
        Booking.objects.filter(pk=waiting.pk).update(offer_expires_at=just_now)
    else:
        Session.objects.filter(pk=wanted.pk).update(starts_at=just_now)

    with pytest.raises(NoLongerYours):
        verbs.accept_offer(waiting, by=member.user)

    booking.refresh_from_db()
    assert booking.state == Booking.State.BOOKED


def test_a_swapped_booking_that_another_tab_still_shows_at_its_old_date_is_cancelled_at_its_new_one(
    member: Membership,
) -> None:
    component = make_component(member.cohort.programme)
    stale = make_booking(member.user, make_session(component, member.cohort))
    new = make_session(component, member.cohort, days=20)
    verbs.swap(Booking.objects.get(pk=stale.pk), new.pk, by=member.user)

    with pytest.raises(NoLongerYours):
        verbs.cancel(stale, by=member.user)

    assert Booking.objects.get(pk=stale.pk).state == Booking.State.BOOKED
