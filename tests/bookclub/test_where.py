"""Where members are in each book: said by themselves, for themselves; others are told numbers at the most."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookclub import bookmarks, choosing, how_far
from bookclub.models import ListedBook, Reading
from bookclub.refusals import OffList
from cohorts.models import Session
from portal.accounts.erasure import erase
from portal.accounts.models import User
from portal.subject_access import about
from portal.trail import SYSTEM
from portal.trail.models import Entry
from tests.bookclub.making import (
    bring_near,
    browser_of,
    make_book,
    make_leader,
    make_listed,
    make_meeting,
    make_reader,
    make_reading_cohort,
    meeting_of,
)
from tests.cohorts.pages import address, words
from tests.factories import make_admin, make_user
from tests.merging.accounts import put_together
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db
BEGUN, FINISHED = Reading.State.BEGUN, Reading.State.FINISHED


@pytest.fixture
def listed() -> ListedBook:
    cohort = make_reading_cohort()
    return make_listed(cohort, meeting=make_meeting(cohort))


@pytest.fixture
def reader(listed: ListedBook) -> User:
    return make_reader(listed.cohort).user


def page_of(listed: ListedBook) -> str:
    return address("book_where", listed.cohort_id, listed.pk)


def where() -> list[tuple[str, str]]:
    """Return where everybody is."""
    return list(Reading.objects.order_by("pk").values_list("state", "place"))


def have_read(listed: ListedBook, *, begun: int, finished: int, others: int = 0) -> None:
    """Enrol so many, and let them say where they are: of those who have begun, so many have finished."""
    readers = [make_reader(listed.cohort).user for _ in range(begun + others)][:begun]
    for at, reader in enumerate(readers):
        bookmarks.put(listed, FINISHED if at < finished else BEGUN, by=reader)


class TestSayingIt:
    """The verb."""

    def test_the_last_word_counts_and_the_trail_has_none_of_it(self, listed: ListedBook, reader: User) -> None:
        before = Entry.objects.count()
        bookmarks.put(listed, BEGUN, place="Chapter 3", by=reader)
        assert where() == [("begun", "Chapter 3")]
        bookmarks.put(listed, FINISHED, place="Chapter 3", by=reader)
        assert where() == [("finished", "")]
        bookmarks.put(listed, None, by=reader)
        bookmarks.put(listed, None, by=reader)
        assert where() == []
        assert Entry.objects.count() == before

    def test_a_book_that_was_swapped_meanwhile_is_told(self, listed: ListedBook, reader: User) -> None:
        bookmarks.put(listed, BEGUN, by=reader)
        choosing.swap(listed, make_book(), by=make_admin())
        with pytest.raises(OffList):
            bookmarks.put(listed, FINISHED, by=reader)
        assert where() == [("begun", "")]

    def test_postgresql_keeps_one_place_for_each_reader_and_book(self, listed: ListedBook, reader: User) -> None:
        bookmarks.put(listed, BEGUN, by=reader)
        with pytest.raises(IntegrityError, match="a_reader_is_at_one_place"), transaction.atomic():
            Reading.objects.create(listed=listed, reader=reader, state=BEGUN)
        with pytest.raises(IntegrityError, match="who_has_finished"), transaction.atomic():
            Reading.objects.update(state=FINISHED, place="Chapter 3")

    def test_somebody_erased_is_nowhere(self, listed: ListedBook, reader: User) -> None:
        bookmarks.put(listed, BEGUN, by=reader)
        other = make_reader(listed.cohort).user
        bookmarks.put(listed, FINISHED, by=other)
        erase(reader, by=SYSTEM)
        assert where() == [("finished", "")]
        with pytest.raises(PermissionDenied):
            bookmarks.put(listed, BEGUN, by=reader)

    def test_it_is_told_to_whom_it_is_about(self, listed: ListedBook, reader: User) -> None:
        bookmarks.put(listed, BEGUN, place="Chapter 3", by=reader)
        (row,) = about(reader)["Where you are in the books of your cohorts"]
        assert "Chapter 3" in str(row)


class TestPuttingAccountsTogether:
    """Of two places in one book the one that is further stays."""

    @pytest.mark.parametrize(
        ("old", "new", "stays"),
        [(FINISHED, BEGUN, FINISHED), (BEGUN, FINISHED, FINISHED), (BEGUN, BEGUN, BEGUN), (FINISHED, None, FINISHED)],
    )
    def test_it_moves(self, listed: ListedBook, old: Any, new: Any, stays: Any) -> None:
        leaving, staying = make_reader(listed.cohort).user, make_user()
        bookmarks.put(listed, old, by=leaving)
        bookmarks.put(listed, new, by=staying)
        put_together(leaving, staying, make_admin())
        assert [(row.reader, row.state) for row in Reading.objects.all()] == [(staying, stays)]


class TestOnTheList:
    """One press, and only the reader sees it."""

    def test_it_is_said_by_one_press_and_seen_by_nobody_else(self, listed: ListedBook, reader: User) -> None:
        browser = browser_of(reader)
        list_page = address("book_club", listed.cohort_id)
        assert "not begun." in words(browser.get(list_page))
        answer = browser.post(page_of(listed), {"state": "begun"})
        assert answer.headers["Location"] == f"{list_page}#where-{listed.pk}"
        assert f'<p id="where-{listed.pk}" tabindex="-1">' in words(browser.get(list_page))
        browser.post(page_of(listed), {"state": "begun", "place": "  Chapter   3"})
        said = words(browser.get(list_page))
        assert "you have begun it, <bdi>Chapter 3</bdi>" in said
        for somebody in (make_reader(listed.cohort).user, make_leader(make_meeting(listed.cohort)), make_admin()):
            assert "Chapter 3" not in words(desk_of(somebody).get(list_page))
        browser.post(page_of(listed), {"state": "finished", "place": "Chapter 3"})
        assert "you have finished it." in words(browser.get(list_page))
        browser.post(page_of(listed), {"state": "not_begun"})
        assert where() == []

    def test_from_a_meetings_page_it_leads_back_there(self, listed: ListedBook, reader: User) -> None:
        answer = browser_of(reader).post(page_of(listed), {"state": "finished", "said_on": "meeting"})
        meeting = address("book_club_meeting", listed.cohort_id, listed.meeting_id)
        assert answer.headers["Location"] == f"{meeting}#where-{listed.pk}"
        said = words(browser_of(reader).get(meeting))
        assert f'<p id="where-{listed.pk}" tabindex="-1"> <strong>Where you are:</strong> you have finished it.' in said
        # A banner would take the focus, and the eye, away from that line.
        assert "nhsuk-notification-banner" not in said

    def test_a_book_that_is_next_no_more_says_it_on_the_list_in_short(self, listed: ListedBook, reader: User) -> None:
        bring_near(meeting_of(listed), days=-3)
        answer = browser_of(reader).post(page_of(listed), {"state": "finished"}, follow=True)
        line = words(answer).partition(f'id="where-{listed.pk}" tabindex="-1">')[2]
        assert "You have finished it." in line.partition("</div>")[0]

    @pytest.mark.parametrize(
        ("sent", "said"),
        [
            ({}, "Press one of the buttons"),
            ({"state": "read twice", "place": "Mine"}, "Press one of the buttons"),
            ({"state": "begun", "place": "Mine" + "x" * 60}, "Chapter or page must be 60 characters or fewer"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_is_lost(
        self, listed: ListedBook, reader: User, sent: dict[str, str], said: str
    ) -> None:
        answer = browser_of(reader).post(page_of(listed), sent)
        assert answer.status_code == 422
        assert said in words(answer)
        assert sent.get("place", "") in words(answer)
        assert where() == []

    def test_a_book_of_another_cohort_is_not_there_and_one_that_is_off_the_list_is_told(
        self, listed: ListedBook, reader: User
    ) -> None:
        browser = browser_of(reader)
        other = make_listed()
        assert browser.post(address("book_where", listed.cohort_id, other.pk), {"state": "begun"}).status_code == 404
        choosing.take_off(listed, by=make_admin())
        assert browser.post(page_of(listed), {"state": "begun"}).status_code == 409

    def test_it_is_for_members_until_their_cohort_ends(self, listed: ListedBook, reader: User) -> None:
        leader = desk_of(make_leader(make_meeting(listed.cohort)))
        assert leader.post(page_of(listed), {"state": "begun"}).status_code == 403
        listed.cohort.ends_on = timezone.localdate() - timedelta(days=1)
        listed.cohort.save()
        browser = browser_of(reader)
        assert "I have begun it" not in words(browser.get(address("book_club", listed.cohort_id)))
        assert browser.post(page_of(listed), {"state": "begun"}).status_code == 403
        assert where() == []


class TestHowFar:
    """What facilitators and the programme team are told."""

    @pytest.mark.parametrize(
        ("begun", "finished", "others", "told"),
        [
            (4, 4, 20, ("Not shown", "Not shown")),
            (5, 4, 20, ("5 or more", "Not shown")),
            (12, 7, 20, ("10 or more", "5 or more")),
            (6, 5, 0, ("Not shown", "Not shown")),
            (12, 12, 0, ("5 or more", "5 or more")),
        ],
    )
    def test_numbers_are_told_from_five_up_and_never_of_all(
        self, listed: ListedBook, begun: int, finished: int, others: int, told: tuple[str, str]
    ) -> None:
        have_read(listed, begun=begun, finished=finished, others=others)
        assert how_far.of_books(listed.cohort)[listed.pk] == told

    def test_no_number_changes_as_somebody_leaves(self, listed: ListedBook) -> None:
        have_read(listed, begun=5, finished=5, others=20)
        reader = Reading.objects.latest("pk").reader
        reader.memberships.update(state="withdrawn")
        assert how_far.of_books(listed.cohort)[listed.pk] == ("5 or more", "5 or more")

    def test_facilitators_and_the_team_read_them_and_members_do_not(self, listed: ListedBook, reader: User) -> None:
        have_read(listed, begun=6, finished=5, others=10)
        pages = (
            address("book_club", listed.cohort_id),
            address("book_club_meeting", listed.cohort_id, listed.meeting_id),
        )
        for page in pages:
            for somebody in (make_leader(make_meeting(listed.cohort)), make_admin()):
                assert words(desk_of(somebody).get(page)).count("5 or more") == 2
            assert "How far members are" not in words(browser_of(reader).get(page))
        said = words(desk_of(make_admin()).get(reverse("admin:bookclub_listedbook_changelist")))
        assert said.count("5 or more") == 2


class TestAmongTheTasks:
    """The next book stands in "Your programme"."""

    @pytest.fixture
    def browser(self, reader: User) -> Client:
        return browser_of(reader)

    def test_the_book_of_the_next_meeting_stands_there_with_where_they_are(
        self, listed: ListedBook, reader: User, browser: Client
    ) -> None:
        later = make_listed(listed.cohort, meeting=make_meeting(listed.cohort, days=60))
        said = words(browser.get(address("me")))
        assert f"Read “{listed.book}”" in said
        assert "To read" in said
        assert str(later.book) not in said
        assert f'href="{address("book_club_meeting", listed.cohort_id, listed.meeting_id)}"' in said
        bookmarks.put(listed, Reading.State.BEGUN, place="Chapter 3", by=reader)
        assert "You are at: Chapter 3" in words(browser.get(address("me")))
        bookmarks.put(listed, FINISHED, by=reader)
        assert "Finished" in words(browser.get(address("me")))

    def test_where_no_meeting_has_a_date_the_first_book_stands_there(self, listed: ListedBook, browser: Client) -> None:
        second = make_listed(listed.cohort)
        Session.objects.update(cancelled_at=timezone.now())
        said = words(browser.get(address("me")))
        assert f"Read “{listed.book}”" in said
        assert "Its meeting has no date yet." in said
        assert f'href="{address("book_club", listed.cohort_id)}#book-{listed.pk}"' in said
        assert str(second.book) not in said

    def test_it_counts_for_nothing_that_the_programme_asks(self, browser: Client) -> None:
        assert "You have done 0 of the 1 thing" in words(browser.get(address("me")))

    def test_a_meeting_that_is_over_has_none(self, listed: ListedBook, browser: Client) -> None:
        bring_near(meeting_of(listed), days=-1)
        assert "Read “" not in words(browser.get(address("me")))

    def test_who_looks_at_the_page_to_help_them_does_not_see_it(self, reader: User) -> None:
        helper = desk_of(make_admin())
        seen = helper.get(reverse("admin:accounts_user_sees", args=[reader.pk, "me/"]))
        assert "Your programme" in words(seen)
        assert "Read “" not in words(seen)
