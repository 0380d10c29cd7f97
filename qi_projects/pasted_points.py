"""Points out of a spreadsheet, row by row, as text that was pasted or the text of a CSV file.

Which column is which, `pasted_columns` finds. Nothing is guessed that would change a number: what can be
read in two ways is asked about (`asks_for_decimals`), and what cannot be read is told with the number of its row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from portal.file_limits import Record
from portal.nhsuk.dates import say_date
from qi_projects.day_cells import NoDay, read_day
from qi_projects.models import Measure
from qi_projects.models.measures import DECIMALS
from qi_projects.number_cells import Style, is_nothing, is_per_cent, read_number, styles_of
from qi_projects.pasted_columns import Sheet, read_sheet
from qi_projects.readings import FIGURES, Reading, is_whole, wrong_with

LONGEST_NOTE: Final = 200


@dataclass(frozen=True, slots=True)
class Pasted:
    """What a text holds: readings in the order of their days, what is wrong row by row, and how it was read."""

    readings: Sequence[Reading] = ()
    problems: Sequence[str] = ()
    said: Sequence[str] = ()
    asks_for_decimals: str = ""
    """A cell of a column whose decimals can be read in two ways; nothing where it is clear."""
    besides: str = ""
    """The text without the dates of the points: what may be about patients."""


def read_pasted(text: str, measure: Measure, *, today: date, style: Style | None = None) -> Pasted:
    """Read a text. `style` answers how decimals are written. Raises UnreadableFile for what is no table of points."""
    months = measure.often in {Measure.Often.MONTH, Measure.Often.QUARTER}
    sheet = read_sheet(text, measure)
    figures = [key for key in FIGURES if key in sheet.keys]
    styles: dict[str, Style] = {}
    asks = ""
    for key in figures:
        found, unclear = _style(sheet, key, measure, style)
        styles[key] = found
        asks = asks or unclear
    reader = _Reader(sheet, measure, styles, today=today, months=months)
    readings, problems = reader.read()
    return Pasted(
        readings=sorted(readings, key=lambda each: each.day),
        problems=problems,
        said=sheet.said,
        asks_for_decimals=asks,
        besides="\n".join(reader.besides),
    )


class _Reader:
    """Reads rows one by one, and keeps what it has seen."""

    def __init__(
        self, sheet: Sheet, measure: Measure, styles: Mapping[str, Style], *, today: date, months: bool
    ) -> None:
        self.sheet, self.measure, self.styles = sheet, measure, styles
        self.today, self.months = today, months
        self.row_of: dict[date, int] = {}
        self.besides: list[str] = []

    def read(self) -> tuple[list[Reading], list[str]]:
        """Return the readings, and a sentence for each thing that is wrong, with its row."""
        readings: list[Reading] = []
        problems: list[str] = []
        for row in self.sheet.rows:
            reading, wrong = self._row(row)
            problems += [f"Row {row.number}: {each}." for each in wrong]
            if reading and not wrong:
                readings.append(reading)
        return readings, problems

    def _row(self, row: Record) -> tuple[Reading | None, list[str]]:
        wrong: list[str] = list(row.problems)
        figures: dict[str, Decimal | None] = {}
        for key in self.styles:
            try:
                figures[key] = self._number(self.sheet.cell(row, key), key)
            except ValueError as error:
                wrong.append(str(error))
        note = self.sheet.cell(row, "note")
        if len(note) > LONGEST_NOTE:
            wrong.append(f"The note is longer than {LONGEST_NOTE} characters")
        if any(row.cells[len(self.sheet.keys) :]):
            wrong.append(
                "There are more cells than columns. Does a number have a comma in it? Copy it from the spreadsheet, or "
                "put semicolons between the cells"
            )
        written = self.sheet.cell(row, "day")
        try:
            day = read_day(written, months=self.months)
        except NoDay as error:
            self.besides.append("\t".join(row.cells))
            return None, [str(error).rstrip("."), *wrong]
        self.besides.append(
            "\t".join(cell for cell, key in zip(row.cells, self._keys_of(row), strict=True) if key != "day")
        )
        if (earlier := self.row_of.setdefault(day, row.number)) != row.number:
            wrong.insert(0, f"{say_date(day, weekday=False)} is in row {earlier} already. Keep one of them")
        if wrong:
            return None, wrong
        reading = Reading(day, note=" ".join(note.split()), **figures)
        return reading, [sentence for _, sentence in wrong_with(reading, self.measure.counted, self.today)]

    def _keys_of(self, row: Record) -> Sequence[str]:
        return [*self.sheet.keys, *[""] * len(row.cells)][: len(row.cells)]

    def _number(self, cell: str, key: str) -> Decimal | None:
        """Return the number of a cell, or None where it says that there is none. Raises ValueError with a sentence."""
        if is_nothing(cell):
            return None
        said = f"“{cell[:30]}”"
        number = read_number(cell, self.styles[key])
        if number is None:
            if any(read_number(cell, style) is not None for style in Style):
                other = "comma" if self.styles[key] == Style.POINT else "point"
                raise ValueError(f"{said} has a {other} for decimals, unlike the rest of its column")
            raise ValueError(f"{said} is not a number")
        if is_per_cent(cell):
            if self.measure.counts_pairs or self.measure.counted == Measure.Counted.COUNT:
                raise ValueError(f"{said} is in per cent. Enter how many there were")
            if self.measure.unit != "%":
                unit = f"in {self.measure.unit}" if self.measure.unit else "not in per cent"
                raise ValueError(f"{said} is in per cent, and this measure is {unit}")
        exponent = number.as_tuple().exponent
        if isinstance(exponent, int) and -exponent > DECIMALS:
            raise ValueError(f"{said} has more than {DECIMALS} decimals. Round it in your spreadsheet")
        return number


def _style(sheet: Sheet, key: str, measure: Measure, answer: Style | None) -> tuple[Style, str]:
    """Return how a column's decimals are written, and where that is a question a cell that makes it one."""
    cells = [cell for row in sheet.rows if not is_nothing(cell := sheet.cell(row, key))]
    whole = is_whole(measure.counted, key)
    found = styles_of(cells, _is_whole_number if whole else lambda _: True)
    if len(found) == 1:
        return found.pop(), ""
    if answer is not None:
        return answer, ""
    unclear = (cell for cell in cells if len({read_number(cell, style) for style in Style}) > 1)
    return Style.POINT, next(unclear, "")


def _is_whole_number(number: Decimal) -> bool:
    return number == number.to_integral_value()
