"""Excel workbooks as people save them, as attackers make them, and as ours open in them."""

import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import workbooks
from portal.file_limits import MOST_RECORDS, MOST_ROWS, UnreadableFile
from portal.spreadsheets import Column, Table, neutral, read

COLUMNS = (Column("name", "Name"), Column("email", "Email"), Column("day", "Day", required=False))
PERSON = ("Zoë", "z@demo.example", None)


def saved(book: Any) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def workbook(*rows: Sequence[Any], change: Callable[[Any], Any] = str) -> bytes:
    """Return a workbook of one sheet with our headings and these rows, after a change to it."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in [("Name", "Email", "Day"), *rows]:
        sheet.append(row)
    change(sheet)
    return saved(book)


def cells(content: bytes) -> list[dict[str, str]]:
    return [dict(row.cells) for row in read(content, COLUMNS).rows]


def problems(content: bytes, sheet: str = "") -> tuple[str, ...]:
    """Return what is wrong with a file, or with its rows."""
    try:
        table = read(content, COLUMNS, sheet=sheet)
    except UnreadableFile as refused:
        return refused.problems
    return tuple(f"Row {row.number}: {problem}" for row in table.rows for problem in row.problems)


def repacked(content: bytes, **parts: bytes) -> bytes:
    """Return a workbook with the content of some of its parts exchanged, by the ends of their names."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            stem = Path(name).stem
            new.writestr(name, parts.get(stem, old.read(name)))
    return file.getvalue()


def test_a_workbook_is_read_as_it_shows() -> None:
    content = workbook(
        (" Zoë ", "z@demo.example", date(2026, 5, 3)),
        (None, None, None),
        (7, 1.5, datetime(2026, 5, 3, 9, 30)),  # noqa: DTZ001  # a spreadsheet knows no time zone
        (12.0, True, None),
        ("Half a_xD800_ smile", "h@demo.example", None),
    )
    table = read(content, COLUMNS)
    assert table.said == []
    assert [(row.number, *row.cells.values()) for row in table.rows] == [
        (2, "Zoë", "z@demo.example", "2026-05-03"),
        (4, "7", "1.5", "2026-05-03 09:30:00"),
        (5, "12", "TRUE", ""),
        (6, "Half a smile", "h@demo.example", ""),
    ]


def test_a_formula_is_refused_with_its_place_whatever_was_last_computed() -> None:
    assert problems(workbook(PERSON, ("Ada", '="a@"&"demo.example"', None), ("=A2", "=B2", None))) == (
        "Row 3: Column B holds a formula. Copy the column, and paste it over itself as values.",
        "Row 4: Column A holds a formula. Copy the column, and paste it over itself as values.",
        "Row 4: Column B holds a formula. Copy the column, and paste it over itself as values.",
    )


def test_a_formula_with_a_cached_value_is_refused() -> None:
    sheet = workbook(("Ada", "=B9", None))
    with zipfile.ZipFile(io.BytesIO(sheet)) as archive:
        part = archive.read("xl/worksheets/sheet1.xml")
    trusted = part.replace(b"<f>B9</f><v />", b"<f>B9</f><v>evil@demo.example</v>").replace(b"<v/>", b"")
    assert b"evil@" in trusted
    assert "holds a formula" in problems(repacked(sheet, sheet1=trusted))[0]


def test_text_that_looks_like_a_formula_is_text() -> None:
    def as_text(sheet: Any) -> None:
        sheet["A2"].data_type = "s"

    assert cells(workbook(("=1+1", "a@demo.example", None), change=as_text))[0]["name"] == "=1+1"


def test_an_error_of_the_spreadsheet_is_refused() -> None:
    def broken(sheet: Any) -> None:
        sheet["B2"] = "#N/A"

    assert problems(workbook(PERSON, change=broken)) == ("Row 2: Column B holds the error #N/A. Correct it.",)


def test_merged_and_hidden_cells_are_refused_where_there_is_something_in_them() -> None:
    def mangle(sheet: Any) -> None:
        sheet.merge_cells("A3:A4")
        sheet.row_dimensions[2].hidden = True
        sheet.row_dimensions[9].hidden = True

    assert problems(workbook(PERSON, PERSON, PERSON, change=mangle)) == (
        "Row 2: The row is hidden. Show all rows, or delete it.",
        "Row 3: The cells A3:A4 are merged. Unmerge them, and fill in each.",
        "Row 4: The cells A3:A4 are merged. Unmerge them, and fill in each.",
    )


def test_a_column_with_a_heading_that_nobody_sees_is_refused() -> None:
    def hide(sheet: Any) -> None:
        sheet.column_dimensions["B"].hidden = True
        sheet.column_dimensions["Z"].hidden = True

    assert problems(workbook(PERSON, change=hide)) == (
        "Row 1: The column B (“Email”) is hidden. Show it, or delete it.",
    )


def several(*titles: str, hidden: Sequence[str] = ()) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title in titles:
        sheet = book.create_sheet(title)
        sheet.append(("Notes",) if title == "Notes" else ("Name", "Email"))
        sheet.append((title, "a@demo.example"))
        if title in hidden:
            sheet.sheet_state = "hidden"
    return saved(book)


