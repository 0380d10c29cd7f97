"""Reading the files that people save from a spreadsheet, and writing ones that a spreadsheet opens safely.

CSV comes in whatever encoding and with whatever separator its owner's computer prefers, so both are found out, never
asked for. What cannot be read is refused in sentences that say what to do about it, and with the row numbers that the
spreadsheet itself shows. Excel's own workbooks are `portal.workbooks`.
"""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Final

from portal import workbooks
from portal.file_limits import (
    MOST_BYTES,
    MOST_RECORDS,
    MOST_ROWS,
    Record,
    UnreadableFile,
    too_many_records,
    too_many_rows,
)

LONGEST_CELL = 1_000

DELIMITERS = ",;\t"
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The first line by which some spreadsheets name the separator. They do not count it as a row.
NAMED_DELIMITER = re.compile(r"sep=([,;\t])\r?\n", re.IGNORECASE)
WORKBOOK = (workbooks.ZIPPED, workbooks.CONTAINER)

# A spreadsheet takes a cell that begins so for a formula. The wide forms become the narrow ones in some of them.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001  # the wide forms are meant

Cell = str | int

GUESSED: Final = (
    "The file does not say how its letters are coded. It was read as Windows-1252, as Excel saves plain CSV: check "
    "that names with accents are right."
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a file may have: its `key` in our rows, its heading, and other headings by which people call it."""

    key: str
    heading: str
    also: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is not blank: its number as the spreadsheet shows it, and its cells by column key, without spaces
    around them. A column that the file does not have is empty in every row. A row with `problems` cannot be taken."""

    number: int
    cells: Mapping[str, str]
    problems: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds: its rows, and sentences on how it was read where that was a guess."""

    rows: Sequence[Row]
    said: Sequence[str] = ()


def read(content: bytes, columns: Sequence[Column], *, sheet: str = "") -> Table:
    """Return the rows of a CSV file or a workbook that has `columns`, in any order. Raises UnreadableFile.

    `sheet` names the sheet of a workbook that has several with these headings.
    """
    if len(content) > MOST_BYTES:
        raise UnreadableFile(f"The file is larger than {MOST_BYTES // 1_000_000} MB. Divide it into smaller files.")
    if content.startswith(WORKBOOK):
        found, said = _records_of_workbook(content, columns, sheet)
    else:
        text, said = decoded(content)
        found = records(text)
    return Table(_rows(found, columns), said)


def _rows(found: Iterable[Record], columns: Sequence[Column]) -> list[Row]:
    found = iter(found)
    headings = next((record for record in found if any(record.cells)), None)
    if headings is None:
        raise UnreadableFile("The file is empty. Its first row must hold the column headings.")
    if headings.problems:
        raise UnreadableFile(*(f"Row {headings.number}: {problem}" for problem in headings.problems))
    keys = _keys(headings.cells, columns)
    rows: list[Row] = []
    for record in found:
        if record.number > MOST_RECORDS:
            raise too_many_records()
        if not any(record.cells) and not record.problems:
            continue
        if len(rows) == MOST_ROWS:
            raise too_many_rows()
        cells = {column.key: "" for column in columns} | dict(zip(keys, record.cells, strict=False))
        rows.append(Row(record.number, cells, tuple(_problems_of(record, keys))))
    if not rows:
        raise UnreadableFile("The file has column headings, but no rows below them.")
    return rows


def _records_of_workbook(
    content: bytes, columns: Sequence[Column], sheet: str
) -> tuple[Iterable[Record], Sequence[str]]:
    """Return the rows of the sheet that is meant: the one that is named, the only one, or the only one that fits."""
    book = workbooks.Workbook(content)
    sheets = book.sheets
    if sheet:
        sheets = [name for name in sheets if name.casefold() == sheet.casefold()]
        if not sheets:
            raise UnreadableFile(f"The workbook has no sheet “{sheet[:100]}”. It has: {_quoted(book.sheets)}.")
    elif len(sheets) > 1:
        sheets = [name for name in sheets if _fit(book.headings(name), columns)]
        if len(sheets) > 1:
            raise UnreadableFile(
                f"More than one sheet has these headings: {_quoted(sheets)}. Enter under Sheet which one you mean, and "
                "choose the file again."
            )
    if not sheets:
        wanted = ", ".join(column.heading for column in columns)
        raise UnreadableFile(f"No sheet has these headings in its first row: {wanted}.")
    said = [f"Read from the sheet “{sheets[0]}” alone."] if len(book.sheets) + book.unread > 1 else []
    return book.records(sheets[0]), said


def _fit(headings: Sequence[str], columns: Sequence[Column]) -> bool:
    """Say whether a sheet's headings are those of a file of ours."""
    try:
        return bool(_keys(headings, columns))
    except UnreadableFile:
        return False


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"“{name[:100]}”" for name in names[:20])


