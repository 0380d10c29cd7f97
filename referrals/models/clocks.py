"""What became due, and what was disposed of."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from portal.accounts.models import Organisation
from referrals.models.providers import Provider
from referrals.models.referrals import Referral


class Escalation(models.Model):
    """That a clock of a referral was near its end, or past it, and somebody was told. Once for each level."""

    class Clock(models.TextChoices):
        """The promises to the person (SERVICE C10), and to whoever submits for somebody else."""

        CONSENT = "consent", "Consent"
        TRIAGE = "triage", "Triage"
        FIRST = "first", "First appointment"

    class Level(models.IntegerChoices):
        """How far a clock has run. After an outage only the highest goes out."""

        WARNING = 1, "Due in two working days"
        DUE = 2, "Due today"
        BREACH = 3, "Overdue"
        BREACH_7 = 4, "Overdue by a week"

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="escalations")
    clock = models.CharField(max_length=7, choices=Clock)
    level = models.PositiveSmallIntegerField(choices=Level)
    on = models.DateField(default=timezone.localdate)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["referral", "clock", "level"], name="one_escalation_of_each_level")
        ]

    def __str__(self) -> str:
        return f"{self.get_clock_display()}: {self.get_level_display()}"


class Round(models.Model):
    """That the team was told, at one of the fixed times, of all that there was to tell."""

    at = models.DateTimeField(primary_key=True)

    def __str__(self) -> str:
        return f"Round of {self.at:%d %B %Y, %H:%M}"


class Disposal(models.Model):
    """That a referral's content was disposed of: its envelopes are deleted, so nobody can read it any more."""

    class Why(models.TextChoices):
        """The reasons."""

        RETENTION = "retention", "Its time was over"
        DECLINED = "declined", "The person declined"
        NO_CONSENT = "no_consent", "Nobody confirmed it in 14 days"
        ERASURE = "erasure", "The person asked for it"

    referral = models.OneToOneField(Referral, on_delete=models.PROTECT, related_name="disposal")
    why = models.CharField(max_length=10, choices=Why)
    on = models.DateField(default=timezone.localdate)

    def __str__(self) -> str:
        return f"{self.get_why_display()} ({self.on})"


class Proof(models.Model):
    """What is told to a commissioner of the promises that fell due in a period: drawn up once, and of ten or more.

    Nothing here is more than may be told (`referrals.proof`): no exact size, and nothing under ten.
    """

    class Clock(models.TextChoices):
        """The promises of which proof is given."""

        TRIAGE = "triage", "Triage"
        FIRST = "first", "First appointment"

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="proofs")
    commissioner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    clock = models.CharField(max_length=7, choices=Clock)
    since = models.DateField()
    until = models.DateField()
    drawn_on = models.DateField()
    size = models.PositiveIntegerField(help_text="So many or more.")
    share = models.PositiveSmallIntegerField(help_text="Kept in time, in per cent, to the nearest five.")
    waits = models.JSONField(help_text="Quartiles in days from receipt; null is longer than anybody has waited yet.")
    waits_from_submission = models.JSONField()
    reasons = models.JSONField(help_text="How many late ones each reason stands beside, where that may be told.")

    class Meta:
        ordering = ("provider", "commissioner", "clock", "-since")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "commissioner", "clock", "since"], name="one_table_of_each_period"
            ),
            models.CheckConstraint(condition=models.Q(since__lt=models.F("until")), name="a_period_has_months"),
            models.CheckConstraint(condition=models.Q(size__gte=10), name="a_table_tells_of_ten_or_more"),
        ]

    def __str__(self) -> str:
        return f"{self.get_clock_display()}, {self.since} to {self.until}"
