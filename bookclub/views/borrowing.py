"""Asking for a copy that the programme lends, and taking that back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST

from bookclub import asking, at_hand, rules
from bookclub.forms import AskForm
from bookclub.models import ListedBook
from bookclub.refusals import AskedAlready, BookClubRefused, NothingToLend
from bookclub.views.refusing import INVALID, WayBack, refuse_here
from bookclub.views.seats import not_theirs, refuse, seat_of
from portal.access import access, existing, signed_in

NOT_ASKED = "No copy was asked for"


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def ask(request: HttpRequest, cohort: int, pk: int) -> HttpResponse:
    """Ask for a copy of a book on the cohort's list; whoever has done so is led to where they take that back."""
    seat = seat_of(request, cohort)
    listed: ListedBook = existing(rules.own_book(seat, pk))
    if not rules.may_borrow(seat):
        return not_theirs(request, seat, NOT_ASKED)
    back = WayBack(reverse("book_club_book", args=[cohort, pk]), "the book")
    formats = at_hand.formats(seat.cohort, listed)
    if not formats:
        return refuse_here(request, back, NOT_ASKED, NothingToLend())
    if request.method != "POST" and rules.waits_for_copy(seat, listed):
        messages.info(request, str(AskedAlready()))
        return redirect("book_club_book", cohort, pk)
    form = AskForm(request.POST if request.method == "POST" else None, formats=formats)
    if request.method != "POST" or not form.is_valid():
        context = {"cohort": seat.cohort, "listed": listed, "form": form, "has_choice": len(formats) > 1}
        return render(request, "bookclub/ask.html", context, status=INVALID if form.errors else None)
    try:
        asking.ask(listed, format=form.cleaned_data["format"], by=seat.person)
    except BookClubRefused as refused:
        return refuse_here(request, back, NOT_ASKED, refused)
    messages.success(request, f"You have asked for a copy of “{listed.book}”. The programme team will write to you.")
    return redirect("book_club_book", cohort, pk)


@require_POST
@cache_control(private=True, no_store=True)
@access(signed_in)
def take_back(request: HttpRequest, cohort: int, pk: int) -> HttpResponse:
    """Ask for a copy no longer."""
    seat = seat_of(request, cohort)
    asked = existing(rules.own_request(seat, pk))
    try:
        asking.take_back(asked, by=seat.person)
    except BookClubRefused as refused:
        return refuse(request, seat, "Your request was not taken back", refused)
    messages.success(request, f"You no longer ask for a copy of “{asked.book}”.")
    return redirect("book_club", cohort)
