"""The pages of book clubs: what a cohort reads, what members suggest, what alumni and the public see."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookclub import choosing, reading_list, suggesting
from bookclub.models import Backing, Book, Suggestion
from cohorts.models import Cohort, Session
from portal.nhsuk.dates import say_date
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
from tests.factories import make_admin, make_facilitator, make_membership, make_user
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db
SUGGESTED = {"title": "Names we carry", "authors": "Demo Author", "why": "It is short"}


def page_of(cohort: Cohort) -> str:
    return address("book_club", cohort.pk)


def statements_of(browser: Client, page: str) -> int:
    """Return how many statements a page takes, once its statements are known."""
    browser.get(page)
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(page).status_code == 200
    return len(asked)


def hold(meeting: Session) -> None:
    """Let a meeting be over."""
    began = timezone.now() - timedelta(days=2)
    Session.objects.filter(pk=meeting.pk).update(starts_at=began, ends_at=began + timedelta(hours=2))


class TestTheList:
    """A cohort's reading list."""

    def test_it_says_of_each_book_what_it_is_and_how_to_get_it(self) -> None:
        cohort = make_reading_cohort()
        book = make_book(
            title="Names we carry",
            edition="2nd edition",
            isbn="9780306406157",
            content_warnings="A baby dies in chapter 3.",
            formats=[Book.Format.EBOOK, Book.Format.LARGE_PRINT],
            how_to_get="Ask your trust's library.",
        )
        meeting = make_meeting(cohort)
        make_listed(cohort, book, meeting=meeting, why="Short, and about listening")
        page = browser_of(make_reader(cohort).user).get(page_of(cohort))
        said = words(page)
        for part in (
            "1. Names we carry",
            "2nd edition",
            "978-0-306-40615-7",
            "A baby dies in chapter 3.",
            "Large print, e-book",
            "library.",
            "Short, and about listening",
            f'href="{address("book_club_meeting", cohort.pk, meeting.pk)}"',
        ):
            assert part in said
        assert said.index("Before you read") < said.index("About names.")
        assert "no-store" in page.headers["Cache-Control"]

    def test_what_was_swapped_is_named_with_what_took_its_place(self) -> None:
        listed = make_listed()
        other = choosing.swap(listed, make_book(), by=make_admin())
        said = words(browser_of(make_reader(listed.cohort).user).get(page_of(listed.cohort)))
        assert f"{listed.book}, Demo Author: you read {other.book} in its place" in said

    @pytest.mark.parametrize("number", [1, 3])
    def test_it_takes_as_many_statements_for_one_book_as_for_three(self, number: int) -> None:
        cohort = make_reading_cohort()
        for _ in range(number):
            make_listed(cohort, meeting=make_meeting(cohort))
            choosing.swap(make_listed(cohort), make_book(), by=make_admin())
        assert statements_of(browser_of(make_reader(cohort).user), page_of(cohort)) == 6

    def test_it_is_for_the_cohort_and_whoever_leads_or_keeps_it(self) -> None:
        listed = make_listed()
        cohort = listed.cohort
        facilitator = make_facilitator(make_user())
        make_meeting(cohort).facilitators.add(facilitator)
        withdrawn = make_membership(cohort=cohort, state="withdrawn").user
        assert desk_of(facilitator.user).get(page_of(cohort)).status_code == 200
        for stranger in (make_reader(make_reading_cohort()).user, withdrawn, make_user()):
            assert browser_of(stranger).get(page_of(cohort)).status_code == 404
        assert browser_of(make_user()).get(address("book_club", 10**9)).status_code == 404


