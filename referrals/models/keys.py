"""What is sealed to whom: epochs, the root, and who holds either. Private halves stand here sealed alone."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from referrals.models.providers import Provider, Triager


class Epoch(models.Model):
    """A provider's keypair for a time: what arrives is sealed to it. It ends when somebody leaves who could open it."""

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="epochs")
    number = models.PositiveIntegerField()
    public_key = models.BinaryField(editable=False)
    roster = models.JSONField(
        default=dict, editable=False, help_text="Who is in the team: of each triager's id, their key's hash and role."
    )
    signature = models.BinaryField(editable=False, help_text="The root's, over the public key and the roster.")
    for_recovery = models.BinaryField(editable=False, help_text="The private half, sealed to the recovery key.")
    suite = models.PositiveSmallIntegerField(default=1, editable=False)
    began_on = models.DateField(default=timezone.localdate, editable=False)
    ended_on = models.DateField(null=True, editable=False)

    class Meta:
        ordering = ("provider", "-number")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "number"], name="one_epoch_of_each_number"),
            models.UniqueConstraint(
                fields=["provider"], condition=models.Q(ended_on__isnull=True), name="one_present_epoch"
            ),
        ]

    def __str__(self) -> str:
        return f"Epoch {self.number}"


class Grant(models.Model):
    """An epoch's private half, sealed to one triager."""

    epoch = models.ForeignKey(Epoch, on_delete=models.CASCADE, related_name="grants")
    triager = models.ForeignKey(Triager, on_delete=models.CASCADE, related_name="grants")
    sealed = models.BinaryField(editable=False)
    suite = models.PositiveSmallIntegerField(default=1, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["epoch", "triager"], name="one_grant_of_an_epoch_to_each")
        ]

    def __str__(self) -> str:
        return f"{self.epoch} to {self.triager}"


class RootHolding(models.Model):
    """The private half of a provider's root, sealed to a lead."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="root_holdings")
    triager = models.OneToOneField(Triager, on_delete=models.CASCADE, related_name="root_holding")
    sealed = models.BinaryField(editable=False)
    suite = models.PositiveSmallIntegerField(default=1, editable=False)

    def __str__(self) -> str:
        return f"The root of {self.provider} to {self.triager}"


class Unlock(models.Model):
    """An open queue: the triager's private key, sealed under a key that only their browser's cookie holds.

    PostgreSQL keeps this table out of its log (UNLOGGED, migration 0002), and dumps leave its rows out
    (docs/running.md). Without the cookie a row opens nothing, and without its row nor does the cookie.
    """

    place = models.BinaryField(primary_key=True, editable=False, help_text="A hash of the cookie.")
    triager = models.ForeignKey(Triager, on_delete=models.CASCADE, related_name="unlocks")
    session = models.BinaryField(editable=False, help_text="A hash of the sign-in's key.")
    sealed = models.BinaryField(editable=False)
    opened_at = models.DateTimeField(default=timezone.now, editable=False)
    used_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["session"], name="unlock_session"),
            models.Index(fields=["used_at"], name="unlock_used"),
        ]

    def __str__(self) -> str:
        return f"Unlock of {self.triager_id}"


class Unsent(models.Model):
    """What a triager was typing when the queue locked: sealed to their own key, until they have seen it again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    triager = models.ForeignKey(Triager, on_delete=models.CASCADE, related_name="unsent")
    referral = models.ForeignKey(
        "Referral",
        on_delete=models.CASCADE,
        null=True,
        editable=False,
        related_name="unsent",
        help_text="Ends with it.",
    )
    sealed = models.BinaryField(editable=False)
    key = models.BinaryField(editable=False, help_text="The content's key, sealed to the triager.")
    suite = models.PositiveSmallIntegerField(default=1, editable=False)
    on = models.DateField(default=timezone.localdate, editable=False)

    def __str__(self) -> str:
        return f"Unsent {self.pk}"
