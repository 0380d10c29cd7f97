"""Letters are stopped while they are written and sent, twice at once, and while an account goes."""

from collections.abc import Iterator
from functools import partial
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from portal import outbox
from portal.accounts import stopping
from portal.accounts.erasure import erase
from portal.accounts.merging import foresee, merge
from portal.accounts.models import User
from portal.outbox.models import Message, Stop
from portal.outbox.sending import send_what_waits
from portal.trail import SYSTEM
from tests.concurrency.at_once import at_once
from tests.factories import make_admin, make_user
from tests.outbox.letters import KIND, OPTIONAL_LETTER
from tests.outbox.sink import Sink, running_sink

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8


@pytest.fixture
def sink(settings) -> Iterator[Sink]:
    with running_sink(settings) as sink:
        yield sink


def write(*people: User, subject: str = "news:1") -> None:
    with transaction.atomic():
        outbox.write_many(OPTIONAL_LETTER, [(subject, person.pk) for person in people])


def test_several_clicks_at_once_stop_once() -> None:
    for _ in range(ROUNDS):
        person = make_user()
        done = at_once(*[partial(stopping.stop, person.pk, KIND)] * 3)
        assert done == [True] * 3
        assert Stop.objects.filter(person=person).count() == 1


def test_what_is_written_as_it_is_stopped_never_goes(sink: Sink) -> None:
    for at in range(ROUNDS):
        person, other = make_user(), make_user()
        done = at_once(partial(write, person, other, subject=f"news:{at}"), partial(stopping.stop, person.pk, KIND))
        assert done == [None, True]
        send_what_waits(100)
        assert [address for address, _ in sink.arrived[at:]] == [other.email]


def test_what_was_not_committed_yet_as_it_was_stopped_does_not_go(sink: Sink) -> None:
    person, written, is_stopped = make_user(), Event(), Event()

    def write_slowly() -> None:
        try:
            with transaction.atomic():
                outbox.write(OPTIONAL_LETTER, subject="news:1", person=person)
                written.set()
                assert is_stopped.wait(10)
        finally:
            connection.close()

    writer = Thread(target=write_slowly)
    writer.start()
    assert written.wait(10)
    assert stopping.stop(person.pk, KIND)
    is_stopped.set()
    writer.join()
    assert Message.objects.get().state == Message.State.QUEUED
    send_what_waits(100)
    assert Message.objects.get().skipped == Message.Skipped.STOPPED
    assert not sink.mails


def test_what_a_sender_has_read_ahead_does_not_go_and_what_it_hands_over_is_not_waited_for(sink: Sink) -> None:
    people = [make_user() for _ in range(3)]
    write(*people)
    # While the mail server takes the first, everybody stops them.
    sink.before_answering = lambda _: at_once(*[partial(stopping.stop, person.pk, KIND) for person in people])
    send_what_waits(100)
    assert len(sink.mails) == 1
    states = sorted(Message.objects.values_list("state", "skipped"))
    assert states == [("sent", ""), *[("skipped", "stopped")] * 2]
    assert Stop.objects.count() == 3


def test_of_somebody_who_is_erased_at_that_moment_no_stop_is_left() -> None:
    for _ in range(ROUNDS):
        person = make_user()
        done = at_once(partial(erase, person, by=SYSTEM), partial(stopping.stop, person.pk, KIND))
        assert not [each for each in done if isinstance(each, Exception)], done
        assert not Stop.objects.exists()


def test_of_an_account_that_is_put_together_at_that_moment_the_one_that_stays_has_it_stopped() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        leaving, staying = make_user(), make_user()
        seen = foresee(leaving, staying, by=admin).seen
        done = at_once(partial(merge, leaving, staying, by=admin, seen=seen), partial(stopping.stop, leaving.pk, KIND))
        assert done == [None, True]
        assert [stop.person for stop in Stop.objects.all()] == [staying]
        Stop.objects.all().delete()
