"""What becomes of messages when the mail server, a rule, or the portal itself is in trouble."""

import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from portal import broker, outbox
from portal.logs import JSONFormatter
from portal.outbox import sending
from portal.outbox.models import Message
from portal.outbox.resting import let_relay_rest, relay_recovered, relay_rests
from portal.outbox.sending import delay, send_what_waits
from tests.factories import make_user
from tests.outbox.letters import LETTER
from tests.outbox.sink import EVERYBODY

pytestmark = pytest.mark.django_db

State = Message.State


def write(*addresses: str, subject: str = "booking:1") -> None:
    """Write a letter to a new person at each address."""
    for address in addresses:
        outbox.write(LETTER, subject=subject, person=make_user(email=address))


def state_of(address: str) -> tuple[str, int, str]:
    """Return the state, the attempts and the last error of the message to an address."""
    return Message.objects.values_list("state", "attempts", "last_error").get(person__email=address)


def test_a_mailbox_that_does_not_exist_is_given_up_at_once(sink) -> None:
    sink.at_recipient = {"nobody@demo.example": "550 no such person here"}
    write("nobody@demo.example", "somebody@demo.example")
    send_what_waits(100)
    assert state_of("nobody@demo.example") == (State.DEAD, 1, "SMTPRecipientsRefused 550")
    assert state_of("somebody@demo.example") == (State.SENT, 1, "")


def test_a_refused_content_is_given_up_at_once(sink) -> None:
    sink.at_data = {EVERYBODY: "554 not wanted"}
    write("somebody@demo.example")
    send_what_waits(100)
    assert state_of("somebody@demo.example") == (State.DEAD, 1, "SMTPDataError 554")


def test_a_busy_mailbox_is_tried_again_later_while_others_go(sink) -> None:
    sink.at_recipient = {"busy@demo.example": "450 try again later"}
    write("busy@demo.example", "somebody@demo.example")
    send_what_waits(100)
    assert state_of("busy@demo.example") == (State.QUEUED, 1, "SMTPRecipientsRefused 450")
    assert state_of("somebody@demo.example") == (State.SENT, 1, "")
    assert not Message.objects.due().exists()


def test_the_same_message_id_at_every_attempt(sink) -> None:
    sink.at_recipient = {EVERYBODY: "450 try again later"}
    write("busy@demo.example")
    send_what_waits(100)
    before = Message.objects.get().message_id
    sink.at_recipient = {}
    Message.objects.update(next_attempt_at=timezone.now())
    send_what_waits(100)
    assert sink.arrived == [("busy@demo.example", f"<{before}@localhost>")]


def test_the_last_attempt_is_the_last(sink) -> None:
    sink.at_recipient = {EVERYBODY: "450 try again later"}
    write("busy@demo.example")
    Message.objects.update(attempts=sending.ATTEMPTS - 1)
    send_what_waits(100)
    assert state_of("busy@demo.example") == (State.DEAD, sending.ATTEMPTS, "SMTPRecipientsRefused 450")


def test_attempts_spread_over_about_two_days_and_for_a_code_over_its_hour() -> None:
    ordinary = sum((delay(n, sealed=False) for n in range(1, sending.ATTEMPTS)), timedelta())
    assert timedelta(hours=34) < ordinary < timedelta(hours=54)
    assert delay(1, sealed=True) < timedelta(seconds=7)
    assert delay(1000, sealed=True) < timedelta(minutes=7)


def test_a_connection_that_the_server_ends_costs_no_message_an_attempt(sink) -> None:
    sink.close_after = 3
    write(*(f"person-{n}@demo.example" for n in range(10)))
    send_what_waits(100)
    assert len(sink.arrived) == len(set(sink.arrived)) == 10
    assert set(Message.objects.values_list("state", "attempts")) == {(State.SENT, 1)}
    assert sink.connections == 4


def test_connections_that_keep_breaking_are_the_servers_trouble(sink) -> None:
    sink.at_data = {EVERYBODY: "break"}
    write(*(f"person-{n}@demo.example" for n in range(10)))
    send_what_waits(100)
    assert sink.connections == 3
    assert sorted(Message.objects.values_list("attempts", flat=True)) == [0] * 8 + [1] * 2
    assert set(Message.objects.values_list("state", flat=True)) == {State.QUEUED}
    assert relay_rests()


