"""Reading the CSV files that people save from a spreadsheet, and writing ones that a spreadsheet opens safely.

Spreadsheets save in whatever encoding and with whatever separator their owner's computer prefers, so both are found
out, never asked for. What cannot be read is refused in sentences that say what to do about it, and with the row
numbers that the spreadsheet itself shows.
"""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

MOST_BYTES = 5_000_000
MOST_ROWS = 20_000
MOST_RECORDS = 100_000
"""Blank rows included: a spreadsheet that was scrolled to its end saves a million of them."""
LONGEST_CELL = 1_000
# Sentences about rows that a person can be expected to read at a time.
MOST_PROBLEMS = 100

DELIMITERS = ",;\t"
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The first line by which some spreadsheets name the separator. They do not count it as a row.
NAMED_DELIMITER = re.compile(r"sep=([,;\t])\r?\n", re.IGNORECASE)
# How workbooks begin: today's are zip files, older ones a container of Microsoft's.
WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")

# A spreadsheet takes a cell that begins so for a formula. The wide forms become the narrow ones in some of them.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001  # the wide forms are meant

Cell = str | int


class UnreadableFile(Exception):
    """The file cannot be used. `problems` are sentences for the person who uploaded it."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__(" ".join(problems))


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
    around them. A column that the file does not have is empty in every row."""

    number: int
    cells: Mapping[str, str]


def read(content: bytes, columns: Sequence[Column]) -> list[Row]:
    """Return the rows of a CSV file that has `columns`, in any order. Raises UnreadableFile."""
    if len(content) > MOST_BYTES:
        raise UnreadableFile(f"The file is larger than {MOST_BYTES // 1_000_000} MB. Divide it into smaller files.")
    records = _records(_text(content))
    heading_row = next(((number, cells) for number, cells in records if any(cells)), None)
    if heading_row is None:
        raise UnreadableFile("The file is empty. Its first row must hold the column headings.")
    keys = _keys(heading_row[1], columns)
    rows: list[Row] = []
    problems: list[str] = []
    for number, cells in records:
        if number > MOST_RECORDS:
            raise UnreadableFile(
                f"The file has more than {MOST_RECORDS:,} rows, with those that are blank. Delete these."
            )
        if not any(cells):
            continue
        if len(rows) == MOST_ROWS:
            raise UnreadableFile(f"The file has more than {MOST_ROWS:,} rows. Divide it into smaller files.")
        if problem := _problem_of(cells, keys):
            problems.append(f"Row {number}: {problem}")
        rows.append(Row(number, {column.key: "" for column in columns} | dict(zip(keys, cells, strict=False))))
    if problems:
        raise UnreadableFile(*_only_the_first(problems))
    if not rows:
        raise UnreadableFile("The file has column headings, but no rows below them.")
    return rows


def write(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Yield a CSV file row by row: UTF-8 with the mark by which spreadsheets know it, and no cell a formula.

    Each cell has quotation marks: where a spreadsheet divides rows at semicolons, no part of a cell becomes one.
    """
    yield codecs.BOM_UTF8
    for row in chain([headings], rows):
        line = io.StringIO()
        csv.writer(line, quoting=csv.QUOTE_ALL).writerow([neutral(cell) for cell in row])
        yield line.getvalue().encode()


def neutral(cell: Cell) -> str:
    """Return what a cell holds as text that no spreadsheet runs: an apostrophe goes before what looks like a formula.

    Whole numbers are our own and stay numbers.
    """
    if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULA):
        return f"'{cell}"
    return str(cell)


def _text(content: bytes) -> str:
    """Return the file's text, whichever encoding it was saved in. Raises UnreadableFile."""
    if content.startswith(WORKBOOK):
        raise UnreadableFile("This is a workbook, not a CSV file. In your spreadsheet choose Save as, then CSV UTF-8.")
    encoding = next((name for mark, name in BYTE_ORDER_MARKS if content.startswith(mark)), "utf-8")
    for attempt in (encoding, "cp1252"):
        try:
            text = content.decode(attempt)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableFile(
        "The file holds characters that are not text. In your spreadsheet choose Save as, then CSV UTF-8."
    )


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with its row number; blank rows count, and a record over several lines is one row."""
    if named := NAMED_DELIMITER.match(text):
        delimiter, text = named[1], text[named.end() :]
    else:
        headings = next((line for line in text.splitlines() if line.strip(DELIMITERS + " ")), "")
        delimiter = max(DELIMITERS, key=headings.count)
    number = 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1):
            yield number, [cell.strip() for cell in cells]
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
        raise UnreadableFile(*_only_the_first(problems))
    return [column.key for column in found if column]


def _plain(heading: str) -> str:
    """Return a heading without what people vary: case, spaces, hyphens, underscores."""
    return re.sub(r"[\s_-]+", "", heading).casefold()


def _problem_of(cells: Sequence[str], keys: Sequence[str]) -> str:
    """Say what is wrong with the form of a row, or return nothing."""
    if any(cells[len(keys) :]):
        return "there are more cells than column headings. Is a name with a comma missing its quotation marks?"
    if any(len(cell) > LONGEST_CELL for cell in cells):
        return f"a cell is longer than {LONGEST_CELL:,} characters."
    return ""


def _only_the_first(problems: list[str]) -> list[str]:
    more = len(problems) - MOST_PROBLEMS
    return problems if more <= 0 else [*problems[:MOST_PROBLEMS], f"And {more:,} more like these."]
