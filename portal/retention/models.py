"""What keeps something, what says that it was disposed of, and who asked to be erased."""

from typing import ClassVar, Final, Self

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

REFERENCE: Final = r"[A-Z0-9][A-Z0-9/.-]{2,39}"
"""A number under which a matter is known elsewhere: no spaces, so that nobody writes about somebody."""


class HoldQuerySet(models.QuerySet["Hold"]):
    """Reads of legal holds."""

    def standing(self) -> Self:
        """Holds that were not lifted."""
        return self.filter(lifted_at__isnull=True)


class Hold(models.Model):
    """A legal hold: nothing of this person's is disposed of or erased while it stands, for whatever matter it is.

    It names one person: a trust or a cohort has other people tomorrow, and a hold is about those of that day.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="legal_holds")
    reference = models.CharField(
        max_length=40,
        validators=[
            RegexValidator(
                rf"^{REFERENCE}\Z", "Enter a reference of 3 to 40 capital letters, digits, and / . - without spaces."
            )
        ],
        help_text="The number of the matter, for example ET/2026/0417. Write nothing about the person.",
    )
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+")
    set_at = models.DateTimeField(default=timezone.now, editable=False)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, editable=False)

    objects = HoldQuerySet.as_manager()

    class Meta:
        verbose_name = "legal hold"
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "reference"],
                condition=models.Q(lifted_at__isnull=True),
                name="one_standing_hold_of_a_matter",
                violation_error_message="This person is under a legal hold of this reference already.",
            ),
            models.CheckConstraint(
                condition=models.Q(reference__regex=f"^{REFERENCE}$"), name="a_hold_has_a_reference"
            ),
            models.CheckConstraint(
                condition=models.Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | models.Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="who_lifts_a_hold_is_named",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.person}"


class Disposal(models.Model):
    """So many of a category were disposed of at once. Nothing here is about a person, and it is kept for good.

    Rows are written by `portal.retention.disposing`; PostgreSQL refuses to update, delete or truncate them.
    """

    at = models.DateTimeField(db_default=Now(), editable=False)
    category = models.CharField(max_length=40)
    number = models.PositiveIntegerField(help_text="How many were disposed of in this transaction.")
    period = models.CharField(max_length=20, help_text="How long they were kept, as it was configured then.")
    up_to = models.DateField("dated up to", help_text="The last UK date of which the period had passed.")
    run = models.UUIDField(help_text="The same for all that one run disposed of.")

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.category}: {self.number}"


class ErasureRequest(models.Model):
    """Somebody has asked that what is held about them be deleted. The row stands until it is done, or taken back.

    What the trail says stays: that they asked, and what came of it.
    """

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="erasure_request")
    asked_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "request to be erased"
        verbose_name_plural = "requests to be erased"
        ordering = ("asked_at", "id")

    def __str__(self) -> str:
        return str(self.person)
