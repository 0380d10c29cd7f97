"""Digests: two sweeps, people who post, stop and are put together as they are written."""

from functools import partial
from threading import Event
from threading import Thread as Line

import pytest
from django.db import connection, transaction

from bookclub import digesting
from bookclub.models import Digest, Post
from portal.accounts import stopping
from portal.accounts.merging import foresee, merge
from portal.outbox.composing import Composer
from portal.outbox.models import Message
from tests.bookclub.lending import morning
from tests.bookclub.threads import make_talk, say
from tests.concurrency.at_once import at_once
from tests.factories import make_admin

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6
RULE = digesting.RULE


def sweep(days: int = 0) -> int:
    return digesting.write_due(now=morning(days))


def test_two_sweeps_write_each_letter_once() -> None:
    for day in range(ROUNDS):
        talks = [make_talk() for _ in range(3)]
        for talk in talks:
            say(talk, talk.amina)
        before = Message.objects.filter(rule=RULE).count()
        assert sum(at_once(*[partial(sweep, day)] * 3)) == 6
        assert Message.objects.filter(rule=RULE).count() == before + 6
        assert Digest.objects.filter(cohort__in=[talk.cohort for talk in talks]).count() == 3


def test_two_sweeps_of_small_batches_leave_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digesting, "BATCH", 1)
    for _ in range(5):
        talk = make_talk()
        say(talk, talk.amina)
    assert sum(at_once(sweep, sweep)) + sweep() == 10
    assert not Post.objects.filter(digest=None).exists()


def test_what_is_posted_as_it_is_swept_is_told_of_in_one_of_two() -> None:
    for _ in range(ROUNDS):
        talk = make_talk()
        say(talk, talk.amina)
        done = at_once(sweep, partial(say, talk, talk.amina), partial(say, talk, talk.leads), sweep)
        assert not [each for each in done if isinstance(each, Exception)], done
        sweep()
        assert Digest.objects.filter(cohort=talk.cohort).count() == 1
        sweep(1)
        digests = set(Post.objects.filter(thread__cohort=talk.cohort).values_list("digest", flat=True))
        assert None not in digests
        assert len(digests) <= 2
        Message.objects.all().delete()


def test_a_sweep_does_not_wait_for_who_is_posting_and_the_next_tells_of_all() -> None:
    talk = make_talk()
    say(talk, talk.amina)
    posted, is_swept = Event(), Event()

    def post_slowly() -> None:
        try:
            with transaction.atomic():
                say(talk, talk.amina)
                posted.set()
                assert is_swept.wait(10)
        finally:
            connection.close()

    line = Line(target=post_slowly)
    line.start()
    assert posted.wait(10)
    assert sweep() == 0
    is_swept.set()
    line.join()
    assert sweep() == 2
    assert Digest.objects.get().posts.count() == 2


def test_who_stops_them_as_they_are_written_gets_none() -> None:
    for _ in range(ROUNDS):
        talk = make_talk()
        say(talk, talk.amina)
        done = at_once(sweep, partial(stopping.stop, talk.bea.pk, digesting.KIND))
        assert done[1] is True
        assert Message.objects.filter(person=talk.leads).count() == 1
        for message in Message.objects.filter(person=talk.bea):
            # What was written before the stop is settled with it, or by the sender.
            assert Composer([message]).compose(message) == Message.Skipped.STOPPED


def test_accounts_are_put_together_as_they_are_written_to() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        talk = make_talk()
        say(talk, talk.amina)
        say(talk, talk.leads)
        seen = foresee(talk.amina, talk.bea, by=admin).seen
        done = at_once(sweep, partial(merge, talk.amina, talk.bea, by=admin, seen=seen))
        assert not [each for each in done if isinstance(each, Exception)], done
        sweep()
        assert Message.objects.filter(rule=RULE, person=talk.bea).count() == 1
        assert not Post.objects.filter(digest=None).exists()
