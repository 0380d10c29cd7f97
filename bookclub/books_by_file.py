"""Books by file: added to the catalogue, and changed where it has them. See `portal.imports`.

A row is a book of the catalogue by its ISBN; without one, or where the catalogue has none for it, by title, authors and
edition. What a file leaves empty stays as it is.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

from django.db import connection
from django.urls import reverse

from bookclub import isbn
from bookclub.models import Book
from bookclub.models.books import LONGEST_AUTHORS, LONGEST_EDITION, LONGEST_TITLE
from bookclub.rules import WHICH, read_elsewhere
from cohorts.rules import keeps_programmes
from portal import trail
from portal.accounts.models import User
from portal.accounts.names import clean_name
from portal.imports.kinds import AddedOrChanged, Kind, Line, NotTheirs, Plan, Told
from portal.questions import count_of
from portal.spreadsheets import Column, Row

BATCH: Final = 1000
SEPARATED: Final = re.compile(r"[,;/\n]+")
SIGNS: Final = re.compile(r"[\W_]+")
SHORTENED: Final = re.compile(r"\d[.,]\d+E\+\d+", re.IGNORECASE)
"""How a spreadsheet shows a number that is too long for its cell, and then saves it."""
LONGEST: Final = {"title": LONGEST_TITLE, "authors": LONGEST_AUTHORS, "edition": LONGEST_EDITION}
FIELDS: Final = (*LONGEST, "isbn", "description", "content_warnings", "formats", "how_to_get")
ALSO_CALLED: Final = {
    "paperback": Book.Format.PRINT,
    "hardback": Book.Format.PRINT,
    "audio": Book.Format.AUDIO,
    "library": Book.Format.LIBRARY,
    "trustlibrary": Book.Format.LIBRARY,
}
Edition = tuple[str, str, str]
FEW: Final = 5
"""So many editions are named in a note."""
LONGEST_SHOWN: Final = 60
"""Of a longer text a note shows so many characters,"""
BEFORE: Final = 15
"""of which so many stand before the place at which it changes."""


@dataclass(frozen=True, kw_only=True)
class Read(Line):
    """A row of the file, read: the book as it would be, and which of its fields that changes."""

    book: Book
    changes: Sequence[str] = field(default=())


class Books(Kind):
    """The catalogue of books."""

    key = "book"
    deed = "book.file"
    title = "Add or change books by file"
    columns = (
        Column("title", "Title"),
        Column("authors", "Authors", also=("Author",)),
        Column("edition", "Edition", required=False),
        Column("isbn", "ISBN", also=("ISBN-13", "ISBN-10"), required=False),
        Column("description", "Description", required=False),
        Column("content_warnings", "Content warnings", also=("Content warning",), required=False),
        Column("formats", "Formats", also=("Format",), required=False),
        Column("how_to_get", "How to get a copy", required=False),
    )
    shown: ClassVar = ("Title", "Authors", "Edition", "ISBN")
    advice: ClassVar = (
        "A book is changed to what the file says where the catalogue has its ISBN, or its title, authors and edition.",
        "Any other book is added.",
        "Another edition is another book: say which it is under “Edition”.",
        "ISBNs have 10 or 13 digits, with or without hyphens.",
        "Format the column of ISBNs as text, so that your spreadsheet does not shorten them.",
        f"Formats are any of: {', '.join(Book.Format.labels)}. Separate several by commas.",
        "Where a cell is empty, what the catalogue has stays as it is. No book is taken away.",
    )

    def about(self, by: User, pk: int | None, *, held: bool = False) -> None:
        """Let those who keep the catalogue change it; held, nobody else does meanwhile."""
        if not keeps_programmes(by):
            raise NotTheirs
        if held:
            list(Book.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))

    def plan(self, rows: Sequence[Row], about: None, *, by: User) -> Plan[Read]:
        """Work out what `rows` would do."""
        said = [_read(row.cells) for row in rows]
        catalogue = Catalogue(by, [given for given, _ in said])
        return Plan([catalogue.line_of(row, *each) for row, each in zip(rows, said, strict=True)])

    def says(self, plan: Plan[Read], about: None) -> Sequence[str]:
        """Say how many are added, and how many changed."""
        return [
            f"This adds {count_of(plan.numbers.get(AddedOrChanged.NEW, 0), 'book')} to the catalogue.",
            f"This changes {count_of(plan.numbers.get(AddedOrChanged.CHANGED, 0), 'book')}, on every list that has it.",
            "Nobody is written to.",
        ]

    def button(self, plan: Plan[Read]) -> str:
        """Say to how many something is done."""
        return f"Add or change {count_of(len(plan.acting), 'book')}"

    def carry_out(self, plan: Plan[Read], about: None, *, by: User, told: Told) -> None:
        """Add and change."""
        new = [line.book for line in plan.of(AddedOrChanged.NEW)]
        changed = plan.of(AddedOrChanged.CHANGED)
        Book.objects.bulk_create(new, batch_size=BATCH)
        trail.record_many("book.added", actor=by, entries=[(book, {}) for book in new])
        told(len(new))
        Book.objects.bulk_update([line.book for line in changed], FIELDS, batch_size=BATCH)
        trail.record_many(
            "book.changed",
            actor=by,
            entries=[(line.book, {"fields": ", ".join(line.changes)}) for line in changed],
        )
        told(len(new) + len(changed))

    def leads_to(self, about: int | None) -> str:
        """Lead to the catalogue."""
        return reverse("admin:bookclub_book_changelist")


BOOKS: Final = Books()


class Catalogue:
    """What the catalogue has, and lets somebody change; and what the rows of a file before one have claimed of it."""

    def __init__(self, by: User, said: Sequence[Mapping[str, object]]) -> None:
        books = list(Book.objects.all())
        self._small = _in_small_letters(
            {str(given.get(name, "")) for given in said for name in LONGEST}
            | {getattr(book, name) for book in books for name in LONGEST}
        )
        self._by_isbn = {book.isbn: book for book in books if book.isbn}
        self._by_edition = {self._edition_of(book): book for book in books}
        self._editions: dict[tuple[str, str], list[Book]] = {}
        self._by_letters: dict[str, Book] = {}
        for book in books:
            self._editions.setdefault(self._edition_of(book)[:2], []).append(book)
            self._by_letters.setdefault(self._letters_of(book), book)
        self._read_elsewhere = set(read_elsewhere(by).values_list("pk", flat=True))
        self._first: dict[str | Edition | int, int] = {}

    def line_of(self, row: Row, given: dict[str, object], problems_of_cells: Sequence[str]) -> Read:
        """Say what becomes of a row, given what it says and what is wrong with that."""
        old, problems_of_match = self._match(given)
        problems = [*problems_of_cells, *problems_of_match]
        new = Book(**({name: getattr(old, name) for name in FIELDS} if old else {}) | given)
        if old:
            new.pk, new.offered = old.pk, old.offered
        problems += _problems_of_fields(new)
        problems += self._claimed_before(new, row.number)
        changes = [name for name in FIELDS if old and getattr(old, name) != getattr(new, name)]
        problems += self._kept_from(old, changes)
        outcome = AddedOrChanged.of(old, changes, problems)
        notes: Sequence[str] = ()
        if outcome == AddedOrChanged.NEW:
            notes = self._beside(new)
        elif outcome == AddedOrChanged.CHANGED and old:
            notes = [*_what_changes(old, new, changes), *self._instead(old, given)]
        return Read(
            number=row.number,
            cells=(new.title, new.authors, new.edition, isbn.show(new.isbn) if new.isbn else row.cells["isbn"]),
            outcome=outcome,
            acts=outcome in {AddedOrChanged.NEW, AddedOrChanged.CHANGED},
            problems=tuple(problems),
            notes=tuple(notes),
            book=new,
            changes=changes,
        )

    def _match(self, given: Mapping[str, object]) -> tuple[Book | None, list[str]]:
        """Return the book of the catalogue that is meant, if it has it; or what makes that doubtful."""
        number = str(given.get("isbn", ""))
        title, authors = str(given.get("title", "")), str(given.get("authors", ""))
        by_isbn = self._by_isbn.get(number)
        if by_isbn is None:
            same = self._by_edition.get(self._edition(title, authors, str(given.get("edition", ""))))
            if same and number and same.isbn:
                has = f"The catalogue has this edition with the ISBN {same.isbn_as_shown}."
                return None, [f"{has} If yours is another edition, say which under “Edition”."]
            return same, []
        has = f"The catalogue has this ISBN as “{by_isbn}” by {by_isbn.authors}"
        if not self._same(by_isbn.title, title) and not self._same(by_isbn.authors, authors):
            return None, [f"{has}. Compare it with the back of the book."]
        other = self._by_edition.get(self._edition(title, authors, str(given.get("edition", by_isbn.edition))))
        if other and other.pk != by_isbn.pk:
            return None, [f"{has}, and the edition that stands here as another book. Compare it with the book."]
        return by_isbn, []

    def _beside(self, new: Book) -> Sequence[str]:
        """Say of which book a new one would be another edition, if it is: people may hold that one.

        Say also where only the signs between the letters of its title, or its authors, make it another.
        """
        others = self._editions.get(self._edition_of(new)[:2])
        if not others:
            like = self._by_letters.get(self._letters_of(new))
            return [f"The catalogue has {_in_full(like)}. If it is that one, write it as there."] if like else []
        if len(others) > 1 and not new.edition:
            named = f"This row says no edition, and the catalogue has several: {_named(others)}."
            return [named, "This adds one more. If it is one of them, say which under “Edition”."]
        more = f", and {count_of(len(others) - 1, 'other edition')}" if len(others) > 1 else ""
        return [f"This adds another edition. The catalogue has {_in_full(others[-1])}{more}. What is there stays."]

    def _instead(self, old: Book, given: Mapping[str, object]) -> Sequence[str]:
        """Say which editions a row may mean instead of the one that it changes: it names none, nor the ISBN of one."""
        others = [book for book in self._editions[self._edition_of(old)[:2]] if book.pk != old.pk]
        if not others or given.get("edition") or (old.isbn and given.get("isbn") == old.isbn):
            return []
        named = f"This row says no edition, so it changes the one without. The catalogue has also {_named(others)}."
        return [named, "If it is one of them, say which under “Edition”."]

    def _kept_from(self, old: Book | None, changes: Sequence[str]) -> list[str]:
        """Say what of a book that others read would make it another, if anything."""
        which = [column.heading for column in Books.columns if column.key in WHICH and column.key in changes]
        if old is None or not which or old.pk not in self._read_elsewhere:
            return []
        return [
            "A cohort of a programme that you do not keep has this book on its list, or had it.",
            f"Write as it is in the catalogue: {', '.join(which)}. There it is {_in_full(old)}.",
            "For another edition, or another book, give a row its own edition and ISBN.",
        ]

    def _claimed_before(self, book: Book, number: int) -> list[str]:
        """Say which row before this one is about the same book."""
        claims: list[tuple[str | Edition | int, str]] = [
            (self._edition_of(book), "is the same edition of the same book")
        ]
        if book.isbn:
            claims.insert(0, (book.isbn, "has the same ISBN"))
        if book.pk:
            claims.append((book.pk, "is the same book of the catalogue"))
        found = [(self._first.setdefault(claim, number), says) for claim, says in claims]
        return [f"Row {first} {says}. Keep one of the two." for first, says in found if first != number][:1]

    def _letters_of(self, book: Book) -> str:
        """Return the letters and digits of a title, without what stands between them; of one that has none, itself."""
        small = self._small[book.title]
        return SIGNS.sub("", small) or small

    def _same(self, one: str, other: str) -> bool:
        return self._small[one] == self._small[other]

    def _edition(self, title: str, authors: str, edition: str) -> Edition:
        return self._small[title], self._small[authors], self._small[edition]

    def _edition_of(self, book: Book) -> Edition:
        return self._edition(book.title, book.authors, book.edition)


def _in_small_letters(texts: Collection[str]) -> Mapping[str, str]:
    """Return each text as PostgreSQL writes it in small letters, by which `one_book_of_each_edition` compares.

    Python writes some of them otherwise, such as the last letter of “ΟΔΟΣ”.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, lower(text) FROM unnest(%s::text[]) AS text", [list(texts)])
        return dict(cursor.fetchall())


