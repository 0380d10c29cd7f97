"""Group reflective practice for everybody: the dates, a place, and what its receipt opens. Nobody is signed in here."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.access import existing
from referrals import group_booking, pace, vault
from referrals.forms.groups import BookForm
from referrals.forms.intake import CodeForm
from referrals.group_booking import GroupFull, GroupOver
from referrals.models import GroupBooking, GroupSession
from referrals.vault import Unopenable, Unsigned
from referrals.views.doorstep import CHANGED, INVALID, ask_to_wait, open_to_all
from referrals.views.receipts import where_else

CLOSED = "We cannot take bookings at the moment. Try again tomorrow."


@open_to_all
def dates(request: HttpRequest) -> HttpResponse:
    """Show the sessions to come."""
    return render(request, "referrals/groups.html", {"sessions": group_booking.dates()})


@open_to_all
def book(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what a session is, take a booking, and show its receipt."""
    session = existing(GroupSession.objects.select_related("provider").filter(pk=pk).first())
    if request.method != "POST":
        return _ask(request, session, BookForm(initial={"code": vault.new_code()}))
    form = BookForm(request.POST)
    if not form.is_valid():
        return _ask(request, session, form, INVALID)
    if pace.goes_too_fast(pace.by_address(request), pace.BOOKING_GROUPS):
        return ask_to_wait(_ask(request, session, form, wait=pace.WAIT))
    return _book(request, session, form)


@open_to_all
def receipt(request: HttpRequest) -> HttpResponse:
    """Ask for a receipt's code; show the booking, and do what was asked."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return render(request, "referrals/groups_code.html", {"form": form})
    found = group_booking.find(form.cleaned_data["code"]) if form.is_valid() else None
    if found is None:
        if pace.goes_too_fast(pace.by_address(request), pace.TRYING_CODES):  # as for a referral's receipt
            return ask_to_wait(render(request, "referrals/groups_code.html", {"form": form, "wait": pace.WAIT}))
        if not form.errors:
            form.add_error("code", where_else(form.cleaned_data["code"]))
        return render(request, "referrals/groups_code.html", {"form": form}, status=INVALID)
    return ACTS.get(request.POST.get("act", ""), _status)(request, found, form.cleaned_data["code"])


def _book(request: HttpRequest, session: GroupSession, form: BookForm) -> HttpResponse:
    code = form.cleaned_data["code"]
    try:
        booking = group_booking.book(session, **form.cleaned_data)
    except (GroupFull, GroupOver):
        session.refresh_from_db()
        return _ask(request, session, form, CHANGED)
    except (Unsigned, Unopenable):
        form.add_error(None, CLOSED)
        return _ask(request, session, form, CHANGED)
    if booking.cancelled_on:
        return _status(request, booking, code)
    return render(request, "referrals/groups_booked.html", {"session": booking.session, "code": code})


def _ask(
    request: HttpRequest, session: GroupSession, form: BookForm, status: int | None = None, *, wait: int = 0
) -> HttpResponse:
    context = {
        "session": session,
        "form": form,
        "is_open": session.is_to_come,
        "not_booked": status == CHANGED,
        "wait": wait,
    }
    return render(request, "referrals/groups_book.html", context, status=status)


def _status(request: HttpRequest, booking: GroupBooking, code: str, status: int | None = None) -> HttpResponse:
    session = booking.session
    context = {
        "booking": booking,
        "session": session,
        "code": code,
        "link": group_booking.join_link(booking, code),
        "shows_link": group_booking.link_from(session),
        "is_to_come": session.is_to_come,
    }
    return render(request, "referrals/groups_status.html", context, status=status)


def _ask_to_cancel(request: HttpRequest, booking: GroupBooking, code: str) -> HttpResponse:
    if booking.cancelled_on:
        return _status(request, booking, code)
    return render(request, "referrals/groups_cancel.html", {"session": booking.session, "code": code})


def _cancel(request: HttpRequest, booking: GroupBooking, code: str) -> HttpResponse:
    try:
        group_booking.cancel(booking)
    except GroupOver:
        return _status(request, booking, code, CHANGED)
    booking.refresh_from_db(fields=["cancelled_on"])
    return _status(request, booking, code)


def _calendar(request: HttpRequest, booking: GroupBooking, code: str) -> HttpResponse:
    if booking.cancelled_on or booking.session.cancelled_on:
        return _status(request, booking, code, CHANGED)
    attached = {"Content-Disposition": 'attachment; filename="meeting.ics"'}
    return HttpResponse(group_booking.calendar_file(booking, code), content_type="text/calendar", headers=attached)


ACTS: dict[str, Callable[..., HttpResponse]] = {"ask": _ask_to_cancel, "cancel": _cancel, "calendar": _calendar}
