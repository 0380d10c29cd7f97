"""Books that members would like to read."""

from collections.abc import Callable, Mapping
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookclub import reading_list, rules, suggesting
from bookclub.forms import SuggestionForm
from bookclub.refusals import BookClubRefused, SuggestionOver
from bookclub.views.refusing import INVALID
from bookclub.views.seats import not_theirs, refuse, seat_of
from portal.access import access, existing, signed_in
from portal.accounts import typed
from portal.accounts.models import User

NOT_SUGGESTED, NOT_BACKED, NOT_TAKEN_BACK = (
    "Nothing was suggested",
    "What you back has not changed",
    "The suggestion was not taken back",
)


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def suggestions(request: HttpRequest, cohort: int) -> HttpResponse:
    """Show which books wait, how many members back each, and what became of others."""
    seat = seat_of(request, cohort)
    context = {
        "cohort": seat.cohort,
        "membership": seat.membership,
        "suggestions": reading_list.suggestions(seat.cohort, seat.person),
        "decided": reading_list.decided(seat.cohort),
        "may_suggest": rules.may_suggest(seat),
        "goes_on": seat.goes_on,
    }
    return render(request, "bookclub/suggestions.html", context)


def _form(user: User, data: QueryDict, cohort: int) -> SuggestionForm:
    return SuggestionForm(data)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_form))
def suggest(request: HttpRequest, cohort: int) -> HttpResponse:
    """Suggest a book."""
    seat = seat_of(request, cohort)
    if not rules.may_suggest(seat):
        return not_theirs(request, seat, NOT_SUGGESTED)
    form = SuggestionForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        status = INVALID if form.errors else None
        return render(request, "bookclub/suggest.html", {"cohort": seat.cohort, "form": form}, status=status)
    try:
        suggesting.suggest(seat.cohort, **form.cleaned_data, by=seat.person)
    except BookClubRefused as refused:
        return refuse(request, seat, NOT_SUGGESTED, refused)
    messages.success(request, "Your suggestion is in the list, without your name.")
    return redirect("book_suggestions", cohort)


ACTS: Final[Mapping[str, tuple[Callable[..., None], str]]] = {
    "back": (suggesting.back, "You back"),
    "stop-backing": (suggesting.stop_backing, "You no longer back"),
}


@require_POST
@cache_control(private=True, no_store=True)
@access(signed_in)
def act(request: HttpRequest, cohort: int, pk: int, act: str) -> HttpResponse:
    """Back a suggestion, or back it no longer."""
    seat = seat_of(request, cohort)
    do, said = existing(ACTS.get(act))
    suggestion = existing(rules.suggestion(seat, pk))
    if not rules.may_suggest(seat):
        return not_theirs(request, seat, NOT_BACKED)
    try:
        do(suggestion, by=seat.person)
    except BookClubRefused as refused:
        return refuse(request, seat, NOT_BACKED, refused)
    messages.success(request, f"{said} “{suggestion.title}”.")
    return redirect("book_suggestions", cohort)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def take_back(request: HttpRequest, cohort: int, pk: int) -> HttpResponse:
    """Ask whether somebody is sure, and take back what they suggested."""
    seat = seat_of(request, cohort)
    suggestion = existing(rules.own_suggestion(seat, pk))
    if not rules.may_suggest(seat):
        return not_theirs(request, seat, NOT_TAKEN_BACK)
    if not suggestion.is_open:
        return refuse(request, seat, NOT_TAKEN_BACK, SuggestionOver())
    if request.method != "POST":
        others = suggestion.backings.exclude(backed_by=seat.person).count()
        context = {"cohort": seat.cohort, "suggestion": suggestion, "others": others}
        return render(request, "bookclub/take_back_suggestion.html", context)
    try:
        suggesting.withdraw(suggestion, by=seat.person)
    except BookClubRefused as refused:
        return refuse(request, seat, NOT_TAKEN_BACK, refused)
    messages.success(request, f"You have taken back “{suggestion.title}”.")
    return redirect("book_suggestions", cohort)
