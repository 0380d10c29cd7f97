"""Booking a date, waiting for one, swapping, accepting an offer, cancelling: a check page, a verb, a redirect."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from cohorts import booking as verbs
from cohorts import evaluating, graduating, rules, standing
from cohorts.dates import choices
from cohorts.forms import CancelForm
from cohorts.models import Booking, Session
from cohorts.refusals import AnotherDateBooked, BookingRefused, Overlaps, SessionFull
from cohorts.reminders import reminders_to_come
from cohorts.views.addresses import BOOKINGS, other_dates
from cohorts.views.date_rows import date_rows
from cohorts.waiting_list import place_in_queue
from portal.access import access, existing, person, signed_in
from portal.accounts.models import User
from portal.accounts.seeing import seen_by_admins

HEADINGS = {
    Booking.State.BOOKED: "Your place is booked",
    Booking.State.WAITING: "You are on the waiting list",
    Booking.State.OFFERED: "A place is yours if you want it",
    Booking.State.CANCELLED: "This booking is cancelled",
    Booking.State.ATTENDED: "You attended this session",
    Booking.State.APOLOGIES: "You sent apologies for this session",
    Booking.State.DID_NOT_ATTEND: "You are recorded as not attending",
}
WAYS_TO_CANCEL = {
    Booking.State.BOOKED: "Cancel this booking",
    Booking.State.WAITING: "Leave the waiting list",
    Booking.State.OFFERED: "Decline this place",
}
REFUSED = 409
INVALID = 422


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def book(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what would be booked, and book it."""
    if request.method != "POST":
        return check(request, pk)
    try:
        return _to(verbs.book(person(request), pk))
    except Session.DoesNotExist as error:
        raise Http404 from error
    except BookingRefused as refusal:
        return check(request, pk, refusal)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def wait(request: HttpRequest, pk: int) -> HttpResponse:
    """Join a full session's waiting list. It is offered on the check page of the session."""
    if request.method != "POST":
        return check(request, pk)
    try:
        return _to(verbs.join_waiting_list(person(request), pk))
    except Session.DoesNotExist as error:
        raise Http404 from error
    except BookingRefused as refusal:
        return check(request, pk, refusal)


def _to(booking: Booking) -> HttpResponseRedirect:
    """Lead to a booking's own page."""
    return HttpResponseRedirect(BOOKINGS.of(booking.uid))


def check(request: HttpRequest, pk: int, refused: BookingRefused | None = None) -> HttpResponse:
    """Answer with the check page: the session, and what can be done; `refused` is why it could not be done just now."""
    user = person(request)
    session = existing(rules.visible_session(user, pk))
    if session.component.programme.is_by_invitation and (invited := graduating.graduation_of(session)):
        return HttpResponseRedirect(invited.get_absolute_url())
    foreseen = verbs.foresee(user, session)
    if isinstance(foreseen, Booking):
        return _to(foreseen)
    context = {
        "session": session,
        "refused": refused,
        "refusal": foreseen,
        "may_book": foreseen is None,
        "may_wait": session.booking_is_open and session.places_left <= 0 and _may_wait_despite(foreseen),
        **_way_out(foreseen),
    }
    return render(request, "cohorts/book.html", context, status=REFUSED if refused else None)


def _may_wait_despite(standing: BookingRefused | None) -> bool:
    return isinstance(standing, SessionFull | AnotherDateBooked | Overlaps)


