"""How long a sign-in lasts, and what a page pays for knowing it."""

import time
from datetime import timedelta

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.accounts.middleware import SEEN_AT, SIGNED_IN_AT
from portal.accounts.models import Role
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.urls")]

MINUTE, HOUR = 60, 3600


@pytest.fixture
def somebody(client: Client, settings) -> Client:
    """Sign in, and open a first page."""
    assert timedelta(hours=1) == settings.SESSION_IDLE_LIMIT
    assert timedelta(hours=12) == settings.SESSION_ABSOLUTE_LIMIT
    client.force_login(make_user())
    assert client.get("/reason/").content == b"asked"
    return client


def turn_back(client: Client, **seconds: float) -> None:
    """Make it so much longer ago that something was noted in the session."""
    session = client.session
    for key, ago in seconds.items():
        session[key] -= ago
    session.save()


def statements(client: Client) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        client.get("/reason/")
    return [query["sql"].split()[0] for query in captured]


def test_an_ordinary_page_reads_the_session_and_the_person_and_writes_nothing(somebody: Client) -> None:
    assert statements(somebody) == ["SELECT", "SELECT"]


def test_a_page_after_some_minutes_writes_once(somebody: Client) -> None:
    turn_back(somebody, seen_at=6 * MINUTE)
    assert "UPDATE" in statements(somebody)
    assert statements(somebody) == ["SELECT", "SELECT"]


def test_an_hour_without_a_page_ends_it(somebody: Client) -> None:
    turn_back(somebody, seen_at=HOUR + 1)
    assert somebody.get("/reason/").headers["Location"] == "/accounts/login/?next=/reason/"
    assert "_auth_user_id" not in somebody.session


def test_somebody_who_keeps_reading_stays_signed_in(somebody: Client) -> None:
    for _ in range(5):
        turn_back(somebody, seen_at=HOUR - MINUTE, signed_in_at=HOUR - MINUTE)
        assert somebody.get("/reason/").status_code == 200


def test_twelve_hours_end_it_however_busy(somebody: Client) -> None:
    turn_back(somebody, signed_in_at=12 * HOUR + 1)
    assert somebody.get("/reason/").headers["Location"] == "/accounts/login/?next=/reason/"


def test_a_session_that_ended_opens_nothing_when_its_cookie_comes_back(somebody: Client) -> None:
    cookie = somebody.cookies["session"].value
    turn_back(somebody, seen_at=HOUR + 1)
    somebody.get("/reason/")
    somebody.cookies["session"] = cookie
    assert somebody.get("/reason/").status_code == 302


def test_public_pages_still_answer_when_it_ends(somebody: Client) -> None:
    turn_back(somebody, seen_at=HOUR + 1)
    assert somebody.get("/people/no-account-yet/").status_code == 200


def test_a_visitor_without_account_gets_no_session(client: Client) -> None:
    client.get("/people/no-account-yet/")
    assert "session" not in client.cookies


def test_roles_cost_no_statement_of_their_own(client: Client) -> None:
    client.force_login(make_user(Role.Kind.CHAMPION, Role.Kind.COACH))
    session = client.session
    session["has_second_factor"] = True
    session.save()
    client.get("/reason/")
    assert statements(client) == ["SELECT", "SELECT"]


def test_the_notes_are_in_the_session(somebody: Client) -> None:
    assert {SIGNED_IN_AT, SEEN_AT} <= set(somebody.session.keys())


@pytest.mark.parametrize("page", ["account_email", "mfa_index", "mfa_activate_totp", "home"])
def test_no_browser_stores_what_somebody_with_a_session_is_shown(client: Client, page: str) -> None:
    client.force_login(make_user())
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "code", "at": time.time()}]
    session.save()
    answer = client.get(reverse(page))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_code_that_was_asked_for_is_not_stored_either(client: Client) -> None:
    client.post(reverse("account_login"), {"login": make_user().email})
    assert "no-store" in client.get(reverse("account_confirm_login_code")).headers["Cache-Control"]


def test_the_public_may_store_what_everybody_is_shown(client: Client) -> None:
    assert not client.get(reverse("home")).has_header("Cache-Control")
