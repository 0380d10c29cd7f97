"""Excel workbooks (.xlsx): their rows as text, and a list written as one.

A workbook is somebody's zip file, and what people see of it is not all that it holds. So its unpacked size is looked
at before anything is unpacked; sheets that are hidden are not read; and a cell that is a formula, is merged with
others or is hidden keeps its row from being taken, for what was last computed or covered there is not what somebody
typed and saw.
"""

import re
import tempfile
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from io import BytesIO
from typing import IO, Any, Final
from xml.etree import ElementTree as ET

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.utils.escape import unescape
from openpyxl.xml.constants import SHEET_MAIN_NS

from portal.file_limits import MOST_RECORDS, MOST_ROWS, Record, UnreadableFile, too_many_records, too_many_rows

MOST_UNPACKED: Final = 25_000_000
"""Bytes: some five times what 20,000 people with a name, an address and a job role take."""
MOST_PARTS: Final = 1_000
MOST_COLUMNS: Final = 100
MOST_MERGED: Final = 100

ZIPPED: Final = b"PK\x03\x04"
CONTAINER: Final = b"\xd0\xcf\x11\xe0"
"""How workbooks begin that Excel 2003 saved, or that open with a password."""

ROW, COLUMN, MERGED = (f"{{{SHEET_MAIN_NS}}}{tag}" for tag in ("row", "col", "mergeCell"))
NO_TEXT: Final = re.compile("[\0\ud800-\udfff]")
"""What no database takes as text, and a workbook can hold: a zero, and halves of characters."""
WHOLE_DAY: Final = time()


@dataclass(frozen=True, slots=True)
class Hidden:
    """What a sheet does not show as it is: rows and columns by number, and ranges that are merged."""

    rows: frozenset[int]
    columns: Sequence[tuple[int, int]]
    merged: Sequence[tuple[str, int, int]]

    def problems_of_row(self, number: int) -> list[str]:
        """Say what keeps a row from being taken."""
        merged = [
            f"The cells {cells} are merged. Unmerge them, and fill in each."
            for cells, first, last in self.merged
            if first <= number <= last
        ]
        hidden = ["The row is hidden. Show all rows, or delete it."] if number in self.rows else []
        return [*hidden, *merged]

    def problems_of_headings(self, headings: Sequence[str]) -> list[str]:
        """Say which columns have a heading that nobody sees."""
        return [
            f"The column {get_column_letter(place)} (“{heading[:100]}”) is hidden. Show it, or delete it."
            for place, heading in enumerate(headings, 1)
            if heading and any(first <= place <= last for first, last in self.columns)
        ]


class Workbook:
    """A workbook that is open for reading. Raises UnreadableFile for a file that is none, or not a safe one."""

    def __init__(self, content: bytes) -> None:
        _look_before_unpacking(content)
        with _whatever_is_broken():
            reader = ExcelReader(BytesIO(content), read_only=True, keep_links=False)
            reader.read()
            self._parts = {sheet.name: relation.target for sheet, relation in reader.parser.find_sheets()}
        self._archive, self._book = reader.archive, reader.wb
        shown = [sheet.title for sheet in self._book.worksheets if sheet.sheet_state == "visible"]
        self.sheets: Final[list[str]] = shown
        self.unread: Final[int] = len(self._book.worksheets) - len(shown)

    def headings(self, sheet: str) -> list[str]:
        """Return the first row of a sheet that is not blank, or nothing. Raises UnreadableFile."""
        with _whatever_is_broken():
            return next((record.cells for record in self._records(sheet)), [])

    def records(self, sheet: str) -> list[Record]:
        """Return the rows of a sheet that are not blank. Raises UnreadableFile."""
        with _whatever_is_broken():
            hidden = self._hidden(self._parts[sheet])
            found: list[Record] = []
            for record in self._records(sheet):
                if len(found) > MOST_ROWS:
                    raise too_many_rows()
                problems = [*hidden.problems_of_row(record.number), *record.problems]
                if not found:
                    problems += hidden.problems_of_headings(record.cells)
                found.append(record._replace(problems=problems))
            return found

    def _records(self, sheet: str) -> Iterator[Record]:
        rows = self._book[sheet]
        rows.reset_dimensions()  # what the file says of its own size
        for number, cells in enumerate(rows.iter_rows(max_col=MOST_COLUMNS), 1):
            if number > MOST_RECORDS:
                raise too_many_records()
            record = _record(number, cells)
            if record.cells or record.problems:
                yield record

    def _hidden(self, part: str) -> Hidden:
        rows: set[int] = set()
        columns: list[tuple[int, int]] = []
        merged: list[tuple[str, int, int]] = []
        with self._archive.open(part) as source:
            for _, element in ET.iterparse(source):  # noqa: S314  # expat from 2.4 on lets no entity grow
                if element.tag == ROW and element.get("hidden") in {"1", "true"}:
                    rows.add(int(element.get("r", 0)))
                elif element.tag == COLUMN and element.get("hidden") in {"1", "true"}:
                    columns.append((int(element.get("min", 0)), int(element.get("max", 0))))
                elif element.tag == MERGED and len(merged) < MOST_MERGED:
                    cells = element.get("ref", "")
                    _, first, _, last = range_boundaries(cells)
                    merged.append((cells, first, last))
                element.clear()
        return Hidden(frozenset(rows), columns, merged)


