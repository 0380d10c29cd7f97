"""A session's page: who may see it, and who sees the way in."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cohorts import register
from cohorts.models import Booking, Membership, Session
from portal.accounts.models import User
from tests.factories import (
    make_admin_of,
    make_booking,
    make_cohort,
    make_component,
    make_facilitator,
    make_membership,
    make_open_session,
    make_programme,
    make_series,
    make_session,
    make_user,
    make_venue,
    make_waiting,
)

pytestmark = pytest.mark.django_db

LINK = "https://meet.demo.example/room-1"


def browser(user) -> Client:
    """Return the browser of somebody who is signed in."""
    client = Client()
    client.force_login(user)
    return client


def status(client: Client, session: Session) -> int:
    """Return how a session's page answers."""
    return client.get(session.get_absolute_url()).status_code


def bring_nearer(session: Session, *, starts_in: timedelta) -> None:
    """Let a session begin that soon."""
    Session.objects.filter(pk=session.pk).update(
        starts_at=timezone.now() + starts_in, ends_at=timezone.now() + starts_in + timedelta(hours=1)
    )


def test_an_open_session_is_public_and_says_what_one_needs_to_know(client: Client) -> None:
    session = make_open_session(
        venue=make_venue(name="Demo Hall", directions="Third floor.", access="A lift."), what_to_bring="A notebook."
    )
    session.facilitators.add(make_facilitator(name="Demo Leader", biography="Twenty years of practice."))

    response = client.get(session.get_absolute_url())

    for words in ("Demo Hall", "Third floor.", "A lift.", "A notebook.", "Demo Leader", "Twenty years", "UK time"):
        assert words in response.content.decode()


def test_what_is_not_public_leads_to_sign_in_whether_it_exists_or_not(client: Client) -> None:
    hidden = make_session(cohort=make_cohort())
    unpublished = make_session(make_component(make_series(published=False)))

    for pk in (hidden.pk, unpublished.pk, 999_999, 10**30):
        response = client.get(reverse("session", args=[pk]))
        assert response.status_code == 302
        assert response["Location"] == f"{reverse('account_login')}?next={reverse('session', args=[pk])}"


def test_who_keeps_the_programme_sees_what_its_people_see_and_books_nothing(sign_in: Callable[[User], Client]) -> None:
    session = make_session(cohort=make_cohort())
    admin = make_admin_of(session.component.programme)

    page = sign_in(admin).get(session.get_absolute_url()).content.decode()

    assert session.component.title in page
    assert reverse("book", args=[session.pk]) not in page
    assert status(sign_in(make_admin_of(make_programme())), session) == 404


def test_a_session_is_for_its_cohort_and_those_who_lead_it() -> None:
    cohort = make_cohort()
    session = make_session(cohort=cohort)
    member, leader = make_membership(cohort=cohort), make_facilitator(make_user())
    session.facilitators.add(leader)
    withdrawn = make_membership(cohort=cohort, state=Membership.State.WITHDRAWN)

    assert status(browser(member.user), session) == 200
    assert status(browser(withdrawn.user), session) == 404
    assert status(browser(make_membership().user), session) == 404
    assert browser(member.user).get(reverse("session", args=[999_999])).status_code == 404


def test_a_session_without_a_cohort_is_for_every_cohort_of_its_programme() -> None:
    programme = make_programme()
    session = make_session(make_component(programme))

    assert status(browser(make_membership(cohort=make_cohort(programme)).user), session) == 200
    assert status(browser(make_membership().user), session) == 404


def test_who_booked_still_sees_what_is_no_longer_published() -> None:
    session = make_open_session()
    user = make_user()
    make_booking(user, session)
    programme = session.component.programme
    programme.published = False
    programme.save()

    assert status(browser(user), session) == 200
    assert status(browser(make_user()), session) == 404


@pytest.mark.parametrize(
    ("starts_in", "shown"),
    [
        (timedelta(days=3), False),
        (timedelta(hours=23), True),
        (timedelta(minutes=-30), True),
        (timedelta(hours=-2), False),
    ],
)
def test_the_join_link_shows_from_the_day_before_until_the_end(*, starts_in: timedelta, shown: bool) -> None:
    session = make_open_session(format=Session.Format.ONLINE, join_link=LINK)
    booking = make_booking(make_user(), session)
    bring_nearer(session, starts_in=starts_in)
    client = browser(booking.user)

    for address in (session.get_absolute_url(), booking.get_absolute_url()):
        assert (LINK in client.get(address).content.decode()) is shown


def test_the_join_link_is_for_nobody_else(client: Client) -> None:
    session = make_open_session(format=Session.Format.ONLINE, join_link=LINK, places=1)
    cancelled, waiting = make_booking(make_user(), session), make_user()
    make_waiting(waiting, session)
    Booking.objects.filter(pk=cancelled.pk).update(state=Booking.State.CANCELLED, next_reminder_at=None)
    bring_nearer(session, starts_in=timedelta(hours=1))

    for visitor in (client, browser(make_user()), browser(waiting), browser(cancelled.user)):
        response = visitor.get(session.get_absolute_url())
        assert response.status_code == 200
        assert LINK not in response.content.decode()
        assert "no-store" in response["Cache-Control"]


def test_who_is_marked_as_attending_while_it_runs_keeps_the_link() -> None:
    session = make_open_session(format=Session.Format.ONLINE, join_link=LINK)
    booking = make_booking(make_user(), session)
    bring_nearer(session, starts_in=timedelta(minutes=-5))
    register.mark(session, {booking.pk: Booking.State.ATTENDED}, by=make_user())

    assert LINK in browser(booking.user).get(session.get_absolute_url()).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_a_session_costs_the_same_however_many_lead_it(rows: int, django_assert_num_queries) -> None:
    session = make_open_session()
    session.facilitators.add(*(make_facilitator() for _ in range(rows)))
    client = browser(make_user())
    status(client, session)  # the first request notes in the login session when it began

    with django_assert_num_queries(6):  # login session, person, session, facilitators, outcomes, own booking
        assert status(client, session) == 200
