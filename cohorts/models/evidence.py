"""Evidence: the append-only ledger of what each membership has done (DESIGN §2)."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from cohorts.models.bookings import Booking
from cohorts.models.memberships import Membership
from cohorts.models.programmes import Component, EvidenceKind


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    """Reads of the ledger."""

    def standing(self) -> Self:
        """Evidence that no later row has withdrawn."""
        return self.filter(withdraws__isnull=True, withdrawn_by__isnull=True)

    def counting(self) -> Self:
        """Evidence that stands, of a kind by which its component is fulfilled."""
        return self.standing().filter(component__fulfilled_by__contains=[models.F("kind")])


class Evidence(models.Model):
    """This membership fulfilled that component on this day, by this, recorded by them.

    Rows are never changed or deleted (a trigger refuses it); a mistake is corrected by a later row that `withdraws`
    the earlier one.
    """

    Kind = EvidenceKind

    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="evidence")
    component = models.ForeignKey(Component, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=10, choices=Kind)
    fulfilled_on = models.DateField(help_text="The day it was done, UK date.")
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, null=True, blank=True, related_name="evidence")
    withdraws = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="withdrawn_by"
    )
    copied_from = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="copies",
        help_text="The row of an earlier membership that it was carried over from: it is taken back with that one.",
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="Empty: by the portal itself.",
    )
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "evidence"
        ordering = ("recorded_at", "id")
        indexes: ClassVar = [models.Index(fields=["membership", "component"], name="evidence_of_a_membership")]

    def __str__(self) -> str:
        return f"{self.membership}: {self.component}"
