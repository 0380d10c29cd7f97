"""What members see of copies: what can be had, what they asked for, what they have; and of others nothing."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bookclub import asking, choosing, lending
from bookclub.models import Copy, CopyRequest, LendingTerms, ListedBook
from cohorts.models import Cohort, Membership
from portal.nhsuk.dates import say_date
from tests.bookclub.lending import in_days, let_pass, make_copy, make_loan
from tests.bookclub.making import (
    browser_of,
    make_book,
    make_leader,
    make_listed,
    make_meeting,
    make_reader,
    make_reading_cohort,
)
from tests.cohorts.pages import address, words
from tests.factories import make_admin
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def listed() -> ListedBook:
    return make_listed(make_reading_cohort(), make_book(title="Names we carry"))


@pytest.fixture
def member(listed: ListedBook) -> Membership:
    return make_reader(listed.cohort)


def page_of(cohort: Cohort) -> str:
    return address("book_club", cohort.pk)


def ask_page(listed: ListedBook) -> str:
    return address("book_copy_ask", listed.cohort_id, listed.pk)


class TestWhatCanBeHad:
    """How many copies are in, for everybody around a book club."""

    def test_it_says_how_many_are_in_and_of_a_book_without_copies_nothing(
        self, listed: ListedBook, member: Membership
    ) -> None:
        browser = browser_of(member.user)
        assert "To borrow from us" not in words(browser.get(page_of(listed.cohort)))
        copies = [make_copy(listed.cohort, listed.book) for _ in range(3)]
        make_copy(make_reading_cohort(), listed.book)
        lending.withdraw(make_copy(listed.cohort, listed.book), by=make_admin())
        assert "3 of 3 copies are in." in words(browser.get(page_of(listed.cohort)))
        for copy in copies[1:]:
            make_loan(make_reader(listed.cohort), copy)
        said = words(browser.get(page_of(listed.cohort)))
        assert "1 of 3 copies is in." in said
        assert "Ask for a copy" in said
        lending.give_back(copies[1].loans.get(), by=make_admin())
        assert "2 of 3 copies are in." in words(browser.get(page_of(listed.cohort)))

    def test_of_one_copy_it_says_so(self, listed: ListedBook, member: Membership) -> None:
        copy, browser = make_copy(listed.cohort, listed.book), browser_of(member.user)
        assert "the one copy that we lend is in." in words(browser.get(page_of(listed.cohort)))
        make_loan(make_reader(listed.cohort), copy)
        assert "the one copy that we lend is on loan." in words(browser.get(page_of(listed.cohort)))

    def test_nobody_but_themselves_is_told_who_has_it_or_asks(self, listed: ListedBook, member: Membership) -> None:
        copy, leads = make_copy(listed.cohort, listed.book, label="Names 3"), make_leader(make_meeting(listed.cohort))
        asking.ask(listed, by=member.user)
        make_loan(make_reader(listed.cohort), copy)
        for browser in (browser_of(make_reader(listed.cohort).user), desk_of(leads)):
            said = words(browser.get(page_of(listed.cohort)))
            assert "the one copy that we lend is on loan." in said
            assert "Names 3" not in said
            assert "You asked" not in said
            assert member.user.name not in said
        assert "Ask for a copy" not in words(desk_of(leads).get(page_of(listed.cohort)))


class TestAsking:
    """Asked, taken back, answered."""

    def test_a_member_asks_sees_it_and_takes_it_back(self, listed: ListedBook, member: Membership) -> None:
        make_copy(listed.cohort, listed.book)
        make_copy(listed.cohort, listed.book, format="audio")
        browser = browser_of(member.user)
        asked = words(browser.get(ask_page(listed)))
        assert "Which kind of copy?" in asked
        assert f'href="{address("book_club_book", listed.cohort_id, listed.pk)}"' in asked
        done = words(browser.post(ask_page(listed), {"format": "audio"}, follow=True))
        assert "You have asked for a copy of “Names we carry”." in done
        assert "You asked for one (audiobook) on" in done
        request = CopyRequest.objects.get()
        assert (request.format, request.asked_by) == ("audio", member.user)
        take_back = address("book_copy_take_back", listed.cohort_id, request.pk)
        assert "You no longer ask for a copy of “Names we carry”." in words(browser.post(take_back, follow=True))
        again = browser.post(take_back)
        assert again.status_code == 409
        assert "was answered, or taken back" in words(again)

    def test_whoever_has_asked_is_led_to_where_they_take_it_back(self, listed: ListedBook, member: Membership) -> None:
        make_copy(listed.cohort, listed.book)
        asking.ask(listed, by=member.user)
        browser, the_book = browser_of(member.user), address("book_club_book", listed.cohort_id, listed.pk)
        answer = browser.get(ask_page(listed))
        assert answer.headers["Location"] == the_book
        said = words(browser.get(the_book))
        assert "You have asked for a copy of this book already." in said
        assert "I no longer need a copy" in said
        # From another tab, in which the form still stands.
        refused = browser.post(ask_page(listed))
        assert (refused.status_code, f'<a href="{the_book}">Go to the book</a>' in words(refused)) == (409, True)

    def test_why_it_was_not_lent_stands_there_until_they_ask_again(
        self, listed: ListedBook, member: Membership
    ) -> None:
        make_copy(listed.cohort, listed.book)
        asking.decline(asking.ask(listed, by=member.user), "All are out <b>until</b> March.", by=make_admin())
        browser = browser_of(member.user)
        said = words(browser.get(page_of(listed.cohort)))
        assert f"On {say_date(timezone.localdate())} the programme team wrote:" in said
        assert "All are out &lt;b&gt;until&lt;/b&gt; March." in said
        browser.post(ask_page(listed))
        assert "All are out" not in words(browser.get(page_of(listed.cohort)))

    @pytest.mark.parametrize("sent", [{"format": "papyrus"}, {"format": "\0"}, {"format": "x" * 10_000}])
    def test_a_kind_that_is_none_is_asked_for_again(
        self, listed: ListedBook, member: Membership, sent: dict[str, Any]
    ) -> None:
        make_copy(listed.cohort, listed.book)
        make_copy(listed.cohort, listed.book, format="audio")
        assert browser_of(member.user).post(ask_page(listed), sent).status_code in {400, 422}
        assert not CopyRequest.objects.exists()

    def test_refusals_say_why(self, listed: ListedBook, member: Membership) -> None:
        browser = browser_of(member.user)
        none = browser.post(ask_page(listed))
        assert none.status_code == 409
        assert "lends no copies of this book" in words(none)
        make_loan(member, make_copy(listed.cohort, listed.book))
        has = browser.post(ask_page(listed))
        assert (has.status_code, "You have a copy of this book on loan." in words(has)) == (409, True)
        choosing.take_off(listed, by=make_admin())
        assert browser.post(ask_page(listed)).status_code == 409
        Cohort.objects.filter(pk=listed.cohort_id).update(starts_on=in_days(-90), ends_on=in_days(-1))
        ended = browser.post(ask_page(listed))
        assert (ended.status_code, "until it ends" in words(ended)) == (403, True)
        for refused in (none, has, ended):
            assert '<h1 class="nhsuk-heading-l">No copy was asked for</h1>' in words(refused)

    def test_a_kind_that_they_asked_for_is_named_and_that_they_hear_of_it(
        self, listed: ListedBook, member: Membership
    ) -> None:
        make_copy(listed.cohort, listed.book, format="large_print")
        asking.ask(listed, format="large_print", by=member.user)
        said = words(browser_of(member.user).get(page_of(listed.cohort)))
        assert f"You asked for one (large print) on {say_date(timezone.localdate())}." in said
        assert "The programme team writes to you when it lends you a copy, or if it cannot." in said
        assert "Ask for a copy" not in said

    def test_where_all_are_on_loan_they_are_told_that_they_can_ask(
        self, listed: ListedBook, member: Membership
    ) -> None:
        make_loan(make_reader(listed.cohort), make_copy(listed.cohort, listed.book))
        said = words(browser_of(member.user).get(page_of(listed.cohort)))
        assert "You can ask all the same, and have one when it is back." in said
        assert "Ask for a copy" in said

    def test_what_waits_when_the_cohort_ends_is_theirs_to_take_back(
        self, listed: ListedBook, member: Membership
    ) -> None:
        make_copy(listed.cohort, listed.book)
        request = asking.ask(listed, by=member.user)
        Cohort.objects.filter(pk=listed.cohort_id).update(starts_on=in_days(-90), ends_on=in_days(-1))
        browser = browser_of(member.user)
        assert "You asked for a copy." in words(browser.get(page_of(listed.cohort)))
        said = words(browser.get(address("book_club_book", listed.cohort_id, listed.pk)))
        assert "I no longer need a copy" in said
        assert "To borrow from us" not in said
        browser.post(address("book_copy_take_back", listed.cohort_id, request.pk))
        assert "You asked for a copy." not in words(browser.get(page_of(listed.cohort)))

    def test_where_no_copy_is_left_they_still_read_of_their_request(
        self, listed: ListedBook, member: Membership
    ) -> None:
        copy = make_copy(listed.cohort, listed.book)
        request = asking.ask(listed, by=member.user)
        Copy.objects.filter(pk=copy.pk).update(state=Copy.State.WITHDRAWN)
        browser = browser_of(member.user)
        said = words(browser.get(page_of(listed.cohort)))
        assert "You asked for one on" in said
        assert "I no longer need a copy" in said
        assert "To borrow from us" not in said
        asking.decline(request, "The last one is lost.", by=make_admin())
        said = words(browser.get(page_of(listed.cohort)))
        assert "The last one is lost." in said
        assert "Ask for a copy" not in said

    def test_what_another_asks_for_is_not_there(self, listed: ListedBook, member: Membership) -> None:
        make_copy(listed.cohort, listed.book)
        request = asking.ask(listed, by=member.user)
        take_back = address("book_copy_take_back", listed.cohort_id, request.pk)
        assert browser_of(make_reader(listed.cohort).user).post(take_back).status_code == 404
        assert browser_of(member.user).get(take_back).status_code == 405


class TestWhatTheyHave:
    """On the book club's page, and among their tasks."""

    def test_it_says_which_copy_until_when_and_how_it_comes_back(self, listed: ListedBook, member: Membership) -> None:
        make_copy(listed.cohort, listed.book)
        loan = make_loan(member, make_copy(listed.cohort, listed.book, label="Names 3"))
        LendingTerms.objects.create(programme=listed.cohort.programme, how_to_return="Post it to Demo Trust.")
        browser = browser_of(member.user)
        said = words(browser.get(page_of(listed.cohort)))
        for part in ("What you have on loan", "Names 3", "Post it to Demo Trust.", "You have one on loan"):
            assert part in said
        assert "tell the programme team" not in said
        assert "Ask for a copy" not in said
        let_pass(loan, 50)
        assert "If you would like it for longer, tell the programme team" in words(browser.get(page_of(listed.cohort)))
        lending.give_back(loan, by=make_admin())
        assert "What you have on loan" not in words(browser.get(page_of(listed.cohort)))

    def test_a_book_that_is_off_the_list_stays_there_until_it_is_back(
        self, listed: ListedBook, member: Membership
    ) -> None:
        make_loan(member, make_copy(listed.cohort, listed.book))
        choosing.take_off(listed, by=make_admin())
        assert "What you have on loan" in words(browser_of(member.user).get(page_of(listed.cohort)))

    def test_it_is_a_line_among_their_tasks_and_of_nobody_else(self, listed: ListedBook, member: Membership) -> None:
        loan, colleague = make_loan(member, make_copy(listed.cohort, listed.book)), make_reader(listed.cohort)
        tasks = reverse("me")
        said = words(browser_of(member.user).get(tasks))
        assert "Give back “Names we carry”" in said
        assert "Due back on" in said
        assert "Give back" not in words(browser_of(colleague.user).get(tasks))
        lending.give_back(loan, by=make_admin())
        assert "Give back" not in words(browser_of(member.user).get(tasks))

    @pytest.mark.parametrize("number", [1, 3])
    def test_pages_take_as_many_statements_for_one_book_as_for_three(self, number: int) -> None:
        cohort = make_reading_cohort()
        member = make_reader(cohort)
        for _ in range(number):
            lent, asked = make_listed(cohort), make_listed(cohort)
            make_loan(member, make_copy(cohort, lent.book))
            make_copy(cohort, asked.book)
            asking.ask(asked, by=member.user)
        browser: Client = browser_of(member.user)
        counts = []
        for page in (page_of(cohort), reverse("me")):
            browser.get(page)
            with CaptureQueriesContext(connection) as statements:
                assert browser.get(page).status_code == 200
            counts.append(len(statements))
        assert counts == [6, 9]