def names(table: Table) -> list[str]:
    return [row.cells["name"] for row in table.rows]


def test_of_several_sheets_the_one_with_the_headings_is_read() -> None:
    table = read(several("Notes", "May", "June", hidden=["June"]), COLUMNS)
    assert (names(table), table.said) == (["May"], ["Read from the sheet “May” alone."])


def test_where_several_sheets_fit_it_is_asked_which_is_meant() -> None:
    content = several("Notes", "May", "June")
    assert "More than one sheet has these headings: “May”, “June”." in problems(content)[0]
    assert names(read(content, COLUMNS, sheet="june")) == ["June"]
    assert "no sheet “July”. It has: “Notes”, “May”, “June”." in problems(content, sheet="July")[0]


def test_where_no_sheet_fits_it_is_said_what_is_needed() -> None:
    book = openpyxl.load_workbook(io.BytesIO(several("Notes", "May")))
    book["May"]["A1"] = "Who"
    assert problems(saved(book)) == ("No sheet has these headings in its first row: Name, Email, Day.",)


def test_what_unpacks_to_too_much_is_refused_unopened() -> None:
    bomb = repacked(workbook(PERSON), sheet1=b" " * (workbooks.MOST_UNPACKED + 1))
    assert len(bomb) < 100_000
    assert "more than 25 MB once it is unpacked" in problems(bomb)[0]


def test_entities_that_grow_do_not() -> None:
    grows = b'<!DOCTYPE a [<!ENTITY a "%b">%b]>' % (
        b"x" * 1000,
        b"".join(b'<!ENTITY %c "%b">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(8)),
    )
    sheet = grows + b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">&i;</worksheet>'
    assert "cannot be read as a workbook" in problems(repacked(workbook(PERSON), sheet1=sheet))[0]


@pytest.mark.parametrize("row", ["1000000", "99999999999", "x"])
def test_a_row_that_claims_to_be_far_below_is_not_walked_to(row: str) -> None:
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/>'
        f'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c></row><row r="{row}">'
        f'<c r="XFD{row}"><v>1</v></c></row></sheetData></worksheet>'
    )
    said = problems(repacked(workbook(PERSON), sheet1=sheet.encode()))[0]
    assert f"more than {MOST_RECORDS:,} rows" in said or "cannot be read" in said


def test_too_many_rows_are_refused() -> None:
    assert "more than 20,000 rows" in problems(workbook(*[PERSON] * (MOST_ROWS + 1)))[0]


@given(st.binary(max_size=300))
def test_any_content_of_a_zip_file_is_rows_or_refused(content: bytes) -> None:
    with suppress(UnreadableFile):
        read(b"PK\x03\x04" + content, COLUMNS)


WHOLE = workbook(PERSON, ("Ada", "a@demo.example", date(2026, 5, 3)))


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_a_workbook_with_any_byte_changed_is_rows_or_refused(place: int, byte: int) -> None:
    with suppress(UnreadableFile):
        read(WHOLE[:place] + bytes([byte]) + WHOLE[place + 1 :], COLUMNS)


@given(st.sampled_from(["sheet1", "workbook", "styles", "[Content_Types]"]), st.data())
def test_a_workbook_with_any_part_mangled_is_rows_or_refused(part: str, data: st.DataObject) -> None:
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as archive:
        name = next(name for name in archive.namelist() if Path(name).stem == part)
        old = archive.read(name).decode()
    place = data.draw(st.integers(0, len(old)))
    new = (
        old[:place]
        + data.draw(st.text(st.characters(codec="utf-8"), max_size=8))
        + old[place + data.draw(st.integers(0, 9)) :]
    )
    with suppress(UnreadableFile):
        read(repacked(WHOLE, **{part: new.encode()}), COLUMNS)


ROWS: list[tuple[str, int]] = [("=1+1", -3), ("Zoë, “a”\nb", 12), ("bell \x07", 0), ("+44", 1)]


def test_a_written_workbook_opens_with_text_as_text_and_numbers_as_numbers() -> None:
    with workbooks.write(["Name", "Done"], [[neutral(a), b] for a, b in ROWS]) as file:
        book = openpyxl.load_workbook(file)
    sheet: Any = book.active
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["Name", "Done"],
        ["'=1+1", -3],
        ["Zoë, “a”\nb", 12],
        ["bell ", 0],
        ["'+44", 1],
    ]
    assert {cell.data_type for cell in sheet["A"]} == {"s"}
    assert {cell.data_type for cell in sheet["B"][1:]} == {"n"}


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not on this machine")
def test_a_written_workbook_opens_in_libreoffice(tmp_path: Path) -> None:
    with workbooks.write(["Name"], [["Zoë"]]) as file:
        (tmp_path / "list.xlsx").write_bytes(file.read())
    command = ["soffice", "--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76", "list.xlsx"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=120)
    assert (tmp_path / "list.csv").read_text("utf-8") == "Name\nZoë\n"
