"""The code on a facilitator's screen, by which people mark themselves as attended."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cohorts import presence, progress, register
from cohorts.models import Booking, Session
from cohorts.presence import NotBooked
from portal.accounts.middleware import HAS_SECOND_FACTOR
from portal.trail.models import Entry
from tests.factories import make_booking, make_cohort, make_facilitator, make_membership, make_session, make_user

pytestmark = pytest.mark.django_db

State = Booking.State
HERE = reverse("here")
NOW = 1_800_000_000.0  # a moment at which a code has just changed
assert NOW % presence.LASTS == 0


@pytest.fixture
def booking() -> Any:
    """A booking of a session that begins in a quarter of an hour."""
    cohort = make_cohort()
    session = make_session(cohort=cohort)
    made = make_booking(make_membership(cohort=cohort).user, session)
    soon = timezone.now() + timedelta(minutes=15)
    Session.objects.filter(pk=session.pk).update(starts_at=soon, ends_at=soon + timedelta(hours=1))
    return Booking.objects.select_related("session__component", "user", "membership__cohort").get(pk=made.pk)


@pytest.fixture
def phone(booking: Any) -> Client:
    client = Client()
    client.force_login(booking.user)
    return client


def by_code(session: Session, *, seconds_ago: float = 0) -> str:
    return reverse("here_by_code", args=[presence.code(session, now=time.time() - seconds_ago)])


class TestCode:
    """It changes each half minute, and opens nothing once it has."""

    @pytest.mark.parametrize(
        ("seconds", "opens"),
        [(0, True), (29.9, True), (30, True), (34.9, True), (35, False), (3600, False), (-1, False)],
    )
    def test_it_stands_for_half_a_minute(self, booking: Any, seconds: float, *, opens: bool) -> None:
        shown = presence.code(booking.session, now=NOW)
        found = presence.session_of(shown, now=NOW + seconds)
        assert (found == booking.session) if opens else found is None

    @pytest.mark.parametrize("code", ["", "x", "1-2:3", "9" * 400, "\0", "1-60000000:" + "A" * 43])
    def test_what_is_no_code_opens_nothing(self, code: str) -> None:
        assert presence.session_of(code, now=NOW) is None

    def test_one_of_another_session_is_no_code_of_this_one(self, booking: Any) -> None:
        shown = presence.code(booking.session, now=NOW)
        other = shown.replace(f"{booking.session.pk}-", f"{booking.session.pk + 1}-", 1)
        assert presence.session_of(other, now=NOW) is None


class TestPhone:
    """What a participant does."""

    def test_opened_in_time_it_marks_whoever_signs_in(self, booking: Any) -> None:
        browser = Client()
        opened = browser.get(by_code(booking.session))
        assert opened.headers["Location"] == HERE
        assert browser.get(HERE).headers["Location"].endswith(f"?next={HERE}")
        browser.force_login(booking.user)
        browser.get(by_code(booking.session))
        assert "Are you here?" in browser.get(HERE).content.decode()
        booking.refresh_from_db()
        assert booking.state == State.BOOKED  # a look changes nothing
        for _ in range(2):
            assert "You are marked as here" in browser.post(HERE).content.decode()
        booking.refresh_from_db()
        assert booking.state == State.ATTENDED
        assert progress.fulfilled_on(booking.membership, booking.session.component) == timezone.localdate(
            booking.session.starts_at
        )
        assert Entry.objects.filter(verb="register.marked", actor=booking.user).count() == 1

    def test_a_picture_that_was_passed_on_does_nothing(self, booking: Any, phone: Client) -> None:
        answer = phone.get(by_code(booking.session, seconds_ago=presence.LASTS + presence.ON_ITS_WAY))
        assert answer.status_code == 410
        assert "This code has changed" in answer.content.decode()
        assert phone.post(HERE).status_code == 410
        booking.refresh_from_db()
        assert booking.state == State.BOOKED

    def test_the_page_that_it_leads_to_is_of_no_use_in_another_browser(self, booking: Any, phone: Client) -> None:
        phone.get(by_code(booking.session))
        friend = Client()
        friend.force_login(make_user())
        assert friend.get(HERE).status_code == 410

    def test_there_are_some_minutes_to_sign_in_and_no_more(self, booking: Any, phone: Client) -> None:
        phone.get(by_code(booking.session))
        session = phone.session
        session["presence"] = [booking.session.pk, time.time() - 1]
        session.save()
        assert phone.post(HERE).status_code == 410

    def test_whoever_has_no_place_is_told_whom_to_ask(self, booking: Any) -> None:
        browser = Client()
        browser.force_login(make_user())
        browser.get(by_code(booking.session))
        answer = browser.post(HERE)
        assert answer.status_code == 409
        assert "You have no place on this session" in answer.content.decode()

    def test_a_cancelled_booking_is_no_place(self, booking: Any) -> None:
        Booking.objects.update(state=State.CANCELLED, next_reminder_at=None)
        with pytest.raises(NotBooked):
            presence.mark_present(booking.session, booking.user)

    def test_outside_the_hours_of_the_register_nobody_is_marked(self, booking: Any, phone: Client) -> None:
        phone.get(by_code(booking.session))
        later = timezone.now() + register.OPENS_BEFORE + timedelta(minutes=5)
        Session.objects.update(starts_at=later, ends_at=later + timedelta(hours=1))
        answer = phone.post(HERE)
        assert answer.status_code == 409
        assert "The register opens an hour before the start" in answer.content.decode()

    def test_what_the_facilitator_had_marked_is_corrected_and_both_stand_in_the_trail(
        self, booking: Any, phone: Client
    ) -> None:
        facilitator = make_user()
        register.mark(booking.session, {booking.pk: State.DID_NOT_ATTEND}, by=facilitator)
        phone.get(by_code(booking.session))
        phone.post(HERE)
        booking.refresh_from_db()
        assert booking.state == State.ATTENDED
        actors = Entry.objects.filter(verb="register.marked").order_by("pk").values_list("actor", flat=True)
        assert list(actors) == [facilitator.pk, booking.user_id]


class TestScreen:
    """What a facilitator shows."""

    @pytest.fixture
    def desk(self, booking: Any) -> Client:
        facilitator = make_user()
        booking.session.facilitators.add(make_facilitator(facilitator))
        client = Client()
        client.force_login(facilitator)
        session = client.session
        session[HAS_SECOND_FACTOR] = True
        session.save()
        return client

    def test_it_shows_the_present_code(self, booking: Any, desk: Client) -> None:
        screen = reverse("register_code", args=[booking.session.pk])
        assert screen in desk.get(reverse("register", args=[booking.session.pk])).content.decode()
        page = desk.get(screen).content.decode()
        image = reverse("register_code_image", args=[booking.session.pk])
        assert f'src="{image}"' in page
        svg = desk.get(image)
        assert svg.headers["Content-Type"] == "image/svg+xml"
        assert "no-store" in svg.headers["Cache-Control"]
        assert svg.content.startswith(b"<svg")

    def test_before_and_after_its_time_there_is_none(self, booking: Any, desk: Client) -> None:
        later = timezone.now() + timedelta(days=1)
        Session.objects.update(starts_at=later, ends_at=later + timedelta(hours=1))
        page = desk.get(reverse("register_code", args=[booking.session.pk])).content.decode()
        assert "You can show the code from" in page
        assert desk.get(reverse("register_code_image", args=[booking.session.pk])).status_code == 404
