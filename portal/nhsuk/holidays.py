"""Bank holidays of England and Wales, from the list that comes with a package: nothing is asked of another host."""

from datetime import date, timedelta
from functools import cache

from govuk_bank_holidays.bank_holidays import BankHolidays

DIVISION = BankHolidays.ENGLAND_AND_WALES


@cache
def _known() -> BankHolidays:
    return BankHolidays(use_cached_holidays=True)


@cache
def _by_day() -> dict[date, str]:
    return {each["date"]: each["title"] for each in _known().get_holidays(division=DIVISION)}


def bank_holiday(day: date) -> str:
    """Return what a day is called that is a bank holiday, or nothing. Days after the list's end count as none."""
    return _by_day().get(day, "")


def is_working_day(day: date) -> bool:
    """Say whether a date is neither at a weekend nor a bank holiday."""
    return bool(_known().is_work_day(day, division=DIVISION))


def working_days_after(day: date, number: int) -> date:
    """Return the working day that is so many working days after a date."""
    for _ in range(number):
        day += timedelta(days=1)
        while not is_working_day(day):
            day += timedelta(days=1)
    return day
