"""Points out of a spreadsheet, as text that was pasted or the text of a CSV file: which column is which, row by row.

Columns are found by their headings, or else by their order. Nothing is guessed that would change a number: what can be
read in two ways is asked about (`asks_for_decimals`), and what cannot be read is told with the number of its row.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from portal.file_limits import Record, UnreadableFile
from portal.nhsuk.dates import say_date
from portal.spreadsheets import records
from qi_projects.day_cells import NoDay, read_day
from qi_projects.models import Measure
from qi_projects.models.measures import DECIMALS
from qi_projects.number_cells import Style, is_nothing, is_per_cent, read_number, styles_of
from qi_projects.readings import FIGURES, Reading, is_whole, wrong_with

MOST_ROWS: Final = 10_000
"""A measure has one point for a day, and 27 years have fewer days. More rows than that are of single people or events,
which are to be counted for each day or week before they come here (ADR 0086)."""
LONGEST_NOTE: Final = 200
SEPARATORS: Final = "\t;,"
HEADINGS: Final[Mapping[str, frozenset[str]]] = {
    "day": frozenset(
        {
            *("date", "day", "week", "month", "quarter", "period", "time", "fortnight", "w/c", "wc", "datum"),
            *("week commencing", "week beginning", "week starting", "month beginning", "date of week"),
        }
    ),
    "value": frozenset({"value", "values", "figure", "result", "measure", "measurement", "count", "number", "score"}),
    "numerator": frozenset({"numerator", "num", "n", "count", "number", "events", "yes"}),
    "denominator": frozenset({"denominator", "denom", "den", "d", "of", "out of", "total", "all"}),
    "note": frozenset({"note", "notes", "comment", "comments", "remark", "remarks", "annotation", "event"}),
}
CALLED: Final = {
    "day": "date",
    "value": "value",
    "numerator": "numerator",
    "denominator": "denominator",
    "note": "note",
}


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


@dataclass(slots=True)
class _Sheet:
    """Rows with their columns found."""

    keys: Sequence[str]
    rows: Sequence[Record]
    said: list[str] = field(default_factory=list)

    def cell(self, row: Record, key: str) -> str:
        """Return a row's cell under a column; nothing where it has none."""
        at = self.keys.index(key) if key in self.keys else len(row.cells)
        return row.cells[at] if at < len(row.cells) else ""


def read_pasted(text: str, measure: Measure, *, today: date, style: Style | None = None) -> Pasted:
    """Read a text. `style` answers how decimals are written. Raises UnreadableFile for what is no table of points."""
    months = measure.often in {Measure.Often.MONTH, Measure.Often.QUARTER}
    sheet = _sheet(text, measure, months=months)
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
        self, sheet: _Sheet, measure: Measure, styles: Mapping[str, Style], *, today: date, months: bool
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


def _style(sheet: _Sheet, key: str, measure: Measure, answer: Style | None) -> tuple[Style, str]:
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


# --- Which column is which


def _sheet(text: str, measure: Measure, *, months: bool) -> _Sheet:
    separator = _separator(text)
    rows = list(_rows(text, separator))
    if not rows:
        raise UnreadableFile("There are no rows. Paste the dates and figures, one row for each point.")
    wanted = ["day", *(("numerator", "denominator") if measure.counts_pairs else ("value",))]
    first = rows[0]
    if _is_data(first, months=months):
        return _by_order(rows, wanted, separator)
    known = _known(measure)
    keys = [_key(cell, wanted, known) for cell in first.cells]
    if not any(keys) and len(rows) > 1 and _is_data(rows[1], months=months):
        sheet = _by_order(rows[1:], wanted, separator)
        sheet.said.append(f"The first row was taken for headings, and the columns for {_listed(sheet.keys)}, in order.")
        return sheet
    return _by_headings(first, rows[1:], keys, wanted)


def _rows(text: str, separator: str) -> Iterator[Record]:
    """Yield the rows that are not blank. Raises UnreadableFile for more than a measure takes."""
    number = 0
    for record in records(text, delimiter=separator):
        if not any(record.cells):
            continue
        number += 1
        # One more for the headings.
        if number > MOST_ROWS + 1:
            count = sum(1 for line in text.splitlines() if line.strip())
            raise UnreadableFile(
                f"There are {count:,} rows, and a measure takes {MOST_ROWS:,}: 27 years of days. If each row is about "
                "one person or one event, count them for each day, week or month first, and paste the counts."
            )
        yield record


