"""Periods of days, months or years: as they are configured, as they are said, and when one has passed.

A period that is counted from a day has passed on the day of the same number, so many months later; where that month is
too short, once the next one begins. Days are those of the UK's calendar: clocks that change move nothing.
"""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

LONGEST_YEARS: Final = 100
_WORDS: Final = re.compile(r"([1-9]\d{0,4}) ?(day|month|year)s?", re.ASCII)
_HOW: Final = "Write it like this: messages=90 days,applications=6 months."
_REFERENCE: Final = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """A number of days, months or years; at least one."""

    number: int
    unit: str

    def __str__(self) -> str:
        return f"{self.number} {self.unit}{'' if self.number == 1 else 's'}"

    def before(self, day: date) -> date:
        """Return the last day of which, on `day`, the period has passed. Years before the first count as the first."""
        if self.unit == "day":
            return day - min(timedelta(days=self.number), day - date.min)
        months = day.year * 12 + day.month - 1 - self.number * (12 if self.unit == "year" else 1)
        year, month = divmod(max(months, 12), 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))

    def is_shorter_than(self, other: "Period") -> bool:
        """Say whether it passes sooner."""
        return self.before(_REFERENCE) > other.before(_REFERENCE)


def days(number: int) -> Period:
    """Return a period of days."""
    return Period(number, "day")


def months(number: int) -> Period:
    """Return a period of months."""
    return Period(number, "month")


def years(number: int) -> Period:
    """Return a period of years."""
    return Period(number, "year")


def end_of(day: date) -> datetime:
    """Return the moment at which a day ends in the UK: what happened before it happened on that day or earlier."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def read(text: str) -> Mapping[str, Period]:
    """Read the periods of a setting, by category: "messages=90 days,applications=6 months".

    Raises ImproperlyConfigured for what is no such list, for no time at all, and for a category that is named twice.
    """
    found: dict[str, Period] = {}
    for pair in filter(None, map(str.strip, text.split(","))):
        name, is_given, said = (part.strip() for part in pair.partition("="))
        words = _WORDS.fullmatch(said)
        if not is_given or not words:
            raise ImproperlyConfigured(f"RETENTION_PERIODS says “{pair[:80]}”, which is no period. {_HOW}")
        period = Period(int(words[1]), words[2])
        if years(LONGEST_YEARS).is_shorter_than(period):
            raise ImproperlyConfigured(
                f"RETENTION_PERIODS keeps {name} for {period}. {LONGEST_YEARS} years is the most."
            )
        if name in found:
            raise ImproperlyConfigured(f"RETENTION_PERIODS names {name} twice. Keep one of them.")
        found[name] = period
    return found
