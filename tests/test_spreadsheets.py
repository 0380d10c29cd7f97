"""CSV files as people's spreadsheets save them, and as ours open in them."""

import csv
import io
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.file_limits import MOST_BYTES, MOST_ROWS, UnreadableFile
from portal.spreadsheets import GUESSED, Column, day, neutral, read, write

NAME = Column("name", "Name", also=("Full name",))
EMAIL = Column("email", "Email")
NOTE = Column("note", "Note", required=False)
COLUMNS = (NAME, EMAIL, NOTE)


def cells(content: bytes) -> list[dict[str, str]]:
    return [dict(row.cells) for row in read(content, COLUMNS).rows]


def problems(content: bytes) -> tuple[str, ...]:
    """Return what is wrong with a file, or with its rows."""
    try:
        table = read(content, COLUMNS)
    except UnreadableFile as refused:
        return refused.problems
    return tuple(f"Row {row.number}: {problem}" for row in table.rows for problem in row.problems)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_any_encoding_that_a_spreadsheet_saves_in_is_read(encoding: str) -> None:
    text = "Name,Email\nZoë Ümlaut,zoe@demo.example\n"
    marks = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
    content = marks.get(encoding, b"") + text.encode(encoding)
    assert cells(content) == [{"name": "Zoë Ümlaut", "email": "zoe@demo.example", "note": ""}]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("named", ["", "sep={}\r\n"])
def test_any_separator_is_found_out(delimiter: str, named: str) -> None:
    line = delimiter.join
    content = named.format(delimiter) + line(["Name", "Email"]) + "\r\n" + line(['"Ali, A; b"', "a@demo.example"])
    assert cells(content.encode()) == [{"name": "Ali, A; b", "email": "a@demo.example", "note": ""}]


def test_headings_may_come_in_any_order_case_and_other_words() -> None:
    content = b" EMAIL , full_NAME ,,\na@demo.example, Ada ,,\n"
    assert cells(content) == [{"name": "Ada", "email": "a@demo.example", "note": ""}]


def test_rows_have_the_numbers_that_the_spreadsheet_shows() -> None:
    content = b'\n,\nName,Email\n\n"Ada\nof two lines",a@demo.example\n , \nBea,b@demo.example\n'
    assert [row.number for row in read(content, COLUMNS).rows] == [5, 7]


def test_a_short_row_has_empty_cells() -> None:
    assert cells(b"Name,Email,Note\nAda\n") == [{"name": "Ada", "email": "", "note": ""}]


def test_each_wrong_heading_gets_a_sentence_that_says_what_to_do() -> None:
    assert problems(b"Name,Full name,Manager,,x\na,b,c,d,e\n") == (
        "The column “Email” is missing. The first row must hold these headings: Name, Email, Note.",
        "The column “Name” is there 2 times. Keep one of them.",
        "The column “Manager” is not used here. Remove it from the file.",
        "One of the columns has no heading. Give it one, or remove it.",
        "The column “x” is not used here. Remove it from the file.",
    )


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The file is empty"),
        (b"\n,,\n", "The file is empty"),
        (b"Name,Email\n\n", "no rows below"),
        (b"PK\x03\x04 a workbook", "cannot be read as a workbook"),
        (b"\xd0\xcf\x11\xe0 an old one", "has a password, or was saved by an old Excel"),
        (b"Name,Email\nA\x00da,a@demo.example\n", "characters that are not text"),
        (b"\xff\xfeN\x00a\x00m\x00e\x00\n\xd8", "characters that are not text"),
        (b'Name,Email\nAda,a@demo.example\n"Bea,b@demo.example\n', "Row 3 cannot be read"),
        (b"Name,Email\nAda,a@demo.example,spare\n", "Row 2: There are more cells than column headings"),
        (b"Name,Email\nAda,%b\n" % (b"x" * 1001), "Row 2: A cell is longer than 1,000 characters"),
        (b"Name,Email\nAda,%b\n" % (b"x" * 4_000_000), "Row 2 cannot be read"),
        (b"Name,Email\n%b" % (b"x" * MOST_BYTES), "larger than 5 MB"),
        (b"Name,Email\n" + b"a,b\n" * (MOST_ROWS + 1), "more than 20,000 rows"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_words(content: bytes, says: str) -> None:
    assert says in problems(content)[0]


def test_of_very_many_problems_the_first_are_said() -> None:
    with pytest.raises(UnreadableFile) as refused:
        read(b"Name,Email" + b",x" * 150, COLUMNS)
    assert len(refused.value.problems) == 150
    assert len(refused.value.first) == 101
    assert refused.value.first[-1] == "And 50 more like these."


@given(st.binary(max_size=300))
def test_any_content_is_rows_or_refused(content: bytes) -> None:
    with suppress(UnreadableFile):
        rows = read(b"Name,Email\n" + content, COLUMNS).rows
        assert all(row.cells.keys() == {"name", "email", "note"} for row in rows)


@pytest.mark.parametrize("formula", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1"])  # noqa: RUF001  # the wide form is meant
def test_what_looks_like_a_formula_is_written_as_text(formula: str) -> None:
    assert neutral(formula) == f"'{formula}"


def test_numbers_of_ours_stay_numbers_and_names_stay_names() -> None:
    assert [neutral(cell) for cell in (-3, "Zoë O'Hara-Smith", "")] == ["-3", "Zoë O'Hara-Smith", ""]


def test_a_written_file_reads_back() -> None:
    content = b"".join(write(["Name", "Email"], [["Zoë, “a”\nb", "z@demo.example"], ["محمد", "m@demo.example"]]))
    assert content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))) == [
        ["Name", "Email"],
        ["Zoë, “a”\nb", "z@demo.example"],
        ["محمد", "m@demo.example"],
    ]
    assert [row.cells["name"] for row in read(content, COLUMNS).rows] == ["Zoë, “a”\nb", "محمد"]


def test_no_part_of_a_cell_becomes_a_cell_where_rows_are_divided_at_semicolons() -> None:
    content = b"".join(write(["Name"], [["a;=1+1"]])).decode("utf-8-sig")
    assert content == '"Name"\r\n"a;=1+1"\r\n'
    assert list(csv.reader(io.StringIO(content), delimiter=";")) == [["Name"], ["a;=1+1"]]


def test_a_file_of_blank_rows_is_not_read_to_its_end() -> None:
    with pytest.raises(UnreadableFile, match="more than 100,000 rows, with those that are blank"):
        read(b"Name,Email\r\n" + b",\r\n" * 100_000, COLUMNS)


def test_of_an_encoding_that_is_guessed_it_is_said_so() -> None:
    text = "Name,Email\nZoë,z@demo.example\n"
    assert read(text.encode(), COLUMNS).said == []
    assert read(text.encode("cp1252"), COLUMNS).said == [GUESSED]


@pytest.mark.parametrize(
    "written",
    [
        "2026-05-03",
        "2026-05-03 00:00:00",
        "03/05/2026",
        "3/5/26",
        "3.5.2026",
        "03-05-2026",
        "3 May 2026",
        " 3  may, 2026 ",
        "3-May-26",
        "46145",
    ],
)
def test_a_day_is_read_as_people_here_write_it_and_as_excel_counts(written: str) -> None:
    assert day(written) == date(2026, 5, 3)


@pytest.mark.parametrize(
    "written", ["", "5/13/2026", "yesterday", "2026", "31/02/2026", "٤٦١٤٥", "461450", "3/5/2026 x"]
)
def test_what_names_no_day_is_none(written: str) -> None:
    assert day(written) is None
