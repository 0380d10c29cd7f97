"""Messages that are due reach people, each once, urgent ones first."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal import outbox
from portal.outbox.models import Message
from portal.outbox.sending import send_what_waits
from tests.factories import make_user
from tests.outbox.letters import LETTER

pytestmark = pytest.mark.django_db

State = Message.State


def write(count: int, subject: str = "booking:1") -> None:
    """Write a letter to each of so many new people."""
    with transaction.atomic():
        outbox.write_many(LETTER, [(subject, make_user().pk) for _ in range(count)])


def test_sends_and_says_so(sink) -> None:
    user = make_user(name="Àdé O'Demo & Sons", email="ade@demo.example")
    outbox.write(LETTER, subject="booking:1", person=user)
    assert send_what_waits(100) is False
    message = Message.objects.get()
    assert (message.state, message.attempts, message.last_error) == (State.SENT, 1, "")
    assert message.sent_at is not None
    (mail,) = sink.mails
    assert mail["To"] == "ade@demo.example"
    assert mail["Subject"] == "About booking:1"
    assert mail["Message-ID"] == f"<{message.message_id}@localhost>"
    assert mail["Auto-Submitted"] == "auto-generated"


def test_is_plain_text_html_and_a_calendar_file(sink) -> None:
    user = make_user(name="Àdé O'Demo & <b>Sons</b>")
    outbox.write(LETTER, subject="booking:1", person=user)
    send_what_waits(100)
    (mail,) = sink.mails
    text, html = mail.get_body(("plain",)).get_content(), mail.get_body(("html",)).get_content()
    assert text.splitlines()[:4] == [
        "Hello Àdé O'Demo & <b>Sons</b>,",
        "",
        "See your booking:",
        "http://localhost:8000/bookings/",
    ]
    assert "Hello Àdé O&#x27;Demo &amp; &lt;b&gt;Sons&lt;/b&gt;," in html
    assert 'href="http://localhost:8000/bookings/"' in html
    assert "src=" not in html
    (calendar,) = mail.iter_attachments()
    assert calendar.get_content_type() == "text/calendar"
    assert calendar.get_param("method") == "REQUEST"
    assert calendar.get_filename() == "session.ics"
    assert "METHOD:REQUEST" in calendar.get_content()


@pytest.mark.parametrize(
    ("subject", "person", "why"),
    [
        ("stale:1", {}, "stale"),
        ("gone:1", {}, "gone"),
        ("booking:1", {"is_active": False}, "inactive"),
    ],
)
def test_skips_what_need_not_go(sink, subject, person, why) -> None:
    outbox.write(LETTER, subject=subject, person=make_user(**person))
    send_what_waits(100)
    message = Message.objects.get()
    assert (message.state, message.skipped, message.sent_at) == (State.SKIPPED, why, None)
    assert not sink.mails


def test_sends_nothing_before_its_time(sink) -> None:
    soon = timezone.now() + timedelta(minutes=5)
    outbox.write(LETTER, subject="booking:1", person=make_user())
    Message.objects.update(next_attempt_at=soon)
    send_what_waits(100)
    assert not sink.mails
    assert Message.objects.get().state == State.QUEUED


def test_a_code_goes_before_answers_and_answers_before_the_many(sink) -> None:
    write(3, "booking:9")
    answered = make_user(email="answered@demo.example")
    outbox.write(LETTER, subject="booking:1", person=answered)
    outbox.write_sealed(to="new@demo.example", subject="Your code", text="Code: 123456", html=None, person=None)
    send_what_waits(100)
    assert [address for address, _ in sink.arrived][:2] == ["new@demo.example", "answered@demo.example"]
    assert len(sink.mails) == 5


def test_a_sealed_message_is_emptied_once_sent(sink) -> None:
    html = "<p>Code: 123456</p>"
    outbox.write_sealed(to="new@demo.example", subject="Your code", text="Code: 123456", html=html, person=None)
    send_what_waits(100)
    message = Message.objects.get()
    assert (message.state, message.payload) == (State.SENT, None)
    (mail,) = sink.mails
    assert mail.get_body(("plain",)).get_content() == "Code: 123456"
    assert mail.get_body(("html",)).get_content() == html
    assert mail["Message-ID"] == f"<{message.message_id}@localhost>"


def test_says_that_more_waits(sink) -> None:
    write(5)
    assert send_what_waits(3) is True
    assert len(sink.mails) == 3
    assert send_what_waits(3) is False
    assert len(sink.mails) == 5


def test_keeps_one_connection_and_reads_by_the_batch(sink) -> None:
    def statements() -> int:
        """Count, apart from the savepoints that this test's own transaction makes of transactions."""
        with CaptureQueriesContext(connection) as queries:
            send_what_waits(1000)
        return sum("SAVEPOINT" not in query["sql"] for query in queries)

    write(1)
    few = statements()
    write(81)
    many = statements()
    assert sink.connections == 2
    assert len(sink.mails) == 82
    assert many - few == 80  # the claim of each message


@pytest.mark.django_db(transaction=True)
def test_several_senders_at_once_send_each_message_once(sink) -> None:
    write(300)

    def send(_: int) -> None:
        try:
            send_what_waits(1000)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as senders:
        list(senders.map(send, range(4)))
    assert len(sink.arrived) == len(set(sink.arrived)) == 300
    assert sink.connections > 1
    assert set(Message.objects.values_list("state", "attempts")) == {(State.SENT, 1)}