def _read(cells: Mapping[str, str]) -> tuple[dict[str, object], list[str]]:
    """Return what a row says, without what it leaves empty, and what is wrong with that."""
    given: dict[str, object] = {name: clean_name(cells[name]) if name in LONGEST else cells[name] for name in FIELDS}
    problems = [
        f"“{column.heading}” begins with “=”, as a formula does. Type the text itself."
        for column in Books.columns
        if cells[column.key].startswith("=")
    ]
    formats, unknown = _formats(cells["formats"])
    given["formats"] = formats
    problems += unknown
    try:
        given["isbn"] = isbn.read(cells["isbn"]) if cells["isbn"] else ""
    except isbn.NotAnISBN as wrong:
        given["isbn"] = ""
        shortened = SHORTENED.fullmatch(cells["isbn"])
        problems.append(
            "Your spreadsheet has shortened this ISBN. Format the column as text, and type all digits."
            if shortened
            else f"ISBN: {wrong}"
        )
    return {name: value for name, value in given.items() if value}, problems


def _formats(written: str) -> tuple[list[str], list[str]]:
    """Return the formats that a cell names, in the catalogue's order, and what is wrong with others."""
    known = {_plain(label): value for value, label in Book.Format.choices} | ALSO_CALLED
    named = [name for name in (part.strip() for part in SEPARATED.split(written)) if name]
    found = {known[_plain(name)] for name in named if _plain(name) in known}
    unknown = [name for name in named if _plain(name) not in known]
    return [value for value in Book.Format.values if value in found], [
        f"“{name[:50]}” is no format. Use any of: {', '.join(Book.Format.labels)}." for name in unknown
    ]


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name).casefold()


