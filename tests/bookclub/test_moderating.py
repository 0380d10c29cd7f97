"""Reports: the clock of two working days, what a moderator makes of them, and whom that is told."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookclub import discussing, moderating, moderators, reporting
from bookclub.models import Post, PostReport
from bookclub.refusals import (
    BookClubRefused,
    LookedAtAlready,
    NotTheirsToModerate,
    OwnPost,
    PostGone,
    ReportedAlready,
    TheirReport,
    TooManyReports,
)
from bookclub.tasks import tell_of_overdue_reports
from bookclub.thread_letters import OUTCOME, OVERDUE, PUT_BACK, REPORTED, TAKEN_AWAY
from portal.accounts.models import Role, User
from portal.nhsuk.holidays import working_days_after
from portal.outbox.composing import Composer, Letter
from portal.outbox.models import Message
from portal.outbox.rules import private_names
from portal.trail.models import Entry
from tests.bookclub.threads import Reason, Talk, at, make_talk, report, say, take_away, words_of
from tests.factories import make_admin, make_admin_of

pytestmark = pytest.mark.django_db
State = PostReport.State
CANARY = "Wacholderbeere"


@pytest.fixture
def talk() -> Talk:
    return make_talk()


@pytest.fixture
def moderator(talk: Talk) -> User:
    return make_admin_of(talk.cohort.programme)


@pytest.fixture
def made(talk: Talk, moderator: User) -> PostReport:
    return report(say(talk, talk.amina, CANARY), talk.bea, CANARY)


def told(rule: str) -> set[User]:
    """Return who was written to by a rule."""
    return {message.person for message in Message.objects.filter(rule=rule).select_related("person") if message.person}


def letters() -> list[Letter]:
    """Return everything that was written as it goes over the wire."""
    messages = list(Message.objects.filter(rule__startswith="thread.").order_by("pk"))
    composer = Composer(messages)
    return [letter for message in messages if isinstance(letter := composer.compose(message), Letter)]


def state_of(made: PostReport) -> str:
    made.refresh_from_db()
    return made.state


class TestReporting:
    """Showing a post to the moderators."""

    def test_the_programmes_own_admins_are_told_and_never_the_author(self, made: PostReport, moderator: User) -> None:
        make_admin()
        assert told(REPORTED) == {moderator}
        assert not Message.objects.filter(person=made.post.author, rule__startswith="thread.").exists()
        entry = Entry.objects.get(subject=f"postreport:{made.pk}")
        assert (entry.verb, entry.actor, entry.details) == ("postreport.made", None, {})

    def test_where_a_programme_has_no_other_admin_those_of_all_programmes_are_told(self, talk: Talk) -> None:
        everyones = make_admin()
        report(say(talk, talk.amina), talk.bea)
        assert told(REPORTED) == {everyones}

    def test_a_moderator_who_wrote_it_is_not_told(self, talk: Talk) -> None:
        everyones = make_admin()
        talk.cohort.programme.admins.add(make_admin_of(talk.cohort.programme))
        own = moderators.of_programmes([talk.cohort.programme_id]).own[talk.cohort.programme_id]
        (author,) = own
        deciders = moderators.of_programmes([talk.cohort.programme_id]).deciding(talk.cohort.programme_id, author, [])
        assert deciders.asked_first == {everyones.pk}
        assert deciders.able == {everyones.pk}

    def test_once_for_each_person_while_it_waits(self, talk: Talk, made: PostReport) -> None:
        with pytest.raises(ReportedAlready):
            report(made.post, talk.bea)
        report(made.post, talk.leads)
        with pytest.raises(IntegrityError, match="one_open_report"), transaction.atomic():
            PostReport.objects.create(
                post=made.post, reported_by=talk.bea, reason=Reason.OTHER, sealed_post=b"x", due_on=date(2026, 1, 1)
            )

    def test_not_ones_own_nor_what_is_gone(self, talk: Talk) -> None:
        row = say(talk, talk.amina)
        with pytest.raises(OwnPost):
            report(row, talk.amina)
        take_away(report(row, talk.bea), make_admin())
        with pytest.raises(PostGone):
            report(row, talk.leads)
        discussing.take_back(row.pk, by=talk.amina)
        with pytest.raises(PostGone):
            report(row, talk.leads)


class TestWhoIsAsked:
    """A moderator who has reported a post is not asked to decide about it, where another is there."""

    def test_of_a_report_of_their_own_the_others_are_told(self, talk: Talk, moderator: User) -> None:
        everyones = make_admin()
        made = report(say(talk, talk.amina), moderator)
        assert told(REPORTED) == {everyones}
        PostReport.objects.update(due_on=date(2026, 1, 1))
        reporting.tell_what_is_overdue()
        assert told(OVERDUE) == {everyones}
        assert moderators.left_to_others(moderator) == [made.pk]
        assert moderators.left_to_others(everyones) == []

    def test_of_anothers_report_of_the_same_post_too(self, made: PostReport, moderator: User) -> None:
        everyones = make_admin()
        own = report(made.post, moderator)
        assert sorted(moderators.left_to_others(moderator)) == [made.pk, own.pk]
        PostReport.objects.update(due_on=date(2026, 1, 1))
        reporting.tell_what_is_overdue()
        assert told(OVERDUE) == {everyones}

    def test_where_nobody_else_is_there_they_are(self, talk: Talk, moderator: User) -> None:
        report(say(talk, talk.amina), moderator)
        assert told(REPORTED) == {moderator}
        assert moderators.left_to_others(moderator) == []


class TestTheClock:
    """Two working days, told once when they are over."""

    @pytest.mark.parametrize(
        ("made_on", "due_on"),
        [
            (date(2026, 11, 30), date(2026, 12, 2)),
            (date(2026, 12, 3), date(2026, 12, 7)),
            (date(2026, 12, 5), date(2026, 12, 8)),
            (date(2026, 12, 23), date(2026, 12, 29)),
        ],
        ids=["Monday", "Thursday", "Saturday", "before Christmas"],
    )
    def test_it_skips_weekends_and_bank_holidays(self, made_on: date, due_on: date) -> None:
        assert working_days_after(made_on, reporting.WORKING_DAYS) == due_on

    def test_it_runs_out_at_the_end_of_its_day(self, made: PostReport) -> None:
        PostReport.objects.update(due_on=timezone.localdate())
        assert reporting.tell_what_is_overdue() == 0
        PostReport.objects.update(due_on=timezone.localdate() - timedelta(days=1))
        assert reporting.tell_what_is_overdue() == 1

    def test_everybody_who_can_deal_with_it_is_told_once(self, talk: Talk, made: PostReport, moderator: User) -> None:
        everyones = make_admin()
        make_admin_of(make_talk().cohort.programme)
        PostReport.objects.update(due_on=date(2026, 1, 1))
        tell_of_overdue_reports()
        tell_of_overdue_reports()
        assert told(OVERDUE) == {moderator, everyones}
        assert Message.objects.filter(rule=OVERDUE).count() == 2

    def test_what_was_dealt_with_is_not_overdue(self, made: PostReport, moderator: User) -> None:
        PostReport.objects.update(due_on=date(2026, 1, 1))
        moderating.keep(made, by=moderator)
        assert reporting.tell_what_is_overdue() == 0

    @pytest.mark.parametrize("number", [1, 3])
    def test_statements_do_not_grow_with_what_is_overdue(self, talk: Talk, moderator: User, number: int) -> None:
        for _ in range(number):
            report(say(talk, talk.amina), talk.bea)
        PostReport.objects.update(due_on=date(2026, 1, 1))
        with CaptureQueriesContext(connection) as asked:
            assert reporting.tell_what_is_overdue() == number
        # The savepoint of a batch, its reports, marks, moderators (2) and letters.
        assert len(asked) == 7


class TestDeciding:
    """Take away, let stay, put back."""

    def test_all_reports_of_a_post_come_to_the_same(self, talk: Talk, made: PostReport, moderator: User) -> None:
        other = report(made.post, talk.leads)
        take_away(made, moderator, "Please think of her.")
        assert {state_of(made), state_of(other)} == {State.TAKEN_AWAY}
        assert Post.objects.get().is_taken_away
        assert told(TAKEN_AWAY) == {talk.amina}
        assert told(OUTCOME) == {talk.bea, talk.leads}
        moderating.put_back(other, by=moderator)
        assert {state_of(made), state_of(other)} == {State.KEPT}
        assert Post.objects.get().is_shown
        assert words_of(made.post) == CANARY
        assert told(PUT_BACK) == {talk.amina}

    def test_who_keeps_one_may_change_their_mind(self, made: PostReport, moderator: User) -> None:
        moderating.keep(made, by=moderator)
        assert state_of(made) == State.KEPT
        assert told(TAKEN_AWAY) == set()
        take_away(made, moderator)
        assert state_of(made) == State.TAKEN_AWAY

    def test_a_second_moderator_is_told_that_it_was_dealt_with(self, made: PostReport, moderator: User) -> None:
        with pytest.raises(BookClubRefused, match="not taken away"):
            moderating.put_back(made, by=moderator)
        take_away(made, moderator)
        with pytest.raises(BookClubRefused, match="taken away already"):
            take_away(made, make_admin())
        with pytest.raises(BookClubRefused, match="dealt with"):
            moderating.keep(made, by=make_admin())

    def test_what_its_author_took_back_can_only_be_settled(self, talk: Talk, made: PostReport, moderator: User) -> None:
        discussing.take_back(made.post_id, by=talk.amina)
        for verb in (lambda: take_away(made, moderator), lambda: moderating.put_back(made, by=moderator)):
            with pytest.raises(BookClubRefused, match="author has taken it back"):
                verb()
        moderating.keep(made, by=moderator)
        assert state_of(made) == State.GONE
        assert told(OUTCOME) == {talk.bea}

    def test_what_was_taken_away_and_taken_back_does_not_come_back(
        self, talk: Talk, made: PostReport, moderator: User
    ) -> None:
        take_away(made, moderator)
        discussing.take_back(made.post_id, by=talk.amina)
        with pytest.raises(BookClubRefused, match="author has taken it back"):
            moderating.put_back(made, by=moderator)

    def test_nobody_decides_about_their_own(self, talk: Talk, made: PostReport) -> None:
        for verb in (moderating.keep, moderating.put_back):
            with pytest.raises(NotTheirsToModerate):
                verb(made, by=talk.amina)
        with pytest.raises(NotTheirsToModerate):
            take_away(made, talk.amina)
        assert state_of(made) == State.WAITS

    def test_who_has_reported_it_leaves_it_to_another_moderator(
        self, talk: Talk, made: PostReport, moderator: User
    ) -> None:
        other = make_admin()
        own = report(made.post, moderator)
        for each in (made, own):
            for verb in (moderating.keep, moderating.put_back):
                with pytest.raises(TheirReport):
                    verb(each, by=moderator)
            with pytest.raises(TheirReport):
                take_away(each, moderator)
        take_away(own, other)
        assert {state_of(made), state_of(own)} == {State.TAKEN_AWAY}
        with pytest.raises(TheirReport):
            moderating.put_back(own, by=moderator)
        moderating.put_back(made, by=other)
        assert told(OUTCOME) == {talk.bea, moderator}

    def test_where_nobody_else_is_there_who_has_reported_it_decides(self, talk: Talk, moderator: User) -> None:
        talk.cohort.programme.admins.add(talk.amina)
        Role.objects.create(user=talk.amina, kind=Role.Kind.PROGRAMME_ADMIN)
        own = report(say(talk, talk.amina), moderator)
        take_away(own, moderator)
        assert state_of(own) == State.TAKEN_AWAY

    def test_where_all_who_could_have_reported_it_any_of_them_decides(self, made: PostReport, moderator: User) -> None:
        other = make_admin()
        own, _ = report(made.post, moderator), report(made.post, other)
        moderating.keep(own, by=other)
        assert state_of(own) == State.KEPT

    def test_the_trail_says_whether_nobody_else_could_and_never_who_reported_it(
        self, talk: Talk, made: PostReport, moderator: User
    ) -> None:
        def said(report_of: PostReport) -> object:
            return Entry.objects.get(subject=f"postreport:{report_of.pk}", verb="post.kept").details

        own = report(say(talk, talk.amina, "Another"), moderator)
        for each in (made, own):
            moderating.keep(each, by=moderator)
        # The same of a post that they have reported and of one that they have not: an author may read it.
        assert said(made) == said(own) == {"nobody_else": True}
        other = make_admin()
        theirs = report(say(talk, talk.amina, "A third"), moderator)
        moderating.keep(theirs, by=other)
        assert said(theirs) == {"nobody_else": False}

    def test_the_trail_says_who_decided_and_no_words(self, made: PostReport, moderator: User) -> None:
        take_away(made, moderator, CANARY)
        moderating.put_back(made, by=moderator)
        moderating.take_away(made, Reason.RACIST, CANARY, by=moderator)
        entries = Entry.objects.filter(subject=f"postreport:{made.pk}", actor=moderator).order_by("pk")
        assert [entry.verb for entry in entries] == ["post.taken_away", "post.put_back", "post.taken_away"]
        assert CANARY not in str(list(Entry.objects.values()))


class TestLetters:
    """What is told by mail: never a word that anybody wrote, nor who."""

    def test_no_letter_has_a_word_or_a_name(self, talk: Talk, made: PostReport, moderator: User) -> None:
        make_admin()
        PostReport.objects.update(due_on=date(2026, 1, 1))
        reporting.tell_what_is_overdue()
        said = letters()
        assert {letter.subject for letter in said} == {"A post was reported", "A reported post still waits"}
        take_away(made, moderator, CANARY)
        said += letters()
        moderating.put_back(made, by=moderator)
        said += letters()
        assert len({letter.subject for letter in said}) == 4
        for letter in said:
            for word in (CANARY, talk.amina.name, talk.bea.name, moderator.name):
                greeting, _, rest = letter.body.partition(",")
                assert greeting.startswith("Hello ")
                assert word not in f"{letter.subject} {rest}"

    def test_who_reported_it_is_thanked_and_told_what_became_of_it_and_what_they_can_do(
        self, talk: Talk, made: PostReport, moderator: User
    ) -> None:
        def said(name: str) -> str:
            return next(str(letter.body) for letter in letters()[::-1] if name in letter.body)

        take_away(made, moderator)
        moderating.put_back(made, by=moderator)
        late = report(say(talk, talk.amina), talk.leads)
        discussing.take_back(late.post_id, by=talk.amina)
        moderating.keep(late, by=moderator)
        away = report(say(talk, talk.amina), talk.leads)
        take_away(away, moderator)
        for letter in (said(talk.bea.name), said(talk.leads.name)):
            for part in ("Thank you for telling us", "who reported it", "will listen"):
                assert part in " ".join(letter.split())
        assert "you can report it again" in " ".join(said(talk.bea.name).split())

    def test_each_is_private(self) -> None:
        assert set(private_names()) >= {REPORTED, OVERDUE, OUTCOME, TAKEN_AWAY, PUT_BACK}

    def test_what_was_overtaken_is_not_sent(self, talk: Talk, made: PostReport, moderator: User) -> None:
        take_away(made, moderator)
        discussing.take_back(made.post_id, by=talk.amina)
        assert {letter.subject for letter in letters()} == {"About the post that you reported"}

    @pytest.mark.parametrize("number", [1, 3])
    def test_a_batch_takes_as_many_statements_for_one_as_for_three(self, talk: Talk, number: int) -> None:
        make_admin_of(talk.cohort.programme)
        for _ in range(number):
            take_away(report(say(talk, talk.amina), talk.bea), make_admin())
        messages = list(Message.objects.filter(rule__in=[OUTCOME, TAKEN_AWAY]).select_related("person"))
        with CaptureQueriesContext(connection) as asked:
            composer = Composer(messages)
            for message in messages:
                composer.compose(message)
        assert len(asked) == 3


def test_so_much_is_reported_in_a_day(talk: Talk) -> None:
    for number in range(reporting.MOST_IN_A_DAY):
        report(say(talk, talk.amina, f"Post {number}"), talk.bea)
    with pytest.raises(TooManyReports):
        report(say(talk, talk.amina), talk.bea)


def test_what_was_looked_at_is_reported_again_once_it_has_changed(talk: Talk) -> None:
    row = say(talk, talk.amina)
    moderating.keep(report(row, talk.bea), by=make_admin())
    with pytest.raises(LookedAtAlready):
        report(row, talk.bea)
    report(row, talk.leads)
    discussing.edit(at(talk, talk.amina).place, row.pk, "Worse", seen=1)
    report(row, talk.bea)
