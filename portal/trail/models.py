"""The one table of the trail."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from portal.names_in_words import in_words


class Entry(models.Model):
    """One thing that somebody did.

    Rows are written by `portal.trail.record` and by nothing else; PostgreSQL itself refuses to update, delete or
    truncate them (migration 0002), whoever asks.
    """

    class ActorKind(models.TextChoices):
        """Who acts. An entry without a person says that nobody was there, rather than leaving it open."""

        PERSON = "person", "A person"
        SYSTEM = "system", "The portal itself"

    at = models.DateTimeField(db_default=Now(), editable=False, help_text="When the transaction that did it began.")
    actor_kind = models.CharField(max_length=6, choices=ActorKind)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    verb = models.CharField(max_length=60, help_text="What was done, as subject.verb: booking.cancelled.")
    subject = models.CharField(max_length=100, help_text="What it was done to, as a key: booking:12.")
    details = models.JSONField(default=dict, help_text="Small facts without personal data.")

    class Meta:
        verbose_name = "trail entry"
        verbose_name_plural = "trail entries"
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(actor_kind="person", actor__isnull=False)
                | models.Q(actor_kind="system", actor__isnull=True),
                name="trail_entry_has_an_actor",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["subject", "id"], name="trail_entry_subject")]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}"

    @property
    def deed(self) -> str:
        """Return what was done in words, where it is plain to what: "Places changed"."""
        return in_words(self.verb.rpartition(".")[2])

    @property
    def whole_deed(self) -> str:
        """Return what was done in words, with to what kind of thing: "Session places changed"."""
        return in_words(self.verb)

    @property
    def facts(self) -> list[tuple[str, object]]:
        """Return the details in words, each under its name."""
        return [
            (in_words(name), in_words(value) if isinstance(value, str) else value)
            for name, value in self.details.items()
        ]
