"""A provider's own words, kept by its lead. Who changed them stands in the trail."""

from django.db import transaction

from portal import trail
from referrals.models import Offer, Provider, Triager


@transaction.atomic
def describe(provider: Provider, *, by: Triager) -> None:
    """Save what a provider says of itself."""
    provider.save(update_fields=["about", "emergency"])
    trail.record("provider.described", actor=by.user, subject=f"provider:{provider.pk}")


@transaction.atomic
def offer(offer: Offer, *, by: Triager) -> None:
    """Save an offer, new or changed. What is taken off the form stays, for the referrals that name it."""
    offer.provider = by.provider
    offer.save()
    trail.record("provider.offer_saved", actor=by.user, subject=f"provider:{by.provider_id}", offer=offer.pk)
