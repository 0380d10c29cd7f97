"""The code on a facilitator's screen, and the page that a participant's phone opens by it."""

import time

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from cohorts import presence, register, rules
from cohorts.models import Session
from cohorts.presence import NotBooked
from portal.access import access, anyone, existing, person, signed_in
from portal.qr_codes import draw

REFUSED, GONE = 409, 410
OPENED = "presence"
"""Where a browser's session says which code it has opened in time, and until when that counts."""


@require_safe
@cache_control(private=True, no_store=True)
@access(rules.takes_registers)
def screen(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the code, to be put where everybody in the room sees it."""
    session = existing(rules.session_with_register(person(request), pk))
    context = {
        "session": session,
        "is_open": register.is_open(session),
        "opens_at": session.starts_at - register.OPENS_BEFORE,
        "lasts": presence.LASTS,
        "left": f"{presence.seconds_left():.1f}",
    }
    return render(request, "cohorts/presence_screen.html", context)


@require_safe
@cache_control(private=True, no_store=True)
@access(rules.takes_registers)
def image(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the present code as a picture."""
    session = existing(rules.session_with_register(person(request), pk))
    existing(session if register.is_open(session) else None)
    address = request.build_absolute_uri(reverse("here_by_code", args=[presence.code(session)]))
    return HttpResponse(draw(address), content_type="image/svg+xml")


@require_safe
@cache_control(private=True, no_store=True)
@access(anyone)
def open_code(request: HttpRequest, code: str) -> HttpResponse:
    """Remember that this browser has opened a code in time, and lead to where its person says that it is them."""
    session = presence.session_of(code)
    if session is None:
        return render(request, "cohorts/presence_gone.html", status=GONE)
    request.session[OPENED] = [session.pk, time.time() + presence.TO_SIGN_IN.total_seconds()]
    return redirect("here")


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def here(request: HttpRequest) -> HttpResponse:
    """Ask whether it is this person who is there, and mark them as attended."""
    session = _opened(request)
    if session is None:
        return render(request, "cohorts/presence_gone.html", status=GONE)
    context = {"session": session}
    if request.method != "POST":
        return render(request, "cohorts/here.html", context)
    try:
        presence.mark_present(session, person(request))
    except NotBooked:
        return render(request, "cohorts/here.html", {**context, "not_booked": True}, status=REFUSED)
    except register.RegisterClosed as closed:
        return render(request, "cohorts/here.html", {**context, "refused": closed}, status=REFUSED)
    return render(request, "cohorts/here.html", {**context, "done": True})


def _opened(request: HttpRequest) -> Session | None:
    """Return the session whose code this browser has opened in time, and not too long ago."""
    pk, until = request.session.get(OPENED, (None, 0))
    if pk is None or time.time() > until:
        return None
    return Session.objects.select_related("component", "venue", "cohort").filter(pk=pk).first()
