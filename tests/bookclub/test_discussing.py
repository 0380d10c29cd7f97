"""Talking around a meeting: posts, replies, edits and taking back, and a thread that is closed for a while."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from bookclub import discussing, thread_words
from bookclub.discussing import MOST_IN_AN_HOUR
from bookclub.models import Post, PostReport, Thread
from bookclub.refusals import (
    NoMember,
    PostChanged,
    PostGone,
    PostUnreadable,
    ThreadClosed,
    ThreadOver,
    TooManyPosts,
)
from bookclub.thread_words import TEXT, html_of
from cohorts.models import Membership
from portal import markdown
from portal.accounts.erasure import erase
from portal.subject_access import about
from portal.trail import SYSTEM
from portal.trail.models import Entry
from tests.bookclub.making import make_reading_cohort
from tests.bookclub.threads import Talk, at, end, make_talk, report, say, take_away, words_of
from tests.factories import make_admin, make_session
from tests.merging.accounts import put_together

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk() -> Talk:
    return make_talk()


class TestPosting:
    """What is said, by members and by who leads."""

    def test_members_and_who_leads_post_and_reply(self, talk: Talk) -> None:
        before = Entry.objects.count()
        first = say(talk, talk.amina, "I said *her* name.")
        answer = say(talk, talk.leads, "What happened then?", to=first)
        assert (words_of(first), words_of(answer)) == ("I said *her* name.", "What happened then?")
        assert (answer.reply_to, answer.thread) == (first, first.thread)
        assert Thread.objects.get().cohort == talk.cohort
        assert Entry.objects.count() == before

    def test_each_cohort_has_a_thread_of_its_own_of_a_meeting_for_all(self, talk: Talk) -> None:
        other = make_reading_cohort(programme=talk.cohort.programme)
        everybodys = make_session(talk.meeting.component)
        threads = [discussing._hold(everybodys, cohort) for cohort in (talk.cohort, other)]
        assert len({thread.pk for thread in threads}) == 2

    def test_a_button_that_is_pressed_twice_posts_once(self, talk: Talk) -> None:
        uid, place = uuid4(), at(talk, talk.amina).place
        assert discussing.post(place, uid, "Once") == discussing.post(place, uid, "Once")
        assert Post.objects.count() == 1

    def test_who_has_left_meanwhile_posts_nothing(self, talk: Talk) -> None:
        place = at(talk, talk.amina).place
        Membership.objects.filter(user=talk.amina).update(state="withdrawn")
        with pytest.raises(NoMember):
            discussing.post(place, uuid4(), "Late")

    def test_a_reply_needs_a_post_that_is_read(self, talk: Talk) -> None:
        first = say(talk, talk.amina)
        answer = say(talk, talk.bea, to=first)
        with pytest.raises(PostGone):
            say(talk, talk.amina, to=answer)
        discussing.take_back(first.pk, by=talk.amina)
        with pytest.raises(PostGone):
            say(talk, talk.bea, to=first)

    def test_a_reply_to_a_post_of_another_thread_is_none(self, talk: Talk) -> None:
        other = make_talk()
        elsewhere = say(other, other.amina)
        with pytest.raises(PostGone):
            say(talk, talk.amina, to=elsewhere)

    def test_so_much_goes_in_an_hour(self, talk: Talk) -> None:
        for _ in range(MOST_IN_AN_HOUR):
            say(talk, talk.amina)
        with pytest.raises(TooManyPosts):
            say(talk, talk.amina)
        say(talk, talk.bea)
        Post.objects.update(written_at=timezone.now() - timedelta(hours=1))
        say(talk, talk.amina)

    def test_postgresql_holds_what_a_thread_is(self, talk: Talk) -> None:
        first = say(talk, talk.amina)
        answer = say(talk, talk.bea, to=first)
        other = make_talk()
        elsewhere = say(other, other.amina)
        for wrong in ({"reply_to": answer}, {"reply_to": elsewhere}):
            with pytest.raises(IntegrityError, match="a reply is to a post"), transaction.atomic():
                Post.objects.create(thread=first.thread, author=talk.amina, sealed=b"x", **wrong)
        with pytest.raises(IntegrityError, match="one_thread_of"), transaction.atomic():
            Thread.objects.create(meeting=talk.meeting, cohort=talk.cohort)
        with pytest.raises(IntegrityError), transaction.atomic():
            Thread.objects.create(meeting=talk.meeting, cohort=other.cohort)
        with pytest.raises(IntegrityError, match="has_words_until"), transaction.atomic():
            Post.objects.filter(pk=first.pk).update(sealed=None)
        with pytest.raises(IntegrityError, match="says_why"), transaction.atomic():
            Post.objects.filter(pk=first.pk).update(taken_away_at=timezone.now())


class TestEditing:
    """Other words, with a mark, and nothing lost in two tabs."""

    def test_it_says_that_it_was_edited(self, talk: Talk) -> None:
        row = say(talk, talk.amina)
        discussing.edit(at(talk, talk.amina).place, row.pk, "I listened.", seen=1)
        row.refresh_from_db()
        assert (row.edited_at, row.version) == (None, 1)
        discussing.edit(at(talk, talk.amina).place, row.pk, "I listened twice.", seen=1)
        row.refresh_from_db()
        assert words_of(row) == "I listened twice."
        assert row.edited_at
        assert row.version == 2

    def test_of_two_tabs_the_second_is_told_what_stands_there(self, talk: Talk) -> None:
        row, place = say(talk, talk.amina), at(talk, talk.amina).place
        discussing.edit(place, row.pk, "One", seen=1)
        with pytest.raises(PostChanged) as refused:
            discussing.edit(place, row.pk, "Other", seen=1)
        assert TEXT.opened(refused.value.now.sealed) == "One"
        discussing.edit(place, row.pk, "Other", seen=refused.value.now.version)
        assert words_of(row) == "Other"

    def test_nobody_edits_what_another_wrote(self, talk: Talk) -> None:
        row = say(talk, talk.amina)
        with pytest.raises(PostGone):
            discussing.edit(at(talk, talk.bea).place, row.pk, "Mine now", seen=1)

    def test_what_was_taken_away_is_not_edited(self, talk: Talk) -> None:
        row = say(talk, talk.amina)
        take_away(report(row, talk.bea), make_admin())
        with pytest.raises(PostGone):
            discussing.edit(at(talk, talk.amina).place, row.pk, "Again", seen=2)

    def test_nothing_is_saved_over_what_no_key_opens(self, talk: Talk) -> None:
        row = say(talk, talk.amina)
        Post.objects.update(sealed=b"of another key")
        assert words_of(row) == TEXT.unreadable
        with pytest.raises(PostUnreadable):
            discussing.edit(at(talk, talk.amina).place, row.pk, "New", seen=1)


class TestTakingBack:
    """The words go; a trace stays where somebody would look for it."""

    def test_without_replies_nothing_stays(self, talk: Talk) -> None:
        row = say(talk, talk.amina)
        discussing.take_back(row.pk, by=talk.bea)
        assert words_of(row)
        discussing.take_back(row.pk, by=talk.amina)
        discussing.take_back(row.pk, by=talk.amina)
        assert not Post.objects.exists()

    def test_with_replies_a_trace_stays_without_words(self, talk: Talk) -> None:
        row = say(talk, talk.amina)
        say(talk, talk.bea, to=row)
        discussing.take_back(row.pk, by=talk.amina)
        row.refresh_from_db()
        assert (row.sealed, row.sealed_html, row.is_taken_back) == (None, None, True)

    def test_what_was_reported_is_still_with_the_moderators(self, talk: Talk) -> None:
        row = say(talk, talk.amina, "Said in anger")
        made = report(row, talk.bea)
        discussing.take_back(row.pk, by=talk.amina)
        row.refresh_from_db()
        made.refresh_from_db()
        assert row.sealed is None
        assert TEXT.opened(made.sealed_post) == "Said in anger"

    def test_who_has_left_and_in_a_closed_thread_can(self, talk: Talk) -> None:
        row = say(talk, talk.amina)
        discussing.close(talk.meeting, talk.cohort, by=talk.leads)
        Membership.objects.filter(user=talk.amina).update(state="withdrawn")
        discussing.take_back(row.pk, by=talk.amina)
        assert not Post.objects.exists()


class TestClosing:
    """Read only, for a while, or once the cohort has ended."""

    def test_nobody_writes_while_it_is_closed(self, talk: Talk) -> None:
        row = say(talk, talk.amina)
        for _ in range(2):
            discussing.close(talk.meeting, talk.cohort, by=talk.leads)
        for person, to in ((talk.amina, None), (talk.bea, row), (talk.leads, None)):
            with pytest.raises(ThreadClosed):
                say(talk, person, to=to)
        with pytest.raises(ThreadClosed):
            discussing.edit(at(talk, talk.amina).place, row.pk, "Other", seen=1)
        for _ in range(2):
            discussing.open_again(talk.meeting, talk.cohort, by=talk.leads)
        say(talk, talk.bea, to=row)
        verbs = [entry.verb for entry in Entry.objects.filter(subject=f"thread:{row.thread_id}").order_by("pk")]
        assert verbs == ["thread.closed", "thread.opened_again"]

    def test_one_that_nobody_has_written_in_can_be_closed(self, talk: Talk) -> None:
        discussing.close(talk.meeting, talk.cohort, by=talk.leads)
        with pytest.raises(ThreadClosed):
            say(talk, talk.amina)

    def test_once_the_cohort_has_ended_it_is_read(self, talk: Talk) -> None:
        row = say(talk, talk.amina)
        end(talk.cohort)
        with pytest.raises(ThreadOver):
            say(talk, talk.bea)
        with pytest.raises(ThreadOver):
            discussing.edit(at(talk, talk.amina).place, row.pk, "Other", seen=1)
        discussing.take_back(row.pk, by=talk.amina)


class TestOfPeople:
    """What is held, forgotten, and put together."""

    def test_it_is_told_to_whom_it_is_about_and_not_who_reported_it(self, talk: Talk) -> None:
        row = say(talk, talk.amina, "Said by Amina")
        take_away(report(row, talk.bea, "It hurt me"), make_admin(), "Please think of her.")
        (told,) = about(talk.amina)["What you posted in your book clubs"]
        assert "Said by Amina" in str(told)
        assert "Please think of her." in str(told)
        assert "It hurt me" not in str(about(talk.amina))
        (told,) = about(talk.bea)["Posts that you reported"]
        assert "It hurt me" in str(told)
        assert "Said by Amina" not in str(about(talk.bea))

    def test_somebody_erased_leaves_a_trace_where_others_replied(self, talk: Talk) -> None:
        answered, alone = say(talk, talk.amina, "Answered"), say(talk, talk.amina, "Alone")
        reply = say(talk, talk.bea, to=answered)
        own_reply, to_other = say(talk, talk.amina, to=alone), say(talk, talk.amina, to=say(talk, talk.bea))
        report(answered, talk.bea)
        dealt, waits = report(reply, talk.amina, "Gone"), report(say(talk, talk.bea, "Waits"), talk.amina, "Words")
        take_away(dealt, make_admin())
        place = at(talk, talk.amina).place
        erase(talk.amina, by=SYSTEM)
        assert not Post.objects.filter(pk__in=[alone.pk, own_reply.pk, to_other.pk]).exists()
        answered.refresh_from_db()
        assert (answered.sealed, answered.is_taken_back) == (None, True)
        assert PostReport.objects.get() == waits
        waits.refresh_from_db()
        assert waits.sealed is None
        with pytest.raises((NoMember, PermissionDenied)):
            discussing.post(place, uuid4(), "Late")

    def test_two_accounts_of_one_person_are_one_author(self, talk: Talk) -> None:
        row, by_both = say(talk, talk.amina, "Of the old account"), say(talk, talk.leads)
        say(talk, talk.bea, "Of the new account")
        Post.objects.filter(author=talk.bea).update(uid=row.uid)
        report(by_both, talk.amina)
        report(by_both, talk.bea)
        told = put_together(talk.amina, talk.bea, make_admin())
        assert told["Book club threads", "What they posted, unread"] == "Moves"
        assert "report" not in str(told).lower()
        assert Post.objects.filter(author=talk.bea).count() == 2
        assert PostReport.objects.get().reported_by == talk.bea


class TestSealing:
    """The database alone tells no words."""

    def test_a_change_of_key(self, talk: Talk, settings: object) -> None:
        row = say(talk, talk.amina, "Kept")
        made = report(row, talk.bea, "Told")
        take_away(made, make_admin(), "A note")
        old = settings.SECRET_KEY  # type: ignore[attr-defined]  # pytest-django's
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, [old]  # type: ignore[attr-defined]  # as above
        call_command("seal_threads")
        settings.SECRET_KEY_FALLBACKS = []  # type: ignore[attr-defined]  # as above
        row.refresh_from_db()
        made.refresh_from_db()
        sealed = (row.sealed, row.sealed_note, made.sealed, made.sealed_post)
        assert [TEXT.opened(each) for each in sealed] == ["Kept", "A note", "Told", "Kept"]
        assert "Kept" in TEXT.opened(row.sealed_html)
        assert thread_words.seal_anew() == 2

    def test_how_it_is_shown_is_kept_until_the_words_or_the_renderer_change(
        self, talk: Talk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = say(talk, talk.amina, "*First*")
        monkeypatch.setattr(thread_words, "render", lambda words: f"anew: {words}")
        assert html_of(row) == "<p><em>First</em></p>\n"
        assert html_of(discussing.edit(at(talk, talk.amina).place, row.pk, "Second", seen=1)) == "anew: Second"
        monkeypatch.setattr(thread_words, "VERSION", markdown.VERSION + 1)
        row.refresh_from_db()
        monkeypatch.setattr(thread_words, "render", lambda words: f"once more: {words}")
        assert html_of(row) == "once more: Second"

    def test_no_column_has_words(self, talk: Talk) -> None:
        row = say(talk, talk.amina, "Wacholder")
        take_away(report(row, talk.bea, "Schlehe"), make_admin(), "Mispel")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT bookclub_post::text || bookclub_postreport::text FROM bookclub_post, bookclub_postreport"
            )
            stored = cursor.fetchone()[0]
        assert not [word for word in ("Wacholder", "Schlehe", "Mispel") if word in stored]


def test_what_is_new_since_a_moment_is_read_by_an_index(talk: Talk) -> None:
    """As a digest asks: shown in the threads of a cohort, since a moment, and not by somebody themselves."""
    thread, now = say(talk, talk.amina).thread, timezone.now()
    Post.objects.bulk_create(
        Post(thread=thread, author=talk.bea, sealed=b"x", written_at=now - timedelta(hours=at)) for at in range(3_000)
    )
    rows = Post.objects.shown().filter(thread__cohort=talk.cohort, written_at__gt=timezone.now() - timedelta(days=1))
    rows = rows.exclude(author=talk.amina).order_by("written_at", "pk")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE bookclub_post, bookclub_thread")
    assert "posts_of_a_thread" in rows.explain()
