"""Which letters somebody wants: the page of their account, and the one that a letter's own link leads to."""

from collections.abc import Sequence
from typing import Final

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from portal.access import access, anyone, person, signed_in
from portal.accounts import stopping, typed
from portal.accounts.stopping import Choice
from portal.form_choices import offer_choices
from portal.nhsuk.fieldsets import Look
from portal.outbox import stop_links
from portal.outbox.rules import Optional

INVALID, UNKNOWN = 422, 404
PACE: Final = "stop_letters"
"""The name under which the settings say how often an address may ask by links that open nothing."""


class LettersForm(forms.Form):
    """Asks which letters somebody wants. It carries which were on as the page was opened."""

    wanted = forms.MultipleChoiceField(
        label="Letters that you can stop",
        help_text="Select those that you want.",
        error_messages={"invalid_choice": "Select among the letters that are shown"},
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    were_on = forms.Field(widget=forms.MultipleHiddenInput, required=False)

    def __init__(self, data: QueryDict | None = None, *, choices: Sequence[Choice]) -> None:
        on = [choice.kind.name for choice in choices if choice.is_on]
        super().__init__(data, initial={"wanted": on, "were_on": on})
        offer_choices(self, "wanted", [(choice.kind.name, choice.kind.heading) for choice in choices])
        hints = {choice.kind.name: choice.kind.says for choice in choices}
        self.looks = {"wanted": Look(size="m", can_wait=True, hints=hints)}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@access(signed_in)
@typed.told_as(typed.by_labels(lambda user, data: LettersForm(data, choices=stopping.choices_of(user))))
def letters(request: HttpRequest) -> HttpResponse:
    """Show which letters somebody gets, and let them stop those that they can do without, or have them again."""
    user = person(request)
    form = LettersForm(request.POST if request.method == "POST" else None, choices=stopping.choices_of(user))
    if not form.is_valid():
        return render(request, "accounts/letters.html", {"form": form}, status=INVALID if form.is_bound else 200)
    changed = stopping.choose(user, **form.cleaned_data)
    messages.success(request, "Your choice of letters is saved." if changed else "Nothing had changed.")
    return redirect("letters")


# A mail program sends this form by itself (RFC 8058): it has no cookie, and no token of a page. The link is all that
# it takes, so another website could do nothing with it that whoever has the link cannot do.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@access(anyone)
def stop_letters(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether letters should stop, and (POST) stop them, whoever is signed in.

    The answer is no redirect, and the same however often it is asked. Nobody who has a link from a letter is asked to
    wait: from the same address of a mail provider others ask as well, and scanners that follow links.
    """
    found = stop_links.opened(token)
    response = _not_opened(request) if found is None else _opened(request, *found)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


stop_letters.before_second_factor = True  # type: ignore[attr-defined]  # read by the second_factor middleware


def _not_opened(request: HttpRequest) -> HttpResponse:
    too_fast: HttpResponse | None = ratelimit.consume_or_429(request, action=PACE, limit_get=True)
    return too_fast or _unknown(request)


def _opened(request: HttpRequest, key: int, kind: Optional) -> HttpResponse:
    is_sent = request.method == "POST"
    is_meant = is_sent and request.POST.get(stop_links.HEADER) == stop_links.ONE_CLICK
    if not (stopping.stop(key, kind) if is_meant else stopping.can_stop(key)):
        return _unknown(request)
    if is_meant:
        return render(request, "accounts/letters_stopped.html", {"kind": kind})
    context = {"kind": kind, "field": stop_links.HEADER, "value": stop_links.ONE_CLICK}
    return render(request, "accounts/stop_letters.html", context, status=INVALID if is_sent else 200)


def _unknown(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/stop_letters_unknown.html", status=UNKNOWN)
