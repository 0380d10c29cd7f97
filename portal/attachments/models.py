"""Files that people uploaded: what is said of each, what each holds, and what a model is whose rows hold one."""

from typing import Any, ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.attachments import kinds
from portal.attachments.kinds import MOST_BYTES, Kind


class Attachment(models.Model):
    """One file: all that a list says of it.

    PostgreSQL lets none be without a row that holds it, and deletes it with that row (`portal.attachments.holding`).
    """

    uid = models.UUIDField(unique=True, default=uuid4, editable=False)
    name = models.CharField(max_length=120, help_text="Under which it is downloaded: safe, and ends as its kind does.")
    kind = models.CharField(max_length=4, choices=[(kind.key, kind.label) for kind in kinds.ALL])
    size = models.PositiveIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64, help_text="Of what is kept, in hexadecimal digits.")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    scanned_at = models.DateTimeField(
        null=True, help_text="When the virus scanner had nothing against it; empty where none was configured."
    )

    class Meta:
        ordering = ("id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=[kind.key for kind in kinds.ALL]), name="attachment_is_of_a_known_kind"
            ),
            models.CheckConstraint(condition=Q(size__gte=1, size__lte=MOST_BYTES), name="attachment_is_not_too_large"),
        ]
        indexes: ClassVar = [models.Index(fields=["uploaded_by", "id"], name="attachments_of_a_person")]

    def __str__(self) -> str:
        return self.name

    @property
    def of_kind(self) -> Kind:
        """Return its kind."""
        return kinds.kind_of(self.kind)


class AttachmentContent(models.Model):
    """What a file holds, in a table of its own: a list of files reads none of it, however it is written."""

    attachment = models.OneToOneField(
        Attachment, on_delete=models.CASCADE, primary_key=True, related_name="held_content"
    )
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"Content of {self.attachment_id}"


class HoldsFile(models.Model):
    """A row that can hold a file.

    A model whose rows are nothing without their file says `file` once more, without `null`. Its migration has the
    operation `goes_with_its_row`.
    """

    file = models.OneToOneField(
        Attachment, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    most_files: ClassVar[int] = 50
    most_bytes: ClassVar[int] = 50_000_000
    """Of all files that count together."""

    class Meta:
        abstract = True

    def counts_with(self) -> tuple[models.Model, "models.QuerySet[Any]"]:
        """Return what the limits are for, a row that is locked while they are counted, and its rows that hold files."""
        raise NotImplementedError
