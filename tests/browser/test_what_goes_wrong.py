"""Pages that say what went wrong and what to do about it, at both widths."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from cohorts import booking as verbs
from cohorts import scheduling
from cohorts.models import Membership
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.factories import (
    fill,
    make_admin,
    make_booking,
    make_component,
    make_membership,
    make_open_session,
    make_session,
    make_user,
    make_waiting,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard"]),
]

Seat = Callable[[Hand], Person]


def given_a_member(somebody: Seat, hand: Hand) -> tuple[Membership, Person]:
    """Enrol somebody, and sit them down signed in."""
    member = make_membership()
    person = somebody(hand)
    person.is_signed_in(member.user)
    return member, person


def test_the_last_place_goes_while_one_reads(somebody: Seat, hand: Hand) -> None:
    member, person = given_a_member(somebody, hand)
    session = make_session(cohort=member.cohort, places=1)
    person.opens(f"/sessions/{session.pk}/book/", "Check before you book")
    fill(session)

    person.presses("Book this date", "Join the waiting list")
    person.sees("This session is now full")
    person.presses("Join the waiting list", "You are on the waiting list")
    person.follows("Leave the waiting list", "Leave the waiting list")
    person.presses("Leave the waiting list", "This booking is cancelled")


def test_another_date_is_swapped_and_an_overlap_named(somebody: Seat, hand: Hand) -> None:
    member, person = given_a_member(somebody, hand)
    component = make_component(member.cohort.programme, title="Training day 1")
    make_booking(member.user, make_session(component, member.cohort, days=10))
    other = make_session(component, member.cohort, days=20, clock="10:00")
    overlapping = make_open_session(days=20, clock="11:00")

    person.opens(f"/sessions/{other.pk}/book/", "You have booked another date")
    person.presses("Swap to this date", "Check before you swap")
    person.presses("Swap to this date", "Your place is booked")
    person.opens(f"/sessions/{overlapping.pk}/book/", "You cannot book this date")
    person.follows("Training day 1", "Your place is booked")


def test_a_reason_that_is_too_long_is_put_right(somebody: Seat, hand: Hand) -> None:
    member, person = given_a_member(somebody, hand)
    booking = make_booking(member.user, make_session(cohort=member.cohort))

    person.opens(f"/bookings/{booking.uid}/cancel/", "Cancel this booking")
    person.types("Why are you cancelling?", "We are short of staff. " * 14)
    person.presses("Cancel this booking", "Cancel this booking")
    person.is_told_what_to_put_right("300 characters or fewer")
    person.types("Why are you cancelling?", "We are short of staff.")
    person.presses("Cancel this booking", "This booking is cancelled")


def test_a_place_is_offered_accepted_and_listed(somebody: Seat, hand: Hand) -> None:
    member, person = given_a_member(somebody, hand)
    session = make_session(cohort=member.cohort, days=2, places=1)
    (first,) = fill(session)
    waiting = make_waiting(member.user, session)
    verbs.cancel(first, by=first.user)

    person.opens("/me/bookings/", "My bookings")
    person.sees("Places offered to you")
    person.opens(waiting.get_absolute_url(), "A place is yours if you want it")
    person.presses("Accept this place", "Your place is booked")


def test_a_calendar_address_that_got_about_is_replaced(somebody: Seat, hand: Hand) -> None:
    _, person = given_a_member(somebody, hand)

    person.opens("/me/calendar/", "Your dates in your own calendar")
    person.presses("Make a new address", "Your dates in your own calendar")
    person.sees("Your calendar has a new address")


def test_a_clash_and_an_offer_stand_out_among_the_tasks(somebody: Seat, hand: Hand) -> None:
    member, person = given_a_member(somebody, hand)
    moved = make_booking(member.user, make_session(cohort=member.cohort, days=20))
    make_booking(member.user, make_open_session(days=25))
    session = make_session(make_component(member.cohort.programme, title="Book club"), member.cohort, days=2, places=1)
    (first,) = fill(session)
    make_waiting(member.user, session)
    verbs.cancel(first, by=first.user)
    in_the_way = timezone.localtime(moved.session.starts_at) + timedelta(days=5)
    scheduling.move(moved.session, in_the_way, in_the_way + timedelta(hours=1), by=make_admin())

    person.opens("/me/", "Your programme")
    person.sees_task("Book club", "Offered")
    person.sees_task(moved.component.title, "Clash")
    person.follows(moved.component.title, "Your place is booked")
    person.sees("These times clash")
    person.turns_to("My bookings")
    person.sees("Clash")


def test_what_is_not_there_says_so(somebody: Seat, hand: Hand) -> None:
    _, person = given_a_member(somebody, hand)
    elsewhere = make_session(cohort=make_membership().cohort)

    person.opens(f"/sessions/{elsewhere.pk}/", "Page not found")


def test_who_is_not_enrolled_is_told_what_to_do(somebody: Seat, hand: Hand) -> None:
    person = somebody(hand)
    person.is_signed_in(make_user())

    person.opens("/me/", "Your programme")
    person.sees("You are not enrolled in a programme")
    person.turns_to("Programmes")
