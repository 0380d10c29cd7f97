"""What a receipt opens: a status without content, a note to the provider, withdrawing. And a person's own consent.

Codes arrive in forms alone: an address ends up in histories and logs. A GET changes nothing.
"""

from collections.abc import Callable

from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from referrals import clocks, group_booking, intake, pace, receipts
from referrals.forms.intake import CodeForm, HandoverForm, NoteForm
from referrals.group_booking import GROUP
from referrals.models import Referral
from referrals.transitions import State, WrongState
from referrals.vault import Unsigned
from referrals.views.doorstep import CHANGED, INVALID, ask_to_wait, open_to_all

UNKNOWN = "We do not know this code. Check each letter and digit, and that this is the page for it."
ELSEWHERE = {
    receipts.HANDOVER: "This code is for saying yes or no to what somebody sent for you. Use it at “Somebody gave me a "
    "code”.",
    receipts.RECEIPT: "This is a receipt code. Use it at “Use a receipt code”. The person who sent something for you "
    "has another one for you.",
    GROUP: "This is the code of a group session. Use it at “Group sessions”.",
}


@open_to_all
def receipt(request: HttpRequest) -> HttpResponse:
    """Ask for a receipt's code; show how the referral stands, and do what was asked."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    found = _found(request, form, receipts.RECEIPT)
    if isinstance(found, HttpResponse):
        return found
    if receipts.is_from_submitter(found, request.POST["code"]):
        return render(request, "referrals/status_for_submitter.html", {"referral": found})
    act = ACTS.get(request.POST.get("act", ""), _status)
    return act(request, found)


@open_to_all
def consent(request: HttpRequest) -> HttpResponse:
    """Ask for the code that a person was handed; let them confirm or decline, and nothing else."""
    form = HandoverForm(request.POST if request.method == "POST" else None)
    found = _found(request, form, receipts.HANDOVER)
    if isinstance(found, HttpResponse):
        return found
    act = request.POST.get("act", "")
    verb = {"confirm": intake.confirm, "decline": intake.decline}.get(act)
    context = {
        "referral": found,
        "code": form.cleaned_data["code"],
        "days": clocks.UNCONFIRMED_AFTER.days,
        "is_sure": act == "ask",
    }
    if verb is None:
        return render(request, "referrals/consent.html", context)
    # A code works once: whoever submitted it has it, too, and is not to learn what the person decided.
    if found.state != State.AWAITING_CONSENT:
        return render(request, "referrals/consent.html", context, status=CHANGED)
    try:
        verb(found)
    except WrongState:
        found.refresh_from_db()
        return render(request, "referrals/consent.html", context, status=CHANGED)
    return render(request, "referrals/consent_given.html", {**context, "declined": verb is intake.decline})


def _found(request: HttpRequest, form: CodeForm, purpose: str) -> Referral | HttpResponse:
    """Return the referral of the code that was sent, or the page that asks for one."""
    template = f"referrals/{purpose}_code.html"
    if request.method != "POST":
        return render(request, template, {"form": form})
    found = receipts.find(form.cleaned_data["code"], purpose) if form.is_valid() else None
    if found is None:
        # Wrong codes alone are counted: whoever has one is not kept waiting by somebody who guesses beside them.
        if pace.goes_too_fast(pace.by_address(request), pace.TRYING_CODES):
            return ask_to_wait(render(request, template, {"form": form, "wait": pace.WAIT}))
        if not form.errors:
            form.add_error("code", where_else(form.cleaned_data["code"]))
        return render(request, template, {"form": form}, status=INVALID)
    return found


def where_else(code: str) -> str:
    """Say where a code is used that is not for the page on which it was typed, or that nobody knows it."""
    for purpose in (receipts.HANDOVER, receipts.RECEIPT):
        if receipts.find(code, purpose):
            return ELSEWHERE[purpose]
    return ELSEWHERE[GROUP] if group_booking.find(code) else UNKNOWN


def _status(
    request: HttpRequest, referral: Referral, *, said: str = "", note: Form | None = None, status: int | None = None
) -> HttpResponse:
    context = {
        "referral": referral,
        "code": request.POST["code"],
        "said": said,
        "form": note or NoteForm(),
        "is_open": referral.state in Referral.OPEN,
    }
    return render(request, "referrals/status.html", context, status=status)


def _ask_to_withdraw(request: HttpRequest, referral: Referral) -> HttpResponse:
    if referral.state not in Referral.OPEN:
        return _status(request, referral)
    kept_days = settings.REFERRAL_KEPT_DAYS[Referral.State.WITHDRAWN]
    context = {"referral": referral, "code": request.POST["code"], "kept_days": kept_days}
    return render(request, "referrals/withdraw.html", context)


def _withdraw(request: HttpRequest, referral: Referral) -> HttpResponse:
    try:
        intake.withdraw(referral)
    except WrongState:
        referral.refresh_from_db()
        return _status(request, referral, status=CHANGED)
    referral.refresh_from_db()
    return _status(request, referral, said="Your referral is withdrawn.")


def _add_note(request: HttpRequest, referral: Referral) -> HttpResponse:
    note = NoteForm(request.POST)
    if not note.is_valid():
        return _status(request, referral, note=note, status=INVALID)
    if pace.goes_too_fast(pace.by_referral(referral), pace.ADDING_NOTES):
        note.add_error(None, f"You have sent several notes. Wait {pace.WAIT} seconds, then send this one again.")
        return ask_to_wait(_status(request, referral, note=note))
    try:
        intake.add_note(referral, note.cleaned_data["text"], number=note.cleaned_data["number"])
    except WrongState:
        referral.refresh_from_db()
        return _status(request, referral, note=note, status=CHANGED)
    except Unsigned:
        note.add_error(None, "We cannot send notes at the moment. Copy your note, and try again tomorrow.")
        return _status(request, referral, note=note, status=CHANGED)
    return _status(request, referral, said="Your note is sent to the provider.")


ACTS: dict[str, Callable[[HttpRequest, Referral], HttpResponse]] = {
    "ask": _ask_to_withdraw,
    "withdraw": _withdraw,
    "note": _add_note,
}
