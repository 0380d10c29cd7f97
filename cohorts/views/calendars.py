"""Calendar files, and the private feed."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from cohorts import calendars, rules
from portal.access import access, anyone, existing, person, signed_in

CALENDAR = "text/calendar; charset=utf-8"


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def booking_calendar(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Give a booked session as a calendar file."""
    booking = existing(rules.own_booking(person(request), uid))
    if booking.state not in calendars.IN_A_CALENDAR:
        raise Http404
    return HttpResponse(
        calendars.calendar_file(booking, "PUBLISH"),
        content_type=CALENDAR,
        headers={"Content-Disposition": 'attachment; filename="booking.ics"'},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def calendar(request: HttpRequest) -> HttpResponse:
    """Show the address of a person's private feed, and (POST) make a new one."""
    user = person(request)
    if request.method == "POST":
        calendars.reset_feed(user)
        messages.success(request, "Your calendar has a new address. The old one has stopped working.")
        return redirect("calendar")
    address = calendars.feed_address(user)
    context = {"address": address, "subscribe": f"webcal://{address.partition('://')[2]}"}
    return render(request, "cohorts/calendar.html", context)


@require_safe
@cache_control(private=True, no_store=True)
@access(anyone)
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Give the bookings of whoever's private address this is, to calendar apps that cannot sign in."""
    user = calendars.user_of_feed(token)
    if user is None:
        raise Http404
    return HttpResponse(calendars.feed(user), content_type=CALENDAR)
