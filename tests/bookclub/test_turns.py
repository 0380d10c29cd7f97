"""Which book is next: whole on the book club's page, and the others in short, each with a page of its own."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from bookclub import asking, bookmarks, choosing
from bookclub.models import ListedBook, Reading
from bookclub.turns import Turn, turns
from cohorts.models import Cohort, Session
from tests.bookclub.lending import make_copy, make_loan
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
from tests.bookclub.test_pages import page_of, statements_of
from tests.cohorts.pages import address, words
from tests.factories import make_admin, make_user
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db
BEFORE, NEXT, LATER = Turn.BEFORE, Turn.NEXT, Turn.LATER


@pytest.fixture
def cohort() -> Cohort:
    return make_reading_cohort()


@pytest.fixture
def member(cohort: Cohort) -> Client:
    return browser_of(make_reader(cohort).user)


def make_list(cohort: Cohort, *days: int | None) -> list[ListedBook]:
    """Make a cohort's list: of each book, in how many days its meeting is (negative: ago); None is without one."""
    made = []
    for at, ahead in enumerate(days, 1):
        meeting = None if ahead is None else make_meeting(cohort, days=abs(ahead) + at)
        made.append(make_listed(cohort, make_book(title=f"Book {at}", description=f"About {at}."), meeting=meeting))
        if meeting and ahead is not None:
            bring_near(meeting, days=ahead)
    return made


def turns_of(cohort: Cohort, *, goes_on: bool = True) -> Sequence[Turn]:
    """Return whose turn each book of a cohort's list is, in its order."""
    books = ListedBook.objects.live().filter(cohort=cohort).select_related("meeting")
    return list(turns(list(books), goes_on=goes_on).values())


def end(cohort: Cohort) -> None:
    """Let a cohort have ended."""
    today = timezone.localdate()
    Cohort.objects.filter(pk=cohort.pk).update(starts_on=today - timedelta(days=300), ends_on=today - timedelta(days=1))


class TestWhoseTurnItIs:
    """By the meetings, and not by the order of the list."""

    @pytest.mark.parametrize(
        ("days", "found"),
        [
            ((), []),
            ((-30, 10, 40), [BEFORE, NEXT, LATER]),
            ((40, 10, None), [LATER, NEXT, LATER]),
            ((-30, None, None), [BEFORE, NEXT, LATER]),
            ((-30, -10), [BEFORE, BEFORE]),
            ((None,), [NEXT]),
        ],
    )
    def test_by_its_meetings(self, cohort: Cohort, days: Sequence[int | None], found: list[Turn]) -> None:
        make_list(cohort, *days)
        assert turns_of(cohort) == found

    def test_all_books_of_the_next_meeting_are_next_until_it_is_over(self, cohort: Cohort) -> None:
        meeting = make_meeting(cohort)
        for _ in range(2):
            make_listed(cohort, meeting=meeting)
        assert turns_of(cohort) == [NEXT, NEXT]
        bring_near(meeting, hours=-1)
        assert turns_of(cohort) == [NEXT, NEXT]
        bring_near(meeting, hours=-3)
        assert turns_of(cohort) == [BEFORE, BEFORE]

    def test_a_meeting_that_was_cancelled_is_no_date(self, cohort: Cohort) -> None:
        first, _ = make_list(cohort, 10, 40)
        Session.objects.filter(pk=meeting_of(first).pk).update(cancelled_at=timezone.now())
        assert turns_of(cohort) == [LATER, NEXT]

    def test_once_the_cohort_has_ended_all_were_before(self, cohort: Cohort) -> None:
        make_list(cohort, -30, None)
        assert turns_of(cohort, goes_on=False) == [BEFORE, BEFORE]