def _in_full(book: Book) -> str:
    """Return all that says which book it is."""
    return f"“{book}” by {book.authors}, {f'ISBN {book.isbn_as_shown}' if book.isbn else 'without an ISBN'}"


def _named(books: Sequence[Book]) -> str:
    """Return which editions these are: the first few, and how many more."""
    more = f", and {len(books) - FEW} more" if len(books) > FEW else ""
    return ", ".join(f"“{book}”" for book in books[:FEW]) + more


def _what_changes(old: Book, new: Book, changes: Sequence[str]) -> Sequence[str]:
    """Say of each field what it is, and what it becomes: by a slip one book would be called as another."""
    return [
        f"{column.heading}: {_from_to(_shown(old, column.key), _shown(new, column.key))}."
        for column in Books.columns
        if column.key in changes
    ]


def _from_to(before: str, after: str) -> str:
    """Say what a text is and what it becomes, from shortly before the first place at which that differs."""
    if before == after:
        return "spaces and new lines alone"
    pairs = enumerate(zip(before, after, strict=False))
    differ = next((at for at, (one, other) in pairs if one != other), min(len(before), len(after)))
    return f"{_around(before, differ)} → {_around(after, differ)}"


def _shown(book: Book, name: str) -> str:
    """Return what a field says, as people read it, in one line."""
    shown = {"isbn": book.isbn_as_shown if book.isbn else "", "formats": book.formats_in_words}
    return " ".join(shown.get(name, getattr(book, name)).split())


def _around(text: str, place: int) -> str:
    """Quote a text; of one that is long, what stands where it changes."""
    if not text:
        return "empty"
    if len(text) <= LONGEST_SHOWN:
        return f"“{text}”"
    begins = max(0, min(place - BEFORE, len(text) - LONGEST_SHOWN))
    part = text[begins : begins + LONGEST_SHOWN]
    return f"“{'…' if begins else ''}{part}{'…' if begins + LONGEST_SHOWN < len(text) else ''}”"


def _problems_of_fields(book: Book) -> list[str]:
    problems = [
        missing
        for name, missing in (("title", "Enter a title."), ("authors", "Enter the authors."))
        if not getattr(book, name)
    ]
    return problems + [
        f"“{name.capitalize()}” is longer than {longest} characters."
        for name, longest in LONGEST.items()
        if len(getattr(book, name)) > longest
    ]
