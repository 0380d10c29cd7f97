"""Files among the materials of sessions: to download, and pictures for the pages that show them."""

from uuid import UUID

from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_safe

from cohorts import rules
from portal.access import access, existing, person, signed_in
from portal.attachments import serving


@require_safe
@access(signed_in)
def file(request: HttpRequest, uid: UUID) -> StreamingHttpResponse:
    """Give a file to whoever sees its material."""
    return serving.download(existing(rules.material_file(person(request), uid)))


@require_safe
@access(signed_in)
def picture(request: HttpRequest, uid: UUID) -> StreamingHttpResponse:
    """Give a picture to the page on which somebody sees its material."""
    return serving.picture(existing(rules.material_file(person(request), uid)))
