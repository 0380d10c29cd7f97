"""The periods for which a measure is to have a point, and which of them have none. Pure: days in, days out."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

WEEKDAYS: Final = 5
_MONTHS_OF: Final = {"month": 1, "quarter": 3}
_WORDS: Final = {
    "day": ("day", "days"),
    "weekday": ("working day", "working days"),
    "week": ("week", "weeks"),
    "month": ("month", "months"),
    "quarter": ("quarter", "quarters"),
}


def period_of(day: date, often: str, first: date) -> int:
    """Return the number of the period in which a day lies.

    Weeks begin on Monday, quarters in January, April, July and October. Fortnights are counted from the week in which
    `first`, the day of the first point, lies. A point of a weekend belongs to the Friday before.
    """
    days = day.toordinal() - 1  # day 1 was a Monday
    weeks, weekday = divmod(days, 7)
    match often:
        case "day":
            return days
        case "weekday":
            return weeks * WEEKDAYS + min(weekday, WEEKDAYS - 1)
        case "week":
            return weeks
        case "fortnight":
            return (weeks - (first.toordinal() - 1) // 7) // 2
    return (day.year * 12 + day.month - 1) // _MONTHS_OF[often]


def first_day_of(period: int, often: str, first: date) -> date:
    """Return the day on which a period begins."""
    match often:
        case "day":
            return date.fromordinal(period + 1)
        case "weekday":
            weeks, weekday = divmod(period, WEEKDAYS)
            return date.fromordinal(weeks * 7 + weekday + 1)
        case "week":
            return date.fromordinal(period * 7 + 1)
        case "fortnight":
            return first - timedelta(days=first.weekday()) + timedelta(weeks=2 * period)
    year, month = divmod(period * _MONTHS_OF[often], 12)
    return date(year, month + 1, 1)


def missing(days: Sequence[date], often: str) -> list[date]:
    """Return the first day of each period between the first and the last of `days`, in order, that has none of them."""
    found: list[date] = []
    for before, after in pairwise(days):
        start, stop = (period_of(day, often, days[0]) for day in (before, after))
        found += [first_day_of(period, often, days[0]) for period in range(start + 1, stop)]
    return found


def crowded(days: Sequence[date], often: str) -> int:
    """Return how many points there are beside the first of their period."""
    return sum(period_of(a, often, days[0]) == period_of(b, often, days[0]) for a, b in pairwise(days))


def due_since(days: Sequence[date], often: str, today: date) -> int:
    """Return how many whole periods have passed since that of the last point without one."""
    if not days:
        return 0
    now, last = (period_of(day, often, days[0]) for day in (today, days[-1]))
    return max(now - last - 1, 0)


def say_periods(number: int, often: str) -> str:
    """Say how many periods: "3 weeks"."""
    if often == "fortnight":
        return f"{number * 2} weeks"
    return f"{number:,} {_WORDS[often][number != 1]}"
