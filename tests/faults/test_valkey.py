"""Valkey is killed with -9 and comes back empty: no message is lost, and none is repeated."""

import threading

import pytest
from django.db import transaction

from portal import outbox
from portal.outbox.models import Message
from tests.factories import make_open_session, make_user
from tests.faults.visitor import Visitor
from tests.faults.whole_portal import PATIENCE, WholePortal
from tests.outbox.letters import LETTER
from tests.outbox.sink import Sink

pytestmark = pytest.mark.faults

PEOPLE = 30
KILLED_ONCE_TAKEN = {10, 20}


def test_a_kill_in_mid_send_loses_nothing_and_repeats_nothing(portal: WholePortal, sink: Sink) -> None:
    people = [make_user() for _ in range(PEOPLE)]
    later = [make_user() for _ in range(PEOPLE)]
    planned = set(KILLED_ONCE_TAKEN)
    runs = threading.Event()
    runs.set()

    def kill(arrived: int) -> None:
        """Kill Valkey while a message is in flight, where that is planned; never while it is still starting."""
        if arrived in planned:
            assert runs.wait(PATIENCE)
            planned.remove(arrived)
            runs.clear()
            portal.servers.kill_valkey()

    sink.before_answering = kill
    portal.start("worker", "beat")
    with transaction.atomic():
        outbox.write_many(LETTER, [("booking:1", person.pk) for person in people])
    portal.wait_until(portal.servers.valkey_has_ended, "Valkey is killed")
    portal.servers.start_valkey()
    runs.set()
    # What a worker is sending it goes on sending: only being told of more needs Valkey.
    portal.wait_until(lambda: len(sink.arrived) == PEOPLE, "what was under way is sent")
    assert not planned

    with transaction.atomic():
        outbox.write_many(LETTER, [("booking:2", person.pk) for person in later])
    assert Message.objects.filter(state=Message.State.QUEUED).count() == PEOPLE
    portal.servers.start_valkey()
    portal.wait_until(lambda: not Message.objects.filter(state=Message.State.QUEUED).exists(), "all is sent")
    portal.wait_for_ticks(3)

    assert sorted(address for address, _ in sink.arrived) == sorted(person.email for person in [*people, *later])
    assert len({message_id for _, message_id in sink.arrived}) == 2 * PEOPLE
    assert set(Message.objects.values_list("state", "attempts")) == {(Message.State.SENT, 1)}


def test_booking_goes_on_and_signing_in_says_to_try_again(portal: WholePortal, sink: Sink) -> None:
    session = make_open_session()
    portal.start("web", "worker", "beat")
    person, other = make_user(), make_user()
    visitor, stranger = Visitor(portal.origin, person), Visitor(portal.origin)
    portal.wait_until(lambda: visitor.status_of("/health/live") == 200, "the web server answers")
    sign_in = "/accounts/login/"

    portal.servers.kill_valkey()
    book = f"/sessions/{session.pk}/book/"
    assert visitor.send(book, visitor.form_on(book)).status_code == 302
    form = stranger.form_on(sign_in) | {"login": other.email}
    answer = stranger.send(sign_in, form)
    assert answer.status_code == 503
    assert "not available just now" in answer.text
    assert not sink.arrived

    portal.servers.start_valkey()
    portal.wait_until(lambda: sink.arrived, "the booking's mail")
    assert stranger.send(sign_in, form).status_code == 302
    portal.wait_until(lambda: len(sink.arrived) == 2, "the code to sign in")
    portal.wait_for_ticks(3)
    assert [address for address, _ in sink.arrived] == [person.email, other.email]
