"""Graduations: who is invited, what they answer, and that guests take places."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cohorts import booking as verbs
from cohorts import certificates, graduating, register, scheduling
from cohorts.graduating import NotInviting
from cohorts.models import Booking, Certificate, Graduation, GraduationInvitation, Session
from cohorts.refusals import BookingClosed, NotForYou, NotInvited, PlaceFree, TooFewPlaces, TooManyGuests
from portal.accounts.models import User
from portal.outbox.models import Message
from tests import factories as make

pytestmark = pytest.mark.django_db


def taken(graduation: Graduation) -> int:
    """Return how many places PostgreSQL counts as taken."""
    return Session.objects.get(pk=graduation.session_id).taken


def invited(graduation: Graduation) -> User:
    """Return somebody who is invited."""
    return make.make_invitation(graduation=graduation).user


def test_who_is_complete_in_its_cohorts_is_invited_once_and_written_to(admin: User) -> None:
    here, elsewhere = make.make_complete(), make.make_complete()
    make.make_membership(cohort=here.cohort)
    graduation = make.make_graduation(here.cohort)

    assert graduating.invite(graduation, by=admin) == 1
    assert graduating.invite(graduation, by=admin) == 0

    assert list(GraduationInvitation.objects.values_list("user", flat=True)) == [here.user_id]
    assert Message.objects.filter(rule="graduation.invited").count() == 1
    assert not Message.objects.filter(rule="graduation.invited", person=elsewhere.user).exists()


def test_who_becomes_complete_later_is_invited_later(admin: User) -> None:
    day = make.make_session(cohort=make.make_cohort())
    first = make.make_attended(session=day).membership
    later = make.make_membership(cohort=first.cohort)
    graduation = make.make_graduation(first.cohort)
    assert graduating.invite(graduation, by=admin) == 1

    make.make_attended(later.user, make.make_session(day.component, first.cohort, days=40), days_ago=2)

    assert graduating.invite(graduation, by=admin) == 1
    assert GraduationInvitation.objects.filter(user=later.user).exists()


def test_who_is_complete_in_two_of_its_cohorts_is_invited_once(admin: User) -> None:
    first = make.make_complete()
    second = make.make_complete(first.user)
    graduation = make.make_graduation(first.cohort, second.cohort)

    assert graduating.invite(graduation, by=admin) == 1


def test_who_withdrew_is_not_invited(admin: User) -> None:
    left = make.make_complete()
    left.state = left.State.WITHDRAWN
    left.save()

    assert graduating.invite(make.make_graduation(left.cohort), by=admin) == 0


def test_nobody_is_invited_to_what_cannot_be_answered(admin: User) -> None:
    complete = make.make_complete()
    closed = make.make_graduation(complete.cohort, booking_closes_at=timezone.now() - timedelta(days=1))
    cancelled = make.make_graduation(complete.cohort)
    scheduling.cancel_session(cancelled.session, by=admin)

    for graduation in (closed, cancelled):
        with pytest.raises(NotInviting):
            graduating.invite(graduation, by=admin)


def test_guests_take_places() -> None:
    graduation = make.make_graduation(make.make_cohort(), guests_each=2, places=4)

    held = verbs.book(invited(graduation), graduation.session_id, guests=2)
    assert taken(graduation) == 3

    with pytest.raises(TooFewPlaces, match="1 guest"):
        verbs.book(invited(graduation), graduation.session_id, guests=1)

    verbs.change_guests(held, 0, by=held.user)
    assert taken(graduation) == 1
    verbs.cancel(held, by=held.user)
    assert taken(graduation) == 0


def test_nobody_brings_more_guests_than_they_were_invited_with() -> None:
    graduation = make.make_graduation(make.make_cohort(), guests_each=1)
    person = invited(graduation)

    for number in (2, -1):
        with pytest.raises(TooManyGuests):
            verbs.book(person, graduation.session_id, guests=number)
    held = verbs.book(person, graduation.session_id, guests=1)
    with pytest.raises(TooManyGuests):
        verbs.change_guests(held, 2, by=person)
    with pytest.raises(TooManyGuests, match="cannot bring guests"):
        verbs.book(make.make_user(), make.make_open_session().pk, guests=1)


def test_postgresql_refuses_guests_for_whom_there_is_no_place() -> None:
    graduation = make.make_graduation(make.make_cohort(), guests_each=4, places=2)
    held = verbs.book(invited(graduation), graduation.session_id, guests=1)

    with pytest.raises(IntegrityError, match="session_is_never_overbooked"), transaction.atomic():
        Booking.objects.filter(pk=held.pk).update(guests=2)
    with pytest.raises(IntegrityError, match="guests_are_few"), transaction.atomic():
        Booking.objects.filter(pk=held.pk).update(guests=5)


def test_who_is_not_invited_cannot_book() -> None:
    graduation = make.make_graduation(make.make_cohort())
    with pytest.raises(NotInvited):
        verbs.book(make.make_user(), graduation.session_id)


def test_who_waits_with_guests_is_served_when_all_fit_and_who_comes_after_and_fits_goes_first() -> None:
    graduation = make.make_graduation(make.make_cohort(), guests_each=2, places=3)
    session = graduation.session_id
    full = [verbs.book(invited(graduation), session) for _ in range(3)]
    family = verbs.join_waiting_list(invited(graduation), session, guests=2)
    alone = verbs.join_waiting_list(invited(graduation), session)

    verbs.cancel(full[0], by=full[0].user)
    for each in (family, alone):
        each.refresh_from_db()
    assert (family.state, alone.state) == ("waiting", "booked")

    verbs.cancel(full[1], by=full[1].user)
    verbs.cancel(full[2], by=full[2].user)
    family.refresh_from_db()
    assert family.state == "waiting"

    family = verbs.change_guests(family, 1, by=family.user)
    assert family.state == "booked"
    assert taken(graduation) == 3
    assert Message.objects.filter(rule="booking.promoted", person=family.user).count() == 1


def test_a_free_place_is_found_behind_somebody_who_does_not_fit_however_long_the_queue() -> None:
    graduation = make.make_graduation(make.make_cohort(), guests_each=2, places=2)
    session = graduation.session_id
    full = [verbs.book(invited(graduation), session) for _ in range(2)]
    alone, two, last = (verbs.join_waiting_list(invited(graduation), session, guests=n) for n in (0, 1, 0))

    scheduling.change_places(Session.objects.get(pk=session), 4, by=full[0].user)

    assert [Booking.objects.get(pk=each.pk).state for each in (alone, two, last)] == ["booked", "waiting", "booked"]


def test_nobody_waits_for_what_is_free() -> None:
    graduation = make.make_graduation(make.make_cohort(), guests_each=2, places=3)
    with pytest.raises(PlaceFree):
        verbs.join_waiting_list(invited(graduation), graduation.session_id, guests=2)


def test_after_the_last_day_fewer_can_come_and_no_more() -> None:
    graduation = make.make_graduation(make.make_cohort(), guests_each=2)
    held = verbs.book(invited(graduation), graduation.session_id, guests=1)
    Session.objects.filter(pk=graduation.session_id).update(booking_closes_at=timezone.now())

    with pytest.raises(BookingClosed):
        verbs.change_guests(held, 2, by=held.user)
    assert verbs.change_guests(held, 0, by=held.user).guests == 0


def test_nobody_swaps_to_a_date_by_invitation() -> None:
    graduation = make.make_graduation(make.make_cohort())
    other = make.make_session(graduation.session.component, days=31)
    held = verbs.book(invited(graduation), graduation.session_id)
    with pytest.raises(NotForYou):
        verbs.swap(held, other.pk, by=held.user)


def test_to_say_no_gives_up_what_was_booked_and_can_be_taken_back() -> None:
    graduation = make.make_graduation(make.make_cohort(), guests_each=2)
    invitation = make.make_invitation(graduation=graduation)
    verbs.book(invitation.user, graduation.session_id, guests=2)

    graduating.decline(invitation)
    graduating.decline(invitation)
    assert taken(graduation) == 0

    verbs.book(invitation.user, graduation.session_id, guests=1)
    answered: Any = GraduationInvitation.objects.with_answers().get()
    assert (answered.booked_as, answered.guests) == ("booked", 1)


def test_who_has_not_answered_is_reminded_once_in_the_last_week() -> None:
    now = timezone.now()
    graduation = make.make_graduation(make.make_cohort(), booking_closes_at=now + timedelta(days=6))
    far_off = make.make_graduation(make.make_cohort(), name="Later", booking_closes_at=now + timedelta(days=9))
    silent, no, yes = (make.make_invitation(graduation=graduation) for _ in range(3))
    make.make_invitation(graduation=far_off)
    graduating.decline(no)
    verbs.book(yes.user, graduation.session_id)
    assert graduating.remind_due() == 0  # they were invited just now

    GraduationInvitation.objects.update(invited_at=now - timedelta(days=3))

    assert graduating.remind_due() == 1
    assert graduating.remind_due() == 0
    assert list(Message.objects.filter(rule="graduation.reminder").values_list("person", flat=True)) == [silent.user_id]


def test_certificates_for_all_cohorts_in_one_batch(admin: User) -> None:
    first, second = make.make_complete(), make.make_complete()
    make.make_certificate(second)
    third = make.make_complete(cohort=make.make_cohort())
    graduation = make.make_graduation(first.cohort, second.cohort, third.cohort)

    assert graduating.certify(graduation, by=admin) == 2
    assert Certificate.objects.count() == 3
    assert not certificates.without_certificate(first.cohort).exists()


def test_who_comes_from_the_waiting_list_with_guests_has_places_for_all(admin: User) -> None:
    graduation = make.make_graduation(make.make_cohort(), guests_each=2, places=1)
    verbs.book(invited(graduation), graduation.session_id)
    family = verbs.join_waiting_list(invited(graduation), graduation.session_id, guests=2)
    begun = timezone.now() - timedelta(minutes=5)
    Session.objects.filter(pk=graduation.session_id).update(starts_at=begun, ends_at=begun + timedelta(hours=2))

    register.add_walk_in(graduation.session, family.user, by=admin)

    session = Session.objects.get(pk=graduation.session_id)
    assert (session.taken, session.places) == (4, 4)
