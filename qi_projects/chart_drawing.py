"""Drawing a chart as SVG: crisp at any size and in print, told in words, and readable at 320 pixels in its narrow form.

Points stand one step apart in their order. Above a thousand the picture is drawn from the lowest and the highest point
of every stretch, so that no peak is lost; of these only the flagged have a shape. The table has every point.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from sys import float_info
from textwrap import wrap
from typing import Final
from xml.etree import ElementTree as ET

from portal.nhsuk.dates import say_date
from qi_projects.chart_scales import Scale, days_named, say_figure, scale_of
from qi_projects.chart_shapes import (
    COLOURS,
    GREY,
    INK,
    MIDDLE,
    PALE,
    PAPER,
    RED,
    WORDS,
    add,
    legal,
    marker,
    path,
    pennant,
    picture,
    written,
)
from qi_projects.chart_words import MARKS, NAMES, as_set, figure, summary
from qi_projects.charts import Flag, Kind, MarkKind, Reckoned
from qi_projects.spc import SCREENED, Run, Variation

MOST_DRAWN: Final = 1_000
STRETCHES: Final = 400
MOST_ROWS: Final = 6
"""Numbers of flags that would touch are set in rows, up to so many."""
LETTER: Final = 0.56
"""How wide a letter is on average, in its height: on the safe side for Arial."""

Places = list[tuple[int, tuple[float, float] | None]]


@dataclass(frozen=True, slots=True)
class Size:
    """The measures of a form, in units of the picture: at its full width one is a CSS pixel."""

    width: int
    plot: int
    ranges: int
    font: int
    left: int
    right: int
    radius: float
    lines: int


WIDE: Final = Size(width=960, plot=360, ranges=140, font=16, left=76, right=20, radius=5, lines=7)
PRINTED: Final = Size(width=600, plot=180, ranges=100, font=16, left=66, right=14, radius=5, lines=6)
"""For paper, where a chart is as wide as a column: its letters are then as large as those beside it."""
PRINTED_ALONE: Final = replace(PRINTED, plot=270)
"""For the only chart of a project, which has the height of the page to itself."""
NARROW: Final = Size(width=320, plot=230, ranges=100, font=14, left=54, right=10, radius=3.5, lines=5)


def draw(chart: Reckoned, *, name: str, narrow: bool = False, ranges: bool = False, alone: bool = False) -> str:
    """Return a chart as SVG. `name` begins its ids, and is used once on a page.

    With `ranges`, the moving ranges of an XmR chart stand beneath it. A picture that stands `alone`, as a file, has its
    title on it and explains its flags; on a page the page does both, where it can be read aloud.
    """
    return written(_Drawing(chart, NARROW if narrow else WIDE, ranges=ranges, alone=alone).drawn(name))


def draw_for_print(chart: Reckoned, *, name: str, is_only_one: bool = False) -> str:
    """Return a chart as SVG for paper; what the numbers of its flags mean stands beside it."""
    return written(_Drawing(chart, PRINTED_ALONE if is_only_one else PRINTED, ranges=False, alone=False).drawn(name))


class _Drawing:
    """One picture as it is made, from the top down."""

    def __init__(self, chart: Reckoned, size: Size, *, ranges: bool, alone: bool) -> None:
        self.chart, self.size, self.alone = chart, size, alone
        self.ranges = ranges and chart.series.kind is Kind.XMR and any(chart.moving_ranges)
        self.count = len(chart.values)
        self.step = (size.width - size.left - size.right) / self.count
        self.kept = list(_kept(chart.values))
        self.scale = scale_of(list(_figures(chart)), per_cent=chart.series.shown_unit == "%", lines=size.lines)
        self.root = ET.Element("g")

    def drawn(self, name: str) -> ET.Element:
        """Return the finished picture."""
        y = float(self.size.font)
        if self.alone:
            y = self._write(self.chart.series.title, y, bold=True)
        rows = self._rows()
        above = max(rows.values(), default=-1) + 1
        unit = self.chart.series.shown_unit
        if unit and unit != "%":
            y = self._write(unit, y)
        top = y + above * self.size.font * 1.7 + self.size.font * 0.3
        bottom = top + self.size.plot
        self._grid(self.scale, top, bottom)
        self._flags(rows, y, bottom)
        places = self._places(self.chart.values, self.scale, top, bottom)
        self._line_through(places)
        self._lines(top, bottom)
        self._points(places, self.chart.readings)
        y = bottom
        if self.ranges:
            y = self._moving_ranges(bottom + self.size.font * 2)
        self._days(y)
        y = self._key(y + self.size.font * 4.2)
        if self.alone:
            y = self._explained(y)
        title = f"{NAMES[self.chart.series.kind]}: {legal(self.chart.series.title)}"
        form = "narrow" if self.size is NARROW else "wide"
        picture_ = picture(
            self.size.width, y, name=name, title=title, words=summary(self.chart), class_=f"app-chart app-chart--{form}"
        )
        add(picture_, "rect", width="100%", height="100%", fill=PAPER)
        picture_.extend(self.root)
        return picture_

    # --- what stands where

    def _x(self, at: float) -> float:
        return self.size.left + (at + 0.5) * self.step

    def _over(self, flag: Flag) -> float:
        """Return where a flag stands: over its point, and for new limits between two points."""
        return self._x(flag.at - 0.5 if flag.kind is MarkKind.REBASE else flag.at)

    # --- parts

    def _grid(self, scale: Scale, top: float, bottom: float) -> None:
        unit = "%" if self.chart.series.shown_unit == "%" else ""
        left, right = self.size.left, self.size.width - self.size.right
        for tick in scale.ticks:
            y = bottom - scale.share(tick) * (bottom - top)
            add(self.root, "path", d=path([(left, y), (right, y)]), stroke=PALE, fill="none")
            said = say_figure(tick, scale.decimals, unit)
            font = min(self.size.font, (left - 10) / (max(len(said), 1) * LETTER))
            add(
                self.root, "text", said,
                x=left - 8, y=y + font * 0.35, font_size=font, fill=MIDDLE, text_anchor="end",
            )  # fmt: skip
        add(self.root, "path", d=path([(left, top), (left, bottom), (right, bottom)]), stroke=MIDDLE, fill="none")

    def _days(self, bottom: float) -> None:
        days = [point.day for point in self.chart.series.points]
        fit = int((self.size.width - self.size.left - self.size.right) / (self.size.font * 3.6))
        for at, day, year in days_named(days, fit):
            x = self._x(at)
            add(self.root, "path", d=path([(x, bottom), (x, bottom + 5)]), stroke=MIDDLE, fill="none")
            for line, said in enumerate((day, year)):
                add(
                    self.root, "text", said,
                    x=x, y=bottom + self.size.font * (1.35 + 1.15 * line), font_size=self.size.font, fill=MIDDLE,
                    text_anchor="middle",
                )  # fmt: skip

    def _lines(self, top: float, bottom: float) -> None:
        """Draw limits, mean or median, and target."""
        limits = self.chart.limits
        for which in (0, 1):
            line = [each and each[which] for each in limits]
            self._stepped(line, self.scale, top, bottom, stroke=MIDDLE, stroke_width=1.5, stroke_dasharray="7 4")
        self._stepped(self.chart.centres, self.scale, top, bottom, stroke=INK, stroke_width=1.5)
        if self.chart.series.target is not None:
            line = [self.chart.series.target] * self.count
            self._stepped(line, self.scale, top, bottom, stroke=RED, stroke_width=1.5, stroke_dasharray="12 4 2 4")

    def _stepped(
        self, figures: Sequence[float | None], scale: Scale, top: float, bottom: float, **look: object
    ) -> None:
        """Draw a line that has one height for the width of each point, and breaks where a new phase begins."""
        starts = {phase.start for phase in self.chart.phases}
        places: list[str] = []
        before: float | None = None
        for start, stop in self._stretches():
            line = figures[start]
            if line is None:
                before = None
                continue
            y = bottom - scale.share(line) * (bottom - top)
            left, right = self._x(start - 0.5), self._x(stop - 0.5)
            if before is None or not starts.isdisjoint(range(start, stop)):
                places.append(f"M{left:.1f} {y:.1f}")
            elif line != before:
                places.append(f"V{y:.1f}")
            places.append(f"H{right:.1f}")
            before = line
        if places:
            add(self.root, "path", d="".join(_merged(places)), fill="none", **look)

    def _stretches(self) -> Iterator[tuple[int, int]]:
        """Yield what a line has one height for: each point, or in a long series each of some hundred stretches."""
        if self.count <= MOST_DRAWN:
            yield from ((at, at + 1) for at in range(self.count))
            return
        bounds = {at * self.count // STRETCHES for at in range(STRETCHES + 1)} | {
            phase.start for phase in self.chart.phases
        }
        yield from pairwise(sorted(bounds))

    def _places(self, values: Sequence[float | None], scale: Scale, top: float, bottom: float) -> Places:
        """Return where each point that is drawn lies; None for a gap."""
        there = [(at, values[at]) for at in self.kept]
        return [
            (at, None if value is None else (self._x(at), bottom - scale.share(value) * (bottom - top)))
            for at, value in there
        ]

    def _line_through(self, places: Places) -> None:
        """Draw the line through the points, broken at gaps. That of a long series is pale, as it fills the picture."""
        colour = MIDDLE if self.count <= MOST_DRAWN else GREY
        for _, group in groupby(places, key=lambda each: each[1] is None):
            line = [place for _, place in group if place]
            if len(line) > 1:
                add(self.root, "path", d=path(line), stroke=colour, stroke_width=1.5, fill="none")

    def _points(self, places: Places, readings: Sequence[Variation] | None = None) -> None:
        """Draw the points; of a long series only those with a signal, which are always large enough to tell apart."""
        plain = min(self.size.radius, max(self.step * 0.4, 1.5))
        for at, place in places:
            reading = readings[at] if readings else Variation.COMMON
            if reading is not Variation.COMMON and place:
                marker(self.root, reading, *place, max(plain, 2.5))
            elif place and self.count <= MOST_DRAWN:
                marker(self.root, reading, *place, plain)

    def _rows(self) -> dict[int, int]:
        """Return the row of each flag's number: the lowest in which it touches none before it."""
        rows: dict[int, int] = {}
        ends = [float("-inf")] * MOST_ROWS
        for flag in self.chart.flags:
            x = self._over(flag)
            row = next((row for row, end in enumerate(ends) if x >= end), MOST_ROWS - 1)
            ends[row] = x + self.size.font * 1.8
            rows[flag.number] = row
        return rows

    def _flags(self, rows: dict[int, int], top: float, bottom: float) -> None:
        above = max(rows.values(), default=-1) + 1
        size = self.size.font * 1.35
        places = [
            (flag, self._over(flag), top + (above - rows[flag.number] - 0.5) * self.size.font * 1.7)
            for flag in self.chart.flags
        ]
        for flag, x, y in places:
            look = {} if flag.kind is MarkKind.REBASE else {"stroke_dasharray": "2 3"}
            add(self.root, "path", d=path([(x, y), (x, bottom)]), stroke=MIDDLE, fill="none", **look)
        for flag, x, y in places:
            pennant(self.root, flag.kind, flag.number, x, y, size)

    def _moving_ranges(self, top: float) -> float:
        """Draw the moving ranges with their mean and upper limit, and return where that ends."""
        ranges = self.chart.moving_ranges
        bottom = top + self.size.ranges
        means = [phase.mean_range or 0.0 for phase in self.chart.phases for _ in range(phase.start, phase.stop)]
        tops = [min(mean * SCREENED, float_info.max) for mean in means]
        scale = scale_of([0.0, *(each for each in ranges if each is not None), *tops], lines=3)
        add(
            self.root, "text", "Moving range",
            x=self.size.left, y=top - self.size.font * 0.5, font_size=self.size.font, fill=INK,
        )  # fmt: skip
        self._grid(scale, top, bottom)
        self._stepped(tops, scale, top, bottom, stroke=MIDDLE, stroke_width=1.5, stroke_dasharray="7 4")
        self._stepped(means, scale, top, bottom, stroke=INK, stroke_width=1.5)
        places = self._places(ranges, scale, top, bottom)
        self._line_through(places)
        self._points(places)
        return bottom

    def _key(self, y: float) -> float:
        """Explain lines and shapes, and return where that ends."""
        x, font = 4.0, self.size.font
        for what, said in self._keyed():
            wide = 34 + len(said) * font * LETTER + font
            if x > 4 and x + wide > self.size.width:
                x, y = 4.0, y + font * 1.5
            middle = y - font * 0.35
            if isinstance(what, Variation):
                marker(self.root, what, x + 14, middle, self.size.radius)
            else:
                add(self.root, "path", d=path([(x, middle), (x + 28, middle)]), fill="none", stroke_width=2, **what)
            add(self.root, "text", said, x=x + 34, y=y, font_size=font, fill=INK)
            x += wide
        return y + font

    def _keyed(self) -> Iterator[tuple[Variation | dict[str, str], str]]:
        chart, unit = self.chart, self.chart.series.shown_unit
        decimals = chart.decimals
        centre = "Median" if isinstance(chart.found, Run) else "Mean"
        yield {"stroke": INK}, f"{centre} {figure(chart, chart.centres[-1])}"
        if chart.phases:
            last = chart.phases[-1]
            lower, upper = (chart.shown(limit) for limit in (last.lower, last.upper))
            what = "Limits at the last point" if chart.series.kind in (Kind.P, Kind.U) else "Limits"
            said = f"{what} {say_figure(lower, decimals)} to {say_figure(upper, decimals, unit)}"
            yield {"stroke": MIDDLE, "stroke_dasharray": "7 4"}, said
        if chart.series.target is not None:
            yield {"stroke": RED, "stroke_dasharray": "12 4 2 4"}, f"Target {as_set(chart, chart.series.target)}"
        told: set[str] = set()
        for reading in sorted(set(chart.readings), key=list(Variation).index):
            words = WORDS[COLOURS[reading]]
            if words not in told and (self.count <= MOST_DRAWN or reading is not Variation.COMMON):
                told.add(words)
                yield reading, words

    def _explained(self, y: float) -> float:
        for flag in self.chart.flags:
            y = self._write(explanation(flag), y + self.size.font * 0.2)
        return y

    def _write(self, text: str, y: float, *, bold: bool = False) -> float:
        """Write a text in as many lines as it needs, and return where the next can begin."""
        left = 4
        letters = int((self.size.width - 2 * left) / (self.size.font * LETTER))
        for line in wrap(legal(text), letters, break_on_hyphens=False):
            add(
                self.root, "text", line,
                x=left, y=y + self.size.font * 0.4, font_size=self.size.font, fill=INK,
                **({"font_weight": "bold"} if bold else {}),
            )  # fmt: skip
            y += self.size.font * 1.4
        return y


