"""The queue, finding a caller, one referral, and what is done with it."""

from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portal.access import existing
from referrals import casework, clocks, intake, letters, reading, rules, vault
from referrals.forms import casework as forms
from referrals.models import Referral
from referrals.reading import Whole
from referrals.transitions import State, WrongState
from referrals.unlocking import Unlocked
from referrals.vault import Unopenable, Unsigned
from referrals.views.acts import ACTS, Act, offered
from referrals.views.desk import discard_waiting, filled_in, is_sent, with_open_queue

INVALID, REFUSED = 422, 409


@require_safe
@with_open_queue
def queue(request: HttpRequest, opened: Unlocked) -> HttpResponse:
    """Show what is open, what is due first before all else."""
    whose, state = request.GET.get("whose", ""), request.GET.get("state", "")
    page = reading.queue(opened, whose=whose, state=state, after=request.GET.get("after", ""))
    context = {
        "opened": opened,
        "page": page,
        "leads": rules.leads(opened.triager),
        "whose": whose,
        "state": state,
        "filters": [("", "Everything open"), (reading.MINE, "Mine"), (reading.NOBODYS, "Nobody's yet")],
        "states": [
            ("Open", [(value, State(value).label) for value in Referral.OPEN]),
            ("Ended", [(value, State(value).label) for value in State.values if value in reading.ENDED]),
        ],
        "caption": "The latest stands first" if state in reading.ENDED else "What is due first stands first",
        "find": forms.FindForm(),
    }
    return render(request, "queue/queue.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@with_open_queue
def find(request: HttpRequest, opened: Unlocked) -> HttpResponse:
    """Find a caller by name, which stands in no address: who comes back to this page begins again."""
    if request.method != "POST":
        return redirect("queue")
    form = forms.FindForm(request.POST)
    rows = reading.find_by_name(opened, **form.cleaned_data) if form.is_valid() else []
    context = {"opened": opened, "form": form, "rows": rows}
    return render(request, "queue/found_by_name.html", context, status=None if form.is_valid() else INVALID)


@require_safe
@with_open_queue
def referral(request: HttpRequest, opened: Unlocked, pk: UUID) -> HttpResponse:
    """Show one referral with all that the triager can open of it."""
    whole = existing(reading.open_referral(opened, pk))
    context = {
        "opened": opened,
        "whole": whole,
        "referral": whole.referral,
        "clock": (clock := clocks.running(whole.referral)),
        "level": clock.level(timezone.localdate()) if clock else None,
        "offered": offered(whole, opened),
        "named": reading.named_readers(whole.referral),
        "may_give_receipt": _may_give_receipt(whole.referral),
        "leads": rules.leads(opened.triager),
    }
    return render(request, "queue/referral.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@with_open_queue
def act(request: HttpRequest, opened: Unlocked, pk: UUID, key: str) -> HttpResponse:
    """Ask what one act needs to know, and do it."""
    whole = existing(reading.read(opened, pk))
    asked = ACTS.get(key)
    if asked is None:
        raise Http404
    if request.method != "POST" and not asked.fits(whole, opened):
        return redirect("queue_referral", pk)
    form = asked.form(whole, filled_in(request, opened))
    if is_sent(request, form):
        try:
            warned = asked.do(whole.referral, form.cleaned_data, opened)
        except (WrongState, casework.CaseworkRefused, letters.CannotWrite, Unsigned, Unopenable) as refused:
            form.add_error(None, str(refused))
            return _ask(request, opened, whole, asked, form, REFUSED)
        discard_waiting(request, opened)
        if warned:
            messages.warning(request, warned)
        else:
            messages.success(request, asked.done)
        still = reading.readable(opened).filter(pk=pk).exists()
        return redirect(reverse("queue_referral", args=[pk]) if still else "queue")
    return _ask(request, opened, whole, asked, form, INVALID if request.method == "POST" else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@with_open_queue
def by_phone(request: HttpRequest, opened: Unlocked) -> HttpResponse:
    """Take a referral from somebody on the phone, and read their receipt code out to them."""
    offers = opened.triager.provider.offers.filter(active=True).select_related("provider", "commissioner")
    code = {"code": vault.new_code()}
    form = forms.PhoneForm(filled_in(request, opened, anew=code), offers=offers, initial=code)
    if is_sent(request, form):
        said = form.cleaned_data
        told = ("name", "phone", "email", "address", "voicemail", "safe", "language")
        contact = {name: said[name] for name in told}
        contact["ways"] = [
            way for way, name in (("phone", "phone"), ("email", "email"), ("post", "address")) if said[name]
        ]
        try:
            opened.require_in_team()
            receipt = intake.submit(
                said["offer"],
                contact=contact,
                story={name: said[name] for name in ("text", "times", "gender", "access")},
                lead_first=said["lead_first"],
                code=said["code"],
                taken_by=opened.triager.user,
            )
        except Unsigned as error:
            form.add_error(None, str(error))
        else:
            discard_waiting(request, opened)
            return render(request, "queue/receipt.html", {"opened": opened, "code": receipt.code})
    context = {"opened": opened, "form": form}
    return render(request, "queue/by_phone.html", context, status=INVALID if request.method == "POST" else None)


@require_http_methods(["GET", "HEAD", "POST"])
@with_open_queue
def export(request: HttpRequest, opened: Unlocked, pk: UUID) -> HttpResponse:
    """Ask first, then give one referral as a text for the provider's own clinical record."""
    whole = existing(reading.read(opened, pk))
    if request.method != "POST":
        return render(request, "queue/export.html", {"opened": opened, "whole": whole, "referral": whole.referral})
    reading.record_export(opened, pk)
    response = render(request, "queue/export.txt", {"whole": whole}, content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{pk}.txt"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@with_open_queue
def give_receipt(request: HttpRequest, opened: Unlocked, pk: UUID) -> HttpResponse:
    """Ask whether it is the person themselves, then show a receipt's code to read out to them."""
    whole = existing(reading.read(opened, pk))
    if request.method != "POST" and not _may_give_receipt(whole.referral):
        return redirect("queue_referral", pk)
    form = forms.ReceiptForm(request.POST if request.method == "POST" else None, initial={"code": vault.new_code()})
    context = {"opened": opened, "whole": whole, "referral": whole.referral, "form": form}
    if form.is_valid():
        code = form.cleaned_data["code"]
        try:
            casework.give_receipt(whole.referral, code, unlocked=opened)
        except (WrongState, Unsigned) as refused:
            form.add_error(None, str(refused))
            return render(request, "queue/give_receipt.html", context, status=REFUSED)
        return render(request, "queue/receipt.html", {"opened": opened, "code": code, "referral": whole.referral})
    return render(request, "queue/give_receipt.html", context, status=INVALID if form.is_bound else None)


def _may_give_receipt(referral: Referral) -> bool:
    return referral.state in Referral.OPEN and not referral.waits_for_verification


def _ask(request: HttpRequest, opened: Unlocked, whole: Whole, asked: Act, form: Form, status: int) -> HttpResponse:
    context = {"opened": opened, "whole": whole, "referral": whole.referral, "act": asked, "form": form}
    return render(request, "queue/act.html", context, status=status)
