"""Threads: a button pressed twice, two tabs, a reply as the thread closes or the post goes, and two moderators."""

from collections.abc import Iterator
from functools import partial
from threading import Thread as WhileOthersGoOn
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from bookclub import discussing, moderating, reporting, thread_words
from bookclub.models import Post, PostReport, Thread
from bookclub.refusals import BookClubRefused, PostChanged, PostGone, ReportedAlready, ThreadClosed
from portal.accounts.erasure import erase
from portal.accounts.merging import foresee, merge
from portal.outbox.models import Message
from portal.trail import SYSTEM
from tests.bookclub.making import make_leader
from tests.bookclub.threads import Reason, Talk, at, make_talk, report, say, words_of
from tests.concurrency.at_once import at_once
from tests.factories import make_admin

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 5
MOMENT = 0.5


def rounds() -> Iterator[Talk]:
    """Make so many talks, one after another."""
    for _ in range(ROUNDS):
        yield make_talk()


def refused(done: list[object]) -> list[Exception]:
    """Return what was refused. Fails for what went wrong in another way."""
    errors = [each for each in done if isinstance(each, Exception)]
    assert all(isinstance(each, BookClubRefused) for each in errors), errors
    return errors


def test_two_who_begin_a_thread_at_once_begin_one() -> None:
    for talk in rounds():
        done = at_once(partial(say, talk, talk.amina), partial(say, talk, talk.bea), partial(say, talk, talk.leads))
        assert not refused(done)
        assert Thread.objects.filter(cohort=talk.cohort).count() == 1


def test_a_button_that_is_pressed_twice_posts_once() -> None:
    for talk in rounds():
        press = partial(discussing.post, at(talk, talk.amina).place, uuid4(), "Once")
        assert not refused(at_once(press, press))
        assert Post.objects.filter(author=talk.amina).count() == 1


def test_of_two_tabs_the_second_is_shown_what_the_first_saved() -> None:
    for talk in rounds():
        row, place = say(talk, talk.amina), at(talk, talk.amina).place
        edit = partial(discussing.edit, place, row.pk, seen=1)
        (told,) = refused(at_once(partial(edit, "One"), partial(edit, "Other")))
        assert isinstance(told, PostChanged)
        assert thread_words.TEXT.opened(told.now.sealed) == words_of(row) in {"One", "Other"}


def test_nothing_is_written_once_a_thread_is_closed() -> None:
    for talk in rounds():
        row = say(talk, talk.amina)
        _, reply = at_once(
            partial(discussing.close, talk.meeting, talk.cohort, by=talk.leads), partial(say, talk, talk.bea, to=row)
        )
        assert isinstance(reply, Post | ThreadClosed)
        assert Post.objects.filter(reply_to=row).exists() is isinstance(reply, Post)


def test_a_reply_to_what_is_taken_back_stands_under_a_trace_or_is_refused() -> None:
    for talk in rounds():
        row = say(talk, talk.amina)
        _, reply = at_once(
            partial(discussing.take_back, row.pk, by=talk.amina), partial(say, talk, talk.bea, "Why?", to=row)
        )
        assert isinstance(reply, Post | PostGone), reply
        assert words_of(row) == ""
        assert Post.objects.filter(pk=row.pk).exists() is isinstance(reply, Post)


def test_of_two_moderators_the_second_is_told_what_the_first_decided() -> None:
    for talk in rounds():
        made, one, other = report(say(talk, talk.amina), talk.bea), make_admin(), make_admin()
        told = refused(
            at_once(
                partial(moderating.take_away, made, Reason.HURTS, "", by=one),
                partial(moderating.take_away, made, Reason.OTHER, "", by=other),
            )
        )
        assert len(told) == 1
        assert Message.objects.filter(person=talk.amina, rule="thread.taken_away").count() == 1


