"""Who takes referrals, what they offer, and the people of their team with their keys."""

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from portal.accounts.models import Organisation


class Provider(models.Model):
    """A provider of therapy, outside the organisations that it serves. Its keys: docs/threat-model.md.

    Public halves alone stand here in the clear. That the root is the provider's own is decided by the pin in the
    settings (`REFERRAL_ROOTS`), never by this row.
    """

    name = models.CharField(max_length=150, unique=True)
    slug = models.SlugField(max_length=60, unique=True, help_text="The name under which its root is pinned.")
    about = models.TextField(blank=True, help_text="Who the provider is, in its own words.")
    emergency = models.TextField(blank=True, help_text="Where to turn in an emergency, in its own words.")
    root_public = models.BinaryField(null=True, editable=False)
    root_purpose = models.CharField(max_length=4, default="live", editable=False)
    root_for_recovery = models.BinaryField(null=True, editable=False, help_text="The root, sealed to the recovery key.")
    suite = models.PositiveSmallIntegerField(default=1, editable=False, help_text="Of the root for recovery.")
    recovery_public = models.BinaryField(null=True, editable=False)
    recovery_signature = models.BinaryField(null=True, editable=False)
    recovery_drilled_on = models.DateField(null=True, editable=False)
    proof_until = models.DateField(
        null=True, editable=False, help_text="The last day for which tables of proof were drawn up."
    )

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Offer(models.Model):
    """Something that a provider offers, whom it is for, and how: the provider's own words, all of them data."""

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="offers")
    commissioner = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", help_text="The organisation that pays for it."
    )
    position = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(max_length=150)
    who_for = models.CharField("whom it is for", max_length=300)
    languages = models.CharField(max_length=300, blank=True)
    length = models.CharField(max_length=150, blank=True)
    about = models.TextField(blank=True)
    active = models.BooleanField(default=True, help_text="Offered on the form.")

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.name


class TriagerQuerySet(models.QuerySet["Triager"]):
    """Reads of triagers."""

    def active(self) -> Self:
        """Triagers who were admitted and have not left. Whether it was the lead who did it, the signed roster says."""
        return self.filter(state=Triager.State.ACTIVE)


class Triager(models.Model):
    """Somebody's membership of a provider's team, and their key. This row, and no permission, opens the queue to them.

    The private half of the key is wrapped under a passphrase that is not the sign-in's, so whoever can sign in as
    somebody, or set their password, opens nothing.
    """

    class State(models.TextChoices):
        """From being asked to having left."""

        INVITED = "invited", "Asked to set a passphrase"
        KEYED = "keyed", "Waits to be admitted"
        ACTIVE = "active", "Active"
        LEFT = "left", "Left"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="triagers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    is_lead = models.BooleanField("triage lead", default=False)
    state = models.CharField(max_length=7, choices=State, default=State.INVITED)
    public_key = models.BinaryField(null=True, editable=False)
    wrapped_key = models.BinaryField(null=True, editable=False)
    suite = models.PositiveSmallIntegerField(default=1, editable=False)
    lost_passphrase = models.BooleanField(
        default=False, editable=False, help_text="Comes back with a new key, for which a colleague has to vouch."
    )
    vouched_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, editable=False, related_name="+")
    since = models.DateField(default=timezone.localdate, editable=False)
    may_sign_in = models.BooleanField(
        default=True, editable=False, help_text="As their account says: the form asks no account."
    )
    unlocked_on = models.DateField(null=True, editable=False, help_text="The day of the last unlock.")

    objects = TriagerQuerySet.as_manager()

    class Meta:
        ordering = ("provider", "user__name", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "user"], condition=~models.Q(state="left"), name="one_place_in_a_team"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="active") | models.Q(public_key__isnull=False, wrapped_key__isnull=False),
                name="an_active_triager_has_a_key",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="left") | models.Q(wrapped_key__isnull=True),
                name="who_left_has_no_key",
            ),
            models.CheckConstraint(
                condition=~models.Q(vouched_by=models.F("id")), name="nobody_vouches_for_themselves"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="active", lost_passphrase=True) | models.Q(vouched_by__isnull=False),
                name="who_comes_back_was_vouched_for",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user.name}"
