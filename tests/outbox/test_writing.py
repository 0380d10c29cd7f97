"""How messages come into the outbox."""

import pytest
from django.db import IntegrityError, connection, transaction

from portal import broker, outbox, trail
from portal.outbox import waking
from portal.outbox.models import Message
from portal.outbox.sealing import unseal
from portal.trail.models import Entry
from tests.factories import make_user
from tests.outbox.letters import LETTER

pytestmark = pytest.mark.django_db


def test_is_one_statement(django_assert_num_queries) -> None:
    user = make_user()
    with django_assert_num_queries(1):
        outbox.write(LETTER, subject="booking:1", person=user)
    message = Message.objects.get()
    assert (message.rule, message.subject, message.person) == (LETTER, "booking:1", user)
    assert (message.state, message.attempts, message.payload) == (Message.State.QUEUED, 0, None)


def test_the_same_message_is_written_once() -> None:
    user, other = make_user(), make_user()
    for _ in range(3):
        outbox.write(LETTER, subject="booking:1", person=user)
    first = Message.objects.get()
    outbox.write(LETTER, subject="booking:1", person=other.pk)
    outbox.write(LETTER, subject="booking:2", person=user)
    assert Message.objects.count() == 3
    assert Message.objects.filter(pk=first.pk, message_id=first.message_id).exists()


def test_an_announcement_stands_in_the_trail_too_by_one_statement(django_assert_num_queries) -> None:
    actor, person = make_user(), make_user()
    with django_assert_num_queries(1):
        outbox.announce(LETTER, actor=actor, about="booking:1", subject="booking:1:0", person=person, session=7)
    entry, message = Entry.objects.get(), Message.objects.get()
    assert (entry.verb, entry.subject, entry.actor, entry.details) == (LETTER, "booking:1", actor, {"session": 7})
    assert (message.rule, message.subject, message.person) == (LETTER, "booking:1:0", person)
    assert message.priority == Message.Priority.ANSWER


def test_an_announcement_is_recorded_each_time_and_written_once(django_capture_on_commit_callbacks) -> None:
    person = make_user()
    with django_capture_on_commit_callbacks() as callbacks:
        for _ in range(2):
            outbox.announce(LETTER, actor=trail.SYSTEM, about="booking:1", subject="booking:1:0", person=person.pk)
    assert (Entry.objects.count(), Message.objects.count(), len(callbacks)) == (2, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_an_announcement_takes_what_trail_and_outbox_take() -> None:
    person = make_user()
    with pytest.raises(transaction.TransactionManagementError):
        outbox.announce(LETTER, actor=person, about="booking:1", subject="booking:1:0", person=person)
    with pytest.raises(trail.UnfitEntry), transaction.atomic():
        outbox.announce(LETTER, actor=person, about="booking:1", subject="booking:1:0", person=person, note="a@b.uk")
    assert not Entry.objects.exists()
    assert not Message.objects.exists()


def test_many_are_one_statement_and_only_the_new_ones_count(django_assert_num_queries) -> None:
    people = [make_user() for _ in range(5)]
    outbox.write(LETTER, subject="booking:1", person=people[0])
    with django_assert_num_queries(1):
        written = outbox.write_many(LETTER, [("booking:1", person.pk) for person in people])
    assert written == 4
    assert Message.objects.filter(priority=Message.Priority.BULK).count() == 4
    assert Message.objects.filter(priority=Message.Priority.ANSWER).count() == 1
    assert outbox.write_many(LETTER, []) == 0


@pytest.mark.django_db(transaction=True)
def test_refuses_outside_a_transaction() -> None:
    user = make_user()
    with pytest.raises(transaction.TransactionManagementError):
        outbox.write(LETTER, subject="booking:1", person=user)
    with pytest.raises(transaction.TransactionManagementError):
        outbox.write_many(LETTER, [("booking:1", user.pk)])
    assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_stands_and_falls_with_its_cause() -> None:
    user = make_user()

    def fail() -> None:
        with transaction.atomic():
            outbox.write(LETTER, subject="booking:1", person=user)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert not Message.objects.exists()
    assert not broker.client().exists(waking.MARK)


def test_a_sealed_message_waits_encrypted_and_for_nobody_in_particular(settings) -> None:
    outbox.write_sealed(to="new@demo.example", subject="Your code", text="123456", html=None, person=None)
    message = Message.objects.get()
    assert message.person is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT outbox_message::text, convert_from(payload, 'UTF8') FROM outbox_message")
        row = " ".join(cursor.fetchone())
    assert "123456" not in row
    assert "new@demo.example" not in row
    sealed = {"to": "new@demo.example", "subject": "Your code", "text": "123456", "html": None}
    assert unseal(bytes(message.payload or b"")) == sealed
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the next key"
    assert unseal(bytes(message.payload or b"")) == sealed


@pytest.mark.parametrize(
    "changes",
    [
        {"payload": None},
        {"state": "sent"},
        {"state": "dead"},
        {"state": "sent", "payload": None, "sent_at": None},
    ],
)
def test_postgresql_holds_what_a_sealed_message_may_be(changes) -> None:
    outbox.write_sealed(to="new@demo.example", subject="Your code", text="123456", html=None, person=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.update(**changes)


def test_one_wake_up_is_under_way_at_a_time(django_capture_on_commit_callbacks) -> None:
    queue = broker.client()
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(5):
            outbox.write(LETTER, subject=f"booking:{number}", person=make_user())
    assert queue.llen("celery") == 1
    waking.about_to_look()
    with django_capture_on_commit_callbacks(execute=True):
        outbox.write(LETTER, subject="booking:6", person=make_user())
    assert queue.llen("celery") == 2


def test_nothing_new_wakes_nobody(django_capture_on_commit_callbacks) -> None:
    user = make_user()
    outbox.write(LETTER, subject="booking:1", person=user)
    with django_capture_on_commit_callbacks() as callbacks:
        outbox.write(LETTER, subject="booking:1", person=user)
    assert not callbacks
