"""The answer to a request that Django would not read: the address, the form or its size was not as it must be."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from portal.attachments.kinds import MOST_BYTES
from portal.uploads import UploadTooBig


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 413 to more text or larger files than are taken, so that they can be made smaller, and 400 to all else.

    The URLconf's `handler400`. What was sent was not read: the browser alone still has it.
    """
    too_long = isinstance(exception, RequestDataTooBig)
    context = {
        "too_long": too_long,
        "too_large": isinstance(exception, UploadTooBig),
        "megabytes": MOST_BYTES // 1_000_000,
    }
    return HttpResponse(render_to_string("400.html", context), status=413 if too_long else 400)
