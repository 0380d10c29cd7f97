"""The letter before a meeting: to whom it goes, when, and what it says."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookclub import bookmarks, choosing, nudging, planning
from bookclub.models import ListedBook, Reading
from bookclub.tasks import write_before_meetings
from cohorts.models import Component, EvidenceKind, Session
from cohorts.progress import record
from portal import together
from portal.accounts import stopping
from portal.accounts.models import User
from portal.outbox import stop_links
from portal.outbox.composing import Composer, Letter
from portal.outbox.models import Message
from portal.outbox.rules import private_names
from tests.bookclub.making import (
    bring_near,
    make_book,
    make_listed,
    make_meeting,
    make_reader,
    make_reading_cohort,
    meeting_of,
)
from tests.cohorts.pages import address
from tests.factories import make_admin, make_booking, make_membership

pytestmark = pytest.mark.django_db
RULE = nudging.RULE


@pytest.fixture
def listed() -> ListedBook:
    """A book whose meeting is in six days."""
    cohort = make_reading_cohort()
    book = make_book(title="Names we carry", how_to_get="Ask your trust's library.")
    meeting = make_meeting(cohort)
    bring_near(meeting, days=6)
    return make_listed(cohort, book, meeting=meeting)


@pytest.fixture
def reader(listed: ListedBook) -> User:
    return make_reader(listed.cohort).user


def written_to() -> set[User]:
    """Write what is due, and return to whom anything was ever written."""
    nudging.write_due()
    return {message.person for message in Message.objects.filter(rule=RULE).select_related("person") if message.person}


def letter(person: User) -> Letter | Message.Skipped:
    """Return somebody's letter as it goes over the wire, or why it does not."""
    message = Message.objects.get(rule=RULE, person=person)
    return Composer([message]).compose(message)


class TestToWhom:
    """Members who have booked or can, and have not said that they have finished."""

    def test_it_goes_once_to_each_member(self, listed: ListedBook, reader: User) -> None:
        other = make_reader(listed.cohort).user
        assert written_to() == {reader, other}
        assert nudging.write_due() == 0
        assert Message.objects.filter(rule=RULE).count() == 2

    def test_not_to_who_has_finished_and_to_who_has_begun(self, listed: ListedBook, reader: User) -> None:
        other = make_reader(listed.cohort).user
        bookmarks.put(listed, Reading.State.FINISHED, by=reader)
        bookmarks.put(listed, Reading.State.BEGUN, by=other)
        assert written_to() == {other}

    def test_not_to_who_is_not_in_the_cohort_or_has_done_it(self, listed: ListedBook) -> None:
        make_reader(make_reading_cohort())
        make_membership(cohort=listed.cohort, state="withdrawn")
        done = make_reader(listed.cohort)
        component = Component.objects.get(sessions=listed.meeting)
        record(done, component, kind=EvidenceKind.ATTENDANCE, fulfilled_on=timezone.localdate(), by=None)
        assert written_to() == set()

    def test_not_to_who_has_booked_another_date_of_it(self, listed: ListedBook, reader: User) -> None:
        make_booking(reader, make_meeting(listed.cohort, days=20))
        assert written_to() == set()

    def test_where_booking_is_closed_to_who_has_booked_alone(self, listed: ListedBook, reader: User) -> None:
        booked = make_booking(make_reader(listed.cohort).user, meeting_of(listed))
        Session.objects.update(booking_closes_at=timezone.now() - timedelta(days=1))
        assert written_to() == {booked.user}

    def test_where_booking_opens_later_it_waits_for_that(self, listed: ListedBook, reader: User) -> None:
        Session.objects.update(booking_opens_at=timezone.now() + timedelta(days=1))
        assert written_to() == set()
        Session.objects.update(booking_opens_at=timezone.now() - timedelta(minutes=1))
        assert written_to() == {reader}

    def test_not_to_who_has_stopped_these_letters(self, listed: ListedBook, reader: User) -> None:
        other = make_reader(listed.cohort).user
        stopping.stop(other.pk, nudging.KIND)
        assert written_to() == {reader}
        stopping.stop(reader.pk, nudging.KIND)
        assert letter(reader) == Message.Skipped.STOPPED

    def test_one_letter_tells_of_all_books_of_a_meeting(self, listed: ListedBook, reader: User) -> None:
        second = make_listed(listed.cohort, meeting=meeting_of(listed))
        written_to()
        said = letter(reader)
        assert isinstance(said, Letter)
        assert "Names we carry" in said.body
        assert second.book.title in said.body


class TestWhen:
    """A week before, and not later than a day before."""

    @pytest.mark.parametrize(("hours", "goes"), [(7 * 24 + 3, False), (7 * 24 - 3, True), (25, True), (23, False)])
    def test_it_goes_within_the_week(self, listed: ListedBook, reader: User, hours: float, goes: bool) -> None:  # noqa: FBT001  # a case
        bring_near(meeting_of(listed), hours=hours)
        assert (written_to() == {reader}) is goes

    def test_a_meeting_that_moves_takes_it_along(self, listed: ListedBook, reader: User) -> None:
        meeting = meeting_of(listed)
        bring_near(meeting, days=30)
        assert written_to() == set()
        bring_near(meeting, days=5)
        assert written_to() == {reader}

    def test_a_meeting_that_is_put_off_for_weeks_is_written_about_anew(self, listed: ListedBook, reader: User) -> None:
        assert written_to() == {reader}
        bring_near(meeting_of(listed), days=5)
        for ago, again in ((timedelta(days=4), 0), (timedelta(weeks=6), 1)):
            ListedBook.objects.update(nudged_at=timezone.now() - ago)
            assert nudging.write_due() == again
        assert nudging.write_due() == 0

    def test_none_goes_for_a_meeting_that_is_cancelled_and_one_for_what_takes_its_place(
        self, listed: ListedBook, reader: User
    ) -> None:
        assert written_to() == {reader}
        Session.objects.update(cancelled_at=timezone.now())
        assert letter(reader) == Message.Skipped.STALE
        instead = make_meeting(listed.cohort)
        bring_near(instead, days=6)
        choosing.arrange(listed, meeting=instead, why="", by=make_admin())
        assert nudging.write_due() == 1

    def test_none_is_written_for_one_that_is_cancelled(self, listed: ListedBook, reader: User) -> None:
        Session.objects.update(cancelled_at=timezone.now())
        assert written_to() == set()

    def test_a_book_that_takes_anothers_place_brings_no_second_letter(self, listed: ListedBook, reader: User) -> None:
        written_to()
        choosing.swap(listed, make_book(title="The other"), by=make_admin())
        assert nudging.write_due() == 0
        said = letter(reader)
        assert isinstance(said, Letter)
        assert "The other" in said.body

    def test_beat_asks_for_it(self, listed: ListedBook, reader: User) -> None:
        write_before_meetings()
        assert Message.objects.filter(rule=RULE, person=reader).exists()


