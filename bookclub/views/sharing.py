"""Letting others read a reflection, after a page that says what that means; and taking it back."""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST

from bookclub import reflections, targets
from bookclub import sharing as verbs
from bookclub.models import Reflection
from bookclub.reflection_forms import Carried, ShareForm
from bookclub.reflections import Facilitators
from bookclub.refusals import BookClubRefused, ChangedInOtherTab, CohortOver, NoMember, NothingToShare
from bookclub.rules import Diary
from bookclub.sealed_words import words_of
from bookclub.views.diaries import diary_of, own, refuse
from bookclub.views.refusing import INVALID, REFUSED
from portal.access import access, signed_in

NOT_SHARED: Final = "Your reflection was not shared"
SAID: Final = {
    Reflection.Audience.COHORT: "Your cohort and its facilitators can read it now.",
    Reflection.Audience.FACILITATORS: "The facilitators can read it now, and nobody else.",
}


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def share(request: HttpRequest, cohort: int, uid: UUID) -> HttpResponse:
    """Say what sharing means, with the words that would be read, and share them with whom somebody says."""
    diary = diary_of(request, cohort)
    row = own(diary, uid)
    if not diary.shares:
        return refuse(request, NOT_SHARED, CohortOver() if diary.membership else NoMember())
    if not row.is_saved:
        return refuse(request, NOT_SHARED, NothingToShare())
    facilitators = reflections.facilitators(diary.cohort)
    form = ShareForm(request.POST if request.method == "POST" else None, has_facilitators=bool(facilitators.reading))
    if request.method != "POST" or not form.is_valid():
        return _ask(request, diary, row, form, facilitators, status=INVALID if form.errors else None)
    audience = form.cleaned_data["audience"]
    try:
        verbs.share(diary.cohort, uid, audience, seen=Carried(request.POST).seen, by=diary.person)
    except ChangedInOtherTab as refused:
        return _ask(request, diary, refused.now, form, facilitators, refused=refused, status=REFUSED)
    except BookClubRefused as refused:
        return refuse(request, NOT_SHARED, refused)
    messages.success(request, SAID[audience])
    return redirect("reflection", cohort, uid)


@require_POST
@cache_control(private=True, no_store=True)
@access(signed_in)
def take_back(request: HttpRequest, cohort: int, uid: UUID) -> HttpResponse:
    """Let nobody but its author read a reflection any more."""
    diary = diary_of(request, cohort)
    own(diary, uid)
    verbs.take_back(uid, by=diary.person)
    messages.success(request, "It is yours alone again. Nobody else can read it here.")
    return redirect("reflection", cohort, uid)


def _ask(
    request: HttpRequest,
    diary: Diary,
    row: Reflection,
    form: ShareForm,
    facilitators: Facilitators,
    *,
    refused: ChangedInOtherTab | None = None,
    status: int | None = None,
) -> HttpResponse:
    context = {
        "cohort": diary.cohort,
        "reflection": row,
        "about": targets.of(row),
        "words": words_of(row),
        "form": form,
        "facilitators": facilitators,
        "refused": refused,
    }
    return render(request, "bookclub/reflections/share.html", context, status=status)