def _separator(text: str) -> str:
    """Return what stands between cells: the first of tab, semicolon and comma that most of the first lines have."""
    lines = [line for line in text.split("\n", 50)[:50] if line.strip()]
    return next((each for each in SEPARATORS if sum(each in line for line in lines) * 2 > len(lines)), ",")


def _is_data(row: Record, *, months: bool) -> bool:
    """Say whether a row has a date in its first cell, or a number or nothing beside something: it is no heading."""
    with suppress(NoDay):
        return bool(read_day(row.cells[0], months=True))
    beside = [cell for cell in row.cells[1:] if cell]
    return any(read_number(cell, style) is not None for cell in beside for style in Style)


def _by_order(rows: Sequence[Record], wanted: Sequence[str], separator: str) -> _Sheet:
    """Take columns for what is wanted, in order, and one more for notes. Raises UnreadableFile."""
    width = max(len(_without_empty_end(row.cells)) for row in rows)
    if width < 2:
        raise UnreadableFile(
            "There is one column alone. Put a tab, a semicolon or a comma between the date and the figure."
        )
    keys = [*wanted, "note"]
    if width > len(keys):
        raise UnreadableFile(
            f"There are {width} columns and no headings. Paste {_listed(keys)} alone, or with a first row of headings. "
            "If a number has a comma in it, put tabs or semicolons between the cells."
        )
    last = len(wanted)
    numbers = [row for row in rows if len(row.cells) > last and row.cells[last].strip().isdigit()]
    if numbers:
        row = numbers[0]
        number = f"“{row.cells[last - 1]},{row.cells[last]}”"
        one = f" If {number} is one number, put tabs or semicolons between the cells." if separator == "," else ""
        raise UnreadableFile(
            f"Row {row.number}: there is a number where the note would be, “{row.cells[last]}”.{one} If it is another "
            "figure, paste a first row of headings."
        )
    return _Sheet(keys[: max(width, len(wanted))], rows)


def _by_headings(first: Record, rows: Sequence[Record], keys: Sequence[str], wanted: Sequence[str]) -> _Sheet:
    """Take columns by their headings. Raises UnreadableFile where one is missing or is there twice."""
    heads = _without_empty_end(first.cells)
    missing = [CALLED[key] for key in wanted if key not in keys]
    if missing:
        there = ", ".join(f"“{cell[:40]}”" for cell in heads if cell)
        raise UnreadableFile(
            f"Row {first.number} has no date, so it was taken for headings, and none is for the {_listed(missing)}. "
            f"The headings are {there}. Call them {_listed([CALLED[key] for key in wanted])}."
        )
    twice = [CALLED[key] for key in (*wanted, "note") if list(keys).count(key) > 1]
    if twice:
        raise UnreadableFile(f"More than one column is for the {_listed(twice)}. Keep one of them.")
    if not rows:
        raise UnreadableFile("There are headings, and no rows below them.")
    unused = [cell for cell, key in zip(heads, keys, strict=False) if cell and not key]
    sheet = _Sheet([*keys, *[""] * (len(first.cells) - len(keys))], rows)
    if unused:
        sheet.said.append(f"Not used: the columns {', '.join(f'“{cell[:40]}”' for cell in unused[:10])}.")
    return sheet


def _known(measure: Measure) -> dict[str, frozenset[str]]:
    """Return by which headings each column is known: what the measure itself calls it is one of them."""
    own = {"value": measure.name, "numerator": measure.numerator, "denominator": measure.denominator}
    return {key: names | {_plain(own.get(key, ""))} - {""} for key, names in HEADINGS.items()}


def _key(heading: str, wanted: Sequence[str], known: Mapping[str, frozenset[str]]) -> str:
    plain = _plain(heading)
    # "minutes" of "Wait (minutes)" says the unit.
    names = {plain, plain.partition("(")[0].strip()}
    return next((key for key in (*wanted, "note") if names & known[key]), "")


def _plain(heading: str) -> str:
    return " ".join(heading.replace("_", " ").split()).rstrip(":.").casefold()


def _without_empty_end(cells: Sequence[str]) -> Sequence[str]:
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return cells[:end]


def _listed(names: Sequence[str]) -> str:
    called = [CALLED.get(name, name) for name in names]
    return called[0] if len(called) == 1 else f"{', '.join(called[:-1])} and {called[-1]}"