def write(headings: Sequence[str], rows: Iterable[Sequence[Cell | float]]) -> Iterator[bytes]:
    """Yield a CSV file row by row: UTF-8 with the mark by which spreadsheets know it, and no cell a formula.

    Each cell has quotation marks: where a spreadsheet divides rows at semicolons, no part of a cell becomes one.
    """
    yield codecs.BOM_UTF8
    for row in chain([headings], rows):
        line = io.StringIO()
        csv.writer(line, quoting=csv.QUOTE_ALL).writerow([neutral(cell) for cell in row])
        yield line.getvalue().encode()


def neutral(cell: Cell | float) -> str:
    """Return what a cell holds as text that no spreadsheet runs: an apostrophe goes before what looks like a formula.

    Numbers are our own and stay numbers.
    """
    if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULA):
        return f"'{cell}"
    return str(cell)


DAYS: Final = (
    "%Y-%m-%d",
    "%d/%m/%Y",
    "%d/%m/%y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%d %B %Y",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
)
# Day 0 of what Excel counts, with the day in 1900 that it takes to have been. Five digits begin in May 1927.
DAY_0: Final = date(1899, 12, 30)
NUMBERED_DAY: Final = re.compile(r"[1-9]\d{4}")
MIDNIGHT: Final = re.compile(r"[ T]00:00(:00)?\Z")


def day(written: str) -> date | None:
    """Return the day that a cell names, as people write one in the UK (day first) or as Excel counts days; or None."""
    plain = MIDNIGHT.sub("", " ".join(written.replace(",", " ").split()))
    if plain.isascii() and NUMBERED_DAY.fullmatch(plain):
        return DAY_0 + timedelta(days=int(plain))
    for form in DAYS:
        with suppress(ValueError):
            return datetime.strptime(plain, form).date()  # noqa: DTZ007  # a day, in no time zone
    return None


def decoded(content: bytes) -> tuple[str, Sequence[str]]:
    """Return a file's text, whichever encoding it was saved in, and what is said of a guess.

    Raises UnreadableFile.
    """
    encoding = next((name for mark, name in BYTE_ORDER_MARKS if content.startswith(mark)), "utf-8")
    for attempt, said in ((encoding, []), ("cp1252", [GUESSED])):
        try:
            text = content.decode(attempt)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, said
    raise UnreadableFile(
        "The file holds characters that are not text. In your spreadsheet choose Save as, then CSV UTF-8."
    )


def records(text: str, *, delimiter: str = "") -> Iterator[Record]:
    """Yield each record with its row number; blank rows count, and a record over several lines is one row.

    What stands between cells is found out unless it is given. Raises UnreadableFile.
    """
    if named := NAMED_DELIMITER.match(text):
        delimiter, text = named[1], text[named.end() :]
    elif not delimiter:
        headings = next((line for line in text.splitlines() if line.strip(DELIMITERS + " ")), "")
        delimiter = max(DELIMITERS, key=headings.count)
    number = 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1):
            yield Record(number, [cell.strip() for cell in cells])
    except csv.Error as error:
        raise UnreadableFile(
            f"Row {number + 1} cannot be read. It is too long, or has a quotation mark that is not closed: "
            "correct the row and save the file again."
        ) from error


def _keys(headings: Sequence[str], columns: Sequence[Column]) -> list[str]:
    """Return the column key of each cell of a row, in the file's order. Raises UnreadableFile."""
    while headings and not headings[-1]:
        headings = headings[:-1]
    known = {_plain(name): column for column in columns for name in (column.heading, *column.also)}
    found = [known.get(_plain(heading)) for heading in headings]
    times = Counter(column.key for column in found if column)
    wanted = ", ".join(column.heading for column in columns)
    problems = [
        f"The column “{column.heading}” is missing. The first row must hold these headings: {wanted}."
        for column in columns
        if column.required and column.key not in times
    ]
    problems += [
        f"The column “{column.heading}” is there {times[column.key]} times. Keep one of them."
        for column in columns
        if times[column.key] > 1
    ]
    problems += [
        f"The column “{heading[:100]}” is not used here. Remove it from the file."
        if heading
        else "One of the columns has no heading. Give it one, or remove it."
        for heading, column in zip(headings, found, strict=True)
        if column is None
    ]
    if problems:
        raise UnreadableFile(*problems)
    return [column.key for column in found if column]


def _plain(heading: str) -> str:
    """Return a heading without what people vary: case, spaces, hyphens, underscores."""
    return re.sub(r"[\s_-]+", "", heading).casefold()


def _problems_of(record: Record, keys: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong with the form of a row."""
    yield from record.problems
    if any(record.cells[len(keys) :]):
        yield "There are more cells than column headings. Is a name with a comma missing its quotation marks?"
    if any(len(cell) > LONGEST_CELL for cell in record.cells):
        yield f"A cell is longer than {LONGEST_CELL:,} characters."
