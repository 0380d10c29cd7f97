"""Of whoever fills in the referral form nothing is known: not who is signed in, and not from the log."""

import json
import logging

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.accounts.models import User
from portal.logs import JSONFormatter, LeaveOutSealedPath
from referrals.models import Referral
from tests.factories import make_user
from tests.referrals.conftest import Team
from tests.referrals.form import CHECK, SENT, START, fill_in, page

pytestmark = pytest.mark.django_db


class TestNobodyIsSignedInHere:
    """No session is read, set or written, whatever the browser sends."""

    PAGES = (
        START,
        CHECK,
        SENT,
        reverse("referral_receipt"),
        reverse("referral_consent"),
        page("name"),
        "/referrals/x/",
    )

    @pytest.fixture
    def signed_in(self, client: Client) -> Client:
        client.force_login(make_user())
        return client

    @pytest.mark.parametrize("address", PAGES)
    def test_no_page_asks_who_it_is(self, signed_in: Client, team: Team, address: str) -> None:
        with CaptureQueriesContext(
            connection,
        ) as statements:
            answer = signed_in.get(address)
        asked = " ".join(statement["sql"] for statement in statements)
        assert "django_session" not in asked
        assert "accounts_user" not in asked
        assert "session" not in answer.cookies
        assert "last_person" not in answer.cookies

    def test_sending_leaves_no_trace_of_the_account(self, signed_in: Client, team: Team) -> None:
        with CaptureQueriesContext(connection) as statements:
            fill_in(signed_in, team.offer)
            signed_in.post(CHECK)
        asked = " ".join(statement["sql"] for statement in statements)
        assert "django_session" not in asked
        assert User._meta.db_table not in asked
        assert Referral.objects.count() == 1

    def test_a_form_without_its_token_is_kept_for_nobody(self, team: Team) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(make_user())
        answer = browser.post(page("name"), {"name": "Canary"})
        assert answer.status_code == 403
        assert "typed" not in answer.cookies

    def test_a_form_whose_token_has_gone_stale_gives_back_what_was_typed(self, team: Team) -> None:
        browser = Client(enforce_csrf_checks=True)
        answer = browser.post(page("story"), {"text": "Canary words"}, headers={"Origin": "http://testserver"})
        assert answer.status_code == 403
        assert "Canary words" in answer.content.decode()
        assert "no-store" in answer.headers["Cache-Control"]

    def test_what_another_site_sends_is_not_shown(self, team: Team) -> None:
        browser = Client(enforce_csrf_checks=True)
        answer = browser.post(page("story"), {"text": "Canary words"}, headers={"Origin": "https://evil.example"})
        assert answer.status_code == 403
        assert "Canary words" not in answer.content.decode()

    @pytest.mark.parametrize("address", PAGES)
    def test_no_browser_keeps_a_page(self, client: Client, team: Team, address: str) -> None:
        answer = client.get(address)
        if answer.status_code != 404:
            assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["Referrer-Policy"] == "same-origin"

    def test_the_cookie_against_forgery_ends_with_the_browser(self, client: Client, team: Team) -> None:
        cookie = client.get(START).cookies["csrftoken"]
        assert cookie["max-age"] == ""
        assert cookie["expires"] == ""


class TestLogs:
    """That somebody used the form is not logged; that it failed is, without where."""

    def record(self, path: str, level: int) -> logging.LogRecord:
        record = logging.LogRecord("django.request", level, __file__, 1, "Refused: %s", (path,), None)
        record.request = RequestFactory().post(path)
        record.status_code = 422
        return record

    def test_a_refusal_on_the_sealed_path_is_not_written(self) -> None:
        written = LeaveOutSealedPath()
        assert not written.filter(self.record(page("name"), logging.WARNING))
        assert written.filter(self.record("/me/", logging.WARNING))

    def test_a_failure_there_names_no_page(self) -> None:
        record = self.record(page("name"), logging.ERROR)
        assert LeaveOutSealedPath().filter(record)
        line = json.loads(JSONFormatter().format(record))
        assert line["route"] == "/referrals/"
        assert "name" not in json.dumps({key: value for key, value in line.items() if key != "at"})
