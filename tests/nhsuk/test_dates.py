"""Dates and times are said as people say them, on the UK's clocks."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.nhsuk import dates
from tests.nhsuk.conftest import Ours


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (utc(2026, 2, 3, 9, 30), "9.30am"),
        (utc(2026, 2, 3, 16), "4pm"),
        (utc(2026, 2, 3, 12), "midday"),
        (utc(2026, 2, 3, 12, 5), "12.05pm"),
        (utc(2026, 2, 3), "midnight"),
        (utc(2026, 2, 3, 0, 1), "12.01am"),
        (utc(2026, 7, 3, 11), "midday"),  # summer time
        (utc(2026, 7, 2, 23), "midnight"),  # summer time
    ],
)
def test_says_times(moment: datetime, said: str) -> None:
    assert dates.say_time(moment) == said


def test_says_dates() -> None:
    assert dates.say_date(date(2026, 2, 3)) == "Tuesday 3 February 2026"
    assert dates.say_date(date(2026, 2, 3), weekday=False) == "3 February 2026"


def test_a_moment_is_the_day_it_is_in_the_uk() -> None:
    assert dates.say_date(utc(2026, 7, 31, 23, 30)) == "Saturday 1 August 2026"
    assert dates.say_moment(utc(2026, 7, 31, 23, 30)) == "12.30am on Saturday 1 August 2026"


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (utc(2026, 2, 3, 9, 30), utc(2026, 2, 3, 16, 30), "Tuesday 3 February 2026, 9.30am to 4.30pm"),
        (utc(2026, 7, 7, 8, 30), utc(2026, 7, 7, 11), "Tuesday 7 July 2026, 9.30am to midday"),
        (utc(2026, 2, 3, 22), utc(2026, 2, 4), "Tuesday 3 February 2026, 10pm to midnight"),
        (
            utc(2026, 2, 3, 9, 30),
            utc(2026, 2, 4, 12),
            "Tuesday 3 February 2026, 9.30am to Wednesday 4 February 2026, midday",
        ),
        (
            utc(2026, 3, 29, 0, 30),
            utc(2026, 3, 29, 1, 30),
            "Sunday 29 March 2026, 12.30am to 2.30am (UK time; the clocks change in between)",
        ),
        (
            utc(2026, 10, 24, 9),
            utc(2026, 10, 25, 10),
            "Saturday 24 October 2026, 10am to Sunday 25 October 2026, 10am (UK time; the clocks change in between)",
        ),
    ],
)
def test_says_from_when_to_when(start: datetime, end: datetime, said: str) -> None:
    assert dates.say_when(start, end) == said


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "0 minutes"),
        (1, "1 minute"),
        (45, "45 minutes"),
        (60, "1 hour"),
        (75, "1 hour 15 minutes"),
        (180, "3 hours"),
    ],
)
def test_says_how_long(minutes: int, said: str) -> None:
    assert dates.say_duration(minutes) == said


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (utc(2026, 2, 3, 9, 30), "9.30am on Tuesday 3 February 2026"),
        (utc(2026, 2, 3), "the end of Monday 2 February 2026"),
        (utc(2026, 7, 2, 23), "the end of Thursday 2 July 2026"),  # midnight in British Summer Time
    ],
)
def test_says_until_when(moment: datetime, said: str) -> None:
    assert dates.say_until(moment) == said


def test_refuses_a_moment_without_a_time_zone() -> None:
    with pytest.raises(ValueError, match="naive"):
        dates.say_time(datetime(2026, 2, 3, 9, 30))  # noqa: DTZ001  # what is refused


MOMENTS = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # bounds are naive for Hypothesis


@given(MOMENTS)
def test_a_time_said_can_be_read_back(moment: datetime) -> None:
    """No two minutes of a day sound the same."""
    clock = dates.uk_time(moment)
    said = dates.say_time(moment)
    if said in ("midday", "midnight"):
        assert (clock.hour, clock.minute) == ((12, 0) if said == "midday" else (0, 0))
        return
    hour, _, minute = said[:-2].partition(".")
    assert int(hour) % 12 + (12 if said.endswith("pm") else 0) == clock.hour
    assert int(minute or 0) == clock.minute


@given(MOMENTS, st.integers(min_value=1, max_value=4 * 24 * 60))
def test_names_the_last_day_when_it_is_another(start: datetime, minutes: int) -> None:
    end = start + timedelta(minutes=minutes)
    said = dates.say_when(start, end)
    last_day = (dates.uk_time(end) - timedelta(microseconds=1)).date()
    assert (dates.say_date(last_day) in said.partition(" to ")[2]) == (last_day != dates.uk_time(start).date())


@dataclass
class Meeting:
    starts_at: datetime
    ends_at: datetime


def test_templates_say_them_too(ours: Ours) -> None:
    meeting = Meeting(utc(2026, 2, 3, 9, 30), utc(2026, 2, 3, 16, 30))
    said = "Tuesday 3 February 2026, 9.30am to 4.30pm"
    assert ours("{{ meeting|when }}", meeting=meeting) == said
    assert ours("{% say_when meeting.starts_at meeting.ends_at %}", meeting=meeting) == said
    assert ours("{{ meeting.starts_at|say_time }} {{ 75|say_duration }}", meeting=meeting) == "9.30am 1 hour 15 minutes"