def test_a_server_that_is_down_costs_no_attempt_and_is_left_in_peace(sink, settings) -> None:
    up, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    write("first@demo.example", "second@demo.example")
    assert send_what_waits(100) is False
    assert set(Message.objects.values_list("state", "attempts")) == {(State.QUEUED, 0)}
    settings.EMAIL_PORT = up
    send_what_waits(100)
    assert sink.connections == 0
    relay_recovered()
    Message.objects.update(next_attempt_at=timezone.now())
    send_what_waits(100)
    assert len(sink.mails) == 2


def test_a_server_that_refuses_our_own_address_costs_no_attempt(sink, settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "unknown@demo.example"
    sink.at_sender = {"unknown@demo.example": "530 sign in first"}
    write("first@demo.example", "second@demo.example")
    send_what_waits(100)
    assert set(Message.objects.values_list("state", "attempts")) == {(State.QUEUED, 0)}
    assert relay_rests()


def test_the_message_that_met_the_trouble_goes_behind_the_others(settings, sink) -> None:
    settings.EMAIL_PORT = 1
    write("first@demo.example", "second@demo.example")
    send_what_waits(100)
    assert Message.objects.due().values_list("person__email", flat=True).get() == "second@demo.example"


def test_each_failure_makes_the_rest_longer_until_it_recovers() -> None:
    rests = []
    for _ in range(6):
        let_relay_rest()
        rests.append(broker.client().pttl("outbox:relay-rests"))
    assert rests[0] <= 5_000 < rests[2]
    assert max(rests) <= 60_000
    relay_recovered()
    assert not relay_rests()


def test_a_rule_that_fails_costs_only_its_own_message_an_attempt(sink, caplog) -> None:
    write("unlucky@demo.example", subject="broken:1")
    write("lucky@demo.example")
    send_what_waits(100)
    assert state_of("unlucky@demo.example") == (State.QUEUED, 1, "RuntimeError")
    assert state_of("lucky@demo.example") == (State.SENT, 1, "")
    (record,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    line = JSONFormatter().format(record)
    assert "RuntimeError" in line
    assert "demo.example" not in line


def test_a_rule_that_no_app_knows_waits_for_the_app(sink) -> None:
    outbox.write("unheard.of", subject="booking:1", person=make_user(email="patient@demo.example"))
    write("lucky@demo.example")
    send_what_waits(100)
    assert state_of("patient@demo.example") == (State.QUEUED, 1, "UnknownRule")
    assert state_of("lucky@demo.example") == (State.SENT, 1, "")


def test_an_address_that_cannot_be_written_is_given_up(sink) -> None:
    write("two@at@demo.example", "lucky@demo.example")
    send_what_waits(100)
    assert state_of("two@at@demo.example")[0] == State.DEAD
    assert state_of("lucky@demo.example") == (State.SENT, 1, "")


def test_a_code_is_forgotten_after_an_hour_even_when_no_mail_goes(settings, sink) -> None:
    outbox.write_sealed(to="new@demo.example", subject="Your code", text="123456", html=None, person=None)
    let_relay_rest()
    send_what_waits(100)
    assert Message.objects.get().payload is not None
    Message.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    send_what_waits(100)
    message = Message.objects.get()
    assert (message.state, message.payload, message.skipped) == (State.SKIPPED, None, Message.Skipped.EXPIRED)


def test_a_code_that_is_refused_or_cannot_be_opened_is_emptied(sink, settings) -> None:
    sink.at_recipient = {EVERYBODY: "550 no such person here"}
    outbox.write_sealed(to="new@demo.example", subject="Your code", text="123456", html=None, person=None)
    send_what_waits(100)
    sink.at_recipient = {}
    outbox.write_sealed(to="new@demo.example", subject="Your code", text="123456", html=None, person=None)
    settings.SECRET_KEY = "another key, with no way back"
    send_what_waits(100)
    assert list(Message.objects.order_by("pk").values_list("state", "payload", "last_error")) == [
        (State.DEAD, None, "SMTPRecipientsRefused 550"),
        (State.DEAD, None, "InvalidToken"),
    ]
    assert not sink.mails
