"""The key ceremony: the provider's keys made, printed, pinned and tried, step by step."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from portal.nhsuk.lists import Task
from referrals import ceremony, enveloping, pace
from referrals.ceremony import CeremonyRefused
from referrals.forms.keys import PartsForm, RecoverForm, UnlockForm
from referrals.gate import Busy
from referrals.keyring import DEMO, FEWEST_TRIAGERS, LIVE, is_pinned, root_fingerprint, takes_referrals
from referrals.models import Triager
from referrals.sealing import left_to_recovery
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
    context = {
        "triager": triager,
        "provider": provider,
        "steps": _steps(triager),
        "is_pinned": is_pinned(provider),
        "line": f"{provider.slug}={root_fingerprint(provider)}" if provider.root_public else "",
        "takes_referrals": takes_referrals(provider),
        "left": enveloping.left(provider),
        "left_to_recovery": left_to_recovery(provider).values("referral").distinct().count(),
        "epoch": provider.epochs.first(),
    }
    return render(request, "queue/keys.html", context)


def _steps(triager: Triager) -> list[Task]:
    """Return the steps of the ceremony in order, with where they are done."""
    provider = triager.provider
    has_passphrase, has_root = triager.public_key is not None, bool(provider.root_public)
    may_found = triager.is_lead and has_passphrase and not has_root
    whose = "" if has_root or may_found else "The lead does this, once they have set their passphrase."
    return [
        _step("Set your passphrase", reverse("queue_passphrase"), done=has_passphrase),
        _step(
            "Make the keys, and print the recovery key",
            reverse("queue_found") if may_found else "",
            done=has_root,
            can_start=may_found,
            hint=whose,
        ),
        _step("Have the root pinned in the settings", done=is_pinned(provider), can_start=has_root),
        _step(
            "Try the recovery key",
            reverse("queue_drill") if has_root else "",
            done=provider.recovery_drilled_on is not None,
            can_start=has_root,
        ),
        _step(
            f"Have {FEWEST_TRIAGERS} people or more in the team",
            reverse("queue_team"),
            done=provider.triagers.active().count() >= FEWEST_TRIAGERS,
        ),
    ]


def _step(title: str, href: str = "", *, done: bool, can_start: bool = True, hint: str = "") -> Task:
    if done:
        return Task(title, href, status="Completed", completed=True)
    if not can_start:
        return Task(title, hint=hint, status="Cannot start yet", cannot_start=True)
    return Task(title, href, hint, "To do", "blue")


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
        ceremony.drill(triager.provider, form.cleaned_data["one_part"], form.cleaned_data["other_part"], by=triager)
        return render(request, "queue/drilled.html", {})

    return sign(request, PartsForm, prove, "queue/drill.html", triager=triager)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def recover(request: HttpRequest, triager: Triager) -> HttpResponse:
    """Let a lead open, by two printed parts, what nobody can open any more."""

    def admit(form: Form) -> HttpResponse:
        said = form.cleaned_data
        ceremony.recover(triager, said["one_part"], said["other_part"], passphrase=said["passphrase"])
        return redirect("queue_unlock")

    return sign(request, RecoverForm, admit, "queue/recover.html", triager=triager)


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
            failed = not enveloping.seal_anew(provider, opened)
        except Unsigned:
            failed = True
    left = enveloping.left(provider)
    failed = failed and left > 0
    context = {"opened": opened, "left": left, "failed": failed, "batch": enveloping.BATCH}
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
