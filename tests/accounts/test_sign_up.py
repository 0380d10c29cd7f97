"""Making an account oneself."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.db.models.signals import pre_save
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import Organisation, User
from portal.accounts.people import add_person
from portal.retention.disposing import dispose
from portal.trail import SYSTEM
from portal.trail.models import Entry
from tests.accounts.conftest import Post, code_in
from tests.factories import make_membership, make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def trust() -> Organisation:
    return make_organisation(name="Demo Trust", email_domains=["Trust.example"])


def sign_up(client: Client, email: str = "amina@trust.example", name: str = "Amina Demo"):
    return client.post(reverse("account_signup"), {"email": email, "name": name})


def test_an_account_is_made_for_an_address_at_an_organisation_that_takes_part(
    client: Client, trust: Organisation, last_mail: Post
) -> None:
    answer = sign_up(client, "Amina@TRUST.example")
    assert answer.headers["Location"] == reverse("account_email_verification_sent")
    answer = client.post(answer.headers["Location"], {"code": code_in(last_mail())})
    assert answer.headers["Location"] == reverse("me")
    person = User.objects.get()
    assert (person.email, person.name, person.organisation) == ("amina@trust.example", "Amina Demo", trust)
    assert not person.has_usable_password()
    assert EmailAddress.objects.get().verified


def test_nobody_is_signed_in_before_the_address_is_verified(client: Client) -> None:
    sign_up(client)
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "email", ["amina@elsewhere.example", "amina@sub.trust.example", "amina@trust.example.evil.org"]
)
def test_another_address_is_told_so_and_nothing_is_lost(client: Client, email: str) -> None:
    wanted = reverse("bookings")
    answer = client.post(reverse("account_signup"), {"email": email, "name": "Amina Demo", "next": wanted})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Enter your work email address, from an organisation that takes part" in page
    assert all(f'value="{typed}"' in page for typed in (email, "Amina Demo", wanted))
    assert reverse("sign_up_closed") in page
    assert not User.objects.exists()


def test_a_code_that_is_slow_can_be_asked_for_again_at_once(client: Client, last_mail: Post) -> None:
    page = sign_up(client).headers["Location"]
    for _ in range(2):
        assert client.post(page, {"action": "resend"}).status_code == 302
    last_mail()
    assert len(mail.outbox) == 3


def test_a_spent_code_leads_back_to_where_another_is_sent(client: Client) -> None:
    page = sign_up(client).headers["Location"]
    for _ in range(3):
        answer = client.post(page, {"code": "AAAA-AAAA"})
    assert answer.headers["Location"] == reverse("account_login")
    assert 'value="amina@trust.example"' in client.get(answer.headers["Location"]).content.decode()


@pytest.mark.parametrize("email", ["amina@trust.example", "amina@elsewhere.example"])
def test_sign_up_does_not_tell_who_has_an_account(client: Client, email: str, last_mail: Post) -> None:
    before = sign_up(client, email)
    User.objects.all().delete()
    add_person(email, "Amina Demo", added_by=SYSTEM)
    after = sign_up(Client(), email)
    assert (after.status_code, after.headers.get("Location")) == (before.status_code, before.headers.get("Location"))
    assert User.objects.count() == 1


def test_whoever_has_an_account_is_told_so_by_mail_alone(client: Client, last_mail: Post) -> None:
    add_person("amina@trust.example", "Amina Demo", added_by=SYSTEM)
    answer = sign_up(client)
    assert answer.headers["Location"] == reverse("account_email_verification_sent")
    assert "account" in last_mail().body
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  Amina \t Demo ", "Amina Demo"),
        ("Ami\0na Demo", "Amina Demo"),
        ("Ame\u0301lie", "Amélie"),
        ("\u202eomeD animA", "omeD animA"),
        ("אֲמִינָה לוי", "אֲמִינָה לוי"),
        ("می\u200cنا", "می\u200cنا"),  # noqa: RUF001  # Persian
        ("N\u0303\u0323a", "Ṇ̃a"),
    ],
)
def test_a_name_is_kept_as_it_is_written(client: Client, written: str, kept: str) -> None:
    sign_up(client, name=written)
    assert User.objects.get().name == kept


@pytest.mark.parametrize("name", ["", "   ", "\0", "\u202e", "a" * 201, "a" * 100_000])
def test_what_is_no_name_is_told_so_and_the_rest_is_kept(client: Client, name: str) -> None:
    answer = sign_up(client, name=name)
    assert answer.context["form"].errors["name"]
    assert "amina@trust.example" in answer.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["\u200b", "\u200d \u2060", "\u00ad", "...", "\u3164\u200b.", "\ufe0f"])
def test_a_name_that_nobody_could_read_is_asked_for_again(client: Client, name: str) -> None:
    answer = sign_up(client, name=name)
    assert answer.status_code == 422
    assert "Enter your full name" in answer.content.decode()


def test_an_account_whose_address_was_never_proved_is_forgotten_after_a_week(client: Client, last_mail: Post) -> None:
    sign_up(client, "proved@trust.example")
    client.post(reverse("account_email_verification_sent"), {"code": code_in(last_mail())})
    sign_up(Client(), "never@trust.example")
    sign_up(Client(), "enrolled@trust.example")
    make_membership(User.objects.get(email="enrolled@trust.example"))
    add_person("added@trust.example", "Demo Added", added_by=SYSTEM)

    assert dispose(timezone.localdate() + timedelta(days=6))["unproven-accounts"] == 0
    assert dispose(timezone.localdate() + timedelta(days=7))["unproven-accounts"] == 1

    assert not User.objects.filter(email="never@trust.example").exists()
    assert User.objects.count() == 3
    assert Entry.objects.filter(verb="person.forgotten").count() == 1
    assert sign_up(Client(), "never@trust.example").status_code == 302


def test_of_two_who_prove_one_address_at_once_the_second_is_told(client: Client, last_mail: Post) -> None:
    """The first has proved it between the second's question and their answer."""
    sign_up(client)
    code = code_in(last_mail())

    def prove_meanwhile(**_: object) -> None:
        pre_save.disconnect(prove_meanwhile, sender=EmailAddress)
        other = make_user()
        EmailAddress.objects.create(user=other, email="amina@trust.example", verified=True, primary=False)

    pre_save.connect(prove_meanwhile, sender=EmailAddress)
    answer = client.post(reverse("account_email_verification_sent"), {"code": code})

    assert answer.headers["Location"] == reverse("account_login")
    assert "This one belongs to an account already." in client.get(reverse("account_login")).content.decode()


