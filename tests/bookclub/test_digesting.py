"""The digest of a day: to whom it goes, when, what it says and does not say, and what the sweep costs."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookclub import digesting, discussing
from bookclub.discussing import Place
from bookclub.models import Digest, Post, Thread
from bookclub.tasks import write_digests
from cohorts.models import Component, Membership, Session
from portal import outbox
from portal.accounts import stopping
from portal.accounts.merging import foresee, merge
from portal.accounts.models import Role, User
from portal.accounts.roles import end_roles
from portal.outbox import stop_links
from portal.outbox.composing import Composer, Letter
from portal.outbox.models import Message
from portal.outbox.rules import private_names
from portal.outbox.sending import send_what_waits
from portal.retention.disposing import dispose
from tests.bookclub.lending import morning
from tests.bookclub.making import browser_of, make_leader, make_meeting, make_reader, make_reading_cohort
from tests.bookclub.threads import Talk, end, make_talk, report, say, take_away
from tests.factories import make_admin, make_membership, make_session, make_user
from tests.outbox.sink import Sink, running_sink
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db
RULE = digesting.RULE


@pytest.fixture
def talk() -> Talk:
    """A cohort that goes on for a long time, whatever day a test says it is."""
    return make_talk(ends_on=date(2100, 1, 1))


@pytest.fixture
def sink(settings) -> Iterator[Sink]:
    with running_sink(settings) as sink:
        yield sink


def sweep(days: int = 0) -> int:
    """Write what is due on a day, counted from today."""
    return digesting.write_due(now=morning(days))


def written_to() -> set[User]:
    """Write what is due today, and return to whom anything was ever written."""
    sweep()
    return {message.person for message in Message.objects.filter(rule=RULE).select_related("person") if message.person}


def letter(person: User) -> Letter | Message.Skipped:
    """Return somebody's latest digest as it goes over the wire, or why it does not."""
    message = Message.objects.filter(rule=RULE, person=person).latest("pk")
    return Composer([message]).compose(message)


def said(person: User) -> str:
    """Return the words of somebody's latest digest."""
    found = letter(person)
    assert isinstance(found, Letter), found
    return str(found.body)


def html(person: User) -> str:
    """Return the same as HTML."""
    found = letter(person)
    assert isinstance(found, Letter), found
    return str(found.alternatives[0][0])


def address_in(person: User) -> str:
    """Return the one address in somebody's latest digest at which there is something to read, as a path."""
    (found,) = [word for word in said(person).split() if "/thread/" in word]
    return found.removeprefix("http://localhost:8000")


def arrived(sink: Sink, person: User) -> EmailMessage:
    """Return the one mail that came to somebody."""
    (mail,) = [mail for mail in sink.mails if mail["To"] == person.email]
    return mail


def body_of(mail: EmailMessage, kind: str) -> str:
    """Return a mail's words, as "plain" or "html"."""
    body = mail.get_body((kind,))
    assert body
    return str(body.get_content())


def make_meeting_of_all(talk: Talk) -> Session:
    """Make a book club meeting that is for all cohorts of the programme."""
    component = Component.objects.get(sessions=talk.meeting)
    return make_session(component, days=20)


