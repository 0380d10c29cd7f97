"""The icons of variation and assurance, drawn by us after Making Data Count, each told in words.

A variation icon shows seven dots: within their usual way, or rising or falling out of it with H (higher) or L (lower).
An assurance icon shows a wave and the target line: above, across or below it, with P (passes), F (falls short) or a
question mark. Letters and dots say the same as the colour.
"""

from typing import Final
from xml.etree import ElementTree as ET

from qi_projects.chart_shapes import BLUE, COLOURS, GREY, INK, ORANGE, PAPER, add, path, picture, written
from qi_projects.chart_words import ASSURANCES, VARIATIONS
from qi_projects.spc import Assurance, Variation

SIZE: Final = 64
UNCHANGED: Final = (36, 30, 38, 28, 37, 31, 35)
RISING: Final = (44, 46, 43, 42, 36, 28, 20)
LETTERS: Final = {Assurance.PASS: "P", Assurance.FAIL: "F", Assurance.HIT_OR_MISS: "?"}
RINGS: Final = {Assurance.PASS: BLUE, Assurance.FAIL: ORANGE, Assurance.HIT_OR_MISS: GREY}


def draw_variation(icon: Variation, *, name: str) -> str:
    """Return an icon of variation. `name` begins its ids, and is used once on a page."""
    root = _ring(COLOURS[icon], VARIATIONS[icon], name)
    high = icon.value.endswith("_high")
    heights: tuple[int, ...] = UNCHANGED
    if icon is not Variation.COMMON:
        heights = RISING if high else tuple(SIZE - each for each in RISING)
        _letter(root, "H" if high else "L", 20, 26 if high else 52)
    places = [(12.0 + at * 6.6, float(height)) for at, height in enumerate(heights)]
    add(root, "path", d=path(places), stroke=INK, stroke_width=1.5, fill="none")
    for at, (x, y) in enumerate(places):
        beyond = icon is not Variation.COMMON and at > 3
        add(root, "circle", cx=x, cy=y, r=3, fill=COLOURS[icon] if beyond else GREY, stroke=INK, stroke_width=0.75)
    return written(root)


def draw_assurance(icon: Assurance, *, name: str) -> str:
    """Return an icon of assurance. `name` begins its ids, and is used once on a page."""
    root = _ring(RINGS[icon], ASSURANCES[icon], name)
    target = 46.0 if icon is Assurance.PASS else 26.0 if icon is Assurance.FAIL else 40.0
    wave = 34.0 if icon is Assurance.PASS else 42.0 if icon is Assurance.FAIL else 40.0
    add(root, "path", d=f"M12 {wave}q5 -9 10 0t10 0t10 0t10 0", stroke=INK, stroke_width=2, fill="none")
    add(
        root, "path", d=path([(9, target), (55, target)]),
        stroke=RINGS[icon] if icon is not Assurance.HIT_OR_MISS else INK, stroke_width=2.5, stroke_dasharray="5 3",
        fill="none",
    )  # fmt: skip
    _letter(root, LETTERS[icon], 32, 20 if icon is not Assurance.PASS else 23)
    return written(root)


def _ring(colour: str, title: str, name: str) -> ET.Element:
    root = picture(SIZE, SIZE, name=name, title=title, class_="app-icon")
    add(root, "circle", cx=SIZE / 2, cy=SIZE / 2, r=29, fill=PAPER, stroke=colour, stroke_width=5)
    # A thin dark edge, as grey and blue are pale on white.
    add(root, "circle", cx=SIZE / 2, cy=SIZE / 2, r=31.5, fill="none", stroke=INK, stroke_width=0.75)
    return root


def _letter(root: ET.Element, letter: str, x: float, y: float) -> None:
    add(root, "text", letter, x=x, y=y, font_size=18, font_weight="bold", fill=INK, text_anchor="middle")
