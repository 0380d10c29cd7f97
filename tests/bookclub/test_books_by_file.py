"""Books by file: what a row does, what is wrong with it, and that nothing is done before it is confirmed."""

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookclub import choosing, isbn
from bookclub.books_by_file import BOOKS
from bookclub.models import Book
from bookclub.rules import WHICH
from portal.accounts.models import User
from portal.imports import importing
from portal.imports.kinds import AddedOrChanged, Plan
from portal.imports.models import FileImport
from portal.spreadsheets import read
from portal.trail.models import Entry
from tests.bookclub.making import make_book, make_listed, make_reading_cohort
from tests.cohorts.pages import address, words
from tests.factories import make_admin, make_admin_of, make_user
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db
HEADINGS = [column.heading for column in BOOKS.columns]
GOOD, OTHER = "978-0-306-40615-7", "978-1-4028-9462-6"
ISBNS = ("9780306406157", "9781402894626", "9783161484100")


def file_of(*rows: list[str], headings: list[str] | None = None) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows([headings or HEADINGS, *rows])
    return written.getvalue().encode()


def row(title: str = "Names we carry", authors: str = "Demo Author", *more: str) -> list[str]:
    """Return a row: title, authors, edition, ISBN, description, content warnings, formats, how to get a copy."""
    return [title, authors, *more, *[""] * (6 - len(more))]


def plan_of(*rows: list[str], by: User | None = None) -> Plan[Any]:
    return importing.plan(BOOKS, read(file_of(*rows), BOOKS.columns).rows, None, by=by or make_admin())


def problems_of(*rows: list[str]) -> list[tuple[int, str]]:
    return [(line.number, " ".join(line.problems)) for line in plan_of(*rows).lines if line.problems]


def outcomes_of(*rows: list[str]) -> list[str]:
    return plan_of(*rows).outcomes