class TestToWhom:
    """Whoever reads the threads, but not of what they posted themselves."""

    def test_members_and_who_leads_are_told_of_what_another_posted(self, talk: Talk) -> None:
        say(talk, talk.amina)
        assert written_to() == {talk.bea, talk.leads}

    def test_who_posted_is_told_where_another_did_too(self, talk: Talk) -> None:
        first = say(talk, talk.amina)
        say(talk, talk.bea, to=first)
        assert written_to() == {talk.amina, talk.bea, talk.leads}
        assert "1 new post and 1 new reply: " in said(talk.leads)
        assert "\n1 new reply: " in said(talk.amina)
        assert "\n1 new post: " in said(talk.bea)

    def test_nobody_else_is(self, talk: Talk) -> None:
        make_admin()
        make_reader(make_reading_cohort())
        make_membership(cohort=talk.cohort, state="withdrawn")
        make_leader(make_meeting(make_reading_cohort()))
        say(talk, talk.amina)
        assert written_to() == {talk.bea, talk.leads}

    def test_not_to_who_leads_no_more_by_their_role(self, talk: Talk) -> None:
        end_roles(Role.objects.filter(user=talk.leads), ended_by=make_admin())
        say(talk, talk.amina)
        assert written_to() == {talk.bea}
        assert not digesting.concerns(User.objects.get(pk=talk.leads.pk))

    def test_who_leads_one_meeting_of_the_cohort_reads_of_all(self, talk: Talk) -> None:
        other = make_leader(make_meeting(talk.cohort, days=40))
        say(talk, talk.amina)
        assert other in written_to()
        assert desk_of(other).get(address_in(other)).status_code == 200

    def test_who_leads_a_meeting_that_is_off_or_of_all_cohorts_reads_of_that_alone(self, talk: Talk) -> None:
        of_all, off = make_meeting_of_all(talk), make_meeting(talk.cohort, days=30, clock="14:00")
        leads_all, led_it = make_leader(of_all), make_leader(off)
        say(talk, talk.amina)
        for meeting in (of_all, off):
            discussing.post(Place(meeting, talk.cohort, talk.amina, member=True), uuid4(), "Here, too")
        Session.objects.filter(pk=off.pk).update(cancelled_at=morning())
        assert written_to() == {talk.bea, talk.leads, leads_all, led_it}
        for person, meeting in ((leads_all, of_all), (led_it, off)):
            assert f"/meetings/{meeting.pk}/thread/" in address_in(person)
            assert desk_of(person).get(address_in(person)).status_code == 200
        assert said(talk.bea).count("1 new post: ") == 3

    def test_not_to_who_has_stopped_these_letters(self, talk: Talk) -> None:
        stopping.stop(talk.bea.pk, digesting.KIND)
        say(talk, talk.amina)
        assert written_to() == {talk.leads}
        stopping.stop(talk.leads.pk, digesting.KIND)
        assert letter(talk.leads) == Message.Skipped.STOPPED

    def test_whose_it_is_stays_out_of_the_admin_pages(self) -> None:
        assert RULE in private_names()

    def test_each_cohort_has_a_letter_of_its_own(self, talk: Talk) -> None:
        other = make_talk()
        make_membership(talk.bea, other.cohort)
        say(talk, talk.amina)
        say(other, other.amina)
        sweep()
        assert Message.objects.filter(rule=RULE, person=talk.bea).count() == 2


class TestWhomItConcerns:
    """Who is offered the choice."""

    def test_members_and_who_leads_while_the_cohort_goes_on(self, talk: Talk) -> None:
        leads_all = make_leader(make_meeting_of_all(talk))
        theirs = (talk.amina, talk.leads, leads_all)
        assert all(digesting.concerns(person) for person in theirs)
        end(talk.cohort)
        assert not any(digesting.concerns(person) for person in theirs)

    def test_not_who_takes_part_elsewhere_or_no_more(self, talk: Talk) -> None:
        Membership.objects.filter(user=talk.bea).update(state="withdrawn")
        Session.objects.filter(pk=talk.meeting.pk).update(cancelled_at=morning())
        other = make_membership()
        assert not any(digesting.concerns(each) for each in (talk.amina, talk.bea, talk.leads, other.user, make_user()))


