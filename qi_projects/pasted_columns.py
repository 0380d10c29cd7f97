"""Which column of a text out of a spreadsheet is which: by their headings, or else by their order."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from portal.file_limits import Record, UnreadableFile
from portal.spreadsheets import records
from qi_projects.day_cells import NoDay, read_day
from qi_projects.models import Measure
from qi_projects.number_cells import Style, read_number

MOST_ROWS: Final = 10_000
"""A measure has one point for a day, and 27 years have fewer days. More rows than that are of single people or events,
which are to be counted for each day or week before they come here (ADR 0086)."""
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


@dataclass(slots=True)
class Sheet:
    """Rows with their columns found."""

    keys: Sequence[str]
    rows: Sequence[Record]
    said: list[str] = field(default_factory=list)

    def cell(self, row: Record, key: str) -> str:
        """Return a row's cell under a column; nothing where it has none."""
        at = self.keys.index(key) if key in self.keys else len(row.cells)
        return row.cells[at] if at < len(row.cells) else ""


def read_sheet(text: str, measure: Measure) -> Sheet:
    """Return the rows of a text with its columns found. Raises UnreadableFile for what is no table of points."""
    separator = _separator(text)
    rows = list(_rows(text, separator))
    if not rows:
        raise UnreadableFile("There are no rows. Paste the dates and figures, one row for each point.")
    wanted = ["day", *(("numerator", "denominator") if measure.counts_pairs else ("value",))]
    first = rows[0]
    if _is_data(first):
        return _by_order(rows, wanted, separator)
    known = _known(measure)
    keys = _the_one_that_is_left([_key(cell, wanted, known) for cell in first.cells], rows, wanted)
    if not any(keys) and len(rows) > 1 and _is_data(rows[1]):
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


def _is_data(row: Record) -> bool:
    """Say whether a row has a date in its first cell, or a number or nothing beside something: it is no heading."""
    with suppress(NoDay):
        return bool(read_day(row.cells[0], months=True))
    beside = [cell for cell in row.cells[1:] if cell]
    return any(read_number(cell, style) is not None for cell in beside for style in Style)


def _by_order(rows: Sequence[Record], wanted: Sequence[str], separator: str) -> Sheet:
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
    return Sheet(keys[: max(width, len(wanted))], rows)


def _by_headings(first: Record, rows: Sequence[Record], keys: Sequence[str], wanted: Sequence[str]) -> Sheet:
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
    sheet = Sheet([*keys, *[""] * (len(first.cells) - len(keys))], rows)
    if unused:
        sheet.said.append(f"Not used: the columns {', '.join(f'“{cell[:40]}”' for cell in unused[:10])}.")
    return sheet


def _known(measure: Measure) -> dict[str, frozenset[str]]:
    """Return by which headings each column is known: what the measure itself calls it is one of them."""
    own = {
        "value": {measure.name, measure.unit},
        "numerator": {measure.numerator},
        "denominator": {measure.denominator},
    }
    return {key: names | {_plain(name) for name in own.get(key, ())} - {""} for key, names in HEADINGS.items()}


def _the_one_that_is_left(keys: list[str], rows: Sequence[Record], wanted: Sequence[str]) -> list[str]:
    """Take a column of numbers that nobody knows for the figure that is missing, where there is one of either."""
    missing = [key for key in wanted if key not in keys and key != "day"]
    unknown = [at for at, key in enumerate(keys) if not key and rows[0].cells[at]]
    if not any(keys) or len(rows) < 2 or len(missing) != 1 or len(unknown) != 1:
        return keys
    at = unknown[0]
    cell = rows[1].cells[at] if at < len(rows[1].cells) else ""
    if all(read_number(cell, style) is None for style in Style):
        return keys
    return [*keys[:at], missing[0], *keys[at + 1 :]]


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