def test_what_is_taken_away_while_another_lets_it_stay_is_taken_away() -> None:
    """Either order leads there: who lets it stay first may be overruled, who comes second is told."""
    for talk in rounds():
        made, one, other = report(say(talk, talk.amina), talk.bea), make_admin(), make_admin()
        refused(
            at_once(
                partial(moderating.take_away, made, Reason.HURTS, "", by=one), partial(moderating.keep, made, by=other)
            )
        )
        made.refresh_from_db()
        assert made.state == PostReport.State.TAKEN_AWAY
        assert Post.objects.get(pk=made.post_id).is_taken_away


def test_what_is_taken_away_while_its_author_edits_it_is_taken_away() -> None:
    for talk in rounds():
        row = say(talk, talk.amina, "First")
        made, place = report(row, talk.bea), at(talk, talk.amina).place
        _, edited = at_once(
            partial(moderating.take_away, made, Reason.HURTS, "", by=make_admin()),
            partial(discussing.edit, place, row.pk, "Second", seen=1),
        )
        row.refresh_from_db()
        assert row.is_taken_away
        assert isinstance(edited, Post | PostGone), edited
        assert words_of(row) == ("Second" if isinstance(edited, Post) else "First")


def test_one_who_reports_twice_at_once_reports_once() -> None:
    for talk in rounds():
        row = say(talk, talk.amina)
        (told,) = refused(at_once(partial(report, row, talk.bea), partial(report, row, talk.bea)))
        assert isinstance(told, ReportedAlready)


def test_two_workers_tell_of_what_is_overdue_once() -> None:
    for talk in rounds():
        make_admin()
        made = report(say(talk, talk.amina), talk.bea)
        PostReport.objects.update(due_on="2026-01-01")
        at_once(reporting.tell_what_is_overdue, reporting.tell_what_is_overdue)
        told = Message.objects.filter(rule="thread.overdue", subject=f"report:{made.pk}").values_list(
            "person", flat=True
        )
        assert len(told) == len(set(told)) > 0


def test_somebody_who_posts_as_they_are_erased_leaves_no_words() -> None:
    for talk in rounds():
        row = say(talk, talk.amina)
        say(talk, talk.bea, to=row)
        place, theirs = at(talk, talk.amina).place, say(talk, talk.bea)
        done = at_once(
            partial(erase, talk.amina, by=SYSTEM),
            partial(discussing.post, place, uuid4(), "New"),
            partial(discussing.edit, place, row.pk, "Changed", seen=1),
            partial(report, theirs, talk.amina),
        )
        assert done[0] is None, done
        assert not Post.objects.filter(author=talk.amina, sealed__isnull=False).exists()
        assert not PostReport.objects.filter(reported_by=talk.amina, sealed__isnull=False).exists()


def test_what_somebody_reports_or_says_as_their_account_is_put_together_with_another_is_refused() -> None:
    admin, talk = make_admin(), make_talk()
    other, theirs = make_leader(talk.meeting), say(talk, talk.bea)
    place, done = at(talk, talk.leads).place, list[object]()

    def write() -> None:
        done.extend(at_once(partial(report, theirs, talk.leads), partial(discussing.post, place, uuid4(), "New")))

    writing = WhileOthersGoOn(target=write)
    with transaction.atomic():
        merge(talk.leads, other, by=admin, seen=foresee(talk.leads, other, by=admin).seen)
        writing.start()
        writing.join(timeout=MOMENT)
        assert writing.is_alive()
    writing.join()
    assert [type(each) for each in done] == [PermissionDenied] * 2
    assert not PostReport.objects.exists()
    assert Post.objects.get() == theirs


def test_what_is_written_while_all_is_sealed_anew_is_not_put_back() -> None:
    for talk in rounds():
        row, goes, place = say(talk, talk.amina), say(talk, talk.amina), at(talk, talk.amina).place
        at_once(
            thread_words.seal_anew,
            partial(discussing.edit, place, row.pk, "Second", seen=1),
            partial(discussing.take_back, goes.pk, by=talk.amina),
        )
        assert words_of(row) == "Second"
        assert not Post.objects.filter(pk=goes.pk).exists()