class TestWhen:
    """Once a day, from 7am by the UK's clocks."""

    @pytest.mark.parametrize(
        "seven",
        [
            datetime(2027, 3, 27, 7, tzinfo=UTC),
            datetime(2027, 3, 28, 6, tzinfo=UTC),  # clocks have gone forward
            datetime(2027, 7, 1, 6, tzinfo=UTC),
            datetime(2027, 10, 30, 6, tzinfo=UTC),
            datetime(2027, 10, 31, 7, tzinfo=UTC),  # clocks have gone back
        ],
    )
    def test_from_seven_on_and_once(self, talk: Talk, seven: datetime) -> None:
        say(talk, talk.amina)
        assert digesting.write_due(now=seven - timedelta(minutes=1)) == 0
        assert digesting.write_due(now=seven) == 2
        say(talk, talk.amina)
        assert digesting.write_due(now=seven + timedelta(hours=16)) == 0
        assert digesting.write_due(now=seven + timedelta(hours=25)) == 2

    def test_each_tells_of_what_is_new_since_the_one_before(self, talk: Talk) -> None:
        say(talk, talk.amina)
        assert sweep() == 2
        assert sweep(1) == 0
        say(talk, talk.amina)
        say(talk, talk.amina)
        assert sweep(1) == 2
        assert "2 new posts: " in said(talk.bea)

    def test_days_without_a_sweep_are_in_one_letter(self, talk: Talk) -> None:
        say(talk, talk.amina)
        sweep()
        for _ in range(3):
            say(talk, talk.amina)
        assert sweep(4) == 2
        assert sweep(4) == 0
        assert "3 new posts: " in said(talk.bea)

    def test_none_for_a_cohort_that_has_ended(self, talk: Talk) -> None:
        say(talk, talk.amina)
        end(talk.cohort)
        assert sweep() == 0
        assert not Digest.objects.exists()

    def test_what_was_taken_away_before_is_told_of_once_it_is_back(self, talk: Talk) -> None:
        row = say(talk, talk.amina)
        take_away(report(row, talk.bea), make_admin())
        assert sweep() == 0
        Post.objects.update(taken_away_at=None, taken_away_for="")
        assert sweep() == 2

    def test_a_sweep_that_fails_leaves_all_to_the_next(self, talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
        say(talk, talk.amina)

        def fail(rule: str, rows: list[tuple[str, int]]) -> int:
            raise ConnectionError

        with monkeypatch.context() as broken:
            broken.setattr(outbox, "write_many", fail)
            with pytest.raises(ConnectionError):
                sweep()
        assert not Digest.objects.exists()
        assert sweep() == 2

    def test_beat_asks_for_it(self, talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(digesting, "MORNING", 0)
        say(talk, talk.amina)
        write_digests()
        assert Message.objects.filter(rule=RULE, person=talk.bea).exists()


class TestWhatItSays:
    """How much is new, of which meeting, and where; no words and no names."""

    def test_it_says_how_much_is_new_at_which_meeting(self, talk: Talk) -> None:
        later = make_meeting(talk.cohort, days=40)
        first = say(talk, talk.amina)
        for _ in range(2):
            say(talk, talk.amina, to=first)
        discussing.post(Place(later, talk.cohort, talk.amina, member=True), uuid4(), "For then")
        sweep()
        words, as_html = said(talk.bea), html(talk.bea)
        assert f"book club of {talk.cohort.name}" in words
        assert words.index("1 new post and 2 new replies: ") < words.index("1 new post: ")
        for meeting in (talk.meeting, later):
            here = f"http://localhost:8000/book-club/cohorts/{talk.cohort.pk}/meetings/{meeting.pk}/thread/"
            assert here in words
            assert f'href="{here}"' in as_html
        assert ">1 new post and 2 new replies</a>" in as_html
        found = letter(talk.bea)
        assert isinstance(found, Letter)
        assert found.subject.startswith("New in your book club, ")

    def test_its_link_begins_at_the_first_that_is_new(self, talk: Talk) -> None:
        say(talk, talk.amina, "Old words")
        sweep()
        say(talk, talk.bea, "New to some")
        say(talk, talk.amina, "New words")
        sweep(1)
        page = desk_of(talk.leads).get(address_in(talk.leads)).content.decode()
        assert "New to some" in page
        assert "New words" in page
        assert "Old words" not in page
        page = browser_of(talk.bea).get(address_in(talk.bea)).content.decode()
        assert "New to some" not in page
        assert "New words" in page

    def test_of_a_reply_it_begins_at_what_was_replied_to(self, talk: Talk) -> None:
        say(talk, talk.amina, "Older words")
        first = say(talk, talk.amina, "Old words")
        sweep()
        say(talk, talk.bea, "A reply", to=first)
        sweep(1)
        page = browser_of(talk.amina).get(address_in(talk.amina)).content.decode()
        assert "Old words" in page
        assert "A reply" in page
        assert "Older words" not in page

    def test_it_has_nobodys_words_and_names_nobody_but_its_reader(self, talk: Talk, sink: Sink) -> None:
        first = say(talk, talk.amina, "Wacholderbeere")
        say(talk, talk.leads, "Schlehenhecke", to=first)
        sweep()
        send_what_waits(100)
        mail = arrived(sink, talk.bea)
        text, as_html = (body_of(mail, kind) for kind in ("plain", "html"))
        for found in (text, as_html, str(mail.items())):
            for canary in ("Wacholderbeere", "Schlehenhecke", talk.amina.name, talk.leads.name, talk.amina.email):
                assert canary not in found
        assert f"Hello {talk.bea.name}," in text

    def test_what_a_cohort_is_called_is_shown_as_it_is(self, talk: Talk) -> None:
        type(talk.cohort).objects.update(name="Mothers & <others>")
        say(talk, talk.amina)
        sweep()
        assert "Mothers & <others>" in said(talk.bea)
        assert "Mothers &amp; &lt;others&gt;" in html(talk.bea)

    def test_it_is_stopped_in_one_click(self, talk: Talk, sink: Sink) -> None:
        say(talk, talk.amina)
        sweep()
        send_what_waits(100)
        mail = arrived(sink, talk.bea)
        link = str(mail["List-Unsubscribe"]).strip("<>")
        assert stop_links.opened(link.rstrip("/").rpartition("/")[2]) == (talk.bea.pk, digesting.KIND)
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert f"Stop these letters: {link}" in body_of(mail, "plain")


class TestAsItIsSent:
    """It is counted again, and does not go where nothing is left."""

    def test_what_was_taken_back_or_away_is_not_counted(self, talk: Talk) -> None:
        rows = [say(talk, talk.amina) for _ in range(3)]
        sweep()
        discussing.take_back(rows[0].pk, by=talk.amina)
        assert "2 new posts: " in said(talk.bea)
        take_away(report(rows[1], talk.bea), make_admin())
        assert "1 new post: " in said(talk.bea)
        discussing.take_back(rows[2].pk, by=talk.amina)
        assert letter(talk.bea) == Message.Skipped.STALE

    def test_a_trace_is_not_counted(self, talk: Talk) -> None:
        first = say(talk, talk.amina)
        say(talk, talk.bea, to=first)
        sweep()
        discussing.take_back(first.pk, by=talk.amina)
        assert letter(talk.bea) == Message.Skipped.STALE
        assert "\n1 new reply: " in said(talk.amina)

    def test_who_has_left_gets_none_and_nobody_once_the_cohort_has_ended(self, talk: Talk) -> None:
        say(talk, talk.amina)
        sweep()
        Membership.objects.filter(user=talk.bea).update(state="withdrawn")
        talk.meeting.facilitators.clear()
        assert letter(talk.bea) == letter(talk.leads) == Message.Skipped.STALE
        Membership.objects.filter(user=talk.bea).update(state="enrolled")
        end(talk.cohort)
        assert letter(talk.bea) == Message.Skipped.STALE

    def test_with_the_threads_of_a_cohort_its_digests_are_deleted_and_no_others(self, talk: Talk) -> None:
        other = make_talk()
        say(talk, talk.amina)
        say(other, other.amina)
        sweep()
        end(talk.cohort)
        dispose()
        assert [digest.cohort for digest in Digest.objects.select_related("cohort")] == [other.cohort]
        assert not Thread.objects.filter(cohort=talk.cohort).exists()
        assert letter(talk.bea) == Message.Skipped.GONE

    def test_who_posted_under_an_account_that_is_theirs_now_is_not_told_of_it(self, talk: Talk) -> None:
        say(talk, talk.amina)
        sweep()
        admin = make_admin()
        merge(talk.amina, talk.bea, by=admin, seen=foresee(talk.amina, talk.bea, by=admin).seen)
        assert letter(talk.bea) == Message.Skipped.STALE
        assert "1 new post: " in said(talk.leads)


class TestTheSweep:
    """What it costs."""

    def test_with_nothing_new_it_is_one_statement_however_many_threads_there_are(self) -> None:
        for _ in range(3):
            talk = make_talk()
            say(talk, talk.amina)
        sweep()
        with CaptureQueriesContext(connection) as asked:
            assert sweep(1) == 0
        assert len([each for each in asked if "SAVEPOINT" not in each["sql"]]) == 1

    def test_what_is_new_is_read_off_an_index_of_that_alone(self, talk: Talk) -> None:
        say(talk, talk.amina)
        with connection.cursor() as cursor:
            # Tables of tests are so small that PostgreSQL would read them whole.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {digesting.CLAIM}", {"day": date(2027, 1, 1), "batch": 50})
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "posts_to_be_told_of" in plan
        assert "Seq Scan" not in plan
        assert not Digest.objects.exists()

    @pytest.mark.parametrize("number", [1, 3])
    def test_a_batch_costs_the_same_for_one_cohort_as_for_three(self, number: int) -> None:
        for _ in range(number):
            talk = make_talk()
            for _ in range(number):
                row = say(talk, talk.amina)
                say(talk, talk.amina, to=row)
                make_reader(talk.cohort)
        with CaptureQueriesContext(connection) as asked:
            assert sweep() == number * (number + 2)
        # Claimed, read (5), written; and then nothing is left to be claimed.
        assert len([each for each in asked if "SAVEPOINT" not in each["sql"]]) == 8

    @pytest.mark.parametrize("number", [1, 3])
    def test_so_do_its_letters(self, number: int) -> None:
        for _ in range(number):
            talk = make_talk()
            say(talk, talk.amina)
        sweep()
        messages = list(Message.objects.filter(rule=RULE))
        with CaptureQueriesContext(connection) as asked:
            composer = Composer(messages)
            assert all(isinstance(composer.compose(each), Letter) for each in messages)
        assert len(asked) == 7
        assert not any('"sealed"' in each["sql"].partition("FROM")[0] for each in asked)

    def test_more_than_a_batch_is_written(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(digesting, "BATCH", 1)
        for _ in range(3):
            talk = make_talk()
            say(talk, talk.amina)
        assert sweep() == 6
        assert Digest.objects.count() == 3
        assert Thread.objects.count() == 3
