"""Whether a text looks as if it told of patients: NHS numbers, dates of birth, lists of names.

It warns, and never decides: nobody can tell from a text alone, so what it misses is no promise and what it finds may be
harmless. It says of what kind and how many, and hands on none of what it has found. Pure: no Django.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_TEN_DIGITS: Final = re.compile(r"(?<![\d.,])\d{3}[ \u00a0.\-]?\d{3}[ \u00a0.\-]?\d{4}(?![\d])", re.ASCII)
_MONTHS: Final = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DAY: Final = re.compile(
    r"(?<!\d)(?:"
    r"(?:0?[1-9]|[12]\d|3[01])[/.\-](?:0?[1-9]|1[0-2])[/.\-](?:(?:19|20)\d\d|\d\d)"
    r"|(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    rf"|(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?[ \-](?:{_MONTHS})[a-z]*,?[ \-](?:19|20)\d\d"
    r")(?!\d)",
    re.IGNORECASE,
)
_BIRTH: Final = re.compile(r"\b(?:d\.?o\.?b\b|date of birth|birth ?date|born)", re.IGNORECASE)
_LEADING: Final = re.compile(r"^\s*(?:[-*•]|\d{1,3}[.)]?)?\s*")
_BETWEEN_CELLS: Final = re.compile(r"[\t;|]| {3,}")
LONGEST_ROW: Final = 120
FEWEST_NAMES: Final = 3
NAME_MARKS: Final = "'\u2019-."
"""What stands in names beside letters: O'Neill, with either apostrophe, Al-Amin."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a text may hold, in words, and how many there are."""

    number: int
    one: str
    many: str

    def __str__(self) -> str:
        return f"{self.number} {self.one if self.number == 1 else self.many}"


def look(text: str) -> Sequence[Finding]:
    """Return what in a text looks like patient data: nothing, mostly. Time grows with the text's length alone."""
    rows = [row for row in text.splitlines() if row.strip()]
    found = (
        Finding(sum(is_nhs_number(match[0]) for match in _TEN_DIGITS.finditer(text)), "NHS number", "NHS numbers"),
        Finding(sum(map(_has_date_of_birth, rows)), "date of birth", "dates of birth"),
        Finding(_names_in_lists(rows), "name in a list", "names in a list"),
    )
    return [each for each in found if each.number]


def is_nhs_number(written: str) -> bool:
    """Say whether ten digits, however they are spaced, are an NHS number by their check digit (modulus 11).

    The first nine are weighted 10 down to 2; 11 less the remainder of their sum is the tenth, and 11 counts as 0. A
    remainder of 1 makes no number. Ten times the same digit passes, and is nobody's.
    """
    digits = [int(letter) for letter in written if letter.isdecimal()]
    if len(digits) != 10 or len(set(digits)) == 1:
        return False
    check = 11 - sum(weight * digit for weight, digit in zip(range(10, 1, -1), digits, strict=False)) % 11
    return digits[-1] == (0 if check == 11 else check)


def _has_date_of_birth(row: str) -> bool:
    """Say whether a line gives a date of birth: it says so, or is short and has little but a name beside it."""
    if not _DAY.search(row):
        return False
    if _BIRTH.search(row):
        return True
    rest = _DAY.sub(" ", row).replace(",", " ").split()
    names = [word for word in rest if _is_capitalised(word)]
    return len(row) <= LONGEST_ROW and len(rest) <= 5 and len(names) >= 2


def _names_in_lists(rows: Sequence[str]) -> int:
    """Count the names of those lists, of lines under one another that begin with one, that are long enough."""
    counted = run = 0
    for row in [*rows, ""]:
        if _is_a_name(row):
            run += 1
        else:
            counted += run if run >= FEWEST_NAMES else 0
            run = 0
    return counted


def _is_a_name(row: str) -> bool:
    """Say whether a line is a name, or a row of a table with one in its first cells."""
    if not row or len(row) > LONGEST_ROW:
        return False
    plain = _LEADING.sub("", row, count=1)
    cells = [cell.strip() for cell in _BETWEEN_CELLS.split(plain)]
    if len(cells) == 1:
        cells = [plain.strip()] if plain.count(",") <= 1 else [cell.strip() for cell in plain.split(",")]
    return any(_is_whole_name(cell) for cell in cells[:3]) or _is_split_name(cells)


def _is_whole_name(cell: str) -> bool:
    words = cell.replace(",", " ").split()
    return 2 <= len(words) <= 4 and all(_is_capitalised(word) for word in words)


def _is_split_name(cells: Sequence[str]) -> bool:
    """Say whether the first two cells are a first name and a last one, and something stands beside them."""
    return len(cells) >= 3 and all(len(cell.split()) == 1 and _is_capitalised(cell) for cell in cells[:2])


def _is_capitalised(word: str) -> bool:
    return len(word) > 1 and word[0].isupper() and all(letter.isalpha() or letter in NAME_MARKS for letter in word)