def explanation(flag: Flag) -> str:
    """Return what a flag's number stands for."""
    return f"{flag.number}. {MARKS[flag.kind]}, {say_date(flag.day, weekday=False)}: {flag.text}"


def _figures(chart: Reckoned) -> Iterator[float]:
    """Yield all that has to find room on the scale."""
    yield from (value for value in chart.values if value is not None)
    yield from set(chart.centres)
    yield from {limit for limits in set(chart.limits) if limits for limit in limits}
    if chart.series.target is not None:
        yield chart.series.target


def _kept(values: Sequence[float | None]) -> Iterator[int]:
    """Yield the points that are drawn, in order: all, or of a long series the ends of every stretch, low and high."""
    count = len(values)
    if count <= MOST_DRAWN:
        yield from range(count)
        return
    for stretch in range(STRETCHES):
        start, stop = stretch * count // STRETCHES, (stretch + 1) * count // STRETCHES
        there = [(value, at) for at, value in enumerate(values[start:stop], start) if value is not None]
        yield from sorted({min(there)[1], max(there)[1]}) if there else [start]


def _merged(places: Iterable[str]) -> Iterator[str]:
    """Yield the moves of a path without those along a line that another along it follows."""
    before = ""
    for place in places:
        if before and not (before[0] == place[0] == "H"):
            yield before
        before = place
    yield before
