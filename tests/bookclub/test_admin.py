"""The catalogue and reading lists in the admin pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin import site
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bookclub import suggesting
from bookclub.models import Book, ListedBook
from cohorts.models import Session
from tests.bookclub.making import bring_near, make_book, make_listed, make_meeting, make_reading_cohort, titles
from tests.cohorts.pages import address, words
from tests.factories import make_admin, make_admin_of, make_user
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db
BOOKS = reverse("admin:bookclub_book_changelist")
LISTS = reverse("admin:bookclub_listedbook_changelist")
SUGGESTIONS = reverse("admin:bookclub_suggestion_changelist")
FACTS = {"title": "Names we carry", "authors": "Demo Author", "offered": "on", "formats": ["audio"]}


@pytest.fixture
def desk() -> Client:
    return desk_of(make_admin())


class TestNames:
    """What things are called, one and several of them: in the menu, and below each list with their number."""

    def test_one_and_several_are_called_the_same(self) -> None:
        called = {
            model._meta.verbose_name: model._meta.verbose_name_plural
            for model in site._registry
            if model._meta.app_label == "bookclub"
        }
        assert called == {
            "book": "books",
            "book on a reading list": "books on reading lists",
            "copy": "copies",
            "loan": "loans",
            "plan of a book club meeting": "plans of book club meetings",
            "reported post": "reported posts",
            "request for a copy": "requests for copies",
            "set of lending terms": "sets of lending terms",
            "suggestion": "suggestions",
        }

    def test_a_list_counts_them_by_these_names(self, desk: Client) -> None:
        listed = make_listed()
        assert "1 book on a reading list" in words(desk.get(LISTS))
        make_listed(listed.cohort)
        assert "2 books on reading lists" in words(desk.get(LISTS))


class TestTheCatalogue:
    """Books."""

    def test_an_isbn_is_kept_with_13_digits_however_it_is_typed(self, desk: Client) -> None:
        desk.post(address("admin:bookclub_book_add"), {**FACTS, "isbn": "ISBN 0-306-40615-2"})
        assert Book.objects.get().isbn == "9780306406157"
        assert "Names we carry" in words(desk.get(BOOKS, {"q": "0-306-40615-2"}))
        assert "Names we carry" in words(desk.get(BOOKS, {"q": "carry"}))

    @pytest.mark.parametrize(
        ("isbn", "said"),
        [("978-0-306-40615-8", "One of the digits is wrong"), ("12", "Enter 10 or 13 digits")],
    )
    def test_a_wrong_isbn_is_told_with_all_that_was_typed(self, desk: Client, isbn: str, said: str) -> None:
        answer = desk.post(address("admin:bookclub_book_add"), {**FACTS, "isbn": isbn, "how_to_get": "Ask Sam"})
        assert said in words(answer)
        assert "Ask Sam" in words(answer)
        assert not Book.objects.exists()

    def test_two_editions_are_two_books_and_the_same_one_is_not(self, desk: Client) -> None:
        make_book(**{name: FACTS[name] for name in ("title", "authors")}, edition="2019")
        again = {**FACTS, "title": "NAMES we carry", "edition": "2019"}
        assert "This edition is in the catalogue already" in words(desk.post(address("admin:bookclub_book_add"), again))
        desk.post(address("admin:bookclub_book_add"), {**FACTS, "edition": "2nd edition, 2024"})
        assert Book.objects.count() == 2

    def test_the_isbn_of_another_book_is_told(self, desk: Client) -> None:
        make_book(isbn="9780306406157")
        answer = desk.post(address("admin:bookclub_book_add"), {**FACTS, "isbn": "0306406152"})
        assert "Another book in the catalogue has this ISBN" in words(answer)

    def test_a_book_that_was_on_a_list_stays(self, desk: Client) -> None:
        listed, unread = make_listed(), make_book()
        assert desk.post(address("admin:bookclub_book_delete", listed.book_id), {"post": "yes"}).status_code == 403
        assert desk.post(address("admin:bookclub_book_delete", unread.pk), {"post": "yes"}).status_code == 302

    def test_a_book_that_others_read_stays_that_book(self) -> None:
        listed = make_listed(book=make_book(title="Names we carry", isbn="9780306406157"))
        own = make_listed(make_reading_cohort(), make_book(title="Names we give"))
        desk = desk_of(make_admin_of(own.cohort.programme))
        sent = {"title": "Another", "authors": "Another", "isbn": "", "edition": "9th", "offered": "on"}
        page = address("admin:bookclub_book_change", listed.book_id)
        assert "A cohort of a programme that you do not keep has this book on its list" in words(desk.get(page))
        assert desk.post(page, {**sent, "description": "Kind"}).status_code == 302
        book = Book.objects.get(pk=listed.book_id)
        assert (book.title, book.authors, book.edition, book.isbn) == (
            "Names we carry",
            "Demo Author",
            "",
            "9780306406157",
        )
        assert book.description == "Kind"
        page = address("admin:bookclub_book_change", own.book_id)
        assert "that you do not keep" not in words(desk.get(page))
        desk.post(page, sent)
        assert Book.objects.get(pk=own.book_id).title == "Another"

    def test_who_keeps_all_programmes_corrects_every_book(self, desk: Client) -> None:
        listed = make_listed()
        desk.post(address("admin:bookclub_book_change", listed.book_id), {**FACTS, "title": "Names we kept"})
        assert Book.objects.get().title == "Names we kept"


class TestLists:
    """What each cohort reads."""

    def test_a_book_is_put_on_a_list_arranged_moved_swapped_and_taken_off(self, desk: Client) -> None:
        cohort, book, other = make_reading_cohort(), make_book(), make_book()
        meeting = make_meeting(cohort)
        added = desk.post(
            address("admin:bookclub_listedbook_add"),
            {"cohort": cohort.pk, "book": book.pk, "why": "Short"},
            follow=True,
        )
        assert f"“{book}” is on the list." in words(added)
        listed = ListedBook.objects.get()
        arrange = address("admin:bookclub_listedbook_arrange", listed.pk)
        assert "Book club meeting 1:" in words(desk.get(arrange))
        desk.post(arrange, {"meeting": meeting.pk, "why": "Short, and kind"})
        listed.refresh_from_db()
        assert (listed.meeting, listed.why) == (meeting, "Short, and kind")
        last = make_listed(cohort)
        later = address("admin:bookclub_listedbook_later", listed.pk)
        assert f"Read “{book}” later" in words(desk.get(later))
        desk.post(later, {"confirmed": "yes"})
        assert titles(cohort) == [last.book.title, book.title]
        desk.post(address("admin:bookclub_listedbook_swap", listed.pk), {"book": other.pk})
        assert titles(cohort) == [last.book.title, other.title]
        off = address("admin:bookclub_listedbook_take_off", last.pk)
        assert f"Take “{last}” off the list" in words(desk.get(off))
        assert "What people wrote of it stays theirs." in words(desk.get(off))
        assert titles(cohort) == [last.book.title, other.title]
        desk.post(off, {"confirmed": "yes"})
        assert titles(cohort) == [other.title]

    def test_the_meeting_is_set_with_the_book_and_what_was_done_leads_to_its_plan(self, desk: Client) -> None:
        cohort, book = make_reading_cohort(name="Demo cohort 4"), make_book()
        meeting, others = make_meeting(cohort), make_meeting(make_reading_cohort())
        page = address("admin:bookclub_listedbook_add")
        shown = words(desk.get(page))
        assert f'<option value="{meeting.pk}">Demo cohort 4: Book club meeting 1:' in shown
        assert f'<option value="{others.pk}">' in shown
        known = words(desk.get(page, {"cohort": cohort.pk}))
        assert f'<option value="{meeting.pk}">Demo cohort 4: Book club meeting 1:' in known
        given = {"cohort": cohort.pk, "book": book.pk, "why": "Because"}
        wrong = desk.post(page, {**given, "meeting": others.pk})
        assert wrong.status_code == 422
        assert f"That is {others.cohort}&#x27;s meeting. Choose one of Demo cohort 4&#x27;s." in words(wrong)
        assert "Because" in words(wrong)
        for offered in (meeting, others):
            assert f'<option value="{offered.pk}"' in words(wrong)
        assert not ListedBook.objects.exists()
        done = words(desk.post(page, {**given, "meeting": meeting.pk}, follow=True))
        listed = ListedBook.objects.get()
        assert listed.meeting == meeting
        assert f'<a href="{address("book_club_plan", cohort.pk, meeting.pk)}">Write for its meeting</a>' in done
        arrange = address("admin:bookclub_listedbook_arrange", listed.pk)
        done = words(desk.post(arrange, {"meeting": "", "why": ""}, follow=True))
        assert f'<a href="{address("book_club", cohort.pk)}">See the list as its readers do</a>' in done

    def test_who_chose_the_wrong_cohort_chooses_another_and_the_meeting_stays(self, desk: Client) -> None:
        cohort, other, book = make_reading_cohort(), make_reading_cohort(), make_book()
        meeting = make_meeting(other)
        page = address("admin:bookclub_listedbook_add")
        given = {"book": book.pk, "meeting": meeting.pk}
        assert f'<option value="{meeting.pk}" selected>' in words(desk.post(page, {**given, "cohort": cohort.pk}))
        desk.post(page, {**given, "cohort": other.pk})
        assert ListedBook.objects.get().meeting == meeting

    def test_a_meeting_that_is_over_is_marked_and_taken_once_it_is_read_that_the_book_stays(self, desk: Client) -> None:
        cohort = make_reading_cohort()
        cohort.programme.published = True
        cohort.programme.save()
        over, to_come = make_meeting(cohort), make_meeting(cohort)
        bring_near(over, days=-3)
        set_later, read_before = make_listed(cohort), make_book()
        sent: dict[str, dict[str, Any]] = {
            address("admin:bookclub_listedbook_arrange", set_later.pk): {"why": "Short"},
            address("admin:bookclub_listedbook_add"): {"cohort": cohort.pk, "book": read_before.pk, "why": "Short"},
        }
        for page, given in sent.items():
            shown = words(desk.get(page, {"cohort": cohort.pk}))
            assert shown.index(f'<option value="{to_come.pk}">') < shown.index(f'<option value="{over.pk}">')
            assert shown.count("(over)</option>") == 1
            warned = words(desk.post(page, {**given, "meeting": over.pk}))
            for said in (
                "is over.",
                "The book stays there: it is then not moved to another meeting, swapped, or taken off.",
                "It stands on the public page “Books that cohorts have read”.",
                "Put it there",
            ):
                assert said in warned
            assert not ListedBook.objects.filter(meeting=over).exists()
            back = desk.post(page, {**given, "meeting": over.pk, "confirmed": "yes", "back_to_form": "1"})
            assert f'<option value="{over.pk}" selected>' in words(back)
            assert not ListedBook.objects.filter(meeting=over).exists()
            desk.post(page, {**given, "meeting": over.pk, "confirmed": "yes"})
            assert ListedBook.objects.get(meeting=over).why == "Short"
            ListedBook.objects.filter(meeting=over).update(meeting=None)

    def test_what_is_always_refused_is_not_offered(self, desk: Client) -> None:
        cohort = make_reading_cohort()
        meeting = make_meeting(cohort)
        first, last = make_listed(cohort, meeting=meeting), make_listed(cohort)

        def ways(listed: ListedBook) -> set[str]:
            shown = words(desk.get(address("admin:bookclub_listedbook_change", listed.pk)))
            acts = ("arrange", "swap", "take_off", "earlier", "later")
            return {act for act in acts if address(f"admin:bookclub_listedbook_{act}", listed.pk) in shown}

        assert ways(first) == {"arrange", "swap", "take_off", "later"}
        assert ways(last) == {"arrange", "swap", "take_off", "earlier"}
        bring_near(meeting, hours=-1)
        assert ways(first) == {"arrange", "later"}
        for act in ("swap", "take_off"):
            asked = words(desk.get(address(f"admin:bookclub_listedbook_{act}", first.pk)))
            assert "Its meeting has begun, so this book stays on the list." in asked
            assert 'type="submit" value="' not in asked

    def test_why_is_changed_once_the_meeting_has_begun_and_the_meeting_is_not(self, desk: Client) -> None:
        cohort = make_reading_cohort()
        meeting = make_meeting(cohort)
        listed = make_listed(cohort, meeting=meeting)
        bring_near(meeting, hours=-1)
        assert "Change why they read it" in words(desk.get(address("admin:bookclub_listedbook_change", listed.pk)))
        page = address("admin:bookclub_listedbook_arrange", listed.pk)
        assert "It has begun, so the book stays there." in words(desk.get(page))
        desk.post(page, {"why": "Short"})
        listed.refresh_from_db()
        assert (listed.meeting, listed.why) == (meeting, "Short")

    def test_meetings_of_other_programmes_are_neither_offered_nor_taken(self) -> None:
        cohort = make_reading_cohort()
        others = make_meeting(make_reading_cohort())
        desk = desk_of(make_admin_of(cohort.programme))
        page = address("admin:bookclub_listedbook_add")
        assert f'<option value="{others.pk}">' not in words(desk.get(page))
        given = {"cohort": cohort.pk, "book": make_book().pk, "meeting": others.pk}
        assert desk.post(page, given).status_code == 422
        assert not ListedBook.objects.exists()

    def test_what_is_missing_is_asked_for_in_words_that_say_what_to_do(self, desk: Client) -> None:
        pages = {
            address("admin:bookclub_listedbook_add"): ("Choose a cohort", "Choose a book"),
            address("admin:bookclub_listedbook_swap", make_listed().pk): ("Choose a book",),
            address("admin:bookclub_meetingplan_add"): ("Choose a meeting that is to come",),
        }
        for page, said in pages.items():
            answer = words(desk.post(page, {}))
            assert "This field is required" not in answer
            for part in said:
                assert part in answer

    def test_nothing_is_swapped_once_the_cohort_has_ended(self, desk: Client) -> None:
        today = timezone.localdate()
        cohort = make_reading_cohort(starts_on=today - timedelta(days=300), ends_on=today - timedelta(days=1))
        listed = make_listed(cohort)
        swap = address("admin:bookclub_listedbook_swap", listed.pk)
        change = words(desk.get(address("admin:bookclub_listedbook_change", listed.pk)))
        assert "Take off the list" in change
        assert swap not in change
        said = "This cohort has ended, so no book of its list is swapped"
        asked = words(desk.get(swap))
        assert said in asked
        assert "Which book instead" not in asked
        answer = desk.post(swap, {"book": make_book().pk, "why": "Because"})
        assert answer.status_code == 422
        assert said in words(answer)
        assert "Because" in words(answer)
        assert titles(cohort) == [listed.book.title]

    def test_a_refusal_is_told_and_nothing_typed_is_lost(self, desk: Client) -> None:
        listed = make_listed()
        again = {"cohort": listed.cohort_id, "book": listed.book_id, "why": "Because"}
        answer = desk.post(address("admin:bookclub_listedbook_add"), again)
        assert answer.status_code == 422
        assert "This book is on the cohort&#x27;s list already." in words(answer)
        assert "Because" in words(answer)
        make_listed(listed.cohort)
        desk.post(address("admin:bookclub_listedbook_take_off", listed.pk), {"confirmed": "yes"})
        page = address("admin:bookclub_listedbook_swap", listed.pk)
        answer = desk.post(page, {"book": make_book().pk, "why": "Because"})
        assert answer.status_code == 422
        assert "Somebody else has taken this book off the list" in words(answer)
        gone = desk.post(address("admin:bookclub_listedbook_earlier", listed.pk), {"confirmed": "yes"}, follow=True)
        assert "Somebody else has taken this book off the list" in words(gone)

    def test_a_book_that_is_not_offered_is_found_in_no_field_and_taken_from_none(self, desk: Client) -> None:
        listed, gone = make_listed(), make_book(offered=False)
        field = {"app_label": "bookclub", "model_name": "listedbook", "field_name": "book", "term": "weight"}
        found = desk.get(reverse("admin:autocomplete"), field).json()["results"]
        assert [each["text"] for each in found] == [listed.book.title]
        sent = {"cohort": listed.cohort_id, "book": gone.pk, "why": "Because"}
        answer = desk.post(address("admin:bookclub_listedbook_add"), sent)
        assert answer.status_code == 422
        assert "This book is no longer offered to cohorts. Choose another one" in words(answer)
        assert "Because" in words(answer)
        answer = desk.post(address("admin:bookclub_listedbook_swap", listed.pk), sent)
        assert answer.status_code == 422
        assert "ticked as “Offered”" in words(answer)
        assert titles(listed.cohort) == [listed.book.title]

    @pytest.mark.parametrize(("page", "said"), [("earlier", "is first"), ("later", "is last")])
    def test_a_book_that_cannot_move_is_said_to_stand_there_already(self, desk: Client, page: str, said: str) -> None:
        listed = make_listed()
        answer = desk.post(address(f"admin:bookclub_listedbook_{page}", listed.pk), {"confirmed": "yes"}, follow=True)
        assert f"“{listed.book}” {said} on the list already." in words(answer)

    def test_to_correct_why_leaves_the_meeting_whatever_became_of_it(self, desk: Client) -> None:
        cohort = make_reading_cohort()
        meeting = make_meeting(cohort)
        listed = make_listed(cohort, meeting=meeting)
        Session.objects.filter(pk=meeting.pk).update(cancelled_at=timezone.now())
        page = address("admin:bookclub_listedbook_arrange", listed.pk)
        shown = desk.get(page)
        assert "(cancelled)</option>" in words(shown)
        assert f'<option value="{meeting.pk}" selected>' in words(shown)
        desk.post(page, {"meeting": meeting.pk, "why": "Short"})
        listed.refresh_from_db()
        assert (listed.meeting, listed.why) == (meeting, "Short")

    @pytest.mark.parametrize("sent", [{}, {"book": "0"}, {"book": "x"}, {"book": str(10**30)}])
    def test_a_book_that_is_none_is_asked_for_again(self, desk: Client, sent: dict[str, Any]) -> None:
        listed = make_listed()
        assert desk.post(address("admin:bookclub_listedbook_swap", listed.pk), sent).status_code == 422
        assert titles(listed.cohort) == [listed.book.title]

    def test_another_programmes_lists_are_not_there(self) -> None:
        listed = make_listed()
        desk = desk_of(make_admin_of(make_reading_cohort().programme))
        assert listed.book.title not in words(desk.get(LISTS))
        for page in ("arrange", "swap", "take_off", "earlier", "later"):
            assert desk.get(address(f"admin:bookclub_listedbook_{page}", listed.pk)).status_code == 404
        answer = desk.post(
            address("admin:bookclub_listedbook_add"), {"cohort": listed.cohort_id, "book": make_book().pk}
        )
        assert answer.status_code == 422
        assert ListedBook.objects.count() == 1

    @pytest.mark.parametrize("number", [1, 3])
    def test_lists_take_as_many_statements_for_one_row_as_for_three(self, desk: Client, number: int) -> None:
        cohort = make_reading_cohort()
        for at in range(number):
            make_listed(cohort, meeting=make_meeting(cohort))
            suggesting.suggest(cohort, title=f"Book {at}", authors="Demo", why="", by=make_user())
        counts = []
        for page in (BOOKS, LISTS, SUGGESTIONS):
            desk.get(page)
            with CaptureQueriesContext(connection) as asked:
                assert desk.get(page).status_code == 200
            counts.append(len(asked))
        assert counts == [4, 6, 6]
