"""What a file of one kind does: which columns it has, what becomes of each of its rows, and how that is carried out."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Final, Generic, Self, TypeVar

from django.db.models import Model

from portal.accounts.models import User
from portal.spreadsheets import Column, Row

WRONG: Final = "To be corrected"
"""The outcome of a row that cannot be taken."""


class AddedOrChanged(StrEnum):
    """What becomes of a row where a file adds things or changes those that are there."""

    NEW = "Added"
    CHANGED = "Changed"
    SAME = "As it is: nothing changes"
    WRONG = WRONG

    @classmethod
    def of(cls, old: Model | None, changes: Sequence[str], problems: Sequence[str]) -> Self:
        """Return what becomes of a row, given what is there already, and which of its fields the row changes."""
        if problems:
            return cls.WRONG
        if old is None:
            return cls.NEW
        return cls.CHANGED if changes else cls.SAME


Told = Callable[[int], None]
"""Is told how many rows are done so far."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A row of the file, read: what of it the preview shows, and what would become of it.

    `acts` says whether that changes anything. `problems` keep it from being taken; `notes` are for somebody to look at.
    """

    number: int
    cells: Sequence[str]
    outcome: str
    acts: bool = True
    problems: Sequence[str] = ()
    notes: Sequence[str] = ()


L = TypeVar("L", bound=Line)


@dataclass(frozen=True)
class Plan(Generic[L]):
    """What a file would do. `why_not` says why it cannot, though each of its rows could be taken."""

    lines: Sequence[L]
    why_not: str = ""

    def of(self, *outcomes: str) -> list[L]:
        """Return the lines with one of these outcomes."""
        return [line for line in self.lines if line.outcome in outcomes]

    @property
    def acting(self) -> list[L]:
        """The lines that change something."""
        return [line for line in self.lines if line.acts]

    @property
    def noted(self) -> list[L]:
        """The lines that somebody should look at once more."""
        return [line for line in self.lines if line.notes]

    @property
    def numbers(self) -> Mapping[str, int]:
        """How many lines have each outcome."""
        return Counter(str(line.outcome) for line in self.lines)

    @property
    def outcomes(self) -> list[str]:
        """The outcome of each line: what a confirmation agrees to."""
        return [str(line.outcome) for line in self.lines]

    @property
    def can_be_done(self) -> bool:
        """Say whether nothing is wrong with it, and there is something to do."""
        return not self.of(WRONG) and not self.why_not and bool(self.acting)


class NotTheirs(Exception):
    """What the file goes into is not there, or no longer this person's to change."""


class HasChanged(Exception):
    """While it was carried out, something turned out to be other than planned: all of it is undone."""


class Kind(ABC):
    """A kind of file. `deed` is the trail's word for it: `cohort.enrolment` was previewed, confirmed, carried out."""

    key: ClassVar[str]
    deed: ClassVar[str]
    title: ClassVar[str]
    columns: ClassVar[Sequence[Column]]
    shown: ClassVar[Sequence[str]]
    """The headings of a line's cells in the preview."""
    advice: ClassVar[Sequence[str]]
    """Sentences beside the form on which the file is chosen."""

    @abstractmethod
    def about(self, by: User, pk: int | None, *, held: bool = False) -> Any:
        """Return what the file goes into, if anything; `held`: locked until the transaction ends. Raises NotTheirs."""

    @abstractmethod
    def plan(self, rows: Sequence[Row], about: Any, *, by: User) -> Plan[Any]:
        """Work out what the rows would do, in statements that do not grow with their number. Changes nothing."""

    @abstractmethod
    def says(self, plan: Plan[Any], about: Any) -> Sequence[str]:
        """Say what confirming does, and to how many; whether anybody is written to."""

    @abstractmethod
    def button(self, plan: Plan[Any]) -> str:
        """Return what the button that confirms says."""

    @abstractmethod
    def carry_out(self, plan: Plan[Any], about: Any, *, by: User, told: Told) -> None:
        """Do what the plan says, in the caller's transaction, which holds what it is about. Raises HasChanged."""

    @abstractmethod
    def leads_to(self, about: int | None) -> str:
        """Return the address at which one sees what was done."""

    def subject(self, about: Model | None) -> Model | str:
        """Return what the trail names."""
        return about or f"{self.key}:list"


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known by its key."""
    _kinds[kind.key] = kind


def kind_of(key: str) -> Kind:
    """Return the kind with this key. Raises KeyError."""
    return _kinds[key]
