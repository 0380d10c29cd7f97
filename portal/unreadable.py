"""The answer to a request that Django would not read: the address, the form or its size was not as it must be."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 413 to more text than a page takes, so that it can be made shorter, and 400 to all else.

    The URLconf's `handler400`. The text itself was not read: the browser alone still has it.
    """
    too_long = isinstance(exception, RequestDataTooBig)
    return HttpResponse(render_to_string("400.html", {"too_long": too_long}), status=413 if too_long else 400)
