"""What members share: with their cohort, or with those alone who lead its book club meetings."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from bookclub import reading_list, reflections, rules, targets
from bookclub.rules import Seat
from bookclub.targets import Target
from bookclub.views.seats import seat_of
from portal.access import access, existing, signed_in


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def everything(request: HttpRequest, cohort: int) -> HttpResponse:
    """Show what is shared with whoever is signed in, the latest first; of one book or meeting, where it is named."""
    seat = _reader(request, cohort)
    about = request.GET.get("about")
    target = existing(targets.find(seat.cohort, about)) if about is not None else None
    listed = reading_list.ever_on_list(seat.cohort)
    context = {
        "cohort": seat.cohort,
        "seat": seat,
        "target": target,
        "books": [Target(seat.cohort, listed=each) for each in listed],
        "page": reflections.shared(seat, target, after=request.GET.get("after", "")),
    }
    return render(request, "bookclub/reflections/shared.html", context)


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def one(request: HttpRequest, cohort: int, pk: int) -> HttpResponse:
    """Show one reflection that is shared, whole."""
    seat = _reader(request, cohort)
    found = existing(rules.shared_reflection(seat, pk))
    context = {"cohort": seat.cohort, "shared": reflections.as_read(found, seat)}
    return render(request, "bookclub/reflections/shared_one.html", context)


def _reader(request: HttpRequest, cohort: int) -> Seat:
    """Return the seat of who reads what is shared there. Raises Http404 for everybody else."""
    seat = seat_of(request, cohort)
    return existing(seat if rules.reads_shared(seat) else None)
