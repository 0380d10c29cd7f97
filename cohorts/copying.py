"""A cohort made from an earlier one: the same sessions, so many days later, and nobody in it yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from cohorts.models import Cohort, Session
from portal import trail
from portal.accounts.models import User
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
        starts_at, ends_at = _later(session.starts_at, days), _later(session.ends_at, days)
        found.append(Shifted(session, starts_at, ends_at, bank_holiday(timezone.localdate(starts_at))))
    return found


def copy(cohort: Cohort, *, name: str, starts_on: date, places: int, by: User) -> Cohort:
    """Make the programme's next cohort like this one, starting on another day; return it.

    Its sessions have the same times of day, places, venues and facilitators. Links to join are left out, since a
    meeting's link is its own. Who was in the cohort, and when it took applications, is left out as well.
    """
    with transaction.atomic():
        # Two copies at once take turns, so that each gets a number of its own.
        cohort = Cohort.objects.select_for_update(no_key=True).select_related("programme").get(pk=cohort.pk)
        latest = Cohort.objects.filter(programme=cohort.programme_id).order_by("-number").first()
        new = Cohort(
            programme=cohort.programme,
            number=(latest.number if latest else 0) + 1,
            name=name,
            starts_on=starts_on,
            ends_on=cohort.ends_on + (starts_on - cohort.starts_on),
            places=places,
            offer_days=cohort.offer_days,
        )
        new.full_clean()
        new.save()
        trail.record("cohort.copied", actor=by, subject=new, of=cohort.pk)
        _give_dates(new, shifted(cohort, starts_on), starts_on - cohort.starts_on, by=by)
    return new


def _give_dates(cohort: Cohort, dates: Sequence[Shifted], days: timedelta, *, by: User) -> None:
    for date_of in dates:
        old = date_of.session
        session = Session(
            component=old.component,
            cohort=cohort,
            starts_at=date_of.starts_at,
            ends_at=date_of.ends_at,
            format=old.format,
            venue=old.venue,
            what_to_bring=old.what_to_bring,
            places=old.places,
            booking_opens_at=old.booking_opens_at and _later(old.booking_opens_at, days),
            booking_closes_at=old.booking_closes_at and _later(old.booking_closes_at, days),
        )
        session.full_clean()
        session.save()
        session.facilitators.set(old.facilitators.all())
        trail.record("session.added", actor=by, subject=session)


def _later(moment: datetime, days: timedelta) -> datetime:
    """Return the same time on the UK's clocks so many days later, also across a change of the clocks."""
    local = timezone.localtime(moment)
    return timezone.make_aware(local.replace(tzinfo=None) + days)
