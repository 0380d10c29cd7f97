"""Sealing anew what was sealed to an epoch that has ended, so that only the present one opens it.

It is done in batches by a triager with an open queue, goes on where it stopped, and may run beside referrals that
arrive: those are sealed to the present epoch already.
"""

from contextlib import suppress

from django.db import transaction
from django.db.models import QuerySet

from portal import trail
from referrals import groups
from referrals.keyring import present_epoch
from referrals.models import Envelope, Provider, Referral, Section
from referrals.provenance import is_ours
from referrals.sealing import share
from referrals.unlocking import Unlocked
from referrals.vault import Unopenable

BATCH = 200


def left(provider: Provider) -> int:
    """Return how many entries are still sealed to an epoch that has ended."""
    return _outdated(provider).count() + groups.left_to_seal_anew(provider)


def seal_anew(provider: Provider, unlocked: Unlocked) -> int:
    """Seal the next batch to the present epoch; return how many entries that was.

    What the triager cannot open themselves, or what somebody has changed, stays as it is; so does what the epoch that
    ended has no envelope of ours for: somebody put one beside it by hand, and it is not the whole team's. Raises
    Unsigned.
    """
    with transaction.atomic():
        sealed = _seal_sections(provider, unlocked) + groups.seal_anew(provider, unlocked)
        if sealed:
            subject = f"provider:{provider.pk}"
            trail.record("envelopes.sealed_anew", actor=unlocked.triager.user, subject=subject, entries=sealed)
    return sealed


def _seal_sections(provider: Provider, unlocked: Unlocked) -> int:
    mine = _outdated(provider).filter(envelopes__epoch__in=unlocked.epoch_ids)
    # Whoever narrows who may see a referral, or disposes of it, holds its row: so does this.
    held = Referral.objects.filter(pk__in=mine.values("referral")).order_by("pk")
    referrals = list(held.select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
    sections = mine.filter(referral__in=referrals).select_related("epoch", "referral").prefetch_related("envelopes")
    present, sealed = present_epoch(provider), 0
    ended = set(provider.epochs.filter(ended_on__isnull=False).values_list("pk", flat=True))
    for section in sections.distinct()[:BATCH]:
        if not any(each.epoch_id in ended and is_ours(each) for each in section.envelopes.all()):
            continue
        with suppress(Unopenable):
            share(section, [present], unlocked=unlocked)
            sealed += 1
    return sealed


def _outdated(provider: Provider) -> QuerySet[Section]:
    held = Envelope.objects.filter(epoch__ended_on__isnull=False, epoch__provider=provider)
    return Section.objects.filter(referral__provider=provider, pk__in=held.values("section"))
