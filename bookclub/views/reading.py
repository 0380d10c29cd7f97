"""What cohorts read: somebody's own, every cohort's for alumni, and books alone for the public."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from bookclub import reading_list, rules
from bookclub.views.seats import seat_of
from portal.access import access, anyone, existing, person, signed_in


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def book_clubs(request: HttpRequest) -> HttpResponse:
    """Lead to somebody's book club; to whichever they choose, where they have several."""
    user = person(request)
    places = rules.own_places(user)
    reads_all = rules.reads_all_lists(user)
    if len(places) == 1 and not reads_all:
        return redirect("book_club", places[0].cohort_id)
    return render(request, "bookclub/book_clubs.html", {"places": places, "reads_all": reads_all})


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def book_club(request: HttpRequest, cohort: int) -> HttpResponse:
    """Show what a cohort reads, in order, each book with its meeting."""
    seat = seat_of(request, cohort)
    context = {
        "cohort": seat.cohort,
        "membership": seat.membership,
        "books": reading_list.of_cohort(seat.cohort),
        "off_list": reading_list.off_list(seat.cohort),
        "may_suggest": rules.may_suggest(seat),
    }
    return render(request, "bookclub/book_club.html", context)


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def lists(request: HttpRequest) -> HttpResponse:
    """Show alumni what every cohort reads."""
    existing(rules.reads_all_lists(person(request)) or None)
    return render(request, "bookclub/lists.html", {"lists": reading_list.lists()})


@require_safe
@access(anyone)
def books(request: HttpRequest) -> HttpResponse:
    """Show everybody which books cohorts have read and talked about: books alone."""
    return render(request, "bookclub/books.html", {"books": reading_list.read_by_cohorts()})