class TestWhatARowDoes:
    """Adds a book, changes one, or nothing."""

    def test_a_new_book_is_added_with_all_that_the_file_says(self) -> None:
        plan = plan_of(
            row(
                " Names  we carry", "Demo Author", "2nd", "0-306-40615-2", "About names.", "A baby dies.",
                "print; E-Book, large-print / library", "Ask us.\nOr your library.",
            )
        )  # fmt: skip
        BOOKS.carry_out(plan, None, by=make_admin(), told=lambda _: None)
        book = Book.objects.get()
        assert (book.title, book.edition, book.isbn, book.offered) == ("Names we carry", "2nd", "9780306406157", True)
        assert book.formats == ["print", "large_print", "ebook", "library"]
        assert (book.description, book.content_warnings) == ("About names.", "A baby dies.")
        assert book.how_to_get == "Ask us.\nOr your library."
        assert Entry.objects.get(verb="book.added").subject == f"book:{book.pk}"

    def test_one_that_is_there_is_found_by_its_isbn_or_its_edition_and_changed_where_the_file_says_something(
        self,
    ) -> None:
        by_isbn = make_book(title="Names we carry", authors="Demo Author", isbn="9780306406157", how_to_get="Ask us.")
        by_edition = make_book(title="The other", authors="Demo Author", edition="2019", offered=False)
        plan = plan_of(
            row("NAMES we carry", "Demo Author", "", GOOD, "New"), row("the other", "demo author", "2019", OTHER)
        )
        assert plan.outcomes == [AddedOrChanged.CHANGED, AddedOrChanged.CHANGED]
        assert plan.lines[0].notes == (
            "Title: “Names we carry” → “NAMES we carry”.",
            "Description: “About names.” → “New”.",
        )
        assert plan.lines[1].notes[-1] == "ISBN: empty → “978-1-4028-9462-6”."
        BOOKS.carry_out(plan, None, by=make_admin(), told=lambda _: None)
        by_isbn.refresh_from_db()
        by_edition.refresh_from_db()
        assert (by_isbn.title, by_isbn.description, by_isbn.how_to_get) == ("NAMES we carry", "New", "Ask us.")
        assert (by_edition.isbn, by_edition.edition, by_edition.offered) == ("9781402894626", "2019", False)
        assert Entry.objects.filter(verb="book.changed").count() == 2

    def test_what_is_there_already_is_left_as_it_is(self) -> None:
        book = make_book(title="Names we carry", authors="Demo Author", isbn="9780306406157", formats=["audio"])
        same = row("Names we carry", "Demo Author", "", "9780306406157", book.description, "", "audiobook")
        assert outcomes_of(same, row("Another")) == [AddedOrChanged.SAME, AddedOrChanged.NEW]
        assert not plan_of(same).can_be_done

    def test_two_editions_are_two_books(self) -> None:
        make_book(title="Names we carry", authors="Demo Author", edition="2019", isbn="9780306406157")
        assert outcomes_of(row("Names we carry", "Demo Author", "2024", OTHER)) == [AddedOrChanged.NEW]
        assert outcomes_of(row("A", "B", "1st"), row("A", "B", "2nd")) == [AddedOrChanged.NEW, AddedOrChanged.NEW]

    def test_another_edition_of_a_title_that_is_there_is_added_and_said_to_be_one(self) -> None:
        make_book(title="Names we carry", authors="Demo Author", edition="2019", isbn="9780306406157")
        make_book(title="Names we carry", authors="Somebody Else")
        another = row("NAMES we carry", "demo author", "2024", OTHER)
        plan = plan_of(another, row("Quite another"))
        assert plan.outcomes == [AddedOrChanged.NEW, AddedOrChanged.NEW]
        assert plan.noted == [plan.lines[0]]
        assert " ".join(plan.lines[0].notes) == (
            "This adds another edition. The catalogue has “Names we carry (2019)” by Demo Author, "
            "ISBN 978-0-306-40615-7. What is there stays."
        )
        make_book(title="Names we carry", authors="Demo Author", edition="2021")
        assert " ".join(plan_of(another).lines[0].notes) == (
            "This adds another edition. The catalogue has “Names we carry (2021)” by Demo Author, without an ISBN, "
            "and 1 other edition. What is there stays."
        )

    def test_what_changes_in_a_long_text_is_shown_around_where_it_does(self) -> None:
        begins, ends = "About names. " * 20, " Much else follows." * 5
        make_book(
            title="Names we carry", authors="Demo Author", description=f"{begins}Old{ends}", formats=["print", "ebook"]
        )
        line = plan_of(row("Names we carry", "Demo Author", "", "", f"{begins}New\n{ends}", "", "audiobook")).lines[0]
        old, new = (f"“…. About names. {word} Much else follows. Much else follows. Muc…”" for word in ("Old", "New"))
        assert line.notes == (f"Description: {old} → {new}.", "Formats: “Print, e-book” → “Audiobook”.")
        spaced = plan_of(row("Names we carry", "Demo Author", "", "", f"{begins}Old\n{ends}")).lines[0]
        assert spaced.notes == ("Description: spaces and new lines alone.",)

    @pytest.mark.parametrize("title", ["Names, we carry!", "names-we carry", "NAMES WE CARRY"])
    def test_a_title_that_differs_by_signs_alone_is_said_to_be_there(self, title: str) -> None:
        make_book(title="Names we carry", authors="Ama Adeyemi")
        line = plan_of(row(title, "A. Adeyemi")).lines[0]
        assert line.outcome == AddedOrChanged.NEW
        assert line.notes == (
            "The catalogue has “Names we carry” by Ama Adeyemi, without an ISBN. If it is that one, write it as there.",
        )

    def test_a_row_without_an_edition_names_those_that_it_may_mean(self) -> None:
        for edition in ("2019", "2021"):
            make_book(title="Names we carry", authors="Demo Author", edition=edition)
        sent, both = (
            row("Names we carry", "Demo Author", "", GOOD, "New"),
            "“Names we carry (2019)”, “Names we carry (2021)”",
        )
        assert " ".join(plan_of(sent).lines[0].notes) == (
            f"This row says no edition, and the catalogue has several: {both}. "
            "This adds one more. If it is one of them, say which under “Edition”."
        )
        make_book(title="Names we carry", authors="Demo Author", description="Old")
        assert " ".join(plan_of(sent).lines[0].notes).endswith(
            f"This row says no edition, so it changes the one without. The catalogue has also {both}. "
            "If it is one of them, say which under “Edition”."
        )
        Book.objects.filter(edition="").update(isbn="9780306406157")
        assert plan_of(sent).lines[0].notes == ("Description: “Old” → “New”.",)

    def test_more_editions_than_a_few_are_counted(self) -> None:
        for edition in range(7):
            make_book(title="Names", authors="Demo Author", edition=f"No {edition}")
        assert "“Names (No 4)”, and 2 more." in plan_of(row("Names")).lines[0].notes[0]


