"""Asking to be erased: once, for oneself, until it is done; and what the team and the person are told of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts import erasure_requests
from portal.accounts.erasure import CannotErase, erase, forgets_people, what_goes, what_stays
from portal.accounts.middleware import HAS_SECOND_FACTOR
from portal.accounts.models import Role, User
from portal.outbox.models import Message
from portal.outbox.sealing import unseal
from portal.retention.models import ErasureRequest
from portal.trail.models import Entry
from tests.cohorts.pages import words
from tests.factories import make_admin, make_admin_of, make_programme, make_user

pytestmark = pytest.mark.django_db

DATA, ASK, KEEP = reverse("own_data"), reverse("ask_to_be_erased"), reverse("take_back_erasure")
REQUESTS = reverse("admin:retention_erasurerequest_changelist")
INDEX = reverse("admin:index")


def browser_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    session = client.session
    session[HAS_SECOND_FACTOR] = True
    session.save()
    return client


@pytest.fixture
def amina() -> User:
    return make_user(name="Demo Amina", email="amina@trust.example")


@pytest.fixture
def admin() -> User:
    return make_admin()


def letters() -> list[Any]:
    """Open the sealed letters that wait to be sent."""
    return [unseal(bytes(message.payload or b"")) for message in Message.objects.exclude(payload=None)]


def test_somebody_reads_what_goes_and_what_stays_and_asks_once(amina: User, settings: Any) -> None:
    settings.CONTACT_EMAIL = "help@trust.example"
    browser = browser_of(amina)
    page = words(browser.get(ASK))
    assert all(said in page for said in (*what_goes(), *what_stays()))
    assert not ErasureRequest.objects.exists()

    assert "We have your request." in words(browser.post(ASK, follow=True))
    browser.post(ASK)

    assert ErasureRequest.objects.get().person == amina
    assert "You have asked already." in words(browser.get(ASK))
    assert "you asked us to delete what we hold about you. We answer by" in words(browser.get(DATA))
    (mail,) = letters()
    assert (mail["to"], mail["subject"]) == ("help@trust.example", "Somebody asks for what we hold to be deleted")
    assert "Amina" not in str(mail)
    assert "amina@" not in str(mail)
    assert [entry.actor for entry in Entry.objects.filter(verb="person.erasure_asked")] == [amina]


def test_it_is_taken_back_until_it_is_done(amina: User, admin: User) -> None:
    browser = browser_of(amina)
    browser.post(ASK)
    assert "Your request is taken back." in words(browser.post(KEEP, follow=True))
    assert "There was no request." in words(browser.post(KEEP, follow=True))
    assert not ErasureRequest.objects.exists()
    assert Entry.objects.filter(verb="person.erasure_taken_back").count() == 1
    assert browser.get(KEEP).status_code == 405


def test_who_changes_their_mind_often_writes_to_the_team_once_a_day(amina: User) -> None:
    for _ in range(3):
        erasure_requests.ask(amina)
        erasure_requests.take_back(amina)
    assert len(letters()) == 1


def test_the_start_page_of_who_keeps_people_says_until_when(amina: User, admin: User) -> None:
    erasure_requests.ask(amina)
    ErasureRequest.objects.update(asked_at=timezone.now() - timedelta(days=10))
    last = erasure_requests.answer_by(timezone.now() - timedelta(days=10))
    page = words(browser_of(admin).get(INDEX))
    assert "People who ask to be erased" in page
    assert f"1 request: answer the first by {last:%A} {last.day} {last:%B %Y}" in page
    assert "Demo Amina" not in page
    assert "ask to be erased" not in words(browser_of(make_admin_of(make_programme())).get(INDEX))


def test_an_admin_reads_what_it_does_and_the_person_is_told_what_was_done(amina: User, admin: User) -> None:
    erasure_requests.ask(amina)
    Message.objects.all().delete()
    browser, request = browser_of(admin), ErasureRequest.objects.get()
    chosen: dict[str, Any] = {"action": "erase", "_selected_action": [request.pk]}

    asked = words(browser.post(REQUESTS, chosen))
    assert all(said in asked for said in (*what_goes(), *what_stays()))
    done = words(browser.post(REQUESTS, {**chosen, "confirmed": "yes"}, follow=True))

    assert "Erased: 1 person." in done
    assert User.objects.get(pk=amina.pk).name == "Erased person"
    assert not ErasureRequest.objects.exists()
    (mail,) = letters()
    assert (mail["to"], mail["subject"]) == ("amina@trust.example", "What we held about you is deleted")
    assert all(said in mail["text"] for said in (*what_goes(), *what_stays()))
    shown = words(browser.get(reverse("admin:retention_erasurerequest_letter")))
    assert all(said in shown for said in (*what_goes(), *what_stays()))


def test_what_was_taken_back_as_the_admin_looked_is_not_done(amina: User, admin: User) -> None:
    erasure_requests.ask(amina)
    request = ErasureRequest.objects.get()
    erasure_requests.take_back(amina)
    with pytest.raises(CannotErase, match="taken it back"):
        erasure_requests.grant(request, by=admin)
    with pytest.raises(CannotErase):
        erasure_requests.decline(request, by=admin)
    assert User.objects.get(pk=amina.pk).name == "Demo Amina"


def test_a_no_takes_it_off_the_list_and_stands_in_the_trail(amina: User, admin: User) -> None:
    erasure_requests.ask(amina)
    chosen = {"action": "decline", "_selected_action": [ErasureRequest.objects.get().pk]}
    browser = browser_of(admin)
    assert "tell them why, within 28 days" in words(browser.post(REQUESTS, chosen))
    assert "1 request taken off." in words(browser.post(REQUESTS, {**chosen, "confirmed": "yes"}, follow=True))
    assert Entry.objects.get(verb="person.erasure_declined").subject == f"user:{amina.pk}"
    erasure_requests.ask(amina)
    assert ErasureRequest.objects.exists()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: make_user(Role.Kind.TRIAGER), "Its lead takes them out of the team first."),
        (lambda: make_admin(is_superuser=True), "A superuser"),
    ],
)
def test_who_has_to_hand_over_first_may_ask_and_the_admin_reads_why_not_yet(
    make: Callable[[], User], says: str, admin: User
) -> None:
    erasure_requests.ask(make())
    chosen = {"action": "erase", "_selected_action": [ErasureRequest.objects.get().pk]}
    assert says in words(browser_of(admin).post(REQUESTS, chosen))


def test_who_is_erased_asks_no_more(amina: User, admin: User) -> None:
    erase(amina, by=admin)
    erasure_requests.ask(amina)
    assert not ErasureRequest.objects.exists()


def test_whoever_forgets_says_what_goes_and_what_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    forgetting: list[Any] = []
    monkeypatch.setattr("portal.accounts.erasure._forgetting", forgetting)
    forgets_people(goes=["your poems"], stays=["that there were some"])(lambda *_: None)
    assert what_goes()[-1] == "your poems"
    assert what_stays()[-1] == "that there were some"
