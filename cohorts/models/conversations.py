"""What a champion and somebody of their cohort write to one another. It is for the two alone."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from cohorts.models.champions import Champion
from cohorts.models.memberships import Membership


class Conversation(models.Model):
    """All that one member and one champion have written to one another. Each may end it, and is left alone then."""

    champion = models.ForeignKey(Champion, on_delete=models.PROTECT, related_name="conversations")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="champion_conversations")
    latest_at = models.DateTimeField(default=timezone.now, help_text="When the latest message was written.")
    ended_by_member_at = models.DateTimeField(null=True)
    ended_by_champion_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["champion", "membership"], name="one_conversation_of_two")
        ]

    def __str__(self) -> str:
        return f"Conversation {self.pk}"


class ConversationMessage(models.Model):
    """One message. Its text is sealed under SECRET_KEY (`cohorts.conversations`): no copy of the database tells it."""

    class Side(models.TextChoices):
        """Who of the two wrote it."""

        MEMBER = "member", "The member"
        CHAMPION = "champion", "The champion"

    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="messages")
    side = models.CharField(max_length=8, choices=Side)
    sealed = models.TextField()
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"Message {self.pk}"


class MessageReport(models.Model):
    """A message that whoever got it has shown to the programme team."""

    message = models.OneToOneField(ConversationMessage, on_delete=models.PROTECT, related_name="report")
    reported_at = models.DateTimeField("reported", default=timezone.now)
    dealt_with_at = models.DateTimeField("dealt with", null=True)
    dealt_with_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "reported message"
        ordering = ("-reported_at", "-id")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(dealt_with_at__isnull=True, dealt_with_by__isnull=True)
                | models.Q(dealt_with_at__isnull=False, dealt_with_by__isnull=False),
                name="what_was_dealt_with_says_by_whom",
            )
        ]

    def __str__(self) -> str:
        return f"Report {self.pk}"
