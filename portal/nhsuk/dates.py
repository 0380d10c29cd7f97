"""Dates and times as people say them, in UK time: pages and mails say them through here.

Every moment given is an aware datetime in whatever zone; what is said is the clock on the wall in the UK that day.
The style is the NHS content guide's: "Tuesday 3 February 2026", "9.30am", "midday".
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

UK = ZoneInfo("Europe/London")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def uk_time(moment: datetime) -> datetime:
    """Return the same moment on the UK's clocks. Raises ValueError when `moment` has no time zone."""
    return timezone.localtime(moment, UK)


def say_date(day: date, *, weekday: bool = True) -> str:
    """Say a date: "Tuesday 3 February 2026". An aware datetime counts as the day it is then in the UK."""
    if isinstance(day, datetime):
        day = uk_time(day)
    said = f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    return f"{_DAYS[day.weekday()]} {said}" if weekday else said


def say_time(moment: datetime) -> str:
    """Say a time of day: "9.30am", "2pm", "midday", "midnight"."""
    return say_clock(uk_time(moment))


def say_clock(clock: datetime | time) -> str:
    """Say the time that a clock shows, wherever it hangs: "9.30am", "midday"."""
    if clock.minute == 0 and clock.hour in (0, 12):
        return "midday" if clock.hour else "midnight"
    hour = clock.hour % 12 or 12
    minutes = f".{clock.minute:02}" if clock.minute else ""
    return f"{hour}{minutes}{'am' if clock.hour < 12 else 'pm'}"


def say_moment(moment: datetime) -> str:
    """Say a date with its time: "9.30am on Tuesday 3 February 2026"."""
    return f"{say_time(moment)} on {say_date(moment)}"


def say_until(moment: datetime) -> str:
    """Say until when something stands: "9.30am on Tuesday 3 February 2026", or of a midnight "the end of Monday…"."""
    clock = uk_time(moment)
    if clock.hour == clock.minute == 0:
        return f"the end of {say_date(clock.date() - timedelta(days=1))}"
    return say_moment(moment)


def say_when(start: datetime, end: datetime) -> str:
    """Say from when to when.

    "Tuesday 3 February 2026, 9.30am to 4.30pm", or over several days
    "Tuesday 3 February 2026, 9.30am to Wednesday 4 February 2026, midday". What ends at midnight ends with its own
    day. Where the clocks change in between, the reader is told, since counting the hours would mislead.
    """
    start, end = uk_time(start), uk_time(end)
    changed = " (UK time; the clocks change in between)" if start.utcoffset() != end.utcoffset() else ""
    first_day, last_day = start.date(), (end - timedelta(microseconds=1)).date()
    until = say_clock(end) if last_day <= first_day else f"{say_date(end.date())}, {say_clock(end)}"
    return f"{say_date(first_day)}, {say_clock(start)} to {until}{changed}"


def say_duration(minutes: int) -> str:
    """Say how long something takes: "1 hour 15 minutes", "45 minutes"."""
    hours, rest = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append(f"{hours} hour{'' if hours == 1 else 's'}")
    if rest or not hours:
        parts.append(f"{rest} minute{'' if rest == 1 else 's'}")
    return " ".join(parts)