def write(headings: Sequence[str], rows: Iterable[Sequence[str | int]]) -> IO[bytes]:
    """Return a workbook of one sheet as a file to read from: text is text and never a formula, numbers are numbers.

    It is written row by row to temporary files, for a workbook is a zip file and known only once it is whole.
    """
    book = openpyxl.Workbook(write_only=True)
    book.properties.creator = "Cohort Portal"
    sheet = book.create_sheet("List")
    sheet.freeze_panes = "A2"
    sheet.append(headings)
    for row in rows:
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", cell) if isinstance(cell, str) else cell for cell in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115  # whoever sends it closes it
    book.save(file)
    file.seek(0)
    return file


def _look_before_unpacking(content: bytes) -> None:
    """Refuse what would unpack to more than a list of people does, by what its directory says: no more is unpacked."""
    if content.startswith(CONTAINER):
        raise UnreadableFile(
            "This workbook has a password, or was saved by an old Excel. Save it as an Excel workbook (.xlsx) without "
            "a password."
        )
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise _broken() from error
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise UnreadableFile(
            f"The workbook holds more than {MOST_UNPACKED // 1_000_000} MB once it is unpacked. Copy the list into a "
            "new workbook, without pictures and other sheets."
        )


@contextmanager
def _whatever_is_broken() -> Iterator[None]:
    """Refuse a file that the library cannot make sense of: whatever it then raises, it is the file that is broken.

    It warns of charts and filters, which are not kept here.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except UnreadableFile:
            raise
        except Exception as error:
            raise _broken() from error


def _broken() -> UnreadableFile:
    return UnreadableFile(
        "The file cannot be read as a workbook. Open it in your spreadsheet and save it again, as an Excel workbook "
        "(.xlsx) or as CSV UTF-8."
    )


def _record(number: int, cells: Sequence[Any]) -> Record:
    texts, problems = [], []
    for place, cell in enumerate(cells, 1):
        text, problem = _text(cell)
        texts.append(text)
        if problem:
            problems.append(f"Column {get_column_letter(place)} {problem}")
    while texts and not texts[-1]:
        texts.pop()
    return Record(number, texts, problems)


def _text(cell: Any) -> tuple[str, str]:
    """Return what a cell says, as one would type it, and why it cannot be taken, if it cannot."""
    if cell.data_type == "f":
        return "", "holds a formula. Copy the column, and paste it over itself as values."
    if cell.data_type == "e":
        return "", f"holds the error {str(cell.value)[:20]}. Correct it."
    return _typed(cell.value), ""


def _typed(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == WHOLE_DAY:
            return value.date().isoformat()
        case _:
            # Excel writes characters that XML does not have in a way of its own.
            return NO_TEXT.sub("", str(unescape(str(value)))).strip()
