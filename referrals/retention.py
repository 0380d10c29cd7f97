"""How long what was written stays readable, and ending it: its keys' envelopes are deleted.

Erasure is complete when the last backup that holds them has expired (docs/data-protection.md).
"""

from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal import trail
from referrals.models import Disposal, Envelope, Provider, Referral, Section, Unsent

BATCH = 200
"""Rows of one transaction of a sweep."""


SHOWN = 50
"""Rows of a page of the log."""


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
    Unsent.objects.filter(referral=referral).delete()
    referral.purged_on = timezone.localdate()
    referral.save(update_fields=["purged_on"])
    Disposal.objects.create(referral=referral, why=why)
    subject = f"referral:{referral.pk}"
    if why == Disposal.Why.DECLINED:  # the deed of the person, of which no more than the day is kept
        trail.record_day("referral.disposed_of", subject=subject)
    else:
        trail.record("referral.disposed_of", actor=trail.SYSTEM, subject=subject, why=str(why))


def dispose_of_due() -> int:
    """Dispose of every referral whose date has come and that no legal hold keeps; return how many those were."""
    disposed = 0
    while True:
        with transaction.atomic():
            due = list(
                Referral.objects.filter(purge_on__lte=timezone.localdate(), purged_on__isnull=True, on_hold=False)
                .order_by("purge_on", "id")
                .select_for_update(skip_locked=True)[:BATCH]
            )
            for referral in due:
                if referral.state == Referral.State.AWAITING_CONSENT:
                    referral.state, referral.ended_on = Referral.State.UNREACHABLE, timezone.localdate()
                    referral.act_by = referral.warn_on = None
                    referral.save(update_fields=["state", "ended_on", "act_by", "warn_on"])
                    dispose(referral, Disposal.Why.NO_CONSENT)
                else:
                    dispose(referral, Disposal.Why.RETENTION)
        disposed += len(due)
        if len(due) < BATCH:
            return disposed


def log(provider: Provider, *, before: int = 0) -> list[Disposal]:
    """Return what was disposed of, the latest first, or what was before an entry; one more than a page shows."""
    found = Disposal.objects.filter(referral__provider=provider, **({"pk__lt": before} if before else {}))
    return list(found.select_related("referral").order_by("-pk")[: SHOWN + 1])


def kept_by_hold(provider: Provider) -> list[Referral]:
    """Return what a legal hold keeps, of which there is little, the oldest first; a page of it at most."""
    return list(provider.referrals.filter(on_hold=True).order_by("submitted_on", "pk")[:SHOWN])
