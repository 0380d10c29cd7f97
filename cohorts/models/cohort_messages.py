"""What the programme team writes to a cohort, or to a part of it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from cohorts.models.memberships import Cohort
from cohorts.models.programmes import Component
from portal.accounts.models import Organisation


class CohortMessage(models.Model):
    """One letter to many, in the team's own words; a draft until it is sent, and the record of it afterwards."""

    class Part(models.TextChoices):
        """To whom of the cohort it goes: of those who take part, all or some."""

        EVERYBODY = "everybody", "Everybody who takes part"
        NOT_BOOKED = "not_booked", "Who has not booked a component, and has not done it"
        NOT_DONE = "not_done", "Who has not done a component"

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="messages")
    part = models.CharField("to whom", max_length=10, choices=Part, default=Part.EVERYBODY)
    component = models.ForeignKey(Component, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: from all organisations.",
    )
    subject = models.CharField(max_length=150)
    body = models.TextField("text", max_length=5000)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+")
    written_at = models.DateTimeField(default=timezone.now, editable=False)
    tests = models.PositiveSmallIntegerField(default=0, editable=False, help_text="How often it was tried out.")
    sent_at = models.DateTimeField(null=True, editable=False)
    sent_to = models.PositiveIntegerField("people it was sent to", null=True, editable=False)

    class Meta:
        verbose_name = "message to a cohort"
        verbose_name_plural = "messages to cohorts"
        ordering = ("-written_at", "-id")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(part="everybody", component__isnull=True)
                | (~models.Q(part="everybody") & models.Q(component__isnull=False)),
                name="a_part_of_a_cohort_names_its_component",
                violation_error_message="Choose a component for those who have not booked or done it, and for nobody "
                "else.",
            ),
            models.CheckConstraint(
                condition=models.Q(sent_at__isnull=True, sent_to__isnull=True)
                | models.Q(sent_at__isnull=False, sent_to__isnull=False),
                name="what_was_sent_says_to_how_many",
            ),
        ]

    def __str__(self) -> str:
        return self.subject
