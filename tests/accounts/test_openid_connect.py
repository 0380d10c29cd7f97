"""Signing in by an organisation's own service."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import environ
import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from portal.accounts import openid_connect
from portal.accounts.models import Organisation, User
from portal.accounts.people import add_person
from portal.trail import SYSTEM
from tests.accounts import identity_provider
from tests.accounts.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider
from tests.factories import make_organisation

pytestmark = pytest.mark.django_db

AMINA = {"sub": "amina-1", "email": "Amina@Trust.example", "email_verified": True, "name": "Amina Demo"}


@pytest.fixture
def service(settings: Any) -> Iterator[IdentityProvider]:
    """Run a sign-in service, and name it to the portal."""
    with identity_provider.running() as server:
        server.claims = dict(AMINA)
        environment = {
            "OIDC_PROVIDERS": "entra",
            "OIDC_ENTRA_SERVER_URL": server.url.replace("http:", "https:"),
            "OIDC_ENTRA_CLIENT_ID": CLIENT_ID,
            "OIDC_ENTRA_CLIENT_SECRET": CLIENT_SECRET,
            "OIDC_ENTRA_EMAIL_DOMAINS": "trust.example",
            "OIDC_ENTRA_LABEL": "Demo Trust",
        }
        apps = openid_connect.providers(env_of(environment))
        apps[0]["settings"]["server_url"] = server.url  # loopback without a certificate, for this test alone
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": apps}}
        yield server


@pytest.fixture
def trust() -> Organisation:
    return make_organisation(email_domains=["trust.example"])


def env_of(environment: dict[str, str]) -> environ.Env:
    env = environ.Env()
    env.ENVIRON = environment
    return env


def come_back(client: Client, **query: str):
    """Go to the service and come back from it with a code."""
    away = client.post(reverse("openid_connect_login", args=["entra"]))
    sent = {name: values[0] for name, values in parse_qs(urlsplit(away.headers["Location"]).query).items()}
    answer = {"code": "one-time", "state": sent["state"]} | query
    return client.get(reverse("openid_connect_callback", args=["entra"]), answer)


def signed_in_as(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def test_the_sign_in_page_offers_the_service(client: Client, service: IdentityProvider) -> None:
    assert "Demo Trust" in client.get(reverse("account_login")).content.decode()


def test_somebody_new_gets_an_account_without_a_password(
    client: Client, service: IdentityProvider, trust: Organisation
) -> None:
    answer = come_back(client)
    assert answer.status_code == 302
    person = User.objects.get()
    assert (person.email, person.name, person.organisation) == ("amina@trust.example", "Amina Demo", trust)
    assert not person.has_usable_password()
    assert signed_in_as(client) == str(person.pk)
    assert SocialAccount.objects.get().extra_data == {}
    assert service.asked[0]["code_verifier"]


def test_somebody_known_is_matched_and_stays_matched_when_their_address_changes(
    client: Client, service: IdentityProvider
) -> None:
    person = add_person("amina@trust.example", "Amina Known", added_by=SYSTEM)
    come_back(client)
    assert signed_in_as(client) == str(person.pk)
    service.claims["email"] = "amina.married@trust.example"
    other = Client()
    come_back(other)
    assert signed_in_as(other) == str(person.pk)
    assert User.objects.get().name == "Amina Known"


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email": "director@elsewhere.example"},
        {"email": "amina@trust.example.evil.org"},
        {"email": "amina@evil.org@trust.example"},
        {"email": ""},
        {"email": None},
        {"email": "a\0@trust.example"},
    ],
)
def test_an_address_that_is_not_vouched_for_lets_nobody_in(
    client: Client, service: IdentityProvider, trust: Organisation, claims: dict[str, Any]
) -> None:
    add_person("director@elsewhere.example", "Demo Director", added_by=SYSTEM)
    add_person("amina@trust.example", "Amina Demo", added_by=SYSTEM)
    service.claims |= claims
    answer = come_back(client)
    assert answer.headers["Location"] == reverse("address_not_vouched_for")
    assert client.get(answer.headers["Location"]).status_code == 200
    assert signed_in_as(client) is None
    assert User.objects.count() == 2
    assert not SocialAccount.objects.exists()


def test_an_organisation_that_takes_no_part_opens_no_account(client: Client, service: IdentityProvider) -> None:
    assert come_back(client).url == reverse("sign_up_closed")
    assert not User.objects.exists()


def test_a_second_factor_is_asked_for_here_too(client: Client, service: IdentityProvider) -> None:
    person = add_person("amina@trust.example", "Amina Demo", added_by=SYSTEM)
    TOTP.activate(person, generate_totp_secret())
    assert come_back(client).url == reverse("mfa_authenticate")
    assert signed_in_as(client) is None


def test_a_person_whom_the_service_does_not_name_is_asked(
    client: Client, service: IdentityProvider, trust: Organisation
) -> None:
    del service.claims["name"]
    answer = come_back(client)
    assert answer.headers["Location"] == reverse("socialaccount_signup")
    client.post(answer.headers["Location"], {"name": "Amina Demo", "email": "director@elsewhere.example"})
    assert (User.objects.get().email, User.objects.get().name) == ("amina@trust.example", "Amina Demo")


@pytest.mark.parametrize("query", [{"state": "forged"}, {"error": "access_denied"}, {"code": ""}, {"state": "\0"}])
def test_a_way_back_that_is_not_ours_lets_nobody_in(
    client: Client, service: IdentityProvider, trust: Organisation, query: dict[str, str]
) -> None:
    assert come_back(client, **query).status_code < 500
    if "code" not in query:
        assert signed_in_as(client) is None


@pytest.mark.parametrize("name", ["nobody", "\0", "entra\0", "é"])
def test_a_service_that_nobody_named_is_not_there(client: Client, name: str) -> None:
    for page in ("openid_connect_login", "openid_connect_callback"):
        assert client.get(reverse(page, args=[name])).status_code == 404
    assert client.post(reverse("openid_connect_login", args=[name])).status_code == 404


def test_a_service_that_is_down_is_said_so(client: Client, service: IdentityProvider, settings: Any) -> None:
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:9"
    answer = client.post(reverse("openid_connect_login", args=["entra"]))
    assert answer.status_code < 500


FULL = {
    "OIDC_PROVIDERS": "entra,care-identity",
    **{
        f"OIDC_{name}_{part}": value
        for name in ("ENTRA", "CARE_IDENTITY")
        for part, value in {
            "SERVER_URL": f"https://{name.lower().replace('_', '-')}.example/v2.0",
            "CLIENT_ID": "id",
            "CLIENT_SECRET": "secret",
            "EMAIL_DOMAINS": "Trust.example, @other.example",
        }.items()
    },
}


def test_several_services_come_from_the_environment() -> None:
    apps = openid_connect.providers(env_of(FULL))
    assert [(app["provider_id"], app["name"]) for app in apps] == [
        ("entra", "entra"),
        ("care-identity", "care-identity"),
    ]
    assert apps[0]["settings"]["verified_email"] == ["trust.example", "other.example"]
    assert openid_connect.origins(apps) == ["https://care-identity.example", "https://entra.example"]


def test_there_is_none_where_the_environment_names_none() -> None:
    assert openid_connect.providers(env_of({})) == []


@pytest.mark.parametrize(
    "change",
    [
        {"OIDC_PROVIDERS": "Entra"},
        {"OIDC_PROVIDERS": "entra;drop"},
        {"OIDC_ENTRA_SERVER_URL": "http://entra.example"},
        *({f"OIDC_ENTRA_{part}": ""} for part in ("SERVER_URL", "CLIENT_ID", "CLIENT_SECRET", "EMAIL_DOMAINS")),
    ],
)
def test_a_gap_in_the_environment_stops_the_start(change: dict[str, str]) -> None:
    with pytest.raises(ImproperlyConfigured):
        openid_connect.providers(env_of(FULL | change))
