"""What merging people and merging organisations share: who moves which rows, and saying it before it is done.

Each app registers how it moves the rows whose fields name one that goes, or says why they stay. What will happen is
said by doing it in a transaction and undoing it again: so a preview cannot say anything else than what is done.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

M = TypeVar("M")

MOVES: Final = "Moves"


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of one thing: what it is, of what, and how it ends; `clashes` where both have it."""

    what: str
    about: str
    becomes: str = MOVES
    clashes: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """All that happens, what clashes first."""

    lines: tuple[Line, ...]

    @property
    def seen(self) -> str:
        """Return a mark of what it says, by which a later look is compared."""
        return hashlib.sha256(repr(self.lines).encode()).hexdigest()


class MergeRefused(Exception):
    """Nothing was changed. `str()` says why, in words for whoever asked for it."""


class HasChanged(MergeRefused):
    """Something else would happen now than what was looked at. `plan` is what that is."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        super().__init__("Something has changed since you looked. Nothing was done yet. Look again.")


class Movers(Generic[M]):
    """The functions that move rows, each given who goes and who stays, and the fields that somebody has thought of."""

    def __init__(self) -> None:
        self._moves: list[Callable[[M], Iterable[Line]]] = []
        self._handled: dict[str, str] = {}

    def add(self, move: Callable[[M], Iterable[Line]], fields: Iterable[str]) -> None:
        """Take a function that moves the rows of these fields ("app.model.field"). Raises ValueError; see `handle`."""
        self.handle(dict.fromkeys(fields, MOVES))
        self._moves.append(move)

    def handle(self, reasons: Mapping[str, str]) -> None:
        """Take fields whose rows do not move, with why. Raises ValueError for what somebody handles already."""
        if twice := self._handled.keys() & reasons.keys():
            raise ValueError(f"Handled already: {', '.join(sorted(twice))}.")
        self._handled.update(reasons)

    @property
    def handled(self) -> frozenset[str]:
        """Return each field that somebody has thought of."""
        return frozenset(self._handled)

    def move(self, merging: M) -> Plan:
        """Move everything, and return what that was."""
        lines = [line for move in self._moves for line in move(merging)]
        return Plan(tuple(sorted(lines, key=lambda line: not line.clashes)))
