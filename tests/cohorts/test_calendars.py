"""Calendar files and feeds: one UID for the life of a booking, and an address that can be taken back."""

from datetime import UTC
from typing import Any

import pytest
from django.urls import reverse
from icalendar import Calendar

from cohorts import booking as verbs
from cohorts import calendars
from cohorts.models import Booking, Session
from tests.factories import (
    make_booking,
    make_component,
    make_membership,
    make_open_session,
    make_series,
    make_session,
    make_user,
    make_venue,
    make_waiting,
)

pytestmark = pytest.mark.django_db


def entries(content: bytes) -> list[Any]:
    """Return the entries of a calendar file, as another program reads them."""
    return list(Calendar.from_ical(content).walk("VEVENT"))


def test_an_entry_says_when_and_where_and_never_how_to_join() -> None:
    session = make_open_session(venue=make_venue(name="Demo Hall"), join_link="https://meet.demo.example/secret")
    booking = make_booking(make_user(), session)

    content = calendars.calendar_file(booking, "REQUEST")

    (entry,) = entries(content)
    assert entry["SUMMARY"] == session.component.title
    assert entry["DTSTART"].dt == session.starts_at.astimezone(UTC)
    assert entry["DTEND"].dt == session.ends_at.astimezone(UTC)
    assert "Demo Hall" in entry["LOCATION"]
    assert b"secret" not in content
    assert Calendar.from_ical(content)["METHOD"] == "REQUEST"


def test_one_booking_keeps_one_uid_and_its_sequence_rises() -> None:
    member = make_membership()
    component = make_component(member.cohort.programme)
    booking = make_booking(member.user, make_session(component, member.cohort))
    states = [calendars.calendar_file(booking, "REQUEST")]
    booking = verbs.swap(booking, make_session(component, member.cohort, days=30).pk, by=member.user)
    states.append(calendars.calendar_file(booking, "REQUEST"))
    booking = verbs.cancel(booking, by=member.user)
    states.append(calendars.calendar_file(booking, "CANCEL"))

    read = [entries(content)[0] for content in states]

    assert len({str(entry["UID"]) for entry in read}) == 1
    assert [entry["SEQUENCE"] for entry in read] == [0, 1, 2]
    assert [str(entry["STATUS"]) for entry in read] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_what_changes_a_calendar_says_who_asks_whom(method: calendars.Method, settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "Demo Portal <portal@demo.example>"
    settings.ORGANISATION_NAME = 'Demo "Portal": one; two, three'
    person = make_user(email="o'demo+1@trust.example")

    (entry,) = entries(calendars.calendar_file(make_booking(person, make_open_session()), method))

    assert entry["ORGANIZER"] == "mailto:portal@demo.example"
    assert "Portal" in entry["ORGANIZER"].params["CN"]
    assert entry["ATTENDEE"] == "mailto:o'demo+1@trust.example"
    assert entry["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    assert entry["ATTENDEE"].params["RSVP"] == "FALSE"


def test_a_file_or_feed_that_invites_nobody_names_nobody() -> None:
    booking = make_booking(make_user(), make_open_session())

    for content in (calendars.calendar_file(booking, "PUBLISH"), calendars.feed(booking.user)):
        (entry,) = entries(content)
        assert "ATTENDEE" not in entry
        assert "ORGANIZER" not in entry


def test_a_title_cannot_add_lines_to_the_file() -> None:
    title = "Names; commas, and\nBEGIN:VEVENT"
    booking = make_booking(make_user(), make_session(make_component(make_series(), title=title)))

    (entry,) = entries(calendars.calendar_file(booking, "REQUEST"))

    assert entry["SUMMARY"] == title


def test_the_feed_holds_what_is_booked_and_nobody_elses() -> None:
    person = make_user()
    booked = make_booking(person, make_open_session())
    make_booking(make_user(), make_open_session())
    full = make_open_session(places=1, days=40)
    make_booking(make_user(), full)
    make_waiting(person, full)

    (entry,) = entries(calendars.feed(person))

    assert str(booked.uid) in entry["UID"]


@pytest.mark.parametrize("bookings", [1, 3])
def test_the_feed_costs_one_statement_however_much_is_booked(bookings: int, django_assert_num_queries) -> None:
    person = make_user()
    for number in range(bookings):
        make_booking(person, make_open_session(days=10 + number))

    with django_assert_num_queries(1):
        assert len(entries(calendars.feed(person))) == bookings


def token_of(address: str) -> str:
    """Return the token in a feed address."""
    before, after = reverse("feed", args=["TOKEN"]).split("TOKEN")
    return address.split(before, 1)[1].removesuffix(after)


def test_a_feed_address_opens_its_own_feed_until_it_is_reset() -> None:
    person = make_user()
    old = calendars.feed_address(person)
    assert old == calendars.feed_address(person)
    assert calendars.user_of_feed(token_of(old)) == person

    calendars.reset_feed(person)

    new = calendars.feed_address(person)
    assert calendars.user_of_feed(token_of(old)) is None
    assert calendars.user_of_feed(token_of(new)) == person


@pytest.mark.parametrize("token", ["", "1", "1-1", "1-1.forged", "\x00", "\u0661-\u0661", "x" * 5000])
def test_a_forged_token_opens_nothing(token: str) -> None:
    calendars.feed_address(make_user())

    assert calendars.user_of_feed(token) is None


def test_who_may_no_longer_sign_in_has_no_feed() -> None:
    person = make_user()
    address = calendars.feed_address(person)
    type(person).objects.filter(pk=person.pk).update(is_active=False)

    assert calendars.user_of_feed(token_of(address)) is None


def test_a_cancelled_session_leaves_the_feed() -> None:
    person = make_user()
    booking = make_booking(person, make_open_session())
    verbs.cancel(booking, by=person)

    assert entries(calendars.feed(person)) == []
    assert (Booking.objects.count(), Session.objects.count()) == (1, 1)