class TestWhatItSays:
    """Kind words, what to read, where to get it."""

    def test_it_says_what_to_read_and_that_coming_without_is_fine(self, listed: ListedBook, reader: User) -> None:
        meeting = meeting_of(listed)
        plan = {"chapters": "Chapters 1 to 4", "guide": "Not for members"}
        planning.write(meeting, plan, seen=together.seen(planning.plan_of(meeting), plan), by=make_admin())
        written_to()
        said = letter(reader)
        assert isinstance(said, Letter)
        html = " ".join(str(said.alternatives[0][0]).split())
        for part in (
            "if you have read nothing",
            "Names we carry",
            "Chapters 1 to 4",
            address("book_club_meeting", listed.cohort_id, meeting.pk),
        ):
            assert part in said.body
            assert part in html
        assert "Ask your trust's library." in said.body
        assert "Not for members" not in said.body + html
        assert "Names we carry" not in said.subject

    def test_who_has_finished_meanwhile_or_left_gets_none(self, listed: ListedBook, reader: User) -> None:
        left = make_reader(listed.cohort)
        written_to()
        bookmarks.put(listed, Reading.State.FINISHED, by=reader)
        left.state = "withdrawn"
        left.save()
        assert letter(reader) == Message.Skipped.STALE
        assert letter(left.user) == Message.Skipped.STALE

    def test_after_an_outage_none_goes_that_is_stale(self, listed: ListedBook, reader: User) -> None:
        written_to()
        bring_near(meeting_of(listed), hours=20)
        assert letter(reader) == Message.Skipped.STALE

    def test_it_says_how_to_stop_it(self, listed: ListedBook, reader: User) -> None:
        written_to()
        said = letter(reader)
        assert isinstance(said, Letter)
        link = said.extra_headers["List-Unsubscribe"].strip("<>")
        assert stop_links.opened(link.rstrip("/").rpartition("/")[2]) == (reader.pk, nudging.KIND)
        assert f"Stop these letters: {link}" in said.body
        assert f'href="{link}"' in str(said.alternatives[0][0])

    def test_whose_it_is_stays_out_of_the_admin_pages(self) -> None:
        assert RULE in private_names()


class TestTheSweep:
    """What it costs."""

    def test_with_nothing_due_it_is_one_statement_however_many_meetings_there_are(self) -> None:
        for _ in range(3):
            cohort = make_reading_cohort()
            make_listed(cohort, meeting=make_meeting(cohort, days=30))
        with CaptureQueriesContext(connection) as asked:
            assert nudging.write_due() == 0
        assert len([each for each in asked if "SAVEPOINT" not in each["sql"]]) == 1

    def test_what_is_due_is_read_off_the_weeks_meetings_and_the_books_nobody_was_written_to_about(self) -> None:
        with CaptureQueriesContext(connection) as asked:
            nudging.write_due()
        (statement,) = [each["sql"] for each in asked if "SAVEPOINT" not in each["sql"]]
        with connection.cursor() as cursor:
            # Tables of tests are so small that PostgreSQL would read them whole.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {statement}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "session_by_start" in plan
        assert "listed_books_of_a_meeting" in plan
        assert "Seq Scan" not in plan

    @pytest.mark.parametrize("number", [1, 3])
    def test_a_batch_costs_the_same_for_one_meeting_as_for_three(self, number: int) -> None:
        for _ in range(number):
            cohort = make_reading_cohort()
            meeting = make_meeting(cohort)
            bring_near(meeting, days=6)
            make_listed(cohort, meeting=meeting)
            for _ in range(number):
                make_reader(cohort)
                stopping.stop(make_reader(cohort).user.pk, nudging.KIND)
        with CaptureQueriesContext(connection) as asked:
            assert nudging.write_due() == number * number
        assert len([each for each in asked if "SAVEPOINT" not in each["sql"]]) == 4

    def test_so_do_its_letters(self, listed: ListedBook) -> None:
        for _ in range(3):
            make_reader(listed.cohort)
        nudging.write_due()
        messages = list(Message.objects.filter(rule=RULE))
        with CaptureQueriesContext(connection) as asked:
            composer = Composer(messages)
            assert all(isinstance(composer.compose(each), Letter) for each in messages)
        assert len(asked) == 7

    def test_more_than_a_batch_is_written(self, listed: ListedBook, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(nudging, "BATCH", 1)
        make_reader(listed.cohort)
        make_listed(listed.cohort, meeting=meeting_of(listed))
        assert nudging.write_due() == 1
        assert not ListedBook.objects.filter(nudged_at=None).exists()
