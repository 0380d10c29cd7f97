"""Numbers as people write them in a spreadsheet: with thousands, with a comma for decimals, with a per cent sign.

Whether "1,234" is a thousand or a little more than one cannot be read off the cell. So a whole column is looked at: one
way of writing that fits all of it is the one; where both fit and would say different things, people are asked. Pure.
"""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Final

LONGEST: Final = 40
MINUS: Final = "\N{MINUS SIGN}"
NOTHING: Final = frozenset(
    {
        *("", "-", "--", "\N{EN DASH}", "\N{EM DASH}", ".", "..", "...", "?"),
        *("n/a", "na", "n.a.", "n/k", "nk", "#n/a", "#div/0!", "nan", "null", "none", "missing"),
        *("not available", "not applicable", "not known", "no data", "not collected"),
    }
)
"""What people write where there is no number, in lower case."""


class Style(StrEnum):
    """How decimals are written."""

    POINT = "point"
    COMMA = "comma"


def _form(thousands: str, decimal: str) -> re.Pattern[str]:
    spaces = " \u00a0\u202f'\u2019"
    whole = rf"(?:\d+|[1-9]\d{{0,2}}(?:[{thousands}{spaces}]\d{{3}})+)"
    return re.compile(rf"[+-]?(?:{whole}(?:{decimal}\d+)?|{decimal}\d+)", re.ASCII)


_FORMS: Final = {Style.POINT: _form(",", r"\."), Style.COMMA: _form(r"\.", ",")}
_THOUSANDS: Final = {
    Style.POINT: str.maketrans("", "", ", \u00a0\u202f'\u2019"),
    Style.COMMA: str.maketrans(",", ".", ". \u00a0\u202f'\u2019"),
}


def is_nothing(cell: str) -> bool:
    """Say whether a cell says that there is no number."""
    return " ".join(cell.split()).lower() in NOTHING


def is_per_cent(cell: str) -> bool:
    """Say whether a cell is in per cent."""
    return cell.rstrip().endswith("%")


def read_number(cell: str, style: Style) -> Decimal | None:
    """Return the number in a cell, without its per cent sign; None where it is none in this style."""
    plain = cell.strip().removesuffix("%").rstrip().replace(MINUS, "-")
    if len(plain) > LONGEST or not _FORMS[style].fullmatch(plain):
        return None
    return Decimal(plain.translate(_THOUSANDS[style]))


def styles_of(cells: Iterable[str], fits: Callable[[Decimal], bool] = lambda _: True) -> set[Style]:
    """Return the ways of writing by which a column can be read: one; both, which makes it a question; or none.

    `fits` says of a number whether it may be there at all: a count is whole. Cells that are no number either way decide
    nothing. Where both ways say the same of every cell, it is the one with a point.
    """
    possible, differ = set(Style), False
    for cell in cells:
        read = {style: number for style in Style if (number := read_number(cell, style)) is not None and fits(number)}
        if read:
            possible &= read.keys()
            differ = differ or len(set(read.values())) > 1
    return possible if differ or Style.POINT not in possible else {Style.POINT}


def say_number(number: Decimal | None) -> str:
    """Say a number as it was entered, without zeros that nobody wrote: "1,234.5"; nothing for none."""
    if number is None:
        return ""
    said = f"{number:,f}"
    return said.rstrip("0").rstrip(".") if "." in said else said
