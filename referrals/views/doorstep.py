"""What every page stands behind that takes no notice of who is signed in."""

from functools import wraps
from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from portal.access import View, access, anyone
from referrals import pace

INVALID, TOO_FAST, CHANGED, GONE = 422, 429, 409, 410


class OpenView(Protocol):
    """A page for everybody alike."""

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse: ...


def open_to_all(view: OpenView) -> View:
    """Open a page to everybody, signed in or not; no browser keeps it."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @cache_control(private=True, no_store=True)
    @access(anyone)
    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    return opened


def ask_to_wait(response: HttpResponse) -> HttpResponse:
    """Say in an answer when somebody who goes too fast may go on."""
    response.status_code = TOO_FAST
    response.headers["Retry-After"] = str(pace.WAIT)
    return response
