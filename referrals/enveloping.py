"""Sealing anew what was sealed to an epoch that has ended, so that only the present one opens it.

It is done in batches by a triager with an open queue, goes on where it stopped, and may run beside referrals that
arrive: those are sealed to the present epoch already.
"""

from django.db import transaction
from django.db.models import QuerySet

from portal import trail
from referrals.keyring import present_epoch
from referrals.models import Envelope, Provider, Referral, Section
from referrals.sealing import share
from referrals.unlocking import Unlocked

BATCH = 200


def left(provider: Provider) -> int:
    """Return how many sections are still sealed to an epoch that has ended."""
    return _outdated(provider).count()


def seal_anew(provider: Provider, unlocked: Unlocked) -> int:
    """Seal the next batch to the present epoch; return how many sections that was.

    What the triager cannot open themselves stays as it is. Raises Unsigned.
    """
    with transaction.atomic():
        mine = _outdated(provider).filter(envelopes__epoch__in=unlocked.epoch_ids)
        # Whoever narrows who may see a referral, or disposes of it, holds its row: so does this.
        held = Referral.objects.filter(pk__in=mine.values("referral")).order_by("pk")
        referrals = list(held.select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
        sections = list(
            mine.filter(referral__in=referrals)
            .select_related("epoch", "referral")
            .prefetch_related("envelopes")
            .distinct()[:BATCH]
        )
        if sections:
            share(sections, [present_epoch(provider)], unlocked=unlocked)
            trail.record(
                "envelopes.sealed_anew",
                actor=unlocked.triager.user,
                subject=f"provider:{provider.pk}",
                sections=len(sections),
            )
    return len(sections)


def _outdated(provider: Provider) -> QuerySet[Section]:
    held = Envelope.objects.filter(epoch__ended_on__isnull=False, epoch__provider=provider)
    return Section.objects.filter(referral__provider=provider, pk__in=held.values("section"))
