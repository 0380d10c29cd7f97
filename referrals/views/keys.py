"""The key ceremony: the provider's keys made, printed, pinned and tried, step by step."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from referrals import ceremony, enveloping, pace
from referrals.ceremony import CeremonyRefused
from referrals.forms.keys import PartsForm, UnlockForm
from referrals.gate import Busy
from referrals.keyring import DEMO, LIVE, is_pinned, root_fingerprint, takes_referrals
from referrals.models import Triager
from referrals.unlocking import Unlocked
from referrals.vault import MistypedPart, Unopenable, Unsigned
from referrals.views.desk import at_desk, with_open_queue
from referrals.views.unlock import BUSY, BUSY_SAID, INVALID, TOO_FAST, WAIT_SAID, WRONG, refuse

REFUSED = 409


@require_http_methods(["GET", "HEAD"])
@at_desk
def keys(request: HttpRequest, triager: Triager) -> HttpResponse:
    """Show how far the provider's keys are, and what comes next."""
    provider = triager.provider
    active = provider.triagers.active().count()
    context = {
        "triager": triager,
        "provider": provider,
        "has_passphrase": triager.public_key is not None,
        "has_root": bool(provider.root_public),
        "is_pinned": is_pinned(provider),
        "line": f"{provider.slug}={root_fingerprint(provider)}" if provider.root_public else "",
        "active": active,
        "takes_referrals": takes_referrals(provider),
        "left": enveloping.left(provider),
        "epoch": provider.epochs.first(),
    }
    return render(request, "queue/keys.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def found(request: HttpRequest, triager: Triager) -> HttpResponse:
    """Make the keys, and show once what has to be printed."""
    purpose = DEMO if settings.DEMO else LIVE

    def make(form: Form) -> HttpResponse:
        founded = ceremony.found_keys(triager, form.cleaned_data["passphrase"], purpose=purpose)
        return render(request, "queue/printed.html", {"founded": founded, "provider": triager.provider})

    return sign(request, UnlockForm, make, "queue/found.html", triager=triager)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def drill(request: HttpRequest, triager: Triager) -> HttpResponse:
    """Prove that two printed parts recover the key."""

    def prove(form: Form) -> HttpResponse:
        ceremony.drill(triager.provider, form.cleaned_data["one"], form.cleaned_data["other"], by=triager)
        return render(request, "queue/drilled.html", {})

    return sign(request, PartsForm, prove, "queue/drill.html", triager=triager)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def recover(request: HttpRequest, triager: Triager) -> HttpResponse:
    """Admit a lead by two printed parts, when nobody else can."""

    def admit(form: Form) -> HttpResponse:
        ceremony.recover(triager, form.cleaned_data["one"], form.cleaned_data["other"])
        return redirect("queue_unlock")

    return sign(request, PartsForm, admit, "queue/recover.html", triager=triager)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def new_epoch(request: HttpRequest, triager: Triager) -> HttpResponse:
    """End the present epoch and begin the next."""

    def begin(form: Form) -> HttpResponse:
        ceremony.begin_epoch(triager, form.cleaned_data["passphrase"])
        return redirect("queue_enveloping")

    return sign(request, UnlockForm, begin, "queue/new_epoch.html", triager=triager)


@require_http_methods(["GET", "HEAD", "POST"])
@with_open_queue
def envelope(request: HttpRequest, opened: Unlocked) -> HttpResponse:
    """Seal anew what was sealed to an epoch that has ended, a batch for each press of the button."""
    provider, failed = opened.triager.provider, False
    if request.method == "POST":
        try:
            enveloping.seal_anew(provider, opened)
        except (Unsigned, Unopenable):
            failed = True
    context = {"left": enveloping.left(provider), "failed": failed, "batch": enveloping.BATCH}
    return render(request, "queue/enveloping.html", context, status=REFUSED if failed else None)


def sign(
    request: HttpRequest,
    form_class: Callable[..., Form],
    do: Callable[[Form], HttpResponse],
    template: str,
    **context: Any,
) -> HttpResponse:
    """Ask what a ceremony needs (a passphrase, or printed parts), and do it; say what was wrong in the page's words."""
    form = form_class(request.POST if request.method == "POST" else None)
    status = INVALID if form.is_bound else 200
    if form.is_valid():
        if pace.goes_too_fast(pace.by_sign_in(request), pace.UNLOCKING):
            return refuse(request, template, form, WAIT_SAID, TOO_FAST, **context)
        try:
            return do(form)
        except Unopenable:
            form.add_error(None, WRONG if "passphrase" in form.fields else "These parts belong to another key.")
        except (MistypedPart, Unsigned) as error:
            form.add_error(None, str(error))
        except CeremonyRefused as refused:
            form.add_error(None, str(refused))
            status = REFUSED
        except Busy:
            return refuse(request, template, form, BUSY_SAID, BUSY, **context)
        status = status if status == REFUSED else INVALID
    return render(request, template, {"form": form, **context}, status=status)
