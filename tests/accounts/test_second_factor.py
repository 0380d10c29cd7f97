"""Who has to have a second factor, and where they are led until they have one."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client
from django.urls import reverse

from portal.accounts.models import Role, User
from portal.accounts.people import add_person
from portal.accounts.roles import grant_role
from portal.accounts.second_factor import reset_second_factors
from portal.trail import SYSTEM
from tests.accounts.conftest import Post, code_in
from tests.factories import make_admin

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.urls")]

Kind = Role.Kind
SET_UP = "/people/second-factor/"


def member(*kinds: Role.Kind) -> User:
    person = add_person("amina@trust.example", "Demo Amina", added_by=SYSTEM)
    for kind in kinds:
        grant_role(person, kind, granted_by=SYSTEM)
    return person


def totp_code(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


@pytest.mark.parametrize("kind", sorted(Role.NEEDS_SECOND_FACTOR))
def test_people_who_see_others_data_are_led_to_set_one_up(client: Client, kind: Role.Kind) -> None:
    client.force_login(member(kind))
    answer = client.get("/reason/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == SET_UP
    assert client.get(SET_UP).status_code == 200
    assert client.get(reverse("mfa_activate_totp")).status_code == 200


@pytest.mark.parametrize("flag", ["is_staff", "is_superuser"])
def test_staff_are_led_there_whatever_their_roles(client: Client, flag: str) -> None:
    person = member()
    setattr(person, flag, True)
    person.save()
    client.force_login(person)
    assert client.get("/reason/").headers["Location"] == SET_UP


@pytest.mark.parametrize("kinds", [(), (Kind.CHAMPION,)])
def test_others_are_not(client: Client, kinds: tuple[Role.Kind, ...]) -> None:
    client.force_login(member(*kinds))
    assert client.get("/reason/").status_code == 200


def test_nobody_is_in_a_demonstration(client: Client, settings) -> None:
    settings.DEMO = True
    client.force_login(member(Kind.COACH))
    assert client.get("/reason/").status_code == 200


def test_recovery_codes_alone_are_none(client: Client) -> None:
    person = member(Kind.COACH)
    Authenticator.objects.create(user=person, type=Authenticator.Type.RECOVERY_CODES, data={})
    client.force_login(person)
    assert client.get("/reason/").headers["Location"] == SET_UP


def test_setting_up_an_app_opens_the_portal_and_the_next_sign_in_asks_for_its_code(
    client: Client, last_mail: Post
) -> None:
    person = member(Kind.COACH)
    client.force_login(person)
    client.get(reverse("mfa_activate_totp"))
    secret = client.session["mfa.totp.secret"]
    answer = client.post(reverse("mfa_activate_totp"), {"code": totp_code(secret)})
    assert answer.status_code == 302
    assert client.get("/reason/").status_code == 200
    stored = Authenticator.objects.get(user=person, type=Authenticator.Type.TOTP)
    assert secret not in str(stored.data)

    fresh = Client()
    fresh.post(reverse("account_login"), {"login": person.email})
    answer = fresh.post(reverse("account_confirm_login_code"), {"code": sign_in_code(last_mail)})
    assert answer.headers["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in fresh.session
    fresh.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "_auth_user_id" not in fresh.session


def sign_in_code(last_mail: Post) -> str:
    return code_in(last_mail())


def test_a_wrong_code_of_the_app_does_not_set_it_up(client: Client) -> None:
    person = member(Kind.COACH)
    client.force_login(person)
    client.get(reverse("mfa_activate_totp"))
    for code in ["000000", "", "\0", "abc", "1" * 1000]:
        assert client.post(reverse("mfa_activate_totp"), {"code": code}).status_code == 422
    assert not Authenticator.objects.exists()


def test_the_last_one_cannot_be_removed_by_whoever_needs_it(client: Client) -> None:
    person = member(Kind.COACH)
    TOTP.activate(person, generate_totp_secret())
    client.force_login(person)
    client.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(type=Authenticator.Type.TOTP).exists()


def test_it_can_be_removed_by_whoever_does_not_need_it(client: Client) -> None:
    person = member()
    TOTP.activate(person, generate_totp_secret())
    client.force_login(person)
    session = client.session
    session["account_authentication_methods"] = []
    session.save()
    page = client.get(reverse("mfa_deactivate_totp"))
    assert page.status_code == 302
    assert re.search(r"reauthenticate", page.headers["Location"])


def test_resetting_it_signs_out_whoever_was_signed_in(client: Client) -> None:
    person = member(Kind.COACH)
    TOTP.activate(person, generate_totp_secret())
    client.force_login(person)
    assert client.get("/reason/").status_code == 200
    assert reset_second_factors([person], reset_by=make_admin())
    answer = client.get("/reason/")
    assert answer.headers["Location"] == "/accounts/login/?next=/reason/"
    client.force_login(person)
    assert client.get("/reason/").headers["Location"] == SET_UP


def test_resetting_what_is_not_there_signs_nobody_out(client: Client) -> None:
    person = member()
    client.force_login(person)
    client.get("/reason/")
    assert not reset_second_factors([person], reset_by=make_admin())
    assert client.get("/reason/").status_code == 200


def test_knowing_it_costs_a_statement_once(client: Client, django_assert_num_queries) -> None:
    person = member(Kind.COACH)
    TOTP.activate(person, generate_totp_secret())
    client.force_login(person)
    client.get("/reason/")
    with django_assert_num_queries(2):
        client.get("/reason/")
