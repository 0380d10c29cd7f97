"""Attaching files to what they belong to, and removing them: the verbs that apps call.

    attaching.attach(upload, to=row, by=person)

A form that says what is wrong with a file beside its other fields takes the two steps one by one: `receive` as it is
checked, and `keep` as it is saved.
"""

from typing import Final

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count, Sum

from portal import trail
from portal.accounts.erasure import let_none_be_erased
from portal.accounts.models import User
from portal.attachments.kinds import ALL, CannotAttach, Kind
from portal.attachments.models import Attachment, AttachmentContent, HoldsFile
from portal.attachments.names import NAMELESS
from portal.attachments.receiving import Received, receive

GONE: Final = "Somebody has deleted this since you opened it, so no file can be kept with it."


def attach(upload: "UploadedFile[bytes]", *, to: HoldsFile, by: User, kinds: tuple[Kind, ...] = ALL) -> Attachment:
    """Check an uploaded file, and keep it with a row, which is saved with it; see `receive` and `keep`."""
    return keep(receive(upload, by=by, kinds=kinds), to=to, by=by)


@transaction.atomic
def keep(received: Received, *, to: HoldsFile, by: User) -> Attachment:
    """Save a row with its file, in the place of the one that it held, if any. Raises CannotAttach, with nothing kept.

    `to` may be a new row, or one as it was just read.
    """
    require_room(to, received.size)
    had = to.file_id is not None
    is_erased = by.pk in let_none_be_erased([by.pk])
    to.file = Attachment.objects.create(
        # What somebody called their file may name them.
        name=f"{NAMELESS}{received.kind.ending}" if is_erased else received.name,
        kind=received.kind.key,
        size=received.size,
        sha256=received.sha256,
        uploaded_by=by,
        scanned_at=received.scanned_at,
    )
    AttachmentContent.objects.create(attachment=to.file, content=received.content)
    to.save()
    _record("file_replaced" if had else "file_attached", to, by, kind=received.kind.key, bytes=received.size)
    return to.file


@transaction.atomic
def remove(row: HoldsFile, *, by: User) -> None:
    """Delete a row's file and save the row, or delete it with its file where it is nothing without."""
    _record("file_removed", row, by)
    if row._meta.get_field("file").null:
        row.file = None
        row.save()
    else:
        row.delete()


def require_room(row: HoldsFile, size: int) -> None:
    """Raise CannotAttach if a file of so many bytes is too much with what it would count with.

    That stays locked until the caller's transaction ends, so of two at once at the limit one is refused.
    """
    owner, holders = row.counts_with()
    if not type(owner)._base_manager.select_for_update(of=("self",), no_key=True).filter(pk=owner.pk).exists():  # noqa: SLF001  # its public name in Django's documentation
        raise CannotAttach(GONE)
    held = holders.exclude(pk=row.pk).aggregate(files=Count("file"), bytes=Sum("file__size", default=0))
    if held["files"] >= row.most_files:
        raise CannotAttach(f"There are {row.most_files} files here already. Remove one that nobody needs any more.")
    if held["bytes"] + size > row.most_bytes:
        raise CannotAttach(
            f"All files here may have {row.most_bytes // 1_000_000} MB together, and with this one they would have "
            f"more. Remove one that nobody needs any more, or choose a smaller one."
        )


def _record(deed: str, row: HoldsFile, by: User, **details: str | int) -> None:
    """Put what was done in the trail; what the file is called has no place there."""
    trail.record(f"{row._meta.model_name}.{deed}", actor=by, subject=row, **details)