class TestOnThePage:
    """The next one first and whole, the others in a line or two."""

    def test_the_next_book_stands_first_and_whole_and_the_others_lead_to_their_pages(
        self, cohort: Cohort, member: Client
    ) -> None:
        first, second, third = make_list(cohort, -30, 10, 40)
        said = words(member.get(page_of(cohort)))
        assert said.index("2. Book 2") < said.index("To come") < said.index("Book 3") < said.index("Read before")
        assert "About 2." in said
        for other in (first, third):
            assert f"About {other.position}." not in said
            assert f'href="{address("book_club_book", cohort.pk, other.pk)}"' in said
        assert said.count("I have begun it") == 1
        assert f'href="{address("book_club_book", cohort.pk, second.pk)}"' in said
        assert "from which you can write about it for yourself" in said
        assert "the page of each says how to get a copy" in said

    def test_of_the_others_it_says_where_somebody_is_and_what_they_asked_for(self, cohort: Cohort) -> None:
        reader = make_reader(cohort)
        first, _, third = make_list(cohort, -30, 10, 40)
        bookmarks.put(first, Reading.State.FINISHED, by=reader.user)
        bookmarks.put(third, Reading.State.BEGUN, place="Chapter 3", by=reader.user)
        make_loan(reader, make_copy(cohort, first.book))
        make_copy(cohort, third.book)
        request = asking.ask(third, by=reader.user)
        browser = browser_of(reader.user)
        said = words(browser.get(page_of(cohort)))
        for part in ("You have finished it. You have a copy on loan.", "<bdi>Chapter 3</bdi>. You asked for a copy."):
            assert part in said
        asking.decline(request, "All are out.", by=make_admin())
        assert "The programme team has answered about a copy." in words(browser.get(page_of(cohort)))

    def test_whoever_leads_it_is_not_spoken_to_as_a_member(self, cohort: Cohort) -> None:
        first, _ = make_list(cohort, 10, 40)
        gone = make_listed(cohort)
        choosing.swap(gone, make_book(title="Another"), by=make_admin())
        said = words(desk_of(make_leader(meeting_of(first))).get(page_of(cohort)))
        assert "This cohort reads these books" in said
        assert f"{gone.book}, Demo Author: Another is read in its place" in said
        for part in ("Your cohort", "You need not own", "What you wrote", "write about it for yourself"):
            assert part not in said

    def test_once_the_cohort_has_ended_none_is_next_and_each_has_its_page(self, cohort: Cohort, member: Client) -> None:
        first, second = make_list(cohort, -30, None)
        end(cohort)
        said = words(member.get(page_of(cohort)))
        assert "Your cohort read these books" in said
        assert '<h2 class="nhsuk-heading-m">Next</h2>' not in said
        assert "No meeting is set. " in said
        for each in (first, second):
            page = address("book_club_book", cohort.pk, each.pk)
            assert f'href="{page}"' in said
            its_own = words(member.get(page))
            assert f"About {each.position}." in its_own
            assert "I have begun it" not in its_own

    @pytest.mark.parametrize("number", [1, 3])
    def test_it_takes_as_many_statements_whoever_is_next(self, cohort: Cohort, member: Client, number: int) -> None:
        make_list(cohort, -30, *range(10, 10 + number))
        assert statements_of(member, page_of(cohort)) == 6


class TestItsOwnPage:
    """One book of the list."""

    def test_it_says_all_of_the_book_and_somebody_says_there_where_they_are(
        self, cohort: Cohort, member: Client
    ) -> None:
        _, other = make_list(cohort, 10, 40)
        make_copy(cohort, other.book)
        page = address("book_club_book", cohort.pk, other.pk)
        said = words(member.get(page))
        for part in ("Book 2", "About 2.", "the one copy that we lend is in", "Write about it for yourself"):
            assert part in said
        where = address("book_where", cohort.pk, other.pk)
        answer = member.post(where, {"state": "begun", "said_on": "book"})
        assert answer.headers["Location"] == f"{page}#where-{other.pk}"
        assert "you have begun it." in words(member.get(page))

    def test_of_one_that_is_off_the_list_the_list_says_what_became_of_it(self, cohort: Cohort, member: Client) -> None:
        (listed,) = make_list(cohort, 10)
        choosing.swap(listed, make_book(title="Another"), by=make_admin())
        said = words(member.get(address("book_club_book", cohort.pk, listed.pk), follow=True))
        assert "Book 1, Demo Author: you read Another in its place" in said

    def test_it_is_for_whoever_reads_the_list(self, cohort: Cohort) -> None:
        (listed,) = make_list(cohort, 10)
        page = address("book_club_book", cohort.pk, listed.pk)
        for reader in (make_leader(meeting_of(listed)), make_admin()):
            said = words(desk_of(reader).get(page))
            assert "About 1." in said
            assert "Write about it for yourself" not in said
        other = make_listed()
        for stranger in (make_user(), make_reader(other.cohort).user):
            assert browser_of(stranger).get(page).status_code == 404
        assert (
            browser_of(make_reader(cohort).user).get(address("book_club_book", cohort.pk, other.pk)).status_code == 404
        )

    @pytest.mark.parametrize("number", [1, 3])
    def test_it_takes_as_many_statements_for_one_book_as_for_three(
        self, cohort: Cohort, member: Client, number: int
    ) -> None:
        listed = make_list(cohort, *range(10, 10 + number))
        assert statements_of(member, address("book_club_book", cohort.pk, listed[0].pk)) == 6
