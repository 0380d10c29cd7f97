"""Graduates answer, with guests, change how many, and say no, all at once: places are never too many or too few."""

import random
from functools import partial

import pytest

from cohorts import booking as verbs
from cohorts import graduating
from cohorts.models import Booking, Graduation, GraduationInvitation, Session
from cohorts.refusals import BookingRefused, SessionFull
from tests.cohorts.invariants import broken, how_many
from tests.concurrency.at_once import at_once
from tests.factories import make_admin, make_cohort, make_complete, make_graduation, make_invitation

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE, PLACES, ROUNDS, AT_ONCE = 20, 11, 30, 8


def act(invitation: GraduationInvitation, graduation: Graduation, dice: random.Random) -> None:
    """Do one thing that an invited person could do now."""
    person, guests = invitation.user, dice.randrange(3)
    held = Booking.objects.live().filter(user=person).first()
    try:
        if held and held.state == Booking.State.OFFERED:
            verbs.accept_offer(held, by=person)
        elif held and dice.random() < 0.4:
            graduating.decline(invitation)
        elif held:
            waits = held.state == Booking.State.WAITING
            verbs.change_guests(held, max(1, guests) if waits else guests, by=person)
        else:
            try:
                verbs.book(person, graduation.session_id, guests=guests)
            except SessionFull:
                verbs.join_waiting_list(person, graduation.session_id, guests=guests)
    except BookingRefused:
        return


def test_places_with_guests_are_counted_and_passed_on_by_one_at_a_time() -> None:
    graduation = make_graduation(make_cohort(), guests_each=2, places=PLACES)
    invitations = [make_invitation(graduation=graduation) for _ in range(PEOPLE)]
    dice = random.Random(2026)  # it decides who does what in a test
    for _ in range(ROUNDS):
        chosen = dice.sample(invitations, AT_ONCE)
        raised = at_once(*(partial(act, each, graduation, random.Random(dice.random())) for each in chosen))  # as above
        assert raised == [None] * AT_ONCE
        assert broken() == []
    assert how_many(Booking.State.BOOKED) > 0
    assert how_many(Booking.State.CANCELLED) > 0
    assert Session.objects.get(pk=graduation.session_id).taken <= PLACES


def test_two_who_invite_at_once_invite_each_person_once() -> None:
    admin, first = make_admin(), make_complete()
    graduation = make_graduation(first.cohort)
    for _ in range(4):
        make_complete(cohort=first.cohort)

    numbers = at_once(*(partial(graduating.invite, graduation, by=admin) for _ in range(3)))

    assert sorted(numbers) == [0, 0, 5]
    assert GraduationInvitation.objects.count() == 5
