"""What is done once and has been done: nothing asks for it again, and its places are kept for others."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from cohorts import booking, progress
from cohorts.models import Booking, Component, Evidence, Membership
from cohorts.refusals import AlreadyCompleted
from tests.factories import (
    fill,
    make_admin,
    make_booking,
    make_component,
    make_session,
    make_waiting,
)

pytestmark = pytest.mark.django_db

State = Booking.State


@pytest.fixture
def component(member: Membership) -> Component:
    """Something that their programme asks for, once."""
    return make_component(member.cohort.programme)


def complete(member: Membership, component: Component) -> None:
    progress.record(member, component, kind=Evidence.Kind.RECORD, fulfilled_on=date(2026, 3, 12), by=None)


def page_of(member: Membership, component: Component) -> str:
    client = Client()
    client.force_login(member.user)
    page = client.get(reverse("component", args=[member.pk, component.slug]))
    return " ".join(page.content.decode().split())


def test_the_page_says_when_it_was_done_and_offers_no_date(member: Membership, component: Component) -> None:
    make_session(component, member.cohort)
    assert "Choose a date" in page_of(member, component)

    complete(member, component)

    page = page_of(member, component)
    assert "You completed this on Thursday 12 March 2026." in page
    assert "Choose a date" not in page
    assert "Book this date" not in page


def test_a_date_that_is_still_held_can_be_given_back(member: Membership, component: Component) -> None:
    held = make_booking(member.user, make_session(component, member.cohort))
    make_session(component, member.cohort, days=20)
    complete(member, component)

    page = page_of(member, component)

    assert held.get_absolute_url() in page
    assert "You do not need to come again." in page
    assert "Swap to this date" not in page


def test_it_is_not_booked_again_but_by_the_programme_team(member: Membership, component: Component) -> None:
    session = make_session(component, member.cohort)
    complete(member, component)

    with pytest.raises(AlreadyCompleted):
        booking.book(member.user, session.pk)
    assert isinstance(booking.foresee(member.user, session), AlreadyCompleted)
    assert booking.book(member.user, session.pk, by=make_admin()).state == State.BOOKED


def test_it_is_not_waited_for(member: Membership, component: Component) -> None:
    session = make_session(component, member.cohort, places=1)
    fill(session)
    complete(member, component)

    with pytest.raises(AlreadyCompleted):
        booking.join_waiting_list(member.user, session.pk)


def test_what_people_come_to_again_and_again_is_booked_again(member: Membership) -> None:
    component = make_component(member.cohort.programme, once=False)
    complete(member, component)

    assert booking.book(member.user, make_session(component, member.cohort).pk).state == State.BOOKED


def test_evidence_that_was_withdrawn_bars_nobody(member: Membership, component: Component) -> None:
    session = make_session(component, member.cohort)
    complete(member, component)
    progress.withdraw(Evidence.objects.get(), by=None)

    assert booking.book(member.user, session.pk).state == State.BOOKED


def test_who_completes_it_while_waiting_is_offered_the_place_and_not_given_it(
    member: Membership, component: Component
) -> None:
    session = make_session(component, member.cohort, places=1)
    holder = fill(session)[0]
    waiting = make_waiting(member.user, session)
    complete(member, component)

    booking.cancel(holder, by=holder.user)

    waiting.refresh_from_db()
    assert waiting.state == State.OFFERED


@pytest.mark.parametrize(
    ("done", "says"), [(False, "Your programme still asks for this."), (True, "You do not need to do anything.")]
)
def test_a_cancelled_booking_says_whether_anything_is_left_to_do(
    member: Membership, component: Component, *, done: bool, says: str
) -> None:
    held = make_booking(member.user, make_session(component, member.cohort))
    booking.cancel(held, by=member.user)
    if done:
        complete(member, component)
    client = Client()
    client.force_login(member.user)

    assert says in " ".join(client.get(held.get_absolute_url()).content.decode().split())


def test_an_optional_part_is_not_asked_for(member: Membership) -> None:
    optional = make_component(member.cohort.programme, required=False)
    held = make_booking(member.user, make_session(optional, member.cohort))
    booking.cancel(held, by=member.user)
    client = Client()
    client.force_login(member.user)

    assert "You do not need to do anything." in client.get(held.get_absolute_url()).content.decode()
