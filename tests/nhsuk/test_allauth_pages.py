"""Every page of allauth stands in the portal's layout, and asks a person for no more than it has to."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "three words unrelated"
BEFORE_SIGN_IN = [
    "account_login",
    "account_signup",
    "account_request_login_code",
    "account_reset_password",
    "account_inactive",
    "socialaccount_login_cancelled",
    "socialaccount_login_error",
]
SIGNED_IN = [
    "account_logout",
    "account_email",
    "account_change_password",
    "mfa_index",
    "mfa_list_webauthn",
    "socialaccount_connections",
    "mfa_activate_totp",
    "mfa_add_webauthn",
]


@pytest.fixture
def person() -> User:
    return make_user(password=PASSWORD)


@pytest.fixture
def signed_in(client: Client, person: User) -> Client:
    """A browser in which `person` has signed in, and just confirmed that it is them."""
    client.force_login(person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def assert_ours(html: str) -> None:
    """Check what every page has: our layout, one heading, a title of its own, and nothing inline."""
    assert '<main class="nhsuk-main-wrapper" id="maincontent">' in html
    assert html.count("<h1") == 1
    title = html[html.index("<title>") + 7 : html.index("</title>")].split()
    assert title[-2:] == ["Cohort", "Portal"]
    assert len(title) > 3
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", html)
    assert "data:image" not in html


@pytest.mark.parametrize("name", BEFORE_SIGN_IN)
def test_pages_before_signing_in(client: Client, name: str) -> None:
    assert_ours(client.get(reverse(name)).content.decode())


@pytest.mark.parametrize("name", SIGNED_IN)
def test_pages_of_ones_own_account(signed_in: Client, name: str) -> None:
    answer = signed_in.get(reverse(name))
    assert answer.status_code == 200
    assert_ours(answer.content.decode())


def test_the_page_that_asks_who_it_is(client: Client, person: User) -> None:
    client.force_login(person)
    answer = client.get(reverse("mfa_activate_totp"), follow=True)
    html = answer.content.decode()
    assert_ours(html)
    assert "Confirm that it is you" in html


def test_the_picture_to_scan_stands_in_the_page(signed_in: Client) -> None:
    """Drawn there, so that the policy need not allow pictures in addresses."""
    html = signed_in.get(reverse("mfa_activate_totp")).content.decode()
    assert re.search(r'role="img"[^>]*>\s*<svg', html)
    assert "<?xml" not in html


@pytest.mark.parametrize("name", ["account_change_password", "account_set_password"])
def test_a_password_is_asked_once(client: Client, name: str) -> None:
    person = make_user(**({"password": PASSWORD} if name == "account_change_password" else {}))
    client.force_login(person)
    html = client.get(reverse(name), follow=True).content.decode()
    assert 'name="password1"' in html
    assert 'name="password2"' not in html
    assert "Use 12 characters or more" in html


def test_a_password_that_is_asked_once_is_changed(signed_in: Client, person: User) -> None:
    new = "other words altogether"
    answer = signed_in.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new})
    assert answer.status_code == 302
    person.refresh_from_db()
    assert person.check_password(new)


@pytest.mark.parametrize("new", ["short", "password1234", ""])
def test_a_password_that_is_easy_to_guess_is_not_taken(signed_in: Client, person: User, new: str) -> None:
    answer = signed_in.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert_ours(html)
    assert 'href="#id_password1"' in html
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_a_wrong_code_of_an_app_says_what_to_do(signed_in: Client) -> None:
    signed_in.get(reverse("mfa_activate_totp"))
    answer = signed_in.post(reverse("mfa_activate_totp"), {"code": "nonsense"})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert_ours(html)
    assert "Enter the code that your app shows now" in html


def test_signing_in_leads_on_to_where_one_was_going(client: Client) -> None:
    html = client.get(reverse("account_login"), {"next": "/me/bookings/"}).content.decode()
    assert '<input type="hidden" name="next" value="/me/bookings/">' in html
    assert "by=password" in html
    assert "next=%2Fme%2Fbookings%2F" in html or "next=/me/bookings/" in html
