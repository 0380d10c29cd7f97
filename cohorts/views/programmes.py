"""Public pages: the programmes, each of them, the dates of an open series, and one session."""

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from cohorts import about, alongside, materials, public_pages, rules
from cohorts.dates import choices
from cohorts.models import Programme
from cohorts.standing import own_booking_of
from cohorts.views.addresses import other_dates
from cohorts.views.date_rows import date_rows
from portal.access import access, anyone, existing
from portal.accounts.models import User
from portal.accounts.seeing import seen_by_admins


@require_safe
@access(anyone)
@seen_by_admins
def programmes(request: HttpRequest) -> HttpResponse:
    """List the published programmes."""
    return render(request, "cohorts/public_page.html", {"page": public_pages.programmes()})


@require_safe
@access(anyone)
@seen_by_admins
def programme(request: HttpRequest, slug: str) -> HttpResponse:
    """Say what a programme is, for whom, and what it is made of."""
    try:
        page = public_pages.programme(slug)
    except Programme.DoesNotExist as error:
        raise Http404 from error
    return render(request, "cohorts/public_page.html", {"page": page, "below": True})


@require_safe
@cache_control(private=True, no_store=True)
@access(anyone)
@seen_by_admins
def series(request: HttpRequest, slug: str, component: str) -> HttpResponse:
    """Show the dates of one part of an open series."""
    chosen = existing(about.open_part(slug, component))
    user = request.user if isinstance(request.user, User) else None
    found = choices(chosen, cohort_id=None, person=user, after=request.GET.get("after", ""))
    context = {
        "component": chosen,
        "outcomes": about.learning_outcomes(chosen),
        "rows": date_rows(found),
        "next_after": found.next_after,
    }
    return render(request, "cohorts/series.html", context)


@require_safe
@cache_control(private=True, no_store=True)
@access(anyone)
@seen_by_admins
def session(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who leads a session, where, what to bring; the join link only to those booked, from the day before."""
    user = request.user
    theirs = rules.visible_session(user, pk)
    found = theirs
    if found is None:
        if not isinstance(user, User):
            return redirect_to_login(request.get_full_path())
        found = existing(rules.kept_session(user, pk))
    booking = own_booking_of(user, found) if isinstance(user, User) else None
    context = {
        "session": found,
        "outcomes": about.learning_outcomes(found.component),
        "leaders": about.leaders(found.pk),
        "booking": booking,
        "has_place": booking is not None and booking.state in materials.HAS_A_PLACE,
        "materials": materials.seen_with(booking, found),
        "ways": list(alongside.ways_from(found, user)) if isinstance(user, User) else (),
        "dates": other_dates(found),
        "may_join": booking is not None and rules.may_join(booking),
        "may_book": theirs is not None and booking is None and found.booking_is_open,
    }
    return render(request, "cohorts/session.html", context)
