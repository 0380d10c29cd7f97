"""The log of disposal, for the lead: what was ended, why and when, and what a legal hold keeps."""

from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from portal.nhsuk.dates import say_date
from referrals import clocks, retention
from referrals.models import Referral, Triager
from referrals.views.desk import at_desk
from referrals.views.provider import NUMBER
from referrals.views.team import require_lead


class Line(NamedTuple):
    """A referral as the page shows it."""

    cells: tuple[str, ...]


@require_safe
@at_desk
def disposals(request: HttpRequest, triager: Triager) -> HttpResponse:
    """Show the latest, or those before one."""
    require_lead(triager)
    before = request.GET.get("before", "")
    found = retention.log(triager.provider, before=int(before) if NUMBER.fullmatch(before) else 0)
    shown = found[: retention.SHOWN]
    states = dict(Referral.State.choices)
    context = {
        "lines": [
            Line((say_date(row.on), _trail_of(row.referral_id), states[row.referral.state], row.get_why_display()))
            for row in shown
        ],
        "held": [
            Line((_trail_of(held.pk), states[held.state], _due(held)))
            for held in retention.kept_by_hold(triager.provider)
        ],
        "older": "?" + urlencode({"before": shown[-1].pk}) if len(found) > len(shown) else "",
        "is_first": not before,
        "kept_days": [(states[state], days) for state, days in settings.REFERRAL_KEPT_DAYS.items()],
        "unconfirmed_days": clocks.UNCONFIRMED_AFTER.days,
    }
    return render(request, "queue/disposals.html", context)


def _due(referral: Referral) -> str:
    """Say when it would have been disposed of."""
    return say_date(referral.purge_on) if referral.purge_on else "Not ended yet"


def _trail_of(pk: UUID) -> SafeString:
    """Name a referral, and lead to what the trail has of it."""
    return format_html(
        '<a href="{}?{}">Referral {}</a>', reverse("queue_trail"), urlencode({"referral": str(pk)}), str(pk)[:8]
    )
