"""A provider's own words: who it is, and what it offers."""

from typing import Any

from django.db.models import Q

from portal.accounts.models import Organisation
from portal.form_choices import offer_rows
from portal.generics import ModelForm
from referrals.models import Offer, Provider


class ProviderForm(ModelForm[Provider]):
    """Asks who the provider is."""

    class Meta:
        model = Provider
        fields = ("about", "emergency")
        labels = {"about": "About you", "emergency": "Where to turn in an emergency"}
        help_texts = {
            "about": "People read this before they begin.",
            "emergency": "Added to the numbers that stand on the form in any case.",
        }


class OfferForm(ModelForm[Offer]):
    """Asks what is offered, and to whom."""

    class Meta:
        model = Offer
        fields = ("name", "who_for", "commissioner", "languages", "length", "position", "active")
        labels = {
            "name": "What you offer",
            "who_for": "Whom it is for",
            "commissioner": "The organisation that pays for it",
            "languages": "Languages",
            "length": "Length",
            "position": "Its place on the form",
            "active": "Offer it on the form",
        }
        help_texts = {"position": "1 comes first.", "commissioner": "", "active": ""}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What has merged into another pays for nothing new; an offer goes on naming it until somebody changes that.
        still = Q(merged_into__isnull=True) | Q(pk=self.instance.commissioner_id)
        offer_rows(self, "commissioner", Organisation.objects.filter(still))
