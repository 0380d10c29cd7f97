"""PostgreSQL is restarted while the portal works: nothing that was committed is lost or told otherwise."""

import signal

import pytest
from django.db import transaction

from portal import outbox
from portal.outbox.models import Message
from tests.factories import make_open_session, make_user
from tests.faults.visitor import Visitor
from tests.faults.whole_portal import WholePortal
from tests.outbox.letters import LETTER
from tests.outbox.sink import Sink

pytestmark = pytest.mark.faults

PEOPLE = 60
RESTARTED_ONCE_IT_IS_TAKEN = {20: signal.SIGINT, 40: signal.SIGQUIT}


def test_a_restart_in_mid_send_repeats_the_one_in_flight_and_loses_none(portal: WholePortal, sink: Sink) -> None:
    planned = dict(RESTARTED_ONCE_IT_IS_TAKEN)

    def stop(arrived: int) -> None:
        """Stop PostgreSQL between the mail server's acceptance and the sender's commit, where that is planned."""
        if how := planned.pop(arrived, None):
            portal.servers.stop_postgres(how)

    sink.before_answering = stop
    people = [make_user() for _ in range(PEOPLE)]
    portal.start("worker", "beat")
    with transaction.atomic():
        outbox.write_many(LETTER, [("booking:1", person.pk) for person in people])
    for _ in RESTARTED_ONCE_IT_IS_TAKEN:
        portal.wait_until(portal.servers.postgres_has_ended, "PostgreSQL is stopped")
        portal.servers.start_postgres()

    portal.wait_until(lambda: not Message.objects.filter(state=Message.State.QUEUED).exists(), "all is sent")

    assert not planned
    assert sorted({address for address, _ in sink.arrived}) == sorted(person.email for person in people)
    assert len(sink.arrived) == PEOPLE + len(RESTARTED_ONCE_IT_IS_TAKEN)
    assert len(set(sink.arrived)) == PEOPLE
    assert set(Message.objects.values_list("state", "attempts")) == {(Message.State.SENT, 1)}


def test_people_are_told_to_try_again_and_stay_signed_in(portal: WholePortal, sink: Sink) -> None:
    session = make_open_session()
    portal.start("web", "worker", "beat")
    person = make_user()
    visitor, stranger = Visitor(portal.origin, person), Visitor(portal.origin)
    portal.wait_until(lambda: stranger.status_of("/health/live") == 200, "the web server answers")
    book = f"/sessions/{session.pk}/book/"
    form = visitor.form_on(book)

    portal.servers.stop_postgres(signal.SIGQUIT)
    assert [stranger.status_of(path) for path in ("/health/live", "/", "/health/ready")] == [200, 200, 503]
    assert [visitor.status_of(path) for path in ("/", "/me/bookings/", book)] == [503, 503, 503]
    answer = visitor.send(book, form)
    assert answer.status_code == 503
    assert "not available just now" in answer.text

    portal.servers.start_postgres()
    assert visitor.send(book, form).status_code == 302
    assert visitor.status_of("/me/bookings/") == 200
    portal.wait_until(lambda: sink.arrived, "the booking's mail")
    portal.wait_for_ticks(3)
    assert [address for address, _ in sink.arrived] == [person.email]
