"""Checking a certificate, which needs no sign-in: whoever has it before them learns whether it is genuine.

They learn its programme and the day on which it was issued; whose it is and what for, where its holder wants that.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from cohorts.certificate_pdf import facts
from cohorts.certificates import as_code, as_serial, find
from cohorts.forms import VerifyForm
from portal.access import access, anyone

INVALID, UNKNOWN = 422, 404
PACE: Final = "verify_certificate"
"""The name under which the settings say how often an address may ask (ACCOUNT_RATE_LIMITS)."""

View = Callable[..., HttpResponse]


def at_a_steady_pace(view: View) -> View:
    """Ask whoever tries too often to wait; keep what is found out of search engines."""

    @wraps(view)
    def paced(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        too_fast: HttpResponse | None = ratelimit.consume_or_429(request, action=PACE, limit_get=True)
        response = too_fast or view(request, *args, **kwargs)
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return paced


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(anyone)
@at_a_steady_pace
def verify(request: HttpRequest) -> HttpResponse:
    """Ask for a certificate's serial and code, and lead to what they open."""
    form = VerifyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        found = find(form.cleaned_data["serial"], form.cleaned_data["code"])
        if found:
            return redirect("verified", found.serial, found.code)
        form.add_error(None, VerifyForm.UNKNOWN)
    return render(request, "cohorts/verify.html", {"form": form}, status=INVALID if form.is_bound else 200)


@require_safe
@cache_control(private=True, no_store=True)
@access(anyone)
@at_a_steady_pace
def verified(request: HttpRequest, serial: str, code: str) -> HttpResponse:
    """Say whether a certificate stands. A serial that there is not and a wrong code get the same answer."""
    found = find(serial, code)
    if found:
        context = {"certificate": found, "facts": facts(found) if found.shows_name else []}
        return render(request, "cohorts/verified.html", context)
    form = VerifyForm({"serial": as_serial(serial), "code": as_code(code)})
    if form.is_valid():
        form.add_error(None, VerifyForm.UNKNOWN)
    return render(request, "cohorts/verify.html", {"form": form}, status=UNKNOWN)
