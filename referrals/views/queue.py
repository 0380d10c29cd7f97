"""The queue, finding a caller, one referral, and what is done with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from portal.access import existing
from referrals import casework, clocks, intake, letters, reading, rules, vault
from referrals.forms import casework as forms
from referrals.models import Referral
from referrals.reading import Whole
from referrals.transitions import State, WrongState
from referrals.unlocking import Unlocked
from referrals.vault import Unopenable, Unsigned
from referrals.views.desk import with_open_queue

INVALID, REFUSED = 422, 409
SAID = {
    letters.SENT: "Your letter is sent.",
    letters.FAILED: "Your letter was not sent: the mail server did not take it. The copy below says so. Try again, or "
    "be in touch in another way.",
    letters.UNKNOWN: "We do not know whether your letter was sent: the connection broke. Before you send it again, "
    "think whether it may arrive twice.",
}


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
        "states": [(value, State(value).label) for value in Referral.OPEN],
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
    rows = reading.find_by_name(opened, form.cleaned_data["name"]) if form.is_valid() else []
    context = {"opened": opened, "form": form, "rows": rows}
    return render(request, "queue/found_by_name.html", context, status=None if form.is_valid() else INVALID)


@require_safe
@with_open_queue
def referral(request: HttpRequest, opened: Unlocked, pk: UUID) -> HttpResponse:
    """Show one referral with all that the triager can open of it."""
    return show(request, opened, existing(reading.open_referral(opened, pk)))


def show(
    request: HttpRequest, opened: Unlocked, whole: Whole, *, said: str = "", status: int | None = None
) -> HttpResponse:
    """Answer with a referral's page; `said` is what has just been done, or why it could not be."""
    context = {
        "opened": opened,
        "whole": whole,
        "referral": whole.referral,
        "clock": clocks.running(whole.referral),
        "acts": [(key, act.title) for key, act in ACTS.items() if act.fits(whole.referral, opened)],
        "leads": rules.leads(opened.triager),
        "said": said,
        "refused": status is not None,
    }
    return render(request, "queue/referral.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@with_open_queue
def act(request: HttpRequest, opened: Unlocked, pk: UUID, key: str) -> HttpResponse:
    """Ask what one act needs to know, and do it."""
    whole = existing(reading.read(opened, pk))
    asked = ACTS.get(key)
    if asked is None:
        raise Http404
    if request.method != "POST" and not asked.fits(whole.referral, opened):
        return redirect("queue_referral", pk)
    form = asked.form(whole.referral, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            said = asked.do(whole.referral, form.cleaned_data, opened)
        except (WrongState, casework.CaseworkRefused, letters.CannotWrite, Unsigned, Unopenable) as refused:
            form.add_error(None, str(refused))
            return _ask(request, opened, whole, asked, form, REFUSED)
        if said:
            return show(request, opened, existing(reading.read(opened, pk)), said=said)
        still = reading.readable(opened).filter(pk=pk).exists()
        return redirect(reverse("queue_referral", args=[pk]) if still else "queue")
    return _ask(request, opened, whole, asked, form, INVALID if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@with_open_queue
def by_phone(request: HttpRequest, opened: Unlocked) -> HttpResponse:
    """Take a referral from somebody on the phone, and read their receipt code out to them."""
    offers = opened.triager.provider.offers.filter(active=True).select_related("provider", "commissioner")
    sent = request.POST if request.method == "POST" else None
    form = forms.PhoneForm(sent, offers=offers, initial={"code": vault.new_code()})
    receipt = None
    if form.is_valid():
        said = form.cleaned_data
        contact = {name: said[name] for name in ("name", "phone", "email", "address", "safe", "language")}
        contact["ways"] = [
            way for way, name in (("phone", "phone"), ("email", "email"), ("post", "address")) if said[name]
        ]
        try:
            receipt = intake.submit(
                said["offer"],
                contact=contact,
                story={"text": said["text"], "times": said["times"]},
                code=said["code"],
            )
        except Unsigned as error:
            form.add_error(None, str(error))
    context = {"opened": opened, "form": form, "receipt": receipt}
    status = None if receipt or not form.is_bound else INVALID
    return render(request, "queue/by_phone.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@with_open_queue
def export(request: HttpRequest, opened: Unlocked, pk: UUID) -> HttpResponse:
    """Ask first, then give one referral as a text for the provider's own clinical record."""
    whole = existing(reading.read(opened, pk))
    if request.method != "POST":
        return render(request, "queue/export.html", {"opened": opened, "referral": whole.referral})
    reading.record_export(opened, pk)
    response = render(request, "queue/export.txt", {"whole": whole}, content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{pk}.txt"'
    return response


def _ask(request: HttpRequest, opened: Unlocked, whole: Whole, asked: "Act", form: Form, status: int) -> HttpResponse:
    context = {"opened": opened, "referral": whole.referral, "act": asked, "form": form}
    return render(request, "queue/act.html", context, status=status)


# --- What can be done with a referral

Said = dict[str, Any]
MakeForm = Callable[[Referral, Any], Form]
Do = Callable[[Referral, Said, Unlocked], str | None]


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that can be done: its title, in which states, what it asks, and the verb."""

    title: str
    states: frozenset[str]
    form: MakeForm
    do: Do
    for_lead: bool = False
    to_verify: bool = False
    """Whether it is for what somebody else submitted, while no triager has spoken with the person."""
    about: str = ""
    while_held: bool | None = None
    """Whether it is for what stands under a legal hold, or for what does not; None for both."""

    def fits(self, referral: Referral, opened: Unlocked) -> bool:
        """Say whether it is offered for a referral as it stands."""
        if self.for_lead and not opened.triager.is_lead:
            return False
        if self.to_verify and not referral.waits_for_verification:
            return False
        return referral.state in self.states and self.while_held in {None, referral.on_hold}


def _asks(form: Callable[..., Form], **options: Any) -> MakeForm:
    return lambda _, data: form(data, **options)


def _asks_for_team(form: Callable[..., Form]) -> MakeForm:
    return lambda referral, data: form(data, team=referral.provider.triagers.active().select_related("user"))


def _says_text(verb: Callable[..., None]) -> Do:
    return lambda referral, said, opened: verb(referral, said["text"], unlocked=opened)


def _write_letter(referral: Referral, said: Said, opened: Unlocked) -> str:
    return SAID[letters.write_to(referral, said["text"], number=said["number"], unlocked=opened)]


OPEN = frozenset(Referral.OPEN)
IN_TRIAGE = frozenset({State.RECEIVED})
UNDER_WAY = frozenset({State.TRIAGED, State.APPOINTMENT_OFFERED})
TEXT = _asks(forms.TextForm)

ACTS: dict[str, Act] = {
    "claim": Act(
        "Take charge of it",
        OPEN,
        _asks(forms.Nothing),
        lambda referral, _, opened: casework.claim(referral, unlocked=opened),
    ),
    "hand-over": Act(
        "Hand it over",
        OPEN,
        _asks_for_team(forms.ColleagueForm),
        lambda referral, said, opened: casework.hand_over(referral, said["to"], unlocked=opened),
    ),
    "note": Act("Add a note", OPEN, TEXT, _says_text(casework.add_note)),
    "attempt": Act(
        "Record a contact attempt",
        OPEN,
        _asks(forms.AttemptForm),
        lambda referral, said, opened: casework.record_attempt(referral, said["how"], said["text"], unlocked=opened),
    ),
    "consent": Act(
        "Record the person's consent",
        OPEN,
        TEXT,
        _says_text(casework.verify_consent),
        to_verify=True,
        about="You have spoken with the person themselves. Say when, and how you knew that it was them.",
    ),
    "letter": Act("Write to the person", letters.WRITTEN_TO, _asks(forms.LetterForm), _write_letter),
    "accept": Act("Accept", IN_TRIAGE, TEXT, _says_text(casework.accept)),
    "keep": Act("Keep it in triage", IN_TRIAGE, TEXT, _says_text(casework.keep_in_triage)),
    "signpost": Act("Signpost elsewhere", IN_TRIAGE, TEXT, _says_text(casework.signpost)),
    "decline": Act("Decline", IN_TRIAGE, TEXT, _says_text(casework.decline)),
    "appointment": Act(
        "Offer a first appointment",
        UNDER_WAY,
        _asks(forms.AppointmentForm),
        lambda referral, said, opened: casework.offer_appointment(
            referral, said["when"], said["therapist"], said["how"], unlocked=opened
        ),
    ),
    "missed": Act(
        "Record it as missed or moved", frozenset({State.APPOINTMENT_OFFERED}), TEXT, _says_text(casework.record_missed)
    ),
    "held": Act(
        "Record that it was held",
        frozenset({State.APPOINTMENT_OFFERED}),
        _asks(forms.DayForm),
        lambda referral, said, opened: casework.record_held(referral, said["on"], unlocked=opened),
    ),
    "session": Act(
        "Record a further session",
        frozenset({State.FIRST_HELD}),
        _asks(forms.DayForm),
        lambda referral, said, opened: casework.record_session(referral, said["on"], unlocked=opened),
    ),
    "close": Act("Close with an outcome", frozenset({State.FIRST_HELD}), TEXT, _says_text(casework.close)),
    "unreachable": Act("Could not be reached", OPEN, TEXT, _says_text(casework.give_up_reaching)),
    "reason": Act(
        "Give a reason for a missed date",
        OPEN,
        _asks(forms.ReasonForm),
        lambda referral, said, opened: casework.give_reason(referral, said["reason"], unlocked=opened),
    ),
    "readers": Act(
        "Decide who may see it",
        OPEN,
        _asks_for_team(forms.ReadersForm),
        lambda referral, said, opened: casework.choose_readers(
            referral, list(said["readers"]) or None, unlocked=opened
        ),
        for_lead=True,
        about="Others lose sight of it at once, and of all that is written about it.",
    ),
    "hold": Act(
        "Put it on legal hold",
        casework.HOLDABLE,
        _asks(forms.Nothing),
        lambda referral, _, opened: casework.put_on_hold(referral, held=True, unlocked=opened),
        for_lead=True,
        while_held=False,
        about="It is kept, whatever its retention period says, until the hold is taken off.",
    ),
    "release": Act(
        "Take the legal hold off",
        casework.HOLDABLE,
        _asks(forms.Nothing),
        lambda referral, _, opened: casework.put_on_hold(referral, held=False, unlocked=opened),
        for_lead=True,
        while_held=True,
    ),
    "erase": Act(
        "Erase it, because the person asks for it",
        frozenset(Referral.State.values),
        _asks(forms.EraseForm),
        lambda referral, _, opened: casework.erase(referral, unlocked=opened),
        for_lead=True,
        while_held=False,
        about="Nobody can open it again: not how to be in touch, not what was written, no note, letter or outcome. It "
        "cannot be undone. Export first what your clinical record needs. Its dates and its state stay, and copies in "
        "backups end with the backup.",
    ),
}
