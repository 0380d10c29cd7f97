"""How long what was written stays readable, and ending it: its keys' envelopes are deleted.

Erasure is complete when the last backup that holds them has expired (docs/data-protection.md).
"""

from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone

from portal import trail
from referrals.models import Disposal, Envelope, Referral, Section


class OnHold(Exception):
    """A legal hold keeps what would be disposed of."""


def purge_date(state: Referral.State, ended_on: date) -> date:
    """Return when a referral that ended in `state` is to be disposed of, by `REFERRAL_KEPT_DAYS` in the settings."""
    return ended_on + timedelta(days=settings.REFERRAL_KEPT_DAYS[state])


def dispose(referral: Referral, why: Disposal.Why) -> None:
    """End for ever what was written about a referral, whose row the caller holds: delete every envelope.

    Doing it again changes nothing. Raises OnHold while a legal hold keeps it.
    """
    if referral.purged_on:
        return
    if referral.on_hold:
        raise OnHold
    Envelope.objects.filter(section__referral=referral).delete()
    Section.objects.filter(referral=referral).update(sealed=b"")
    referral.purged_on = timezone.localdate()
    referral.save(update_fields=["purged_on"])
    Disposal.objects.create(referral=referral, why=why)
    trail.record("referral.disposed_of", actor=trail.SYSTEM, subject=f"referral:{referral.pk}", why=str(why))
