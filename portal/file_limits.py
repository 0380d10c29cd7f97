"""What a file that somebody uploads may be at most, and the refusal of one that cannot be used."""

from collections.abc import Sequence
from typing import Final, NamedTuple

MOST_BYTES: Final = 5_000_000
MOST_ROWS: Final = 20_000
MOST_RECORDS: Final = 100_000
"""Blank rows included: a spreadsheet that was scrolled to its end saves a million of them."""
MOST_PROBLEMS: Final = 100
"""Sentences about rows that a person can be expected to read at a time."""


class UnreadableFile(Exception):
    """The file cannot be used. `problems` are sentences for the person who uploaded it."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__(" ".join(problems))

    @property
    def first(self) -> list[str]:
        """Return as many of the problems as a person can be expected to read, and how many more there are."""
        more = len(self.problems) - MOST_PROBLEMS
        return [*self.problems[:MOST_PROBLEMS], *([f"And {more:,} more like these."] if more > 0 else [])]


class Record(NamedTuple):
    """A row of a file as it stands there: its number as the spreadsheet shows it, the text of its cells without spaces
    around it, and what keeps it from being taken as it is."""

    number: int
    cells: list[str]
    problems: Sequence[str] = ()


def too_many_rows() -> UnreadableFile:
    """Return the refusal of a file with more rows than are taken at a time."""
    return UnreadableFile(f"The file has more than {MOST_ROWS:,} rows. Divide it into smaller files.")


def too_many_records() -> UnreadableFile:
    """Return the refusal of a file with more rows, blank ones included, than are looked at."""
    return UnreadableFile(f"The file has more than {MOST_RECORDS:,} rows, with those that are blank. Delete these.")
