"""The promises to the person, as dates: triage within a week, a first appointment within four (SERVICE C10).

All are dates of Europe/London; day 0 is the day of receipt. A promise is met on its due date or before, and broken from
the next day. Bank holidays never lengthen it: the working target is the last working day on or before the due date,
and the warning comes two working days before that. Dates are reckoned once, when a referral is received, and kept with
the version of this policy (`POLICY`), so that a later policy changes no promise that was given.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from portal.nhsuk.holidays import is_working_day
from referrals.models import Escalation, Referral

POLICY: Final = 1
TRIAGE_WITHIN = timedelta(days=7)
FIRST_HELD_WITHIN = timedelta(days=28)
CONSENT_WITHIN = timedelta(days=7)
UNCONFIRMED_AFTER = timedelta(days=14)
"""When a referral on behalf that nobody confirmed is purged, from its submission."""

WARNING_WORKING_DAYS: Final = 2
SECOND_BREACH_AFTER = timedelta(days=7)


def working_target(due: date) -> date:
    """Return the last working day on or before a due date."""
    while not is_working_day(due):
        due -= timedelta(days=1)
    return due


def working_days_before(day: date, number: int) -> date:
    """Return the working day that is so many working days before a date."""
    for _ in range(number):
        day = working_target(day - timedelta(days=1))
    return day


def start(referral: Referral, received_on: date) -> None:
    """Start both clocks of a referral that is not saved yet, or is about to be: day 0 is `received_on`."""
    referral.received_on = received_on
    referral.triage_due_on = received_on + TRIAGE_WITHIN
    referral.triage_target_on = working_target(referral.triage_due_on)
    referral.first_due_on = received_on + FIRST_HELD_WITHIN
    referral.first_target_on = working_target(referral.first_due_on)
    referral.clock_policy = POLICY


@dataclass(frozen=True, slots=True)
class Running:
    """A clock that runs: by when at the latest, and by which working day."""

    clock: Escalation.Clock
    due_on: date
    target_on: date

    @property
    def warning_on(self) -> date:
        """Return from when on somebody is warned."""
        return working_days_before(self.target_on, WARNING_WORKING_DAYS)

    def level(self, today: date) -> Escalation.Level | None:
        """Return how far the clock has run, or None while there is time."""
        level = Escalation.Level
        if today > self.due_on + SECOND_BREACH_AFTER:
            return level.BREACH_7
        if today > self.due_on:
            return level.BREACH
        if today >= self.target_on:
            return level.DUE
        return level.WARNING if today >= self.warning_on else None

    def next_level_on(self, today: date) -> date | None:
        """Return the day after `today` on which the clock reaches its next level, or None after the last."""
        days = (
            self.warning_on,
            self.target_on,
            self.due_on + timedelta(days=1),
            self.due_on + SECOND_BREACH_AFTER + timedelta(days=1),
        )
        return min((day for day in days if day > today), default=None)


def running(referral: Referral) -> Running | None:
    """Return the clock that runs for a referral in its present state, or None: one at a time is the next to be met."""
    state, clocks = Referral.State, Escalation.Clock
    clock, due, target = clocks.CONSENT, None, None
    if referral.state == state.AWAITING_CONSENT:
        due = referral.consent_due_on
        target = due and working_target(due)
    elif referral.state == state.RECEIVED:
        clock, due, target = clocks.TRIAGE, referral.triage_due_on, referral.triage_target_on
    elif referral.state in {state.TRIAGED, state.APPOINTMENT_OFFERED}:
        clock, due, target = clocks.FIRST, referral.first_due_on, referral.first_target_on
    return Running(clock, due, target) if due and target else None


def wind(referral: Referral) -> None:
    """Set by when something has to be done, and from when on somebody is warned, as its present state has it."""
    clock = running(referral)
    referral.act_by = clock.target_on if clock else None
    referral.warn_on = clock.warning_on if clock else None
