"""Unlocking the queue, locking it, and the passphrase that does it."""

from allauth.core.exceptions import ReauthenticationRequired
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.rules import has_proved_again
from referrals import ceremony, pace, reading, unlocking, unsent
from referrals.forms.keys import ChangePassphraseForm, NewPassphraseForm, UnlockForm
from referrals.gate import Busy
from referrals.models import Triager
from referrals.unlocking import Unlocked
from referrals.vault import Unopenable
from referrals.views.acts import ACTS
from referrals.views.desk import (
    COOKIE,
    at_desk,
    drop_cookie,
    lead_to_unlock,
    set_cookie,
    with_open_queue,
)

INVALID, TOO_FAST, BUSY = 422, 429, 503
BUSY_SAID = "Somebody else is unlocking at this moment. Press the button again in a few seconds."
WAIT_SAID = f"There were several tries. Wait {pace.WAIT} seconds, then try again."
PAGES = {
    "queue_by_phone": "Take a referral by phone",
    "queue_group_plan": "Plan a group session",
    "queue_group_change": "Change a group session",
    "queue_group_register": "The register of a group session",
}
WRONG = "This is not your passphrase. It is not the password that you sign in with."


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def unlock(request: HttpRequest, triager: Triager) -> HttpResponse:
    """Ask for the passphrase, and open the queue."""
    if triager.state != Triager.State.ACTIVE:
        return redirect("queue_passphrase")
    form = UnlockForm(request.POST if request.method == "POST" else None)
    then = unsent.going_to(request) or reverse("queue")
    if not form.is_valid():
        return _ask(request, "queue/unlock.html", form, status=INVALID if form.is_bound else 200, going_to=then)
    if pace.goes_too_fast(pace.by_sign_in(request), pace.UNLOCKING):
        return refuse(request, "queue/unlock.html", form, WAIT_SAID, TOO_FAST, going_to=then)
    try:
        cookie_key = unlocking.unlock(request, triager, form.cleaned_data["passphrase"])
    except Unopenable:
        form.add_error("passphrase", WRONG)
        return _ask(request, "queue/unlock.html", form, status=INVALID, going_to=then)
    except Busy:
        return refuse(request, "queue/unlock.html", form, BUSY_SAID, BUSY, going_to=then)
    response = redirect("queue_unsent" if triager.unsent.exists() else then)
    set_cookie(response, cookie_key)
    return response


@require_POST
@at_desk
def lock(request: HttpRequest, triager: Triager) -> HttpResponse:
    """Close the queue in every browser of this triager."""
    unlocking.lock(triager)
    response = redirect("queue_unlock")
    drop_cookie(response)
    return response


@require_POST
@with_open_queue
def stay(request: HttpRequest, opened: Unlocked) -> HttpResponse:
    """Keep the queue open while somebody types: to ask is all it takes."""
    return HttpResponse(status=204)


@require_POST
@at_desk
def keep(request: HttpRequest, triager: Triager) -> HttpResponse:
    """Keep what somebody was typing on a page that clears itself, and lead back to it once they have unlocked."""
    page = unsent.going_to(request) or reverse("queue")
    unsent.keep(request.POST, page, triager)
    return lead_to_unlock(page)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def passphrase(request: HttpRequest, triager: Triager) -> HttpResponse:
    """Set the first passphrase, change it, or wait for the lead to admit one."""
    if triager.state == Triager.State.KEYED and request.method != "POST":
        seen = ceremony.key_fingerprint(triager)
        founding = triager.is_lead and not triager.provider.root_public
        return render(request, "queue/waiting.html", {"triager": triager, "seen": seen, "founding": founding})
    if triager.state == Triager.State.ACTIVE:
        return _change(request, triager)
    return _set(request, triager, "queue/passphrase.html")


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def lost_passphrase(request: HttpRequest, triager: Triager) -> HttpResponse:
    """Make a new key under a new passphrase, where the old one is lost. It opens nothing until it is admitted.

    Since the old key ends with it, a browser that is merely signed in is asked first who is there.
    """
    if not has_proved_again(request):
        if request.method == "POST":  # allauth would keep the passphrase in the session, and send it afterwards
            return redirect("queue_lost_passphrase")
        raise ReauthenticationRequired
    return _set(request, triager, "queue/lost_passphrase.html")


@require_http_methods(["GET", "HEAD", "POST"])
@with_open_queue
def show_unsent(request: HttpRequest, opened: Unlocked) -> HttpResponse:
    """Show what was being typed when the queue locked; delete what has been seen."""
    if request.method == "POST":
        unsent.discard(opened.triager, request.POST.get("row", ""))
    found = [(each, _where(opened, each.path)) for each in unsent.kept(opened)]
    return render(request, "queue/unsent.html", {"opened": opened, "found": found}) if found else redirect("queue")


def _where(opened: Unlocked, path: str) -> str:
    """Say in words on which page something was being typed, and about whom."""
    try:
        page = resolve(path)
    except Resolver404:
        return ""
    whole = reading.read(opened, page.kwargs["pk"]) if page.url_name == "queue_act" else None
    act = ACTS.get(page.kwargs.get("key", ""))
    return f"{act.title}: {whole.name}" if whole and act else PAGES.get(page.url_name or "", "")


def refuse(request: HttpRequest, template: str, form: Form, said: str, status: int, **context: object) -> HttpResponse:
    """Show a page again because of something that will have passed in a few seconds."""
    form.add_error(None, said)
    response = _ask(request, template, form, status=status, **context)
    response.headers["Retry-After"] = str(pace.WAIT)
    return response


def _change(request: HttpRequest, triager: Triager) -> HttpResponse:
    form = ChangePassphraseForm(request.POST if request.method == "POST" else None)
    template = "queue/change_passphrase.html"
    if not form.is_valid():
        return _ask(request, template, form, status=INVALID if form.is_bound else 200)
    if pace.goes_too_fast(pace.by_sign_in(request), pace.UNLOCKING):
        return refuse(request, template, form, WAIT_SAID, TOO_FAST)
    try:
        ceremony.change_passphrase(triager, form.cleaned_data["passphrase"], form.cleaned_data["new_passphrase"])
    except Unopenable:
        form.add_error("passphrase", WRONG)
        return _ask(request, template, form, status=INVALID)
    except Busy:
        return refuse(request, template, form, BUSY_SAID, BUSY)
    response = redirect("queue_unlock")
    drop_cookie(response)
    return response


def _set(request: HttpRequest, triager: Triager, template: str) -> HttpResponse:
    form = NewPassphraseForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _ask(request, template, form, status=INVALID if form.is_bound else 200, triager=triager)
    if pace.goes_too_fast(pace.by_person(triager.user), pace.SETTING_KEYS):
        return refuse(request, template, form, WAIT_SAID, TOO_FAST, triager=triager)
    try:
        ceremony.set_passphrase(triager, form.cleaned_data["new_passphrase"])
    except (ceremony.CeremonyRefused, ValidationError) as refused:
        form.add_error(None, str(refused))
        return _ask(request, template, form, status=INVALID, triager=triager)
    except Busy:
        return refuse(request, template, form, BUSY_SAID, BUSY, triager=triager)
    response = redirect("queue_passphrase")
    if COOKIE in request.COOKIES:
        drop_cookie(response)
    return response


def _ask(request: HttpRequest, template: str, form: Form, *, status: int, **context: object) -> HttpResponse:
    return render(request, template, {"form": form, **context}, status=status)
