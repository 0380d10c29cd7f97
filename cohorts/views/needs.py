"""What people need in order to come: their own page of it, and the page of those who see to it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from cohorts import needs, rules
from cohorts.forms import NeedsForm
from cohorts.retention import NEEDS
from portal import trail
from portal.access import access, existing, person, signed_in
from portal.accounts import needs as said

INVALID = 422
DELETED = "What you need is deleted. Nobody reads it any more."


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def own(request: HttpRequest) -> HttpResponse:
    """Show what somebody said that they need and who reads it; keep what they say now, or delete it."""
    user = person(request)
    if request.method == "POST" and "delete" in request.POST:
        said.take_back(user)
        messages.success(request, DELETED)
        return redirect("needs")
    known = said.said_by(user)
    initial = {"access_needs": known[0].access, "dietary_needs": known[0].diet, "agreed": True} if known else {}
    form = NeedsForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        said.say(user, form.needed)
        messages.success(request, "What you need is saved." if form.needed else DELETED)
        return redirect("needs")
    context = {"form": form, "known": known, "readers": needs.readers(user), "kept_for": NEEDS.kept_for}
    return render(request, "cohorts/needs.html", context, status=INVALID if form.is_bound else 200)


@require_safe
@cache_control(private=True, no_store=True)
@access(rules.takes_registers)
def of_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what people need who come to a session, each time with an entry in the trail that says who looked."""
    user = person(request)
    session = existing(rules.session_with_needs(user, pk))
    trail.record("session.needs_read", actor=user, subject=session)
    return render(request, "cohorts/session_needs.html", {"session": session, "people": needs.of_session(session)})
