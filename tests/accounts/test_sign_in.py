"""Signing in by code and by password, and what either tells a stranger."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from portal.accounts import wording
from portal.accounts.models import Role, User
from portal.accounts.people import add_person
from portal.trail import SYSTEM
from tests.accounts.conftest import Post, code_in
from tests.factories import make_user

pytestmark = pytest.mark.django_db

WRONG = {"code": "AAAA-AAAA"}
PASSWORD = "a long enough password"


@pytest.fixture
def person() -> User:
    return add_person("amina@trust.example", "Demo Amina", added_by=SYSTEM, password=PASSWORD)


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def ask_for_code(client: Client, email: str, **query: str):
    return client.post(reverse("account_login", query=query or None), {"login": email})


def test_a_code_by_mail_signs_in(client: Client, person: User, last_mail: Post) -> None:
    answer = ask_for_code(client, "Amina@Trust.example ")
    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("account_confirm_login_code")
    message = last_mail()
    assert message.to == ["amina@trust.example"]
    answer = client.post(reverse("account_confirm_login_code"), {"code": code_in(message)})
    assert answer.headers["Location"] == reverse("me")
    assert signed_in(client)


def test_a_wrong_code_does_not_sign_in_and_the_third_ends_the_attempt(
    client: Client, person: User, last_mail: Post
) -> None:
    ask_for_code(client, person.email)
    code = code_in(last_mail())
    for _ in range(3):
        client.post(reverse("account_confirm_login_code"), {"code": "AAAA-AAAA"})
    client.post(reverse("account_confirm_login_code"), {"code": code})
    assert not signed_in(client)


def test_a_spent_code_leads_to_a_new_one_with_all_that_was_typed(client: Client, person: User) -> None:
    wanted = {"next": reverse("bookings")}
    ask_for_code(client, person.email, **wanted)
    for _ in range(3):
        answer = client.post(reverse("account_confirm_login_code", query=wanted), WRONG)

    sign_in = answer.headers["Location"]
    assert sign_in == reverse("account_login", query=wanted)
    page = client.get(sign_in).content.decode()
    assert wording.CODE_SPENT in page
    assert f'value="{person.email}"' in page
    assert person.email not in client.get(sign_in).content.decode()  # nobody reads it who comes to this browser later


def test_a_spent_code_for_a_new_password_leads_to_another(client: Client, person: User) -> None:
    answer = client.post(reverse("account_reset_password"), {"email": person.email})
    for _ in range(3):
        answer = client.post(reverse("account_confirm_password_reset_code"), WRONG)

    assert answer.headers["Location"] == reverse("account_reset_password")
    page = client.get(answer.headers["Location"]).content.decode()
    assert wording.CODE_SPENT in page
    assert f'value="{person.email}"' in page


@pytest.mark.parametrize("code", ["", "\0", "A" * 10_000, "١٢٣٤٥٦", "'; --"])
def test_what_is_no_code_is_refused(client: Client, person: User, code: str) -> None:
    ask_for_code(client, person.email)
    answer = client.post(reverse("account_confirm_login_code"), {"code": code})
    assert answer.status_code == 422
    assert not signed_in(client)


def test_a_code_works_once(client: Client, person: User, last_mail: Post) -> None:
    ask_for_code(client, person.email)
    code = code_in(last_mail())
    client.post(reverse("account_confirm_login_code"), {"code": code})
    client.post(reverse("account_logout"))
    assert not signed_in(client)
    ask_for_code(client, person.email)
    client.post(reverse("account_confirm_login_code"), {"code": code})
    assert not signed_in(client)


def test_a_code_does_not_work_in_another_browser(client: Client, person: User, last_mail: Post) -> None:
    ask_for_code(client, person.email)
    code = code_in(last_mail())
    other = Client()
    other.post(reverse("account_confirm_login_code"), {"code": code})
    assert not signed_in(other)


def test_a_code_expires(client: Client, person: User, last_mail: Post) -> None:
    ask_for_code(client, person.email)
    code = code_in(last_mail())
    session = client.session
    session["account_login"]["state"]["stages"]["login_by_code"]["data"]["at"] -= 15 * 60 + 1
    session.save()
    client.post(reverse("account_confirm_login_code"), {"code": code})
    assert not signed_in(client)


def test_an_address_without_account_gets_the_same_answer(client: Client, person: User, last_mail: Post) -> None:
    known = ask_for_code(client, person.email)
    unknown = ask_for_code(Client(), "nobody@trust.example")
    assert (unknown.status_code, unknown.url) == (known.status_code, known.url)
    last_mail()
    assert [message.to for message in mail.outbox] == [[person.email], ["nobody@trust.example"]]


@pytest.mark.parametrize("email", ["", "no address", "a\0@trust.example", f"{'a' * 300}@trust.example", "a@b" * 2000])
def test_what_is_no_address_is_told_so_and_kept(client: Client, email: str) -> None:
    answer = ask_for_code(client, email)
    assert answer.status_code < 500
    assert answer.status_code != 302
    assert answer.context["form"].errors["login"]


def test_a_password_signs_in_where_it_is_asked_for(client: Client, person: User) -> None:
    page = client.get(reverse("account_login", query={"by": "password"}))
    assert "password" in page.context["form"].fields
    answer = client.post(
        reverse("account_login", query={"by": "password"}), {"login": person.email, "password": PASSWORD}
    )
    assert answer.status_code == 302
    assert signed_in(client)


def test_the_first_page_asks_for_an_address_alone(client: Client) -> None:
    assert list(client.get(reverse("account_login")).context["form"].fields) == ["login"]


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client: Client, person: User) -> None:
    address = reverse("account_login", query={"by": "password"})
    wrong = client.post(address, {"login": person.email, "password": "not the password"})
    unknown = client.post(address, {"login": "nobody@trust.example", "password": "not the password"})
    assert wrong.context["form"].errors == unknown.context["form"].errors
    assert not signed_in(client)


def test_an_empty_password_is_no_way_to_have_a_code_sent(client: Client, person: User) -> None:
    answer = client.post(reverse("account_login", query={"by": "password"}), {"login": person.email, "password": ""})
    assert answer.context["form"].errors["password"]


def test_guessing_a_password_is_stopped(client: Client, person: User) -> None:
    address = reverse("account_login", query={"by": "password"})
    for _ in range(5):
        client.post(address, {"login": person.email, "password": "not the password"})
    client.post(address, {"login": person.email, "password": PASSWORD})
    assert not signed_in(client)


def test_guesses_at_a_password_count_together_whatever_port_the_host_names(client: Client, person: User) -> None:
    for port in range(9001, 9006):
        guess = {"login": person.email, "password": "wrong"}
        client.post(reverse("account_login"), guess, headers={"host": f"testserver:{port}"})
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert not signed_in(client)


@pytest.mark.parametrize(
    ("kinds", "leads_to"),
    [
        ([Role.Kind.FACILITATOR], "facilitate"),
        ([Role.Kind.TRIAGER], "queue"),
        ([Role.Kind.ALL_PROGRAMMES_ADMIN], "admin:index"),
        ([Role.Kind.ALL_PROGRAMMES_ADMIN, Role.Kind.FACILITATOR], "facilitate"),
        ([Role.Kind.COACH], "projects_to_coach"),
    ],
)
def test_who_works_for_others_here_comes_to_that_first(
    client: Client, last_mail: Post, kinds: list[Role.Kind], leads_to: str
) -> None:
    ask_for_code(client, make_user(*kinds, is_staff=True).email)
    answer = client.post(reverse("account_confirm_login_code"), {"code": code_in(last_mail())})
    assert answer.headers["Location"] == reverse(leads_to)


def test_forty_people_behind_one_address_can_all_sign_in(client: Client) -> None:
    for number in range(40):
        answer = ask_for_code(Client(), f"person{number}@trust.example")
        assert answer.status_code == 302


def test_codes_for_one_address_are_limited(client: Client, person: User) -> None:
    answers = [ask_for_code(Client(), person.email).status_code for _ in range(4)]
    assert answers[:3] == [302] * 3
    assert answers[3] != 302


def test_somebody_who_may_not_sign_in_gets_no_code(client: Client, person: User, last_mail: Post) -> None:
    person.is_active = False
    person.save()
    known = ask_for_code(client, person.email)
    assert known.url == reverse("account_confirm_login_code")
    message = last_mail()
    assert "account" in message.body
    client.post(reverse("account_login", query={"by": "password"}), {"login": person.email, "password": PASSWORD})
    assert not signed_in(client)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example", "\0"]
)
def test_no_address_leads_off_the_portal(client: Client, person: User, last_mail: Post, target: str) -> None:
    ask_for_code(client, person.email, next=target)
    answer = client.post(
        reverse("account_confirm_login_code", query={"next": target}), {"code": code_in(last_mail()), "next": target}
    )
    assert answer.headers["Location"] == reverse("me")


def test_the_page_that_was_wanted_comes_after_sign_in(client: Client, person: User, last_mail: Post) -> None:
    wanted = client.get(reverse("bookings"))
    answer = client.post(wanted.headers["Location"], {"login": person.email})
    answer = client.post(answer.headers["Location"], {"code": code_in(last_mail())})
    assert answer.headers["Location"] == reverse("bookings")
