"""What cohorts read: somebody's own, every cohort's for alumni, and books alone for the public."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from bookclub import at_hand, bookmarks, how_far, reading_list, rules
from bookclub.at_hand import AtHand
from bookclub.forms import WhereForm
from bookclub.how_far import HowFar
from bookclub.models import ListedBook
from bookclub.reading_list import InHand, Where
from bookclub.refusals import BookClubRefused
from bookclub.rules import Seat
from bookclub.targets import Target
from bookclub.turns import Turn, turns
from bookclub.views.refusing import INVALID
from bookclub.views.seats import not_theirs, refuse, seat_of
from portal.access import access, anyone, existing, person, signed_in

NOT_SAVED = "Where you are was not saved"


class Shown(NamedTuple):
    """A book of the list: where the reader is in it themselves; for whoever leads, how far the cohort is.

    `at_hand` says of copies what can be had, where the programme lends any.
    """

    listed: ListedBook
    where: Where | None
    how_far: HowFar | None
    at_hand: AtHand | None


def shown(seat: Seat, books: Sequence[InHand], copies: Mapping[int, AtHand] | None = None) -> list[Shown]:
    """Return books as somebody sees them, with what is said of copies by the book's key."""
    told = how_far.of_books(seat.cohort) if rules.sees_how_far(seat) else {}
    copies = copies or {}
    return [Shown(book.listed, book.where, told.get(book.listed.pk), copies.get(book.listed.book_id)) for book in books]


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def book_clubs(request: HttpRequest) -> HttpResponse:
    """Lead to somebody's book club; to whichever they choose, where they have several."""
    user = person(request)
    places, led = rules.own_places(user), rules.led_places(user)
    reads_all = rules.reads_all_lists(user)
    if len(places) == 1 and not led and not reads_all:
        return redirect("book_club", places[0].cohort_id)
    context = {"places": places, "led": led, "reads_all": reads_all}
    return render(request, "bookclub/book_clubs.html", context)


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def book_club(request: HttpRequest, cohort: int) -> HttpResponse:
    """Show what a cohort reads: the next book whole, and the others in short, each with the way to its own page."""
    seat = seat_of(request, cohort)
    listed, off_list = reading_list.of_cohort(seat.cohort, seat.person)
    shelf = at_hand.shelf(seat, listed)
    books = shown(seat, listed, shelf.of_books)
    turn_of = turns([each.listed for each in books], goes_on=seat.goes_on)
    of_turn = {turn: [each for each in books if turn_of[each.listed.pk] is turn] for turn in Turn}
    context = {
        "cohort": seat.cohort,
        "goes_on": seat.goes_on,
        "membership": seat.membership,
        "leads": seat.leads,
        "books": books,
        "next": of_turn[Turn.NEXT],
        "in_short": [
            ("To come", of_turn[Turn.LATER]),
            (_before(seat), of_turn[Turn.BEFORE]),
        ],
        "on_loan": shelf.on_loan,
        "may_borrow": rules.may_borrow(seat),
        "off_list": off_list,
        "may_suggest": rules.may_suggest(seat),
        "may_say_where": rules.may_say_where(seat),
        "sees_how_far": rules.sees_how_far(seat),
    }
    return render(request, "bookclub/book_club.html", context)


def _before(seat: Seat) -> str:
    """Return what stands above the books that were talked about."""
    if seat.goes_on:
        return "Read before"
    return "What you read" if seat.membership else "What they read"


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def book(request: HttpRequest, cohort: int, pk: int) -> HttpResponse:
    """Show one book of the list whole; of one that is off it, the list says what became of it."""
    seat = seat_of(request, cohort)
    books, off_list = reading_list.of_cohort(seat.cohort, seat.person)
    if any(listed.pk == pk for listed in off_list):
        return redirect("book_club", cohort)
    found: InHand = existing(next((each for each in books if each.listed.pk == pk), None))
    shelf = at_hand.shelf(seat, books)
    context = {
        "cohort": seat.cohort,
        "goes_on": seat.goes_on,
        "about": Target(seat.cohort, listed=found.listed).key if seat.membership else "",
        "each": Shown(found.listed, found.where, None, shelf.of_books.get(found.listed.book_id)),
        "on_loan": [each for each in shelf.on_loan if each.loan.copy.book_id == found.listed.book_id],
        "may_borrow": rules.may_borrow(seat),
        "may_say_where": rules.may_say_where(seat),
    }
    return render(request, "bookclub/listed_book.html", context)


@require_POST
@cache_control(private=True, no_store=True)
@access(signed_in)
def where(request: HttpRequest, cohort: int, pk: int) -> HttpResponse:
    """Say where one is in a book (not begun, begun, finished), and lead to the line that says so.

    No banner, which would take the focus: on a phone it is far above that line.
    """
    seat = seat_of(request, cohort)
    listed = existing(rules.own_book(seat, pk))
    if not rules.may_say_where(seat):
        return not_theirs(request, seat, NOT_SAVED)
    form = WhereForm(request.POST)
    if not form.is_valid():
        (said, *_), *_ = form.errors.values()
        return refuse(request, seat, NOT_SAVED, BookClubRefused(str(said)), status=INVALID)
    try:
        bookmarks.put(listed, form.chosen, place=form.cleaned_data["place"], by=seat.person)
    except BookClubRefused as refused:
        return refuse(request, seat, NOT_SAVED, refused)
    said_on = request.POST.get("said_on")
    if said_on == "book":
        page = reverse("book_club_book", args=[cohort, pk])
    elif said_on == "meeting" and listed.meeting_id:
        page = reverse("book_club_meeting", args=[cohort, listed.meeting_id])
    else:
        page = reverse("book_club", args=[cohort])
    return redirect(f"{page}#where-{pk}")


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def lists(request: HttpRequest) -> HttpResponse:
    """Show alumni what every cohort reads."""
    existing(rules.reads_all_lists(person(request)) or None)
    before = request.GET.get("before", "")
    context = {"lists": reading_list.lists(before=before), "is_first": not before}
    return render(request, "bookclub/lists.html", context)


@require_safe
@access(anyone)
def books(request: HttpRequest) -> HttpResponse:
    """Show everybody which books cohorts have read and talked about: books alone."""
    return render(request, "bookclub/books.html", {"books": reading_list.read_by_cohorts()})
