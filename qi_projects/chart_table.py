"""The table beneath a chart, and the same as a file: one row for each point, with all that the picture shows of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from portal.nhsuk.dates import say_date
from portal.spreadsheets import Cell, write
from qi_projects.chart_shapes import COLOURS, WORDS, legal
from qi_projects.chart_words import RULES, figure, point_told
from qi_projects.charts import Kind, Reckoned
from qi_projects.spc import Run

COUNTED: Final = (Kind.P, Kind.U)


@dataclass(frozen=True, slots=True)
class Row:
    """One point, in words. A cell with nothing to tell is empty; `value` of a gap says that it is missing.

    `reading` is the word of the point's shape: usual variation, improvement, concern, signal. `rules` says by which
    rules, and `flags` has the numbers of the flags over the point.
    """

    number: int
    day: date
    value: str
    numerator: str
    denominator: str
    centre: str
    lower: str
    upper: str
    reading: str
    rules: str
    flags: str


def rows(chart: Reckoned, start: int = 0, stop: int | None = None) -> list[Row]:
    """Return the rows of the points from `start` up to and without `stop`: of a long series one page of it."""
    numbers: dict[int, list[str]] = {}
    for flag in chart.flags:
        numbers.setdefault(flag.at, []).append(str(flag.number))
    return [_row(chart, at, numbers.get(at, [])) for at in range(len(chart.values))[start:stop]]


def _row(chart: Reckoned, at: int, flags: Sequence[str]) -> Row:
    point, value, limits = chart.series.points[at], chart.values[at], chart.limits[at]
    rules = ", ".join(RULES[rule] for rule in chart.found.flags[at])
    return Row(
        number=at + 1,
        day=point.day,
        value=point_told(chart, at),
        numerator="" if point.numerator is None else f"{float(point.numerator):,.15g}",
        denominator="" if point.denominator is None else f"{float(point.denominator):,.15g}",
        centre=figure(chart, chart.centres[at]),
        lower=figure(chart, limits[0]) if limits else "",
        upper=figure(chart, limits[1]) if limits else "",
        reading="" if value is None else _reading(chart, at),
        rules=rules,
        flags=", ".join(flags),
    )


def _reading(chart: Reckoned, at: int) -> str:
    """Say what shape the point has in the picture."""
    return WORDS[COLOURS[chart.readings[at]]]


ON_CHART: Final = "On the chart"
"""The column with the numbers of what is marked at a point: notes, cycles, new limits."""


def columns(chart: Reckoned) -> list[str]:
    """Return the headings of the table's columns, without those that are empty in every row."""
    centre = "Median" if isinstance(chart.found, Run) else "Mean"
    counts = ["Numerator", "Denominator"] if chart.series.kind in COUNTED else []
    limits = ["Lower limit", "Upper limit"] if chart.phases else []
    return ["Date", "Value", *counts, centre, *limits, "Reading", "Rules", ON_CHART]


SAME: Final = ("Mean", "Median", "Lower limit", "Upper limit")
CELLS: Final[Mapping[str, Callable[[Row], str]]] = {
    "Date": lambda row: say_date(row.day, weekday=False),
    "Value": lambda row: row.value,
    "Numerator": lambda row: row.numerator,
    "Denominator": lambda row: row.denominator,
    "Mean": lambda row: row.centre,
    "Median": lambda row: row.centre,
    "Lower limit": lambda row: row.lower,
    "Upper limit": lambda row: row.upper,
    "Reading": lambda row: f"{row.reading}: {row.rules.lower()}" if row.rules else row.reading,
    ON_CHART: lambda row: row.flags,
}


@dataclass(frozen=True, slots=True)
class Told:
    """Rows as people read them: headings, the cells of each row below them, and what is the same in all of them.

    That is said once, above the table, as a heading with its figure.
    """

    headings: Sequence[str]
    lines: Sequence[tuple[str, ...]]
    same: Sequence[tuple[str, str]]


def told(chart: Reckoned, start: int = 0, stop: int | None = None) -> Told:
    """Return the rows of the points from `start` up to and without `stop` as people read them."""
    found = rows(chart, start, stop)
    cells = {heading: [CELLS[heading](row) for row in found] for heading in columns(chart) if heading in CELLS}
    same = [heading for heading in SAME if len(set(cells.get(heading, ()))) == 1]
    shown = [heading for heading in cells if heading not in same and (heading != ON_CHART or any(cells[heading]))]
    lines = list(zip(*(cells[heading] for heading in shown), strict=True))
    return Told(shown, lines, [(heading, cells[heading][0]) for heading in same])


def as_csv(chart: Reckoned) -> Iterator[bytes]:
    """Yield the table as a CSV file that a spreadsheet opens safely: dates as 2026-03-01, figures in full."""
    unit = legal(chart.series.shown_unit)
    centre = "Median" if isinstance(chart.found, Run) else "Mean"
    headings = [
        "Date", f"Value ({unit})" if unit else "Value", "Numerator", "Denominator",
        centre, "Lower limit", "Upper limit", "Target", "Reading", "Rules", "Note",
    ]  # fmt: skip
    return write(headings, (_cells(chart, at) for at in range(len(chart.values))))


def _cells(chart: Reckoned, at: int) -> list[Cell | float]:
    point, value, limits = chart.series.points[at], chart.values[at], chart.limits[at]
    lower, upper = limits or (None, None)
    figures = [value, point.numerator, point.denominator, chart.centres[at], lower, upper, chart.series.target]
    return [
        point.day.isoformat(),
        *("" if each is None else _number(float(each)) for each in figures),
        "" if value is None else _reading(chart, at),
        ", ".join(RULES[rule] for rule in chart.found.flags[at]),
        legal(point.note),
    ]


def _number(figure_: float) -> float:
    """Return a number as a cell, a whole one without a point."""
    return int(figure_) if figure_.is_integer() and abs(figure_) < 10**15 else figure_
