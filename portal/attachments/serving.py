"""Giving files out: as downloads, and pictures for a page, at addresses where nothing that they hold can run.

Whoever answers a request with one of these has asked its own rule for just this person, just now.
"""

from collections.abc import Iterator
from typing import Final

from django.db.models import BinaryField
from django.db.models.functions import Substr
from django.http import Http404, StreamingHttpResponse
from django.utils.http import content_disposition_header

from portal.attachments.models import Attachment, AttachmentContent

SLICE: Final = 512 * 1024
"""Bytes that are read at a time."""

HEADERS: Final = {
    # If it were opened as a page after all, it would load nothing, run nothing, and be no page of the portal.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


def download(attachment: Attachment) -> StreamingHttpResponse:
    """Return a file as a download, under its own name."""
    return _answer(attachment, as_attachment=True)


def picture(attachment: Attachment) -> StreamingHttpResponse:
    """Return a picture for a page to show. Raises Http404 for what is none."""
    if not attachment.of_kind.is_picture:
        raise Http404
    return _answer(attachment, as_attachment=False)


def _answer(attachment: Attachment, *, as_attachment: bool) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        _slices(attachment),
        content_type=attachment.of_kind.content_type,
        headers={
            **HEADERS,
            "Content-Length": str(attachment.size),
            "Content-Disposition": content_disposition_header(as_attachment, attachment.name) or "inline",
        },
    )


def _slices(attachment: Attachment) -> Iterator[bytes]:
    """Yield the content, a slice at a time. Of a file that is deleted meanwhile the rest is missing."""
    rows = AttachmentContent.objects.filter(attachment=attachment).order_by()
    for start in range(1, attachment.size + 1, SLICE):
        for piece in rows.values_list(Substr("content", start, SLICE, output_field=BinaryField()), flat=True):
            yield bytes(piece)
