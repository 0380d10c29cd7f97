"""The pages of group sessions for everybody, without an account."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.nhsuk.dates import say_date
from referrals import groups, pace, vault
from referrals.models import GroupBooking, GroupSession
from tests.referrals.conftest import Team, signed_in
from tests.referrals.sessions import LINK, NAME, REACH, announce, book
from tests.referrals.test_groups import begin

pytestmark = pytest.mark.django_db
DATES, RECEIPT = reverse("referral_groups"), reverse("referral_group_receipt")


def text(response: Any) -> str:
    """Return a page with its white space made even."""
    return " ".join(response.content.decode().split())


def page_of(session: GroupSession) -> str:
    return reverse("referral_group", args=[session.pk])


def code_on(answer: Any) -> str:
    """Return the code that a page came with."""
    found = re.search(r'name="code"[^>]*value="([0-9A-Z-]+)"', answer.content.decode())
    assert found
    return found[1]


class TestForEverybody:
    """Dates, a place, a receipt."""

    def test_the_dates_say_when_and_whether_there_is_room(self, team: Team) -> None:
        session, full = announce(team), announce(team, theme="", places=1, days=11)
        book(full)
        page = text(Client().get(DATES))
        for said in (session.theme, "Open session", say_date(session.starts_at), "Full.", team.provider.name):
            assert said in page
        assert page_of(session) in page
        assert page_of(full) not in page
        assert LINK not in page

    def test_without_dates_it_says_so(self, db: None) -> None:
        assert "There are no dates at the moment" in text(Client().get(DATES))

    def test_booking_shows_the_code_once(self, team: Team) -> None:
        session = announce(team)
        client = Client()
        asked = client.get(page_of(session))
        code = code_on(asked)
        answer = client.post(page_of(session), {"name": NAME, "reach": REACH, "code": code})
        assert answer.status_code == 200
        assert "no-store" in answer.headers["Cache-Control"]
        page = text(answer)
        assert "Your place is booked" in page
        assert code in page
        assert NAME not in page
        # The same form once more, as a double click or a reload sends it.
        client.post(page_of(session), {"name": NAME, "reach": REACH, "code": code})
        assert GroupBooking.objects.count() == 1

    def test_no_session_and_no_account_is_read(self, team: Team) -> None:
        session = announce(team)
        client = signed_in(team.triager)
        with CaptureQueriesContext(connection) as asked:
            client.get(DATES)
            code = code_on(client.get(page_of(session)))
            client.post(page_of(session), {"name": NAME, "reach": REACH, "code": code})
            client.post(RECEIPT, {"code": code})
        for statement in asked:
            assert "django_session" not in statement["sql"]
            assert "accounts_user" not in statement["sql"]

    @pytest.mark.parametrize(
        ("sent", "said"),
        [
            ({}, "Enter a name that we may use"),
            ({"name": NAME}, "Enter an email address or a phone number"),
            ({"name": "x" * 101, "reach": REACH}, "at most 100"),
        ],
    )
    def test_what_is_missing_is_said_and_what_was_typed_kept(self, team: Team, sent: dict[str, str], said: str) -> None:
        session = announce(team)
        code = vault.new_code()
        answer = Client().post(page_of(session), {**sent, "code": code})
        assert answer.status_code == 422
        assert said in text(answer)
        assert code_on(answer) == code
        assert sent.get("name", "") in text(answer)

    @pytest.mark.parametrize("code", ["", "ABC", "x" * 39])
    def test_a_code_that_is_none_is_not_taken(self, team: Team, code: str) -> None:
        answer = Client().post(page_of(announce(team)), {"name": NAME, "reach": REACH, "code": code})
        assert answer.status_code == 422
        assert not GroupBooking.objects.exists()

    def test_when_the_last_place_is_gone_meanwhile(self, team: Team) -> None:
        session = announce(team, places=1)
        code = code_on(Client().get(page_of(session)))
        book(session)
        answer = Client().post(page_of(session), {"name": NAME, "reach": REACH, "code": code})
        assert answer.status_code == 409
        assert "This session is full" in text(answer)
        assert "nothing of what you typed was kept" in text(answer)

    def test_one_that_has_begun_or_is_not_there(self, team: Team) -> None:
        session = announce(team)
        begin(session)
        assert "This session has begun" in text(Client().get(page_of(session)))
        GroupSession.objects.all().delete()
        assert Client().get(page_of(session)).status_code == 404

    def test_keys_that_are_swapped_take_nothing(self, team: Team, settings) -> None:
        session = announce(team)
        code = code_on(Client().get(page_of(session)))
        settings.REFERRAL_ROOTS = {}
        answer = Client().post(page_of(session), {"name": NAME, "reach": REACH, "code": code})
        assert answer.status_code == 409
        assert "We cannot take bookings at the moment" in text(answer)
        assert not GroupBooking.objects.exists()

    def test_statements_do_not_grow_with_the_dates(self, team: Team) -> None:
        asked = []
        for number in (1, 3):
            while GroupSession.objects.count() < number:
                announce(team)
            with CaptureQueriesContext(connection) as captured:
                Client().get(DATES)
            asked.append(len(captured))
        assert asked[0] == asked[1]


class TestReceipt:
    """Opened by the code, which is posted alone."""

    def test_how_it_stands(self, team: Team) -> None:
        code, booking = book(announce(team))
        page = text(Client().post(RECEIPT, {"code": code.lower()}))
        assert say_date(booking.session.starts_at) in page
        assert "from the day before" in page
        assert NAME not in page
        assert LINK not in page

    @pytest.mark.parametrize("code", ["", "0" * 20, "nonsense", "7" * 61])
    def test_a_code_that_nobody_has(self, team: Team, code: str) -> None:
        book(announce(team))
        assert Client().post(RECEIPT, {"code": code}).status_code == 422

    def test_a_referrals_code_opens_no_booking(self, team: Team) -> None:
        code, _ = book(announce(team))
        assert Client().post(reverse("referral_receipt"), {"code": code}).status_code == 422

    def test_a_get_changes_nothing(self, team: Team) -> None:
        code, booking = book(announce(team))
        answer = Client().get(RECEIPT, {"code": code, "act": "cancel"})
        assert "Your booking" in text(answer)
        booking.refresh_from_db()
        assert booking.cancelled_on is None

    def test_guessing_is_slowed_down(self, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pace, "TRYING_CODES", pace.Pace("codes", times=2, within=300))
        answers = [Client().post(RECEIPT, {"code": "0" * 20}) for _ in range(4)]
        assert answers[-1].status_code == 429
        assert answers[-1].headers["Retry-After"] == str(pace.WAIT)

    def test_cancelling_asks_first(self, team: Team) -> None:
        code, booking = book(announce(team))
        assert "Do you want to cancel?" in text(Client().post(RECEIPT, {"code": code, "act": "ask"}))
        booking.refresh_from_db()
        assert booking.cancelled_on is None
        for _ in range(2):
            assert "Your booking is cancelled" in text(Client().post(RECEIPT, {"code": code, "act": "cancel"}))
        assert "Your booking is cancelled" in text(Client().post(RECEIPT, {"code": code, "act": "ask"}))

    def test_too_late_to_cancel(self, team: Team) -> None:
        session = announce(team)
        code, _ = book(session)
        begin(session)
        assert Client().post(RECEIPT, {"code": code, "act": "cancel"}).status_code == 409

    def test_the_link_on_the_day(self, team: Team) -> None:
        session = announce(team, days=0.5)
        code, _ = book(session)
        assert "has not given out the link yet" in text(Client().post(RECEIPT, {"code": code}))
        groups.give_link(session, team.unlocked(team.triager))
        assert f'href="{LINK}"' in text(Client().post(RECEIPT, {"code": code}))

    def test_the_calendar_says_nothing(self, team: Team) -> None:
        code, _ = book(announce(team))
        answer = Client().post(RECEIPT, {"code": code, "act": "calendar"})
        assert answer.headers["Content-Type"] == "text/calendar"
        assert 'filename="meeting.ics"' in answer.headers["Content-Disposition"]
        assert b"SUMMARY:Meeting" in answer.content

    def test_called_off_it_says_so_and_gives_no_calendar(self, team: Team) -> None:
        session = announce(team)
        code, _ = book(session)
        groups.call_off(session, team.unlocked(team.lead))
        assert "The session was called off" in text(Client().post(RECEIPT, {"code": code}))
        assert Client().post(RECEIPT, {"code": code, "act": "calendar"}).status_code == 409

    def test_in_the_past(self, team: Team) -> None:
        session = announce(team)
        code, _ = book(session)
        begin(session, hours=3)
        assert "It is over" in text(Client().post(RECEIPT, {"code": code}))
