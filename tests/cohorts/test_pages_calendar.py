"""Calendar files and the private feed, as pages give them."""

import pytest
from django.test import Client
from django.urls import reverse

from cohorts.models import Booking
from tests.factories import fill, make_booking, make_open_session, make_user, make_waiting

pytestmark = pytest.mark.django_db


def browser(user) -> Client:
    """Return the browser of somebody who is signed in."""
    client = Client()
    client.force_login(user)
    return client


def test_a_booking_is_a_file_for_ones_calendar() -> None:
    booking = make_booking(make_user(), make_open_session())

    response = browser(booking.user).get(reverse("booking_calendar", args=[booking.uid]))

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert "attachment" in response["Content-Disposition"]
    assert f"booking-{booking.uid}" in response.content.decode().replace("\r\n ", "")


def test_only_what_is_booked_is_a_file() -> None:
    session = make_open_session(places=1)
    fill(session)
    waiting = make_waiting(make_user(), session)
    cancelled = make_booking(make_user(), make_open_session())
    Booking.objects.filter(pk=cancelled.pk).update(state=Booking.State.CANCELLED, next_reminder_at=None)

    for booking in (waiting, cancelled):
        assert browser(booking.user).get(reverse("booking_calendar", args=[booking.uid])).status_code == 404


def test_a_feed_needs_no_sign_in_and_can_be_reset() -> None:
    booking = make_booking(make_user(), make_open_session())
    client = browser(booking.user)
    address = client.get(reverse("calendar")).context["address"]
    path = "/" + address.split("/", 3)[3]

    feed = Client().get(path)
    answered = client.post(reverse("calendar"), follow=True)

    assert feed["Content-Type"] == "text/calendar; charset=utf-8"
    assert f"booking-{booking.uid}" in feed.content.decode().replace("\r\n ", "")
    assert "Your calendar has a new address" in answered.content.decode()
    assert answered.context["address"] != address
    assert Client().get(path).status_code == 404
    assert Client().get(f"{path}x").status_code == 404


@pytest.mark.parametrize("token", ["x", "1-1", "1-1.x", "%00", "é", "a.b.c", "-" * 300])
def test_a_token_that_is_not_ours_opens_nothing(token: str) -> None:
    assert Client().get(f"/calendar/{token}.ics").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_a_feed_costs_the_same_however_many_bookings(rows: int, django_assert_num_queries) -> None:
    user = make_user()
    for day in range(rows):
        make_booking(user, make_open_session(days=5 + day))
    path = "/" + browser(user).get(reverse("calendar")).context["address"].split("/", 3)[3]

    with django_assert_num_queries(2):  # whose it is, and their bookings
        Client().get(path)
