"""The ledger of messages, and who has stopped which letters."""

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now


class MessageQuerySet(models.QuerySet["Message"]):
    """Reads of messages."""

    def due(self) -> Self:
        """Messages whose time to be sent, or to be tried again, has come."""
        return self.filter(state=Message.State.QUEUED, next_attempt_at__lte=Now())

    def waiting_since(self) -> datetime | None:
        """Return when the longest-waiting due message should have gone, or None when nothing waits."""
        since: datetime | None = self.due().aggregate(since=models.Min("next_attempt_at"))["since"]
        return since


class Message(models.Model):
    """One message to one person, because of one rule, about one subject.

    The row holds no content. The exception is a sealed message: it carries a secret that nothing else stores, such as
    a sign-in code, encrypted in `payload`, which is emptied when the message is sent, is given up, or is an hour old.
    """

    class State(models.TextChoices):
        """What has become of it. Only a queued message is ever sent."""

        QUEUED = "queued", "Waiting to be sent"
        SENT = "sent", "Sent"
        SKIPPED = "skipped", "Not sent, and need not be"
        DEAD = "dead", "Could not be sent"

    class Priority(models.IntegerChoices):
        """Which goes first when many wait."""

        SOMEBODY_WAITS = 0, "Somebody waits for it at a screen"
        ANSWER = 1, "It answers what somebody did"
        BULK = 2, "One of many"

    class Skipped(models.TextChoices):
        """Why a message was not sent."""

        GONE = "gone", "What it was about is no longer there"
        STALE = "stale", "It no longer applied when its turn came"
        INACTIVE = "inactive", "The person's account is closed"
        EXPIRED = "expired", "It held a code that had expired before it could go"
        GIVEN_UP = "given_up", "It could not be sent, and an admin set it aside"
        NO_ADDRESS = "no_address", "The person has no email address"
        STOPPED = "stopped", "The person has stopped these letters"

    rule = models.CharField(max_length=60, help_text="Which rule of which app causes it: booking.promoted.")
    subject = models.CharField(max_length=100, help_text="What it is about, as a key: booking:12.")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    priority = models.PositiveSmallIntegerField(choices=Priority)
    state = models.CharField(max_length=7, choices=State, default=State.QUEUED)
    skipped = models.CharField("why not sent", max_length=10, choices=Skipped, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    next_attempt_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    message_id = models.UUIDField(
        default=uuid.uuid4,
        unique=True,
        help_text="The left half of its Message-ID, the same at every attempt.",
    )
    last_error = models.CharField(
        max_length=80,
        blank=True,
        default="",
        help_text="The class of the last error and its SMTP code, nothing more.",
    )
    payload = models.BinaryField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rule", "subject", "person"], name="one_message_per_rule_subject_person"),
            models.CheckConstraint(
                condition=~models.Q(state="queued") | models.Q(person__isnull=False) | models.Q(payload__isnull=False),
                name="queued_message_has_a_person_or_a_payload",
            ),
            models.CheckConstraint(
                condition=models.Q(state="queued") | models.Q(payload__isnull=True),
                name="only_a_queued_message_keeps_its_payload",
            ),
            models.CheckConstraint(
                condition=models.Q(state="sent", sent_at__isnull=False)
                | (~models.Q(state="sent") & models.Q(sent_at__isnull=True)),
                name="a_message_is_sent_at_a_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["priority", "next_attempt_at"], condition=models.Q(state="queued"), name="message_due"
            ),
            models.Index(fields=["created_at"], condition=models.Q(payload__isnull=False), name="message_sealed"),
            models.Index(fields=["id"], condition=models.Q(state="dead"), name="message_dead"),
            BrinIndex(fields=["created_at"], autosummarize=True, name="message_created"),
        ]

    def __str__(self) -> str:
        # Shown wherever Django names a row, also to those who may not know what a private message is about.
        return f"Message {self.pk}"


class Stop(models.Model):
    """That somebody wants no more letters of an optional kind (`portal.outbox.rules.Optional`).

    It holds until they want them again: nothing else ends it, so that who has left a cohort and joins another has not
    to stop the same letters twice.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60, help_text="The name of the kind of letters.")
    stopped_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("id",)
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "person"], name="letters_are_stopped_once")]

    def __str__(self) -> str:
        # As of a message: of private letters, nobody is told who stopped them.
        return f"Stop {self.pk}"
