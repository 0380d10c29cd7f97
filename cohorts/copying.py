"""A cohort made from an earlier one: the same sessions, so many days later, and nobody in it yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cohorts.models import Cohort, Programme, Session
from cohorts.scheduling import add_like, later
from portal import trail
from portal.accounts.models import User
from portal.nhsuk.dates import say_date
from portal.nhsuk.holidays import bank_holiday


@dataclass(frozen=True, slots=True)
class Shifted:
    """A session of the earlier cohort, and when the new cohort's is; `holiday` names a bank holiday of England."""

    session: Session
    starts_at: datetime
    ends_at: datetime
    holiday: str

    @property
    def is_on_a_weekend(self) -> bool:
        """Say whether it falls on a Saturday or Sunday."""
        return timezone.localtime(self.starts_at).weekday() >= 5  # Saturday


def shifted(cohort: Cohort, starts_on: date) -> list[Shifted]:
    """Return the cohort's sessions as a cohort that starts on another day would have them, at the same UK clock time.

    Cancelled ones are left out.
    """
    days = starts_on - cohort.starts_on
    sessions = cohort.sessions.scheduled().select_related("component", "venue").prefetch_related("facilitators")
    found = []
    for session in sessions.order_by("starts_at", "pk"):
        starts_at, ends_at = later(session.starts_at, days), later(session.ends_at, days)
        found.append(Shifted(session, starts_at, ends_at, bank_holiday(timezone.localdate(starts_at))))
    return found


def copy(cohort: Cohort, *, name: str, starts_on: date, places: int, by: User) -> Cohort:
    """Make the programme's next cohort like this one, starting on another day; return it.

    Its sessions have the same times of day, places, venues and facilitators. Links to join, and what is said with
    them, are left out, since a meeting's link is its own. Who was in the cohort, and when it took applications, is left
    out as well. Raises ValidationError, with nothing made, for what would not be valid, and where the programme has a
    cohort of that name that starts on that day: the button was pressed twice.
    """
    with transaction.atomic():
        # A programme's copies take turns, so that each gets a number of its own and finds what was made before it.
        programme = Programme.objects.select_for_update(of=("self",), no_key=True).get(pk=cohort.programme_id)
        cohort = Cohort.objects.get(pk=cohort.pk)
        if programme.cohorts.filter(name=name, starts_on=starts_on).exists():
            raise ValidationError(f"There is already a {name} that starts on {say_date(starts_on)}. Nothing was made.")
        latest = programme.cohorts.order_by("-number").first()
        new = Cohort(
            programme=programme,
            number=(latest.number if latest else 0) + 1,
            name=name,
            starts_on=starts_on,
            ends_on=cohort.ends_on + (starts_on - cohort.starts_on),
            places=places,
            offer_days=cohort.offer_days,
            champion_for=cohort.champion_for,
        )
        new.full_clean()
        new.save()
        trail.record("cohort.copied", actor=by, subject=new, of=cohort.pk)
        _give_dates(new, shifted(cohort, starts_on), starts_on - cohort.starts_on, by=by)
    return new


def _give_dates(cohort: Cohort, dates: Sequence[Shifted], days: timedelta, *, by: User) -> None:
    for date_of in dates:
        old = date_of.session
        add_like(
            old,
            old.facilitators.all(),
            by=by,
            cohort=cohort,
            starts_at=date_of.starts_at,
            ends_at=date_of.ends_at,
            join_link="",
            # A passcode goes with the meeting's link.
            joining_instructions="" if old.join_link else old.joining_instructions,
            booking_opens_at=old.booking_opens_at and later(old.booking_opens_at, days),
            booking_closes_at=old.booking_closes_at and later(old.booking_closes_at, days),
        )
