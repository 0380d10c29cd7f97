"""A driver diagram as it is read: its boxes, what hangs on what, and the outline of it. Pure: no database.

It has three levels of boxes under the aim. A box hangs on any number of boxes of the level above it. In the outline it
stands under each of them; what hangs on it stands under the first alone, so that the outline is as long as the diagram.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import NamedTuple


class Level(IntEnum):
    """How far from the aim a box stands."""

    PRIMARY = 1
    SECONDARY = 2
    IDEA = 3

    @property
    def label(self) -> str:
        """Return what a box of it is called."""
        return {1: "Primary driver", 2: "Secondary driver", 3: "Change idea"}[self]

    @property
    def plural(self) -> str:
        """Return what several are called."""
        return f"{self.label}s"

    @property
    def adding(self) -> str:
        """Return what adding one is called."""
        return f"Add a {self.label.lower()}"

    @property
    def slug(self) -> str:
        """Return what it is called in an address."""
        return self.name.lower()

    @property
    def above(self) -> "Level | None":
        """Return the level on which its boxes hang: for primary drivers that is the aim itself."""
        return Level(self - 1) if self > Level.PRIMARY else None

    @property
    def below(self) -> "Level | None":
        """Return the level that hangs on it."""
        return Level(self + 1) if self < Level.IDEA else None


class Measured(NamedTuple):
    """A measure that tells of a box."""

    key: int
    name: str


@dataclass(frozen=True, slots=True)
class Box:
    """A driver or a change idea, and the measures that tell of it."""

    key: int
    level: Level
    text: str
    measures: Sequence[Measured] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A box where it stands in the outline: under which other (None: under the aim, or under none yet).

    `again` is the key of the place further up where it stands already, and what hangs on it is shown; else empty.
    """

    box: Box
    upper: int | None
    is_first: bool
    is_last: bool
    again: str
    under: Sequence["Place"]

    @property
    def key(self) -> str:
        """Return what tells this place from the others of the outline."""
        return key_of(self.box.key, self.upper)


@dataclass(frozen=True)
class Diagram:
    """Boxes by key, in the order of their level, and links from a box to one of the next level."""

    boxes: Mapping[int, Box]
    links: frozenset[tuple[int, int]]

    @cached_property
    def lowers(self) -> Mapping[int, Sequence[Box]]:
        """Return what hangs on each box, in order."""
        found: dict[int, list[Box]] = {key: [] for key in self.boxes}
        by_lower: dict[int, list[int]] = {}
        for upper, lower in self.links:
            by_lower.setdefault(lower, []).append(upper)
        for key, box in self.boxes.items():
            for upper in by_lower.get(key, ()):
                found[upper].append(box)
        return found

    @cached_property
    def uppers(self) -> Mapping[int, Sequence[Box]]:
        """Return on what each box hangs, in order."""
        found: dict[int, list[Box]] = {key: [] for key in self.boxes}
        for upper, box in self.boxes.items():
            for lower in self.lowers[upper]:
                found[lower.key].append(box)
        return found

    def of_level(self, level: Level) -> list[Box]:
        """Return the boxes of a level, in order."""
        return [box for box in self.boxes.values() if box.level is level]

    @property
    def not_measured(self) -> Sequence[Box]:
        """Return the drivers of which no measure tells."""
        return [box for box in self.boxes.values() if box.level is not Level.IDEA and not box.measures]

    @cached_property
    def outline(self) -> Sequence[Place]:
        """Return the outline under the aim."""
        return self._trees[0]

    @cached_property
    def loose(self) -> Sequence[Place]:
        """Return the outline of what hangs on no driver yet: secondary drivers, then ideas."""
        return self._trees[1]

    @cached_property
    def _trees(self) -> tuple[list[Place], list[Place]]:
        shown: dict[int, str] = {}
        on_nothing = {
            level: [box for box in self.of_level(level) if not self.uppers[box.key]]
            for level in (Level.SECONDARY, Level.IDEA)
        }
        tree = list(self._places(self.of_level(Level.PRIMARY), None, shown))
        return tree, [place for boxes in on_nothing.values() for place in self._places(boxes, None, shown)]

    def _places(self, boxes: Sequence[Box], upper: int | None, shown: dict[int, str]) -> Iterator[Place]:
        for number, box in enumerate(boxes):
            again = shown.get(box.key, "")
            shown.setdefault(box.key, key_of(box.key, upper))
            under = [] if again else list(self._places(self.lowers[box.key], box.key, shown))
            yield Place(box, upper, number == 0, number == len(boxes) - 1, again, under)

    def parts(self) -> list[tuple[Box | None, "Diagram"]]:
        """Return each primary driver with the part that hangs on it; last, under None, what hangs on none of them."""
        found: list[tuple[Box | None, Diagram]] = []
        left = set(self.boxes)
        for primary in self.of_level(Level.PRIMARY):
            seconds = {box.key for box in self.lowers[primary.key]}
            ideas = {box.key for second in seconds for box in self.lowers[second]}
            kept = {primary.key} | seconds | ideas
            left -= kept
            found.append((primary, self._of(kept)))
        return [*found, (None, self._of(left))] if left else found

    def _of(self, keys: set[int]) -> "Diagram":
        return Diagram(
            {key: box for key, box in self.boxes.items() if key in keys},
            frozenset(link for link in self.links if keys.issuperset(link)),
        )


def key_of(box: int, upper: int | None) -> str:
    """Return what tells the place of a box under another from all others of an outline."""
    return f"{box}-{upper or 0}"


def arrange(boxes: Iterable[Box], links: Iterable[tuple[int, int]]) -> Diagram:
    """Return the diagram of boxes, in their order, and of links (upper, lower)."""
    return Diagram({box.key: box for box in boxes}, frozenset(links))