class TestWhatIsWrong:
    """Each row by its number, with what to do."""

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            (row(""), "Enter a title."),
            (row("Names", ""), "Enter the authors."),
            (row("\u200b\u202e", "x"), "Enter a title."),
            (row("x" * 201), "“Title” is longer than 200 characters."),
            (row("Names", "x", "x" * 101), "“Edition” is longer than 100 characters."),
            (row("Names", "x", "", "978-0-306-40615-8"), "One of the digits is wrong"),
            (row("Names", "x", "", "0-306-40615-3"), "One of the digits is wrong"),
            (row("Names", "x", "", "12"), "Enter 10 or 13 digits"),
            (row("Names", "x", "", "9.78031E+12"), "Your spreadsheet has shortened this ISBN."),
            (row("Names", "x", "", "", "x" * 1001), "A cell is longer than 1,000 characters."),
            (row("Names", "x", "", "", "", "", "Braille, audio"), "“Braille” is no format. Use any of: Print"),
            (row("=1+1"), "“Title” begins with “=”, as a formula does. Type the text itself."),
            (row("Names", "x", "", "", '=HYPERLINK("https://x.example")'), "“Description” begins with “=”"),
        ],
    )
    def test_a_cell(self, wrong: list[str], said: str) -> None:
        ((number, problem),) = problems_of(row("A good one"), wrong)
        assert number == 3
        assert said in problem

    def test_the_same_book_twice_in_a_file_however_it_is_written(self) -> None:
        make_book(title="Known", authors="Demo", isbn="9781402894626")
        assert problems_of(
            row("One", "Demo", "", GOOD),
            row("Two", "Demo", "", "ISBN 0306406152"),
            row("ONE", "demo"),
            row("Known", "Demo", "", OTHER),
            row("Known", "Demo", "", "", "More"),
        ) == [
            (3, "Row 2 has the same ISBN. Keep one of the two."),
            (4, "Row 2 is the same edition of the same book. Keep one of the two."),
            (6, "Row 5 has the same ISBN. Keep one of the two."),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("one", "other"),
        [("ΟΔΟΣ", "οδοσ"), ("ΟΔΟΣ", "οδος"), ("İstanbul", "istanbul"), ("ẞ", "ß"), ("ǅ", "ǆ"), ("Zoë", "ZOË")],
    )
    @pytest.mark.parametrize("at", range(3))
    def test_what_the_catalogue_takes_for_the_same_letters_is_the_same_book(
        self, one: str, other: str, at: int
    ) -> None:
        rows = [
            [*("Names", "Demo", "2nd")[:at], letters, *("Names", "Demo", "2nd")[at + 1 :]] for letters in (one, other)
        ]
        plan = plan_of(*(row(*each) for each in rows))
        book, again = (dict(zip(WHICH, each, strict=False)) for each in rows)
        make_book(**book)
        try:
            with transaction.atomic():
                make_book(**again)
        except IntegrityError:
            assert plan.outcomes == [AddedOrChanged.NEW, AddedOrChanged.WRONG]
            assert plan.lines[1].problems == ("Row 2 is the same edition of the same book. Keep one of the two.",)
            assert outcomes_of(row(*rows[1])) == [AddedOrChanged.CHANGED]
        else:
            assert plan.outcomes == [AddedOrChanged.NEW, AddedOrChanged.NEW]
            assert outcomes_of(row(*rows[1])) == [AddedOrChanged.SAME]

    def test_the_isbn_of_another_book(self) -> None:
        make_book(title="Names we carry", authors="Demo Author", isbn="9780306406157")
        make_book(title="Names we carry", authors="Demo Author", edition="2024", isbn="9781402894626")
        (one,) = problems_of(row("Whose pain counts", "Somebody Else", "", GOOD))
        assert "The catalogue has this ISBN as “Names we carry” by Demo Author." in one[1]
        (two,) = problems_of(row("Names we carry", "Demo Author", "", "978-3-16-148410-0"))
        assert "with the ISBN 978-0-306-40615-7. If yours is another edition, say which" in two[1]
        (three,) = problems_of(row("Names we carry", "Demo Author", "2024", GOOD))
        assert "and the edition that stands here as another book" in three[1]

    def test_a_name_that_changes_is_pointed_out(self) -> None:
        make_book(title="Names we carry", authors="Demo Author", isbn="9780306406157")
        (line,) = plan_of(row("Names we carried", "Demo Author", "", GOOD)).lines
        assert line.notes == ("Title: “Names we carry” → “Names we carried”.",)

    @pytest.mark.parametrize(
        ("kept", "changed", "wrong"),
        [
            (("Known", "Demo", "2019", GOOD), ("Renamed", "Demo", "2019", GOOD), "Title"),
            (("Known", "Demo", "2019", GOOD), ("KNOWN", "Demo", "2019", ""), "Title"),
            (("Known", "Demo", "2019", GOOD), ("Known", "Somebody", "2019", GOOD), "Authors"),
            (("Known", "Demo", "2019", GOOD), ("Known", "Demo", "9th", GOOD), "Edition"),
            (("Known", "Demo", "2019", ""), ("Known", "Demo", "2019", GOOD), "ISBN"),
            (("Known", "Demo", "2019", GOOD), ("Renamed", "Demo", "9th", GOOD), "Title, Edition"),
        ],
    )
    @pytest.mark.parametrize("is_listed", [True, False])
    def test_a_book_that_others_read_or_have_read_stays_that_book(
        self, kept: tuple[str, ...], changed: tuple[str, ...], wrong: str, *, is_listed: bool
    ) -> None:
        book = make_book(**dict(zip(WHICH, (*kept[:3], isbn.read(kept[3]) if kept[3] else ""), strict=True)))
        listed = make_listed(book=book)
        if not is_listed:
            choosing.take_off(listed, by=make_admin())
        own = make_listed(make_reading_cohort(), book)
        (_, line) = plan_of(row("A good one"), row(*changed), by=make_admin_of(own.cohort.programme)).lines
        assert (line.number, line.outcome, line.acts, line.notes) == (3, AddedOrChanged.WRONG, False, ())
        problem = " ".join(line.problems)
        assert "A cohort of a programme that you do not keep has this book on its list, or had it." in problem
        assert f"Write as it is in the catalogue: {wrong}." in problem
        assert outcomes_of(row(*changed)) == [AddedOrChanged.CHANGED]
        theirs = make_admin_of(listed.cohort.programme, own.cohort.programme)
        assert plan_of(row(*changed), by=theirs).outcomes == [AddedOrChanged.CHANGED]

    def test_what_else_the_catalogue_says_of_a_book_that_others_read_changes(self) -> None:
        make_listed(book=make_book(title="Known", authors="Demo", edition="2019", isbn="9780306406157"))
        by = make_admin_of(make_reading_cohort().programme)
        plan = plan_of(row("Known", "Demo", "", GOOD, "New words"), row("Known", "Demo", "2024", OTHER), by=by)
        assert plan.outcomes == [AddedOrChanged.CHANGED, AddedOrChanged.NEW]

    @pytest.mark.parametrize("number", [1, 3])
    def test_statements_do_not_grow_with_the_file(self, number: int) -> None:
        by = make_admin_of(make_reading_cohort().programme)
        books = [make_listed(book=make_book(isbn=known)).book for known in ISBNS[:number]]
        rows = read(file_of(*(row("Renamed", "Demo Author", "", book.isbn) for book in books)), BOOKS.columns).rows
        with CaptureQueriesContext(connection) as asked:
            plan = importing.plan(BOOKS, rows, None, by=by)
        assert plan.outcomes == [AddedOrChanged.WRONG] * number
        # The roles of who asks, the catalogue, what of it others read, and all of these words in small letters.
        assert len(asked) == 4


