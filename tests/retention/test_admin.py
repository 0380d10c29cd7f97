"""The admin pages about retention: holds, what is due, and the log."""

import csv
import io
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.accounts.erasure import CannotErase, erase, why_not
from portal.accounts.legal_holds import HoldRefused, lift, set_hold
from portal.accounts.middleware import HAS_SECOND_FACTOR
from portal.accounts.models import User
from portal.outbox.models import Message
from portal.retention.disposing import dispose
from portal.retention.models import Disposal, ErasureRequest, Hold
from portal.trail.models import Entry
from tests.cohorts.pages import words
from tests.factories import make_admin, make_user
from tests.retention.kept import make_message

pytestmark = pytest.mark.django_db

HOLDS = reverse("admin:retention_hold_changelist")
DISPOSALS = reverse("admin:retention_disposal_changelist")
DUE = reverse("admin:retention_disposal_due")
REQUESTS = reverse("admin:retention_erasurerequest_changelist")


@pytest.fixture
def admin() -> User:
    return make_admin(name="Demo Keeper")


@pytest.fixture
def desk(client: Client, admin: User) -> Client:
    client.force_login(admin)
    session = client.session
    session[HAS_SECOND_FACTOR] = True
    session.save()
    return client


def make_logged(number: int = 1) -> None:
    """Have old messages disposed of."""
    for _ in range(number):
        make_message(timezone.now() - timedelta(days=181), make_user())
        dispose()


def test_a_hold_is_set_with_a_number_and_stands_in_the_trail_without_it(desk: Client, admin: User) -> None:
    person = make_user(name="Demo Amina")
    page = reverse("admin:retention_hold_add")
    assert "They can read that." in words(desk.get(page))

    desk.post(page, {"person": person.pk, "reference": " et/2026/0417 "})

    hold = Hold.objects.get()
    assert (hold.person, hold.reference, hold.set_by) == (person, "ET/2026/0417", admin)
    entry = Entry.objects.get(verb="hold.set")
    assert (entry.actor, entry.details) == (admin, {"person": person.pk})


@pytest.mark.parametrize("reference", ["", "AB", "She is ill", "ET 2026", "ET/\x00", "X" * 41, "name@trust.example"])
def test_words_are_no_reference_and_nothing_typed_is_lost(desk: Client, reference: str) -> None:
    person = make_user(name="Demo Amina")
    answer = desk.post(reverse("admin:retention_hold_add"), {"person": person.pk, "reference": reference})
    assert answer.status_code == 200
    assert answer.context["errors"]
    assert "Demo Amina" in answer.content.decode()
    assert not Hold.objects.exists()


def test_a_second_hold_of_a_matter_and_one_on_who_is_erased_are_refused_in_words(desk: Client, admin: User) -> None:
    person = make_user()
    set_hold(person, "ET/2026/0417", by=admin)
    page = reverse("admin:retention_hold_add")
    assert "under a legal hold of this reference already" in words(
        desk.post(page, {"person": person.pk, "reference": "ET/2026/0417"})
    )
    erased = make_user()
    erase(erased, by=admin)
    assert "They are erased already" in words(desk.post(page, {"person": erased.pk, "reference": "CASE-2"}))
    with pytest.raises(HoldRefused):
        set_hold(person, "ET/2026/0417", by=admin)
    assert Hold.objects.count() == 1


def test_a_hold_is_lifted_once_the_question_is_answered_and_may_be_set_again(desk: Client, admin: User) -> None:
    hold = set_hold(make_user(), "ET/2026/0417", by=admin)
    chosen = {"action": "lift", "_selected_action": [hold.pk]}
    assert "Make sure that the matter has ended, appeals included." in words(desk.post(HOLDS, chosen))
    assert "1 hold lifted." in words(desk.post(HOLDS, {**chosen, "confirmed": "yes"}, follow=True))
    assert "It was lifted already." in words(desk.post(HOLDS, chosen))
    hold.refresh_from_db()
    assert hold.lifted_by == admin
    assert lift([hold], by=admin) == 0
    assert Entry.objects.filter(verb="hold.lifted").count() == 1
    set_hold(hold.person, "ET/2026/0417", by=admin)


def test_a_person_under_a_hold_is_not_erased_until_it_is_lifted(desk: Client, admin: User) -> None:
    person = make_user(name="Demo Amina")
    ErasureRequest.objects.create(person=person)
    hold = set_hold(person, "ET/2026/0417", by=admin)

    assert "A legal hold keeps 1 person from being erased" in words(desk.get(reverse("admin:index")))
    chosen = {"action": "erase", "_selected_action": [ErasureRequest.objects.get().pk]}
    assert "keeps what is held about them. Erase them once it is lifted." in words(desk.post(REQUESTS, chosen))
    with pytest.raises(CannotErase):
        erase(person, by=admin)
    lift([hold], by=admin)
    assert why_not(person) == ""
    assert "A legal hold keeps" not in words(desk.get(reverse("admin:index")))
    desk.post(REQUESTS, {**chosen, "confirmed": "yes"})
    assert User.objects.get(pk=person.pk).name == "Erased person"
    assert not Hold.objects.exists()


def test_what_is_due_is_told_in_numbers_and_looking_changes_nothing(desk: Client, admin: User) -> None:
    for person in (make_user(name="Demo Amina"), make_user()):
        make_message(timezone.now() - timedelta(days=181), person)
    set_hold(make_user(), "CASE-1", by=admin)
    held = make_user()
    make_message(timezone.now() - timedelta(days=200), held)
    set_hold(held, "CASE-2", by=admin)

    answer = desk.get(DUE)

    row = next(due for due in answer.context["due"] if due.category.name == "messages")
    assert (row.number, row.on_hold) == (2, 1)
    assert "180 days from the day on which it was written" in words(answer)
    assert "Amina" not in words(answer)
    assert Message.objects.filter(rule="booking.booked").count() == 3


def test_the_log_is_shown_and_can_be_taken_home(desk: Client) -> None:
    make_logged(2)
    Disposal.objects.create(category="other", number=1, period="1 day", up_to=timezone.localdate(), run=uuid.uuid4())
    assert "Records of messages" in words(desk.get(DISPOSALS))
    assert "other" in words(desk.get(DISPOSALS))
    answer: Any = desk.get(reverse("admin:retention_disposal_export") + "?category=messages")
    file = b"".join(answer.streaming_content)
    rows = list(csv.reader(io.StringIO(file.decode("utf-8-sig"))))
    assert rows[0] == ["When (UK time)", "Category", "Number", "Kept for", "Dated up to", "Run"]
    assert [row[1:4] for row in rows[1:]] == [["messages", "1", "180 days"]] * 2
    assert desk.get(reverse("admin:retention_disposal_export") + "?nothing=1").status_code == 400


@pytest.mark.parametrize("page", [HOLDS, DISPOSALS, DUE, REQUESTS, reverse("admin:index")])
def test_pages_cost_the_same_however_much_there_is(desk: Client, admin: User, page: str) -> None:
    def add(number: int) -> None:
        for _ in range(number):
            person = make_user()
            set_hold(person, "CASE-1", by=admin)
            ErasureRequest.objects.create(person=person)
            make_message(timezone.now(), person)
        make_logged(number)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(page).status_code == 200
        return len(captured)

    add(1)
    cost()
    few = cost()
    add(2)
    assert cost() == few
