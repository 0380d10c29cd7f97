"""Drawing a driver diagram as SVG: the aim on the left, then a column for each level, and lines from box to box.

Pure: no database. A box is as high as its text, wrapped to its width; what hangs on a driver for the first time stands
beside it, in the order of the outline, which says the same in words. A diagram that is too high for a sheet of paper is
printed in sheets, one for each primary driver.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from qi_projects.chart_shapes import INK, MIDDLE, PAPER, add, legal, path, picture, written
from qi_projects.diagram import Box, Diagram, Level, Place

WIDTH: Final = 1120
COLUMNS: Final = 4
BOX: Final = 238
"""The width of a box, in units of the picture."""
BETWEEN: Final = (WIDTH - 2 - COLUMNS * BOX) / (COLUMNS - 1)
FONT: Final = 16
LINE: Final = FONT * 1.25
INSIDE: Final = 10
CHART: Final = 21
"""The width of the little chart in a box of which a measure tells."""
SMALL: Final = 14
APART: Final = 12
HEADINGS: Final = LINE * 1.6
SHEET: Final = 720
"""How high a picture may be to fit a sheet of A4 on its side."""
MOST_LINES: Final = 24
LOOKS: Final = {0: "#d8e6f3", Level.PRIMARY: "#e8edee", Level.SECONDARY: PAPER, Level.IDEA: "#fff8d6"}
NO_AIM: Final = "The aim is still to be written"
UNDER_NONE: Final = "not under a driver yet"


@dataclass(frozen=True, slots=True)
class _Standing:
    """A box of the picture: in which column, from where down, with which lines of text and how many measures."""

    column: int
    top: float
    lines: Sequence[str]
    measures: int = 0

    @property
    def height(self) -> float:
        return _height(self.lines, self.measures)

    @property
    def left(self) -> float:
        return 1 + self.column * (BOX + BETWEEN)

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


def draw(diagram: Diagram, *, title: str, aim: str, name: str) -> str:
    """Return a diagram as SVG. `title` says whose it is; `name` begins its ids, and is used once on a page."""
    placed, bottom = _placed(diagram)
    aim_lines = wrapped(aim or NO_AIM)
    bottom = max(bottom, HEADINGS + _height(aim_lines))
    aim_box = _Standing(0, HEADINGS + (bottom - HEADINGS - _height(aim_lines)) / 2, aim_lines)
    root = picture(
        WIDTH,
        bottom + 1,
        name=name,
        title=f"Driver diagram: {legal(title)}",
        words=told(diagram),
        class_="portal-diagram",
    )
    for column, heading in enumerate(("Aim", *(level.plural for level in Level))):
        x = 1 + column * (BOX + BETWEEN)
        add(root, "text", heading, x=x, y=float(FONT), font_size=FONT, font_weight="bold", fill=INK)
    for box in diagram.of_level(Level.PRIMARY):
        _join(root, aim_box, placed[box.key])
    for upper, lower in sorted(diagram.links):
        _join(root, placed[upper], placed[lower])
    _write(root, aim_box, LOOKS[0], bold=True)
    for key, standing in placed.items():
        _write(root, standing, LOOKS[diagram.boxes[key].level])
    return written(root)


def sheets(diagram: Diagram, *, title: str, aim: str, name: str) -> list[str]:
    """Return the pictures of its parts on which a diagram is printed that fits no sheet; none, of one that does."""
    if _placed(diagram)[1] <= SHEET:
        return []
    return [
        draw(part, title=f"{title}, {box.text if box else UNDER_NONE}", aim=aim, name=f"{name}-{number}")
        for number, (box, part) in enumerate(diagram.parts())
    ]


def told(diagram: Diagram) -> str:
    """Say in words what the picture shows."""
    counts = ", ".join(
        f"{count} {(level.label if count == 1 else level.plural).lower()}"
        for level in Level
        if (count := len(diagram.of_level(level)))
    )
    hangs = [
        f"{_quoted(box)}: {', '.join(_quoted(lower) for lower in lowers)}."
        for box in diagram.boxes.values()
        if (lowers := diagram.lowers[box.key])
    ]
    measured = [
        f"{_quoted(box)} is measured by {', '.join(f'“{legal(each.name)}”' for each in box.measures)}."
        for box in diagram.boxes.values()
        if box.measures
    ]
    return " ".join([f"The aim on the left, and {counts or 'nothing else yet'}.", *hangs, *measured])


def wrapped(text: str) -> list[str]:
    """Return a text in lines that fit a box; a word that does not fit a line is broken."""
    room = BOX - 2 * INSIDE
    lines: list[str] = []
    line = ""
    for word in legal(text).split():
        for piece in _pieces(word, room):
            longer = f"{line} {piece}" if line else piece
            if line and _width(longer) > room:
                lines.append(line)
                line = piece
            else:
                line = longer
    lines.append(line)
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], "…"]
    return lines


def _placed(diagram: Diagram) -> tuple[dict[int, _Standing], float]:
    """Return where each box stands, and how far down the lowest of them reaches."""
    placed: dict[int, _Standing] = {}
    bottom = HEADINGS
    for place in (*diagram.outline, *diagram.loose):
        bottom = _stand(place, bottom, placed) + APART
    return placed, bottom - APART if placed else bottom


def _stand(place: Place, top: float, placed: dict[int, _Standing]) -> float:
    """Place a box beside what hangs on it, from `top` down, and return where that ends."""
    lines, measures = wrapped(place.box.text), len(place.box.measures)
    height = _height(lines, measures)
    at = top
    for lower in place.under:
        if not lower.again:
            at = _stand(lower, at, placed) + APART
    bottom = max(at - APART, top + height)
    placed[place.box.key] = _Standing(place.box.level, top + (bottom - top - height) / 2, lines, measures)
    return bottom


def _height(lines: Sequence[str], measures: int = 0) -> float:
    return (len(lines) + bool(measures)) * LINE + 2 * INSIDE


def _join(root: ET.Element, upper: _Standing, lower: _Standing) -> None:
    """Draw a line that leaves and arrives level: lines that meet at a box are told apart between boxes."""
    start, end = upper.left + BOX, lower.left
    half = (start + end) / 2
    bend = f"M{start:.1f} {upper.middle:.1f}C{half:.1f} {upper.middle:.1f} {half:.1f} {lower.middle:.1f} {end:.1f} "
    add(root, "path", d=f"{bend}{lower.middle:.1f}", stroke=MIDDLE, stroke_width=1.5, fill="none")


def _write(root: ET.Element, standing: _Standing, look: str, *, bold: bool = False) -> None:
    add(
        root, "rect",
        x=standing.left, y=standing.top, width=BOX, height=standing.height, rx=4,
        fill=look, stroke=INK, stroke_width=1.5,
    )  # fmt: skip
    rightwards = _is_right_to_left(" ".join(standing.lines))
    look_of_text: dict[str, object] = {"direction": "rtl"} if rightwards else {}
    if bold:
        look_of_text["font_weight"] = "bold"
    x = standing.left + (BOX - INSIDE if rightwards else INSIDE)
    for number, line in enumerate(standing.lines):
        y = standing.top + INSIDE + LINE * number + FONT * 0.95
        add(root, "text", line, x=x, y=y, font_size=FONT, fill=INK, **look_of_text)
    if standing.measures:
        _mark(root, standing)


def _mark(root: ET.Element, standing: _Standing) -> None:
    """Draw a little chart under what a box says, with how many measures tell of it."""
    left, below = standing.left + INSIDE, standing.top + INSIDE + LINE * (len(standing.lines) + 1) - LINE * 0.2
    axes = [(left, below - FONT), (left, below), (left + CHART, below)]
    line = [(left + 4, below - 4), (left + 10, below - 8), (left + 15, below - 6), (left + CHART, below - 13)]
    for places in (axes, line):
        add(root, "path", d=path(places), stroke=MIDDLE, stroke_width=1.5, fill="none")
    said = f"{standing.measures} measure{'' if standing.measures == 1 else 's'}"
    add(root, "text", said, x=left + CHART + 6, y=below, font_size=SMALL, fill=MIDDLE)


def _quoted(box: Box) -> str:
    return f"“{legal(box.text)}”"


def _pieces(word: str, room: float) -> Iterator[str]:
    """Yield a word, in pieces where it does not fit. A mark that belongs to a letter stays with it."""
    piece = ""
    for letter in word:
        if piece and _width(piece + letter) > room and not unicodedata.combining(letter):
            yield piece
            piece = ""
        piece += letter
    yield piece


def _width(text: str) -> float:
    return sum(map(_letter, text)) * FONT


def _letter(letter: str) -> float:
    """Return how wide a letter is, in its height: on the safe side for Arial in bold."""
    if unicodedata.combining(letter):
        return 0
    if unicodedata.east_asian_width(letter) in "WF":
        return 1
    if letter in "MWmw@%—…":
        return 0.95
    if letter in " iljIt.,:;'|!()[]f-r":
        return 0.35
    return 0.75 if letter.isupper() else 0.58


def _is_right_to_left(text: str) -> bool:
    """Say whether a text runs from right to left: by its first letter that has a direction."""
    directions = (unicodedata.bidirectional(letter) for letter in text)
    return next((each for each in directions if each in ("L", "R", "AL")), "L") != "L"
