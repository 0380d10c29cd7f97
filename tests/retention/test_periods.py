"""Periods: when one has passed, and what a setting may say."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.retention.categories import all_of_them, require_fit
from portal.retention.periods import Period, days, end_of, months, read, years


@pytest.mark.parametrize(
    ("period", "happened", "passed"),
    [
        (days(7), date(2026, 3, 25), date(2026, 4, 1)),  # over the change of the clocks
        (days(180), date(2026, 1, 1), date(2026, 6, 30)),
        (months(1), date(2026, 1, 31), date(2026, 3, 1)),  # February has no such day
        (months(6), date(2027, 8, 31), date(2028, 3, 1)),
        (months(12), date(2027, 2, 28), date(2028, 2, 28)),
        (years(3), date(2028, 2, 29), date(2031, 3, 1)),
        (years(1), date(2025, 12, 31), date(2026, 12, 31)),
    ],
    ids=str,
)
def test_a_period_has_passed_on_its_day_and_not_the_day_before(period: Period, happened: date, passed: date) -> None:
    assert period.before(passed) >= happened
    assert period.before(date.fromordinal(passed.toordinal() - 1)) < happened


def test_a_period_longer_than_time_keeps_everything() -> None:
    assert years(5000).before(date(2026, 1, 1)).year == 1
    assert days(999_999).before(date(2026, 1, 1)) == date.min


@pytest.mark.parametrize(
    ("day", "ends"),
    [
        (date(2026, 3, 29), datetime(2026, 3, 29, 23, tzinfo=UTC)),  # an hour is left out
        (date(2026, 10, 25), datetime(2026, 10, 26, 0, tzinfo=UTC)),  # an hour comes twice
        (date(2026, 7, 1), datetime(2026, 7, 1, 23, tzinfo=UTC)),
    ],
)
def test_a_day_ends_by_the_uks_clocks(day: date, ends: datetime) -> None:
    assert end_of(day) == ends


def test_a_setting_is_read_as_it_is_said() -> None:
    assert read("messages=90 days, applications = 6 months,unused-accounts=1 year,") == {
        "messages": days(90),
        "applications": months(6),
        "unused-accounts": years(1),
    }
    assert read("") == {}
    assert [str(period) for period in (days(1), months(6), years(2))] == ["1 day", "6 months", "2 years"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("messages", "which is no period. Write it like this"),
        ("messages=", "which is no period"),
        ("messages=0 days", "which is no period"),
        ("messages=-3 days", "which is no period"),
        ("messages=90", "which is no period"),
        ("messages=90 weeks", "which is no period"),
        ("messages=٣ days", "which is no period"),
        ("messages=101 years", "100 years is the most"),
        ("messages=99999 months", "100 years is the most"),
        ("messages=90 days,messages=80 days", "names messages twice"),
    ],
)
def test_what_is_no_period_stops_the_start(text: str, says: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=says):
        read(text)


def test_an_unknown_category_stops_the_start() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"names secrets, which is nothing that is kept\. These are: app"):
        require_fit(read("secrets=1 year"))


@pytest.mark.parametrize("category", all_of_them(), ids=lambda each: each.name)
def test_less_than_the_least_stops_the_start(category) -> None:
    require_fit({category.name: category.least})
    assert not category.period.is_shorter_than(category.least)
    with pytest.raises(ImproperlyConfigured, match=f"{category.least} is the least"):
        require_fit({category.name: days(1)})