def test_a_second_sign_up_for_an_address_makes_no_second_account(client: Client, last_mail: Post) -> None:
    sign_up(client)
    cache.clear()
    sign_up(Client(), "AMINA@trust.example")
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_clicks_at_once_one_makes_the_account_and_neither_is_an_error(client: Client) -> None:
    def the_other_click() -> None:
        add_person("amina@trust.example", "Amina Demo", added_by=SYSTEM)
        connection.close()

    def overtake(sender: type[User], instance: User, **_: object) -> None:
        """Let the other click make the account once this one has found the address free."""
        pre_save.disconnect(overtake, sender=User)
        with ThreadPoolExecutor() as elsewhere:
            elsewhere.submit(the_other_click).result()

    pre_save.connect(overtake, sender=User)
    try:
        answer = sign_up(client)
    finally:
        pre_save.disconnect(overtake, sender=User)
    assert answer.headers["Location"] == reverse("account_email_verification_sent")
    assert User.objects.count() == 1


def test_an_address_that_would_be_cut_opens_no_account(client: Client) -> None:
    """Its end, by which it is let in, is what would be lost."""
    answer = sign_up(client, f"{'z' * 247}@trust.example")
    assert answer.context["form"].errors["email"]
    assert not User.objects.exists()


def test_an_address_that_looks_alike_is_another_persons() -> None:
    stranger = add_person("j\u0131ll@trust.example", "Demo Stranger", added_by=SYSTEM)
    jill = add_person("jill@trust.example", "Demo Jill", added_by=SYSTEM)
    assert User.objects.of_address("JILL@trust.example").get() == jill
    assert User.objects.get_by_natural_key("Jill@Trust.Example") == jill
    assert User.objects.of_address("j\u0131ll@trust.example").get() == stranger