class TestTheWayThere:
    """The header, and the page between."""

    def test_the_header_leads_whoever_reads_to_their_book_club(self) -> None:
        listed = make_listed()
        reader = browser_of(make_reader(listed.cohort).user)
        assert "Book club" in words(reader.get(address("me")))
        assert reader.get(address("book_clubs")).headers["Location"] == page_of(listed.cohort)
        stranger = browser_of(make_user())
        assert "Book club" not in words(stranger.get(address("me")))
        assert "You are in no cohort that has a reading list" in words(stranger.get(address("book_clubs")))

    @pytest.mark.parametrize("number", [1, 3])
    def test_it_takes_as_many_statements_for_one_cohort_more_as_for_three(self, number: int) -> None:
        user = make_user()
        for _ in range(1 + number):
            make_reader(make_listed().cohort, user)
        assert statements_of(browser_of(user), address("book_clubs")) == 4

    def test_who_reads_in_two_cohorts_chooses(self) -> None:
        first, second = make_listed(), make_listed()
        user = make_reader(first.cohort).user
        make_reader(second.cohort, user)
        said = words(browser_of(user).get(address("book_clubs")))
        assert first.cohort.name in said
        assert second.cohort.name in said


class TestAlumni:
    """Whose cohort has ended: their own list stays, and they see every cohort's."""

    @pytest.fixture
    def alumna(self) -> Any:
        today = timezone.localdate()
        cohort = make_reading_cohort(starts_on=today - timedelta(days=300), ends_on=today - timedelta(days=1))
        make_listed(cohort)
        return make_reader(cohort)

    def test_they_see_their_own_list_and_every_cohorts(self, alumna: Any) -> None:
        other = make_listed(book=make_book(content_warnings="A baby dies in chapter 3."))
        browser = browser_of(alumna.user)
        assert browser.get(page_of(alumna.cohort)).status_code == 200
        said = words(browser.get(address("reading_lists")))
        for part in (other.book.title, other.cohort.name, "A baby dies in chapter 3.", "About names."):
            assert part in said
        assert "What every cohort reads" in words(browser.get(address("book_clubs")))

    def test_they_suggest_nothing_any_more_and_lose_no_words(self, alumna: Any) -> None:
        page = address("book_suggest", alumna.cohort_id)
        answer = browser_of(alumna.user).post(page, SUGGESTED)
        assert answer.status_code == 403
        assert "It is short" in words(answer)
        assert not Suggestion.objects.exists()

    def test_a_member_of_a_cohort_that_goes_on_does_not(self) -> None:
        reader = browser_of(make_reader(make_listed().cohort).user)
        assert reader.get(address("reading_lists")).status_code == 404

    def test_two_cohorts_of_one_name_and_day_each_have_their_own_list(self, alumna: Any) -> None:
        first, second = (make_reading_cohort(name="Cohort 4") for _ in range(2))
        books = [make_listed(cohort).book.title for cohort in (first, second, first, second)]
        said = words(browser_of(alumna.user).get(address("reading_lists")))
        at = [said.index(f"{books[number]},") for number in (1, 3, 0, 2)]
        assert at == sorted(at)
        assert said.count("Cohort 4</h2>") == 2

    def test_lists_are_paged_and_none_is_left_out(self, alumna: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reading_list, "PAGE", 2)
        titles = [make_listed().book.title for _ in range(4)]
        browser, page, seen = browser_of(alumna.user), "", ""
        for _ in range(3):
            found = browser.get(address("reading_lists") + page)
            seen += words(found)
            page = f"?before={found.context['lists'].next_before}"
        assert page == "?before="
        assert [seen.count(f"{title},") for title in titles] == [1] * 4
        assert "There are no earlier lists." in words(browser.get(address("reading_lists") + "?before=0-0"))
        assert "Earlier cohorts" in words(browser.get(address("reading_lists") + "?before=nonsense"))

    @pytest.mark.parametrize("number", [1, 3])
    def test_all_lists_take_as_many_statements_for_one_as_for_three(self, alumna: Any, number: int) -> None:
        for _ in range(number):
            make_listed()
        assert statements_of(browser_of(alumna.user), address("reading_lists")) == 5


