"""The picture of a driver diagram: well-formed whatever is written in it, with every word in its box, told in words."""

from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as some

from qi_projects.diagram import Box, Diagram, Level, arrange
from qi_projects.diagram_drawing import BOX, FONT, INSIDE, MOST_LINES, SHEET, WIDTH, draw, sheets, told, wrapped

HOSTILE = ["<script>alert(1)</script>", '"><svg onload=x>', "]]>", "&amp;", "\x00\ud800\ufffe", "\u202eright to left"]
SVG = "{http://www.w3.org/2000/svg}"


def diagram_of(*texts: str) -> Diagram:
    """Return a diagram of two primary drivers, one secondary driver under both, and an idea for each text."""
    boxes = [
        Box(1, Level.PRIMARY, "Requests are noticed"),
        Box(2, Level.PRIMARY, "Somebody answers"),
        Box(3, Level.SECONDARY, "Everybody sees who waits"),
        *(Box(number, Level.IDEA, text) for number, text in enumerate(texts, 4)),
    ]
    return arrange(boxes, [(1, 3), (2, 3), *((3, number) for number in range(4, 4 + len(texts)))])


def drawn(diagram: Diagram, title: str = "Heard within 15 minutes", aim: str = "Heard") -> ET.Element:
    return parsed(draw(diagram, title=title, aim=aim, name="diagram"))


def parsed(drawn: str) -> ET.Element:
    return ET.fromstring(drawn)  # noqa: S314  # we have just drawn it


def written(root: ET.Element) -> list[str]:
    return [text.text or "" for text in root.iter(f"{SVG}text")]


def test_it_has_a_box_for_each_and_a_line_for_each_link() -> None:
    root = drawn(diagram_of("Write it on the board"))
    assert len(list(root.iter(f"{SVG}rect"))) == 5
    # Two from the aim to its primary drivers, two to the secondary one, one to the idea.
    assert len(list(root.iter(f"{SVG}path"))) == 5
    assert root.get("role") == "img"
    assert {"Aim", "Primary drivers", "Secondary drivers", "Change ideas"} <= set(written(root))


def test_it_is_told_in_words() -> None:
    assert told(diagram_of("Write it on the board")) == (
        "The aim on the left, and 2 primary drivers, 1 secondary driver, 1 change idea. "
        "“Requests are noticed”: “Everybody sees who waits”. “Somebody answers”: “Everybody sees who waits”. "
        "“Everybody sees who waits”: “Write it on the board”."
    )
    root = drawn(arrange([], []), aim="")
    assert root.findtext(f"{SVG}desc") == "The aim on the left, and nothing else yet."
    assert "The aim is still to be" in " ".join(written(root))


def test_what_hangs_on_two_drivers_is_drawn_once() -> None:
    lines = written(drawn(diagram_of()))
    assert " ".join(lines).count("Everybody sees who waits") == 1


def test_no_box_touches_another_and_all_are_in_the_picture() -> None:
    root = drawn(diagram_of(*(f"Idea {number} " * (number % 9 + 1) for number in range(60))))
    high = float(root.get("viewBox", "").split()[3])
    columns: dict[float, list[tuple[float, float]]] = {}
    for rect in root.iter(f"{SVG}rect"):
        left, top, height = (float(rect.get(name, "")) for name in ("x", "y", "height"))
        assert left + BOX <= WIDTH
        assert top + height <= high
        columns.setdefault(left, []).append((top, top + height))
    assert sorted(len(column) for column in columns.values()) == [1, 1, 2, 60]
    for column in columns.values():
        assert all(lower[0] > upper[1] for upper, lower in pairwise(sorted(column)))


def test_what_fits_no_sheet_is_printed_in_parts() -> None:
    few = diagram_of("One", "Two")
    assert sheets(few, title="x", aim="y", name="sheet") == []
    boxes = [Box(1, Level.PRIMARY, "A"), Box(2, Level.PRIMARY, "B"), Box(3, Level.SECONDARY, "C")]
    ideas = [Box(number, Level.IDEA, f"Idea {number}") for number in range(4, 64)]
    many = arrange([*boxes, *ideas], [(1, 3), *((3, box.key) for box in ideas[:12])])
    pictures = [parsed(sheet) for sheet in sheets(many, title="x", aim="y", name="sheet")]
    assert [picture.findtext(f"{SVG}title") for picture in pictures] == [
        "Driver diagram: x, A",
        "Driver diagram: x, B",
        "Driver diagram: x, not under a driver yet",
    ]
    assert len({picture.find(f"{SVG}title").get("id") for picture in pictures}) == 3  # type: ignore[union-attr]  # asserted above
    assert float(pictures[0].get("height", "")) < SHEET


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_words_and_nothing_else(text: str) -> None:
    source = draw(diagram_of(text), title=text, aim=text, name="diagram")
    root = parsed(source)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {
        "svg",
        "title",
        "desc",
        "rect",
        "path",
        "text",
    }
    assert not any(name == "style" or name.startswith("on") for element in root.iter() for name in element.attrib)


@given(some.text(max_size=200))
def test_any_text_makes_a_well_formed_picture_with_all_its_words(text: str) -> None:
    root = drawn(diagram_of(text), title=text, aim=text)
    lines = wrapped(text)
    assert len(lines) <= MOST_LINES
    assert set(lines) - {""} <= set(written(root))


@pytest.mark.parametrize(
    "text", ["W" * 200, "a" * 200, "母" * 100, "Supercalifragilisticexpialidocious " * 5, "e\u0301" * 100, "i" * 200]
)
def test_long_words_are_broken_and_none_is_lost(text: str) -> None:
    lines = wrapped(text)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert max(map(len, lines)) <= (BOX - 2 * INSIDE) / FONT / 0.25
    assert not any(line.startswith("\u0301") for line in lines)


def test_what_is_written_from_right_to_left_begins_at_the_right() -> None:
    root = drawn(diagram_of("اكتبها على اللوح", "Write it: اكتبها"))
    lines = list(root.iter(f"{SVG}text"))
    arabic = next(line for line in lines if (line.text or "").startswith("اكتبها"))
    english = next(line for line in lines if (line.text or "").startswith("Write it"))
    assert arabic.get("direction") == "rtl"
    assert english.get("direction") is None
    assert float(arabic.get("x", "")) > float(english.get("x", ""))
