"""The shapes and colours of charts and icons, as SVG that a strict Content-Security-Policy lets through.

Looks are presentation attributes, and never a style attribute or element. Every text is escaped as it is written, and
what XML has no letter for is left out. Nothing is told by colour alone: each reading has a shape of its own.
"""

import re
from collections.abc import Iterable
from typing import Final
from xml.etree import ElementTree as ET

from qi_projects.charts import MarkKind
from qi_projects.spc import Variation

INK, MIDDLE, PALE, PAPER = "#212b32", "#4c6272", "#d8dde0", "#ffffff"
RED: Final = "#d5281b"
GREY, BLUE, ORANGE, PURPLE = "#a6a6a6", "#00b0f0", "#e46c0a", "#490092"
"""The palette of Making Data Count. Grey and blue are pale on white, so every shape has a dark edge."""
FONT: Final = "Frutiger W01, Arial, Helvetica, Arimo, sans-serif"
"""What browsers have of these, and Arimo on paper and in PNG files: it is as wide as Arial."""

COLOURS: Final = {
    Variation.COMMON: GREY,
    Variation.IMPROVEMENT_HIGH: BLUE,
    Variation.IMPROVEMENT_LOW: BLUE,
    Variation.CONCERN_HIGH: ORANGE,
    Variation.CONCERN_LOW: ORANGE,
    Variation.NEITHER_HIGH: PURPLE,
    Variation.NEITHER_LOW: PURPLE,
}
WORDS: Final = {GREY: "Usual variation", BLUE: "Improvement", ORANGE: "Concern", PURPLE: "Signal"}
ILLEGAL: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no place for."""


def legal(text: str) -> str:
    """Return a text without what may not stand in XML, on one line."""
    return " ".join(ILLEGAL.sub("", text).split())


def add(parent: ET.Element, tag: str, text: str = "", /, **attributes: object) -> ET.Element:
    """Add an element. In the names of attributes `_` stands for `-`; numbers are written to a tenth."""
    element = ET.SubElement(
        parent, tag, {name.rstrip("_").replace("_", "-"): _plain(attributes[name]) for name in attributes}
    )
    if text:
        element.text = legal(text)
    return element


def _plain(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else legal(str(value))


def picture(width: float, height: float, *, name: str, title: str, words: str = "", class_: str) -> ET.Element:
    """Return an empty picture that is told as `title`, with `words` as its description. `name` begins its ids."""
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {_plain(width)} {_plain(height)}",
            "width": _plain(width),
            "height": _plain(height),
            "class": class_,
            "role": "img",
            "font-family": FONT,
            "aria-labelledby": f"{name}-title" + (f" {name}-words" if words else ""),
        },
    )
    add(root, "title", title or "Chart", id=f"{name}-title")
    if words:
        add(root, "desc", words, id=f"{name}-words")
    return root


def written(root: ET.Element) -> str:
    """Return a picture as text."""
    return ET.tostring(root, encoding="unicode")


def path(places: Iterable[tuple[float, float]]) -> str:
    """Return what a path's `d` says that goes from place to place."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)


def marker(parent: ET.Element, reading: Variation, x: float, y: float, radius: float) -> None:
    """Draw a point: a circle, a diamond for improvement, a square for concern, a triangle for a signal alone."""
    colour = COLOURS[reading]
    look = {"fill": colour, "stroke": INK, "stroke_width": 1}
    if colour == GREY:
        add(parent, "circle", cx=x, cy=y, r=radius, **(look | {"stroke": MIDDLE}))
        return
    corners = {
        BLUE: [(0, -1.5), (1.5, 0), (0, 1.5), (-1.5, 0)],
        ORANGE: [(-1.15, -1.15), (1.15, -1.15), (1.15, 1.15), (-1.15, 1.15)],
        PURPLE: [(0, -1.4), (1.4, 1.15), (-1.4, 1.15)],
    }[colour]
    add(parent, "path", d=path((x + right * radius, y + down * radius) for right, down in corners) + "Z", **look)


def pennant(parent: ET.Element, kind: MarkKind, number: int, x: float, y: float, size: float) -> None:
    """Draw the number of a flag: in a square for a note, a circle for a PDSA cycle, a diamond for new limits."""
    half = size / 2
    look = {"fill": PAPER, "stroke": INK, "stroke_width": 1.5}
    if kind is MarkKind.CYCLE:
        add(parent, "circle", cx=x, cy=y, r=half, **look)
    elif kind is MarkKind.NOTE:
        add(parent, "rect", x=x - half, y=y - half, width=size, height=size, **look)
    else:
        far = half * 1.3
        add(parent, "path", d=path([(x, y - far), (x + far, y), (x, y + far), (x - far, y)]) + "Z", **look)
    add(
        parent, "text", str(number),
        x=x, y=y + size * 0.24, font_size=size * (0.68 if number < 100 else 0.48), fill=INK, text_anchor="middle",
    )  # fmt: skip