class TestThePage:
    """Previewed, confirmed, once."""

    PAGE = address("admin:bookclub_book_import")

    @pytest.fixture
    def desk(self) -> Client:
        return desk_of(make_admin())

    def upload(self, desk: Client, content: bytes, name: str = "books.csv") -> Any:
        return desk.post(self.PAGE, {"file": SimpleUploadedFile(name, content), "sheet": ""})

    def key_of(self, answer: Any) -> str:
        key: str = answer.context["key"]
        return key

    def test_nothing_is_done_before_it_is_confirmed_and_then_once(self, desk: Client) -> None:
        make_book(title="Known", authors="Demo", isbn="9781402894626")
        preview = self.upload(desk, file_of(row(), row("Known", "Demo", "", OTHER, "New words")))
        said = words(preview)
        for part in (
            "This adds 1 book to the catalogue.",
            "This changes 1 book",
            "Description: “About names.” → “New words”.",
            "Nobody is",
        ):
            assert part in said
        assert Book.objects.count() == 1
        confirm = {"key": self.key_of(preview)}
        done = desk.post(self.PAGE, confirm)
        assert done.status_code == 302
        assert FileImport.objects.get().state == "done"
        assert "waited too long" in words(desk.post(self.PAGE, confirm, follow=True))
        assert {book.title for book in Book.objects.all()} == {"Names we carry", "Known"}
        again = self.upload(desk, file_of(row(), row("Known", "Demo", "", OTHER, "New words")))
        assert not again.context["plan"].can_be_done

    def test_with_one_row_wrong_nothing_can_be_confirmed_and_it_is_to_be_downloaded(self, desk: Client) -> None:
        preview = self.upload(desk, file_of(row(), row("Names", "x", "", "12")))
        assert "Correct 1 row in your file" in words(preview)
        listed = desk.post(self.PAGE, {"key": self.key_of(preview), "problems": ""})
        assert "Enter 10 or 13 digits" in b"".join(listed).decode("utf-8-sig")
        desk.post(self.PAGE, {"key": self.key_of(preview)})
        assert not Book.objects.exists()

    def test_what_somebody_else_did_meanwhile_is_not_written_over(self, desk: Client) -> None:
        preview = self.upload(desk, file_of(row()))
        make_book(title="names we carry", authors="demo author")
        desk.post(self.PAGE, {"key": self.key_of(preview)})
        assert FileImport.objects.get().state == "changed"
        assert Book.objects.get().title == "names we carry"

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"x" * 8_000_000, "The file is larger than 5 MB."),
            (b"", "The file is empty."),
            (b"\x00\x01\x02", "holds characters that are not text"),
            (file_of(row(), headings=["Title", "Writer"]), "The column “Authors” is missing."),
            (file_of(), "no rows below them"),
            (b'Title,Authors\n"Names,Demo', "Row 2 cannot be read."),
        ],
    )
    def test_a_file_that_cannot_be_used_is_told(self, desk: Client, content: bytes, said: str) -> None:
        answer = self.upload(desk, content)
        assert answer.status_code == 422
        assert said in words(answer)
        assert not Book.objects.exists()

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
    def test_accents_survive_whatever_the_encoding(self, desk: Client, encoding: str) -> None:
        content = "Title;Authors\r\nThe café;Zoë Ångström\r\n".encode(encoding)
        preview = self.upload(desk, content)
        assert ("It was read as Windows-1252" in words(preview)) == (encoding == "cp1252")
        desk.post(self.PAGE, {"key": self.key_of(preview)})
        assert Book.objects.get().authors == "Zoë Ångström"

    def test_a_book_that_others_read_is_not_renamed_though_they_began_after_the_preview(self) -> None:
        book = make_book(title="Known", authors="Demo", isbn="9781402894626")
        desk = desk_of(make_admin_of(make_reading_cohort().programme))
        preview = self.upload(desk, file_of(row("Renamed", "Demo", "", OTHER)))
        assert preview.context["plan"].can_be_done
        make_listed(book=book)
        desk.post(self.PAGE, {"key": self.key_of(preview)})
        assert FileImport.objects.get().state == "changed"
        assert Book.objects.get().title == "Known"

    def test_it_is_not_for_others(self) -> None:
        assert desk_of(make_user()).get(self.PAGE).status_code in {302, 403}
