"""A Hypothesis state machine over a thread: whoever does what in whatever order, each reads what a plain model says."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bookclub import digesting, discussing, moderating, moderators, own_data, reporting, rules, threads
from bookclub.admin.reports import PostReportAdmin
from bookclub.discussing import Place
from bookclub.models import Digest, Post, PostReport
from bookclub.refusals import BookClubRefused
from bookclub.rules import MeetingSeat
from bookclub.thread_words import TEXT
from bookclub.threads import Where
from cohorts.models import Membership
from portal.accounts.erasure import erase
from portal.accounts.models import User
from portal.trail import SYSTEM
from tests.bookclub.known_thread import KnownThread, Line, Said, Shown
from tests.bookclub.threads import Reason, make_talk
from tests.factories import make_admin_of, make_facilitator

MEMBERS: Final = ("amina", "bea")
WRITERS: Final = (*MEMBERS, "leads", "guide")
MODERATORS: Final = ("guide", "keeper")
"""One who leads the meeting as well, and so writes and reports; and one who reads no thread."""
EVERYBODY: Final = (*WRITERS, "keeper", "stranger")
WHICH: Final = st.integers(0, 30)
MOSTLY: Final = st.sampled_from([True, True, True, False])
"""So that what is read is rich: people mostly act on their own, stay, and talk in a thread that is open."""


class Threads(RuleBasedStateMachine):
    """One thread, two members, two who lead, two moderators, and who leads elsewhere."""

    @initialize()
    def begin(self) -> None:
        """Make it anew; all of it is rolled back at the end."""
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.talk, elsewhere = make_talk(), make_talk()
        guide, keeper = (make_admin_of(self.talk.cohort.programme, name=name) for name in ("Guide", "Keeper"))
        self.talk.meeting.facilitators.add(make_facilitator(guide))
        here = (self.talk.amina, self.talk.bea, self.talk.leads, guide, keeper, elsewhere.leads)
        self.people: dict[str, User] = dict(zip(EVERYBODY, here, strict=True))
        self.called = {user.name: who for who, user in self.people.items()}
        self.known = KnownThread({*MEMBERS}, {"leads", "guide"}, {*MODERATORS})
        self.number, self.day = 0, timezone.localtime().replace(hour=8)
        for who, which in (("amina", None), ("bea", None), ("bea", 0), ("leads", 1)):
            self.say(who, which)

    def words(self) -> str:
        """Return words that nobody has said before."""
        self.number += 1
        return f"said {self.number:03}"

    def place(self, who: str) -> Place:
        """Return where somebody talks, as a page knew it that is open since the beginning."""
        return Place(self.talk.meeting, self.talk.cohort, self.people[who], member=who in MEMBERS)

    def at(self, who: str) -> MeetingSeat | None:
        """Return where somebody sits, if they talk there."""
        found = rules.meeting(self.people[who], *self.talk.where)
        return found if found and rules.talks(found) else None

    def post(self, which: int) -> int:
        """Return one of the posts."""
        return [*self.known.posts][which % len(self.known.posts)]

    def does(self, verb: Callable[..., Any], *args: Any, **given: Any) -> Any:
        """Return what a verb returned, or None where it refused."""
        try:
            with transaction.atomic():
                return verb(*args, **given) or True
        except BookClubRefused:
            return None

    def may_act(self, who: str) -> bool:
        return who not in self.known.erased

    @rule(who=st.sampled_from(WRITERS), which=st.none() | WHICH)
    def says(self, who: str, which: int | None) -> None:
        if self.may_act(who):
            self.say(who, which)

    def say(self, who: str, which: int | None) -> None:
        """Post something, or a reply to one of the posts."""
        reply_to = self.post(which) if which is not None and self.known.posts else None
        words = self.words()
        made = self.does(discussing.post, self.place(who), uuid4(), words, reply_to=reply_to)
        answered = self.known.posts[reply_to] if reply_to else None
        fits = answered is None or (answered.is_shown and answered.reply_to is None)
        assert bool(made) == (self.known.writes(who) and fits)
        if made:
            self.known.posts[made.pk] = Said(who, reply_to, words, self.known.now())

    @precondition(lambda self: self.known.posts)
    @rule(who=st.sampled_from(WRITERS), which=WHICH, is_own=MOSTLY, is_current=MOSTLY)
    def edits(self, *, who: str, which: int, is_own: bool, is_current: bool) -> None:
        pk, words, is_stale = self.post(which), self.words(), not is_current
        each = self.known.posts[pk]
        who = each.author if is_own else who
        if not self.may_act(who):
            return
        done = self.does(discussing.edit, self.place(who), pk, words, seen=each.version - is_stale)
        assert bool(done) == (self.known.writes(who) and each.author == who and each.is_shown and not is_stale)
        if done:
            self.known.edit(pk, words)

    @precondition(lambda self: self.known.posts)
    @rule(who=st.sampled_from(WRITERS), which=WHICH, is_own=MOSTLY)
    def takes_back(self, *, who: str, which: int, is_own: bool) -> None:
        pk = self.post(which)
        who = self.known.posts[pk].author if is_own else who
        discussing.take_back(pk, by=self.people[who])
        if self.known.posts[pk].author == who:
            self.known.take_back(pk)

    @precondition(lambda self: self.known.posts)
    @rule(who=st.sampled_from(WRITERS), which=WHICH)
    def reports(self, who: str, which: int) -> None:
        pk = self.post(which)
        if not self.may_act(who) or not self.known.reads(who):
            return
        said = self.known.posts[pk].words
        made = self.does(reporting.report, pk, Reason.HURTS, "It hurts.", by=self.people[who])
        assert bool(made) == self.known.may_report(who, pk)
        if made:
            assert said
            self.known.reports[made.pk] = Shown(pk, who, self.known.now(), said)

    @precondition(lambda self: self.known.reports)
    @rule(who=st.sampled_from(MODERATORS), which=WHICH, deed=st.sampled_from(["take away", "keep", "put back"]))
    def decides(self, who: str, which: int, deed: str) -> None:
        if who not in self.known.moderators:
            return
        key = [*self.known.reports][which % len(self.known.reports)]
        report, told = PostReport.objects.get(pk=key), self.known.reports[key]
        each, by = self.known.posts[told.post], self.people[who]
        may = self.known.decides(who, told.post)
        if deed == "take away":
            may = may and each.is_shown and told.state != "taken_away"
            assert bool(self.does(moderating.take_away, report, Reason.HURTS, "Please think.", by=by)) == may
        elif deed == "keep":
            may = may and told.state == "waits"
            assert bool(self.does(moderating.keep, report, by=by)) == may
        else:
            may = may and each.is_away
            assert bool(self.does(moderating.put_back, report, by=by)) == may
        if may:
            self.is_decided(told.post, deed)

    def is_decided(self, pk: int, deed: str) -> None:
        """Let the model know what a moderator has decided."""
        each = self.known.posts[pk]
        if deed == "keep":
            self.known.settle(pk, {"waits"}, "gone" if each.words is None else "kept")
            return
        each.is_away = deed == "take away"
        each.version += 1
        if each.is_away:
            self.known.settle(pk, {"waits", "kept"}, "taken_away")
        else:
            self.known.settle(pk, {"taken_away"}, "kept")

    @rule(opens=MOSTLY)
    def is_closed_or_opened(self, *, opens: bool) -> None:
        closes = not opens
        verb = discussing.close if closes else discussing.open_again
        verb(self.talk.meeting, self.talk.cohort, by=self.talk.leads)
        self.known.is_closed = closes

    @rule(who=st.sampled_from(MEMBERS), comes=MOSTLY)
    def leaves_or_comes_back(self, *, who: str, comes: bool) -> None:
        if not self.may_act(who):
            return
        state = Membership.State.ENROLLED if comes else Membership.State.WITHDRAWN
        Membership.objects.filter(user=self.people[who]).update(state=state, since=timezone.now())
        (self.known.members.add if comes else self.known.members.discard)(who)

    @rule(is_there=st.booleans())
    def the_keeper_goes_or_comes(self, *, is_there: bool) -> None:
        admins = self.talk.cohort.programme.admins
        (admins.add if is_there else admins.remove)(self.people["keeper"])
        (self.known.moderators.add if is_there else self.known.moderators.discard)("keeper")

    @precondition(lambda self: len(self.known.posts) > 6 and not self.known.erased)
    @rule(who=st.sampled_from(MEMBERS))
    def is_erased(self, who: str) -> None:
        if self.may_act(who):
            erase(self.people[who], by=SYSTEM)
            self.known.erase(who)

    @rule()
    def a_morning_comes(self) -> None:
        self.day += timedelta(days=1)
        written = digesting.write_due(now=self.day)
        made = Digest.objects.filter(cohort=self.talk.cohort, day=self.day.date()).first()
        assert (made is not None) == self.known.tell(made.pk if made else 0)
        told = [who for who in WRITERS if made and any(self.known.told_to(who, made.pk))]
        assert written == len(told)
        assert digesting.write_due(now=self.day) == 0

    def thread_as_read(self, at: MeetingSeat, who: str, *, latest: bool = False) -> list[tuple[Line, list[Line]]]:
        """Return all pages of the thread as somebody reads them, each post with all replies to it."""
        thread, where = at.thread, Where(newest=latest)
        found: list[threads.Shown] = []
        while True:
            page = threads.page_of(thread, where, at.seat.person)
            found = [*page.posts, *found] if latest else [*found, *page.posts]
            beside = page.before if latest else page.after
            if not beside:
                break
            where = Where(before=beside) if latest else Where(after=beside)
        return [(self.line(each), [self.line(reply) for reply in self.replies(at, each)]) for each in found]

    def replies(self, at: MeetingSeat, each: threads.Shown) -> Any:
        """Return all replies to a post: those beside it, and where it has more those on its own page."""
        if not each.has_more_replies:
            return each.replies
        post = rules.post(at, each.pk)
        assert post
        return threads.replies_to(post, Where(), at.seat.person).posts

    def line(self, each: threads.Shown) -> Line:
        name = self.called[each.name] if each.name else ""
        return Line(each.pk, name, str(each.words), each.trace, bool(each.edited), each.is_own, each.is_reported)

    @invariant()
    def each_reads_what_is_theirs_to_read(self) -> None:
        for who in EVERYBODY:
            if not self.may_act(who):
                continue
            at = self.at(who)
            assert (at is not None) == self.known.reads(who), who
            if at is not None:
                assert self.thread_as_read(at, who) == self.known.as_read_by(who), who
        at = self.at("leads")
        assert at
        assert self.thread_as_read(at, "leads", latest=True) == self.known.as_read_by("leads")

    @invariant()
    def a_posts_own_page_is_there_for_whoever_reads_it(self) -> None:
        at, keepers = self.at("leads"), rules.meeting(self.people["keeper"], *self.talk.where)
        assert at
        assert (keepers is not None) == ("keeper" in self.known.moderators)
        for pk in self.known.posts:
            assert (rules.post(at, pk) is not None) == self.known.is_there(pk)
            assert keepers is None or rules.post(keepers, pk) is None

    @invariant()
    def no_row_has_words_that_were_taken_back_or_changed(self) -> None:
        rows = {row.pk: row for row in Post.objects.all()}
        assert {pk: TEXT.opened(row.sealed) for pk, row in rows.items()} == {
            pk: each.words or "" for pk, each in self.known.posts.items()
        }
        for pk, each in self.known.posts.items():
            html = TEXT.opened(rows[pk].sealed_html).partition("\n")[2]
            assert html == (f"<p>{each.words}</p>\n" if each.words else "")
            assert bool(rows[pk].sealed_note) == each.is_away
        assert {
            row.pk: (row.post_id, row.state, TEXT.opened(row.sealed_post), bool(row.sealed))
            for row in PostReport.objects.all()
        } == {key: (told.post, told.state, told.said, told.has_words) for key, told in self.known.reports.items()}

    @invariant()
    def a_moderator_reads_what_was_reported_and_never_of_their_own(self) -> None:
        for who in MODERATORS:
            request = RequestFactory().get("/")
            request.user = self.people[who]
            desk = PostReportAdmin(PostReport, admin.site)
            read = {row.pk: (desk.what_it_said(row), desk.what_it_says(row)) for row in desk.get_queryset(request)}
            assert read == {
                key: (told.said, self.as_a_moderator_reads(told))
                for key, told in self.known.reports.items()
                if who in self.known.moderators and self.known.posts[told.post].author != who
            }
            assert {*moderators.left_to_others(self.people[who])} == {
                key
                for key, told in self.known.reports.items()
                if told.state == "waits"
                and any(each.by == who for each in self.known.reports_of(told.post))
                and not self.known.decides(who, told.post)
            }

    def as_a_moderator_reads(self, told: Shown) -> str:
        each = self.known.posts[told.post]
        if each.words is None:
            return "Taken back by its author."
        said = "The same." if each.words == told.said else f"Edited since: {each.words}"
        return f"Taken away (it attacks or belittles somebody). {said}" if each.is_away else said

    @invariant()
    def a_digest_tells_of_what_stands_there_still(self) -> None:
        digests = {f"digest:{pk}": pk for pk in Digest.objects.values_list("pk", flat=True)}
        for subject, about in digesting.load([*digests]).items():
            for who in EVERYBODY:
                if self.may_act(who):
                    news = about.news_for(self.people[who].pk)
                    told = (sum(each.posts for each in news), sum(each.replies for each in news))
                    assert told == self.known.told_to(who, digests[subject]), who

    @invariant()
    def an_author_has_all_that_they_wrote_and_nothing_of_others(self) -> None:
        for who in MEMBERS:
            if self.may_act(who):
                theirs = [each.words for each in self.known.posts.values() if each.author == who]
                person = self.people[who]
                assert [row["what you wrote"] or None for row in own_data.posts(person)] == theirs
                assert "said" not in str(list(own_data.reports(person)))
                shown, _ = threads.own(person)
                assert [str(each.words) for each in shown] == [f"<p>{words}</p>\n" for words in theirs[::-1] if words]

    def teardown(self) -> None:
        """Undo all of it."""
        if hasattr(self, "undo"):
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)


@pytest.mark.django_db
def test_whoever_does_what_in_whatever_order_each_reads_what_is_theirs_to_read() -> None:
    run_state_machine_as_test(
        Threads,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
