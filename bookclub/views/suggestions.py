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
from bookclub.models import Suggestion
from bookclub.refusals import BookClubRefused
from bookclub.rules import Seat
from bookclub.views.seats import INVALID, not_theirs, refuse, seat_of
from portal.access import access, existing, signed_in
from portal.accounts import typed
from portal.accounts.models import User


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def suggestions(request: HttpRequest, cohort: int) -> HttpResponse:
    """Show which books wait, how many members back each, and what became of others."""
    seat = seat_of(request, cohort)
    context = {
        "cohort": seat.cohort,
        "suggestions": reading_list.suggestions(seat.cohort, seat.person),
        "decided": reading_list.decided(seat.cohort),
        "may_suggest": rules.may_suggest(seat),
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
        return not_theirs(request, seat)
    form = SuggestionForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        status = INVALID if form.errors else None
        return render(request, "bookclub/suggest.html", {"cohort": seat.cohort, "form": form}, status=status)
    try:
        suggesting.suggest(seat.cohort, **form.cleaned_data, by=seat.person)
    except BookClubRefused as refused:
        return refuse(request, seat, refused)
    messages.success(request, "Your suggestion is in the list, without your name.")
    return redirect("book_suggestions", cohort)


Act = tuple[Callable[[Seat, int], Suggestion | None], Callable[..., None], str]
ACTS: Final[Mapping[str, Act]] = {
    "back": (rules.suggestion, suggesting.back, "You back this book."),
    "stop-backing": (rules.suggestion, suggesting.stop_backing, "You no longer back this book."),
    "take-back": (rules.own_suggestion, suggesting.withdraw, "Your suggestion is taken back."),
}


@require_POST
@cache_control(private=True, no_store=True)
@access(signed_in)
def act(request: HttpRequest, cohort: int, pk: int, act: str) -> HttpResponse:
    """Back a suggestion, back it no longer, or take back one's own."""
    seat = seat_of(request, cohort)
    find, do, said = existing(ACTS.get(act))
    suggestion = existing(find(seat, pk))
    if not rules.may_suggest(seat):
        return not_theirs(request, seat)
    try:
        do(suggestion, by=seat.person)
    except BookClubRefused as refused:
        return refuse(request, seat, refused)
    messages.success(request, said)
    return redirect("book_suggestions", cohort)
