"""Sessions: kept as Django keeps them, and read by a statement of our own."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from portal.accounts.sessions import SessionStore
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def stored(**values: str) -> SessionStore:
    session = SessionStore()
    session.update(values)
    session.save()
    return session


def test_what_is_stored_is_read_in_one_statement(django_assert_num_queries) -> None:
    key = stored(colour="blue").session_key
    with django_assert_num_queries(1):
        assert dict(SessionStore(key).items()) == {"colour": "blue"}


def test_a_session_that_is_over_is_empty_and_its_key_is_not_used_again() -> None:
    key = stored(colour="blue").session_key
    Session.objects.filter(pk=key).update(expire_date=timezone.now() - timedelta(seconds=1))
    again = SessionStore(key)
    assert again.is_empty() is False  # it still has the key that the browser sent
    assert list(again.items()) == []
    assert again.session_key is None
    again["colour"] = "red"
    again.save()
    assert again.session_key != key


@pytest.mark.parametrize("key", ["x" * 32, "x\x00" * 16, "é" * 32, "' OR true --", "\ud800" * 9])
def test_a_key_that_nobody_was_given_opens_nothing(key: str) -> None:
    intruder = SessionStore(key)
    assert list(intruder.items()) == []
    assert intruder.session_key is None


def test_a_session_that_was_tampered_with_is_empty() -> None:
    key = stored(colour="blue").session_key
    Session.objects.filter(pk=key).update(session_data="tampered:with")
    assert list(SessionStore(key).items()) == []


def test_a_cookie_that_holds_a_nul_is_nobodys(client) -> None:
    client.cookies["session"] = "x\x00" * 16
    assert client.get("/me/").status_code == 302


def test_signing_out_ends_the_session_at_once(client) -> None:
    client.force_login(make_user())
    key = client.session.session_key
    assert Session.objects.filter(pk=key).exists()
    client.logout()
    assert not Session.objects.filter(pk=key).exists()
    assert list(SessionStore(key).items()) == []


def test_somebody_who_may_no_longer_sign_in_is_signed_out_by_the_next_page(client) -> None:
    person = make_user()
    client.force_login(person)
    assert client.get("/me/").status_code == 200
    person.is_active = False
    person.save()
    assert client.get("/me/").status_code == 302


@pytest.mark.parametrize("key", ["", "short", "a" * 41, "\0" * 32, "é" * 32, "A" * 32])
def test_a_cookie_that_holds_no_key_of_ours_opens_nothing(client, key: str) -> None:
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    answer = client.get(reverse("me"))
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("account_login"))