def _way_out(refusal: BookingRefused | None) -> dict[str, Booking | None]:
    """Return the booking that stands in the way: one to swap from, or one to cancel or swap first."""
    return {
        "swap_from": refusal.other if isinstance(refusal, AnotherDateBooked) else None,
        "overlaps": refusal.other if isinstance(refusal, Overlaps) else None,
    }


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
@seen_by_admins
def booking(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Show how a booking stands and what happens next; just after booking this is the confirmation."""
    found = own(request, uid)
    if found.state == Booking.State.CANCELLED and (live := standing.own_booking_of(person(request), found.session)):
        # An older mail leads here, or the way back: what they want to see is how they stand with the session now.
        return _to(live)
    return show(request, found)


def own(request: HttpRequest, uid: UUID) -> Booking:
    """Return the person's own booking with its session. Raises Http404 for anybody else's, as for none."""
    return existing(rules.own_booking(person(request), uid))


def show(request: HttpRequest, booking: Booking, refused: BookingRefused | None = None) -> HttpResponse:
    """Answer with a booking's page; `refused` is why it could not be changed just now."""
    waits = booking.state == Booking.State.WAITING
    context = {
        "heading": heading_of(booking),
        "booking": booking,
        "session": booking.session,
        "refused": refused,
        "place": place_in_queue(booking) if waits else None,
        "keeps_other": waits and _is_tied(person(request), booking),
        "gives_up": verbs.date_given_up_for(booking) if booking.state == Booking.State.OFFERED else None,
        "overlaps": refused.other if isinstance(refused, Overlaps) else None,
        "clashes_with": standing.clashes_with(booking) if booking.clashing else [],
        "may_cancel": rules.may_cancel(booking),
        "may_swap": rules.may_swap(booking),
        "may_join": rules.may_join(booking),
        "dates": other_dates(booking.session, booking.membership),
        "still_asked": booking.state == Booking.State.CANCELLED and standing.still_asks(booking),
        "graduation": graduating.graduation_of(booking.session),
        "may_evaluate": _may_evaluate(person(request), booking),
        "reminders": reminders_to_come(booking.session.starts_at, after=timezone.now()),
    }
    return render(request, "cohorts/booking.html", context, status=REFUSED if refused else None)


def _may_evaluate(user: User, booking: Booking) -> bool:
    session = booking.session
    return evaluating.is_asked(user, session) and not rules.reads_evaluations_of(user, session)


def _is_tied(user: User, booking: Booking) -> bool:
    """Say whether who waits has booked something that a place would clash with, so that they are asked first."""
    _, others = standing.bookings_in_the_way(user, booking.session, booking.membership, besides=booking)
    return bool(others)


def heading_of(booking: Booking) -> str:
    """Say how a booking stands; once the session has begun, what was live is no promise any more."""
    if booking.state in Booking.LIVE and booking.session.has_begun:
        return "Your booking" if booking.state == Booking.State.BOOKED else "This session has begun"
    return HEADINGS[Booking.State(booking.state)]


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def swap(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Show the other dates to which a booking can be moved."""
    booking = own(request, uid)
    if not rules.may_swap(booking):
        return _to(booking)
    cohort_id = booking.membership.cohort_id if booking.membership else None
    found = choices(
        booking.session.component,
        cohort_id=cohort_id,
        person=person(request),
        after=request.GET.get("after", ""),
    )
    context = {
        "booking": booking,
        "session": booking.session,
        "rows": date_rows(found, swap_from=booking.uid),
        "next_after": found.next_after,
    }
    return render(request, "cohorts/swap.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def swap_to(request: HttpRequest, uid: UUID, session_id: int) -> HttpResponse:
    """Show the old date and the new, and move the booking."""
    booking = own(request, uid)
    new = existing(rules.visible_session(person(request), session_id))
    if new.component_id != booking.component_id:
        raise Http404
    refused = None
    if request.method == "POST":
        try:
            return _to(verbs.swap(booking, new.pk, by=person(request)))
        except BookingRefused as refusal:
            refused = refusal
    if not rules.may_swap(booking) or booking.session_id == new.pk:
        return show(request, booking, refused) if refused else _to(booking)
    context = {
        "booking": booking,
        "session": booking.session,
        "new": new,
        "refused": refused,
        "full": new.places_left <= 0,
        "overlaps": refused.other if isinstance(refused, Overlaps) else None,
        "may_swap": refused is None and new.booking_is_open and new.places_left > 0,
    }
    return render(request, "cohorts/swap_to.html", context, status=REFUSED if refused else None)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def cancel(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Ask why a place is given up, or whether to leave the waiting list; and do it."""
    booking = own(request, uid)
    if request.method != "POST" and not rules.may_cancel(booking):
        return _to(booking)
    form = CancelForm(request.POST if request.method == "POST" else None, booking=booking)
    if form.is_valid():
        try:
            return _to(verbs.cancel(booking, by=person(request), reason=form.cleaned_data.get("reason", "")))
        except BookingRefused as refusal:
            return show(request, booking, refusal)
    heading = WAYS_TO_CANCEL.get(Booking.State(booking.state), "Cancel this booking")
    context = {
        "heading": heading,
        "booking": booking,
        "session": booking.session,
        "may_swap": rules.may_swap(booking),
        "form": form,
    }
    return render(request, "cohorts/cancel.html", context, status=INVALID if form.is_bound else None)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def accept(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take an offered place. The booking's own page asks for it."""
    booking = own(request, uid)
    if request.method != "POST":
        return _to(booking)
    try:
        return _to(verbs.accept_offer(booking, by=person(request)))
    except BookingRefused as refusal:
        return show(request, own(request, uid), refusal)