class TestThePublic:
    """Books that cohorts have read: books alone."""

    def test_it_shows_books_whose_meeting_is_over_and_nothing_of_cohorts(self) -> None:
        cohort = make_reading_cohort()
        cohort.programme.published = True
        cohort.programme.save()
        read, to_come, cancelled = (make_meeting(cohort) for _ in range(3))
        listed = make_listed(cohort, meeting=read)
        others = [make_listed(cohort, meeting=meeting) for meeting in (to_come, cancelled)]
        hold(read)
        hold(cancelled)
        Session.objects.filter(pk=cancelled.pk).update(cancelled_at=timezone.now())
        said = words(Client().get(address("books_read")))
        assert listed.book.title in said
        assert not any(other.book.title in said for other in others)
        assert cohort.name not in said

    def test_nothing_of_a_programme_that_is_not_published(self) -> None:
        cohort = make_reading_cohort()
        cohort.programme.published = False
        cohort.programme.save()
        meeting = make_meeting(cohort)
        make_listed(cohort, meeting=meeting)
        hold(meeting)
        assert "The first meeting is still to come" in words(Client().get(address("books_read")))

    @pytest.mark.parametrize("number", [1, 3])
    def test_it_takes_one_statement(self, number: int) -> None:
        cohort = make_reading_cohort()
        cohort.programme.published = True
        cohort.programme.save()
        for _ in range(number):
            meeting = make_meeting(cohort)
            make_listed(cohort, meeting=meeting)
            hold(meeting)
        assert statements_of(Client(), address("books_read")) == 1


