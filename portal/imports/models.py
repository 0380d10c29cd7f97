"""Files that were confirmed: what they hold while they wait, and what became of them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class FileImport(models.Model):
    """A file that somebody confirmed. Its rows are sealed in it until it is done, and not a moment longer."""

    class State(models.TextChoices):
        """What became of it; all but the last of the four ends in nothing having been done."""

        WAITING = "waiting", "Under way"
        CHANGED = "changed", "Nothing was done: something had changed since the preview"
        FAILED = "failed", "Nothing was done: it went wrong on our side"
        DONE = "done", "Done"

    kind = models.CharField(max_length=20, editable=False)
    about = models.BigIntegerField(null=True, editable=False, help_text="The key of what it goes into, if anything.")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        editable=False,
        related_name="+",
        verbose_name="confirmed by",
    )
    rows = models.PositiveIntegerField(editable=False, help_text="How many the file has.")
    sealed = models.BinaryField(help_text="Rows and what was agreed, under SECRET_KEY; empty once it has ended.")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    numbers = models.JSONField(default=dict, editable=False, help_text="How many rows had each outcome.")
    confirmed_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = "import"
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at__isnull=True)
                | (~Q(state="waiting") & Q(ended_at__isnull=False, sealed=b"")),
                name="an_import_that_ended_holds_nothing",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(state="waiting"), name="import_that_waits"),
            models.Index(fields=["by", "-id"], name="imports_of_a_person"),
        ]

    def __str__(self) -> str:
        return f"Import {self.pk}"
