"""The promises as dates: calendar days for the person, working days for the team."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from portal.nhsuk.holidays import is_working_day
from referrals import clocks
from referrals.clocks import Running
from referrals.models import Escalation, Referral

Level = Escalation.Level


def received(on: date) -> Referral:
    referral = Referral(state=Referral.State.RECEIVED)
    clocks.start(referral, on)
    return referral


@pytest.mark.parametrize(
    ("day", "triage", "triage_target", "first", "first_target"),
    [
        # A plain Monday.
        ("2026-06-01", "2026-06-08", "2026-06-08", "2026-06-29", "2026-06-29"),
        # A Saturday: due on a Saturday, so the Friday before.
        ("2026-06-06", "2026-06-13", "2026-06-12", "2026-07-04", "2026-07-03"),
        # Good Friday is 3 April 2026 and Easter Monday the 6th: due on the Monday, target the Thursday before.
        ("2026-03-30", "2026-04-06", "2026-04-02", "2026-04-27", "2026-04-27"),
        # Due on Christmas Day, a Friday; 28 December stands in for Boxing Day, which is a Saturday.
        ("2026-12-18", "2026-12-25", "2026-12-24", "2027-01-15", "2027-01-15"),
        ("2026-11-30", "2026-12-07", "2026-12-07", "2026-12-28", "2026-12-24"),
        # Over a leap day.
        ("2028-02-22", "2028-02-29", "2028-02-29", "2028-03-21", "2028-03-21"),
        # Over both changes of the clock in 2026: 29 March and 25 October.
        ("2026-03-27", "2026-04-03", "2026-04-02", "2026-04-24", "2026-04-24"),
        ("2026-10-23", "2026-10-30", "2026-10-30", "2026-11-20", "2026-11-20"),
    ],
)
def test_both_clocks(day: str, triage: str, triage_target: str, first: str, first_target: str) -> None:
    referral = received(date.fromisoformat(day))
    assert str(referral.triage_due_on) == triage
    assert str(referral.triage_target_on) == triage_target
    assert str(referral.first_due_on) == first
    assert str(referral.first_target_on) == first_target


def test_half_past_eleven_at_night_in_summer_is_that_day_in_london() -> None:
    """At 23:30 BST it is still the day before in UTC's eyes for nobody: 22:30 UTC, and the London date counts."""
    assert timezone.localdate(datetime(2026, 7, 1, 22, 30, tzinfo=UTC)) == date(2026, 7, 1)
    assert timezone.localdate(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == date(2026, 7, 2)
    assert timezone.localdate(datetime(2026, 12, 1, 23, 30, tzinfo=UTC)) == date(2026, 12, 1)


@given(st.dates(min_value=date(2024, 1, 1), max_value=date(2028, 11, 1)))
def test_a_target_is_a_working_day_and_never_after_the_promise(day: date) -> None:
    referral = received(day)
    for due, target in (
        (referral.triage_due_on, referral.triage_target_on),
        (referral.first_due_on, referral.first_target_on),
    ):
        assert due
        assert target
        assert target <= due
        assert is_working_day(target)
        between = (target + timedelta(days=number) for number in range(1, (due - target).days + 1))
        assert not any(map(is_working_day, between))


@pytest.mark.parametrize(
    ("day", "level"),
    [
        ("2026-06-09", None),
        ("2026-06-10", Level.WARNING),  # two working days before Friday the 12th
        ("2026-06-11", Level.WARNING),
        ("2026-06-12", Level.DUE),
        ("2026-06-13", Level.DUE),  # due on Saturday the 13th, and met on it
        ("2026-06-14", Level.BREACH),
        ("2026-06-20", Level.BREACH),
        ("2026-06-21", Level.BREACH_7),
    ],
)
def test_levels_of_a_clock(day: str, level: Level | None) -> None:
    clock = clocks.running(received(date(2026, 6, 6)))
    assert clock
    assert clock.level(date.fromisoformat(day)) == level


@given(st.dates(min_value=date(2025, 1, 1), max_value=date(2028, 10, 1)), st.integers(-10, 60))
def test_the_next_level_is_the_next_day_on_which_the_level_changes(due: date, ahead: int) -> None:
    clock = Running(Escalation.Clock.TRIAGE, due, clocks.working_target(due))
    today = clock.warning_on + timedelta(days=ahead)
    following = clock.next_level_on(today)
    day = today + timedelta(days=1)
    while clock.level(day) == clock.level(today) and day < today + timedelta(days=400):
        day += timedelta(days=1)
    changes = clock.level(day) != clock.level(today)
    # A day that is both the target and nothing else may be named without a change: it is looked at once more.
    assert (following is not None and following <= day) if changes else following is None


def test_one_clock_runs_at_a_time() -> None:
    referral = received(date(2026, 6, 1))
    seen = []
    for state in Referral.State:
        referral.state = state
        clock = clocks.running(referral)
        seen.append(clock and clock.clock)
    assert seen == [None, "triage", "first", "first", None, None, None, None, None]
