"""What a provider says of itself and offers, and the trail of its team: pages of its lead."""

import re
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from portal.access import existing
from referrals import offering, team_trail
from referrals.forms.provider import OfferForm, ProviderForm
from referrals.models import Offer, Triager
from referrals.views.desk import at_desk
from referrals.views.team import require_lead
from referrals.views.unlock import INVALID

NUMBER = re.compile(r"[1-9]\d{0,17}", re.ASCII)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def provider(request: HttpRequest, triager: Triager) -> HttpResponse:
    """Show, and change, what the provider says of itself."""
    require_lead(triager)
    form = ProviderForm(request.POST if request.method == "POST" else None, instance=triager.provider)
    if form.is_valid():
        offering.describe(form.save(commit=False), by=triager)
        return redirect("queue_provider")
    context = {"form": form, "offers": triager.provider.offers.select_related("commissioner")}
    return render(request, "queue/provider.html", context, status=INVALID if form.is_bound else None)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def offer(request: HttpRequest, triager: Triager, pk: int | None = None) -> HttpResponse:
    """Show, and change, one offer; without a number, a new one."""
    require_lead(triager)
    instance = existing(triager.provider.offers.filter(pk=pk).first()) if pk else Offer(provider=triager.provider)
    form = OfferForm(request.POST if request.method == "POST" else None, instance=instance)
    if form.is_valid():
        offering.offer(form.save(commit=False), by=triager)
        return redirect("queue_provider")
    return render(request, "queue/offer.html", {"form": form}, status=INVALID if form.is_bound else None)


@require_safe
@at_desk
def trail(request: HttpRequest, triager: Triager) -> HttpResponse:
    """Show who opened what: all of it, or one referral alone."""
    require_lead(triager)
    before, one = request.GET.get("before", ""), request.GET.get("referral", "")
    page = team_trail.read(
        triager.provider,
        referral=existing(_referral(one)) if one else None,
        before=int(before) if NUMBER.fullmatch(before) else 0,
    )
    context = {"page": page, "lines": page.lines(triager.provider), "one": one}
    return render(request, "queue/trail.html", context)


def _referral(written: str) -> UUID | None:
    """Return the number of a referral that an address names, or None for what is none."""
    try:
        return UUID(written)
    except ValueError:
        return None