class TestSuggestions:
    """What members would like to read."""

    def test_one_is_made_backed_and_taken_back(self) -> None:
        cohort = make_reading_cohort()
        author, other = (browser_of(make_reader(cohort, make_user(name=f"Demo {who}")).user) for who in ("One", "Two"))
        page = address("book_suggestions", cohort.pk)
        said = words(author.post(address("book_suggest", cohort.pk), SUGGESTED, follow=True))
        assert "Your suggestion is in the list, without your name." in said
        assert "Names we carry" in said
        suggestion = Suggestion.objects.get()
        said = words(other.post(address("book_suggestion_act", cohort.pk, suggestion.pk, "back"), follow=True))
        assert "2 of you back it." in said
        assert "Demo One" not in said
        other.post(address("book_suggestion_act", cohort.pk, suggestion.pk, "stop-backing"))
        assert Backing.objects.count() == 1
        take_back = address("book_suggestion_take_back", cohort.pk, suggestion.pk)
        assert f'href="{take_back}"' in words(author.get(page))
        other.post(address("book_suggestion_act", cohort.pk, suggestion.pk, "back"))
        assert "1 other member backs it now." in words(author.get(take_back))
        assert Suggestion.objects.get().is_open
        assert other.post(take_back).status_code == other.get(take_back).status_code == 404
        assert author.post(take_back).headers["Location"] == page
        assert "No suggestion is waiting." in words(author.get(page))
        asked, again = author.get(take_back), author.post(take_back)
        assert (asked.status_code, "You cannot do this now" in words(asked)) == (409, True)
        assert (again.status_code, "The suggestion was not taken back" in words(again)) == (409, True)

    @pytest.mark.parametrize(
        ("sent", "said"),
        [
            ({"title": "", "authors": "", "why": "Mine"}, "Enter the title of the book"),
            ({"title": "x" * 201, "authors": "A", "why": "Mine"}, "Title of the book must be 200 characters or fewer"),
            ({"title": "\u200b", "authors": "A", "why": "Mine"}, "Enter the title of the book"),
            ({"title": "A", "authors": "A", "why": "Mine" + "x" * 1_000}, "1000 characters or fewer"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_is_lost(self, sent: dict[str, str], said: str) -> None:
        cohort = make_reading_cohort()
        answer = browser_of(make_reader(cohort).user).post(address("book_suggest", cohort.pk), sent)
        assert answer.status_code == 422
        assert said.replace("1000", "1,000") in words(answer) or said in words(answer)
        assert "Mine" in words(answer)
        assert not Suggestion.objects.exists()

    def test_a_book_that_waits_already_is_refused_with_what_was_typed(self) -> None:
        cohort = make_reading_cohort()
        suggesting.suggest(cohort, **SUGGESTED, by=make_user())
        answer = browser_of(make_reader(cohort).user).post(address("book_suggest", cohort.pk), SUGGESTED)
        assert answer.status_code == 409
        assert "You can back it in the list" in words(answer)
        assert "It is short" in words(answer)

    def test_a_book_that_they_read_already_is_refused_kindly_with_what_was_typed(self) -> None:
        cohort = make_reading_cohort()
        make_listed(cohort, make_book(title="NAMES we carry", authors="Ama Adeyemi"))
        answer = browser_of(make_reader(cohort).user).post(address("book_suggest", cohort.pk), SUGGESTED)
        assert answer.status_code == 409
        assert "“NAMES we carry” by Ama Adeyemi is on your cohort&#x27;s list already." in words(answer)
        assert "It is short" in words(answer)
        assert not Suggestion.objects.exists()

    def test_an_act_that_is_none_and_a_suggestion_of_another_cohort_are_not_there(self) -> None:
        cohort = make_reading_cohort()
        reader = browser_of(make_reader(cohort).user)
        own = suggesting.suggest(cohort, **SUGGESTED, by=make_user())
        elsewhere = suggesting.suggest(make_reading_cohort(), **SUGGESTED, by=make_user())
        assert reader.post(address("book_suggestion_act", cohort.pk, own.pk, "burn")).status_code == 404
        assert reader.post(address("book_suggestion_act", cohort.pk, elsewhere.pk, "back")).status_code == 404
        assert reader.get(address("book_suggestion_act", cohort.pk, own.pk, "back")).status_code == 405

    def test_what_became_of_one_is_told_to_all_members_kindly(self) -> None:
        cohort = make_reading_cohort()
        listed, other, later, back = (
            suggesting.suggest(cohort, title=f"Names {at}", authors="Demo", why="", by=make_user())
            for at in ("one", "two", "three", "four")
        )
        to_come = suggesting.suggest(cohort, title="Names zero", authors="Demo", why="", by=make_user())
        make_listed(cohort, make_book(title="NAMES one"))
        make_book(title="NAMES two")
        decisions = ((to_come, "TAKEN_UP"), (listed, "TAKEN_UP"), (other, "TAKEN_UP"), (later, "SET_ASIDE"))
        for suggestion, state in decisions:
            suggesting.decide(suggestion, Suggestion.State[state], by=make_admin())
        suggesting.withdraw(back, by=back.suggested_by)
        said = words(browser_of(make_reader(cohort).user).get(address("book_suggestions", cohort.pk)))
        today = say_date(timezone.localdate())
        assert f"taken up on {today}. It is on your list now." in said
        led = words(desk_of(make_leader(make_meeting(cohort))).get(address("book_suggestions", cohort.pk)))
        assert f"taken up on {today}. It is on the list now." in led
        assert f"taken up on {today}. It is in the catalogue now." in said
        assert f"taken up on {today}. The programme team will add it." in said
        assert f"not this time. Decided on {today}, with thanks to whoever suggested it." in said
        assert "Names four" not in said
        assert [each.suggestion.title[6:] for each in reading_list.decided(cohort)] == ["three", "two", "one", "zero"]

    @pytest.mark.parametrize("number", [1, 3])
    def test_the_list_takes_as_many_statements_for_one_as_for_three(self, number: int) -> None:
        cohort = make_reading_cohort()
        for at in range(number):
            for title in (f"Book {at}", f"Decided {at}"):
                suggestion = suggesting.suggest(cohort, title=title, authors="Demo", why="", by=make_user())
            suggesting.decide(suggestion, Suggestion.State.TAKEN_UP, by=make_admin())
        assert statements_of(browser_of(make_reader(cohort).user), address("book_suggestions", cohort.pk)) == 5
