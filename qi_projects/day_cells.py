"""Days as people write them in the UK: the day first, or the month as a word, or the year first. Pure.

What can be read in two ways is refused, with what to write instead.
"""

import re
from datetime import date
from typing import Final

from portal.spreadsheets import day

LONGEST: Final = 60
EXAMPLE: Final = "such as 3/2/2026 or 3 Feb 2026"
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMES: Final = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
    *("november", "december"),
)
_BEFORE: Final = re.compile(
    r"(?:(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun)(?:day|sday|nesday|rsday|urday)?\.?,?\s+"
    r"|w/c\.?\s*|wc\s+|week (?:commencing|beginning|of)\s+)+",
    re.IGNORECASE,
)
_ORDINAL: Final = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_YEAR_FIRST: Final = re.compile(r"(\d{4})([/.\-])(\d{1,2})\2(\d{1,2})", re.ASCII)
_NUMBERS: Final = re.compile(r"(\d{1,2})([/.\-])(\d{1,2})\2(\d{4}|\d{2})", re.ASCII)
_WITH_NAME: Final = re.compile(r"(\d{1,2})[ \-]([a-z]+)[ \-](\d{4}|\d{2})", re.IGNORECASE | re.ASCII)
_MONTH: Final = re.compile(r"([a-z]+)[ \-/](\d{4})|(\d{4})[\-/](\d{1,2})|(\d{1,2})/(\d{4})", re.IGNORECASE | re.ASCII)
_MONTH_AS_SHOWN: Final = re.compile(r"([a-z]+)-(\d\d)", re.IGNORECASE | re.ASCII)
_IN_TWO_WAYS: Final = re.compile(r"[a-z]+ \d\d?", re.IGNORECASE | re.ASCII)
_WITHOUT_YEAR: Final = re.compile(r"\d{1,2}(?:[/.\-]\d{1,2}|[ \-][a-z]+)", re.IGNORECASE | re.ASCII)
_QUARTER: Final = re.compile(r"(?:.*\W)?q[1-4](?:\W.*)?", re.IGNORECASE | re.ASCII)
_TIME: Final = re.compile(r".+[ T]\d{1,2}[:.]\d\d.*", re.ASCII)


class NoDay(ValueError):
    """A cell names no day. `str()` says what to write."""


def read_day(written: str, *, months: bool = False) -> date:
    """Return the day that a cell names. Raises NoDay.

    With `months` a month is a day, too: its first.
    """
    plain = _ORDINAL.sub("", _BEFORE.sub("", " ".join(written[:LONGEST].replace(",", " ").split()), count=1))
    if not plain:
        raise NoDay("There is no date.")
    if len(written) > LONGEST:
        raise NoDay(f"“{written[:30]}…” is too long for a date.")
    if found := _YEAR_FIRST.fullmatch(plain):
        return _day(written, int(found[1]), int(found[3]), int(found[4]))
    if found := _NUMBERS.fullmatch(plain):
        return _day(written, _year(found[4]), int(found[3]), int(found[1]))
    if (found := _WITH_NAME.fullmatch(plain)) and (month := _named(found[2])):
        return _day(written, _year(found[3]), month, int(found[1]))
    if first := _month(plain):
        if months:
            return _day(written, *first, 1)
        raise NoDay(f"“{written[:30]}” is a whole month. Write a day of it, {EXAMPLE}.")
    if exact := day(plain):
        return exact
    raise NoDay(_why_not(written, plain))


def _year(digits: str) -> int:
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _named(name: str) -> int:
    """Return the number of a month by its name, from its first three letters on; 0 for what is none."""
    lower = name.lower()
    if lower[:3] not in _MONTHS:
        return 0
    number = _MONTHS.index(lower[:3]) + 1
    return number if _NAMES[number - 1].startswith(lower) or lower == "sept" else 0


def _month(plain: str) -> tuple[int, int] | None:
    """Return year and month of what names a month: "Feb 2026", "2026-02", "02/2026", and "Feb-26" as Excel shows it."""
    if found := _MONTH.fullmatch(plain):
        year, month = (
            (found[2], _named(found[1]))
            if found[1]
            else (found[3], int(found[4]))
            if found[3]
            else (found[6], int(found[5]))
        )
        return (int(year), month) if 1 <= month <= 12 else None
    found = _MONTH_AS_SHOWN.fullmatch(plain)
    month = _named(found[1]) if found else 0
    return (_year(found[2]), month) if found and month else None


def _day(written: str, year: int, month: int, number: int) -> date:
    try:
        return date(year, month, number)
    except ValueError:
        if month > 12 >= number and year:
            raise NoDay(
                f"“{written[:30]}” is no date with the day first. Is the month first? Write the month as a word, such "
                "as 3 Feb 2026."
            ) from None
        raise NoDay(f"There is no day {written[:30]}.") from None


def _why_not(written: str, plain: str) -> str:
    said = f"“{written[:30]}”"
    if _QUARTER.fullmatch(plain):
        return f"{said} may be of the calendar year or of the financial year. Write its first month, such as Apr 2026."
    if _IN_TWO_WAYS.fullmatch(plain) and _named(plain.split(maxsplit=1)[0]):
        return f"{said} may be a day or a month. Write the year in full, {EXAMPLE}."
    if _WITHOUT_YEAR.fullmatch(plain):
        return f"{said} has no year. Write the date in full, {EXAMPLE}."
    if _TIME.fullmatch(plain):
        return f"{said} has a time of day. Write the date alone, {EXAMPLE}: there is one point for each day."
    return f"{said} is no date that we can read. Write it with the day first, {EXAMPLE}."
