"""Answering an invitation to a graduation: yes, with so many guests, or no; and changing that."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from cohorts import booking as verbs
from cohorts import graduating, rules, standing
from cohorts.forms import GraduationForm
from cohorts.models import Booking, GraduationInvitation
from cohorts.refusals import BookingRefused, PlaceFree, SessionFull
from cohorts.waiting_list import place_in_queue
from portal.access import access, existing, person, signed_in
from portal.accounts import typed
from portal.accounts.models import User
from portal.form_words import filled_in

REFUSED: Final = 409
INVALID: Final = 422
State = Booking.State


def answer_in_words(person: User, fields: typed.Fields, pk: int) -> typed.Fields:
    """Say what somebody answered, and to what."""
    invitation = rules.own_invitation(person, pk)
    if invitation is None:
        return []
    form = GraduationForm(typed.as_sent(fields), most_guests=invitation.graduation.guests_each)
    return [("Invitation", invitation.graduation.name), *filled_in(form)]


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(answer_in_words)
def graduation(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an invitation with how its answer stands, and take the answer."""
    user = person(request)
    invitation = existing(rules.own_invitation(user, pk))
    most = max(invitation.graduation.guests_each, _held(user, invitation, "guests", 0))
    if request.method != "POST":
        return _show(request, invitation, GraduationForm(None, most_guests=most, initial=_initial(user, invitation)))
    form = GraduationForm(request.POST, most_guests=most)
    if not form.is_valid():
        return _show(request, invitation, form, status=INVALID)
    try:
        said = _answer(user, invitation, form, waits="wait" in request.POST)
    except BookingRefused as refused:
        return _show(request, invitation, form, refused=refused, status=REFUSED)
    messages.success(request, said)
    return redirect("graduation", pk)


def _held(user: User, invitation: GraduationInvitation, name: str, otherwise: Any) -> Any:
    held = standing.own_booking_of(user, invitation.graduation.session)
    return getattr(held, name) if held else otherwise


def _initial(user: User, invitation: GraduationInvitation) -> dict[str, Any]:
    """Return what was answered, to be changed."""
    held = standing.own_booking_of(user, invitation.graduation.session)
    if held:
        return {"coming": "yes", "guests": str(held.guests)}
    return {"coming": "no"} if invitation.declined_at else {}


def _answer(user: User, invitation: GraduationInvitation, form: GraduationForm, *, waits: bool) -> str:
    """Do what was answered, and say what came of it. Raises BookingRefused."""
    session = invitation.graduation.session
    if not form.is_yes:
        graduating.decline(invitation)
        return "You have said that you cannot come. Thank you for telling us."
    held = standing.own_booking_of(user, session)
    if held and held.state in Booking.LIVE:
        held = verbs.change_guests(held, form.guests, by=user)
    elif waits:
        try:
            held = verbs.join_waiting_list(user, session.pk, guests=form.guests)
        except PlaceFree:
            held = verbs.book(user, session.pk, guests=form.guests)
    else:
        held = verbs.book(user, session.pk, guests=form.guests)
    if held.state == State.WAITING:
        return "You are on the waiting list. We will write to you when there is room for all of you."
    return "Your answer is saved. We look forward to seeing you."


def _show(
    request: HttpRequest,
    invitation: GraduationInvitation,
    form: GraduationForm,
    *,
    refused: BookingRefused | None = None,
    status: int = 200,
) -> HttpResponse:
    session = invitation.graduation.session
    held = standing.own_booking_of(person(request), session)
    is_live = held is not None and held.state in Booking.LIVE
    is_open = not session.is_cancelled and not session.has_begun
    context = {
        "invitation": invitation,
        "graduation": invitation.graduation,
        "session": session,
        "booking": held,
        "place": place_in_queue(held) if held and held.state == State.WAITING else None,
        "form": form,
        "may_answer": is_open and (is_live or session.booking_is_open),
        "answer_by": session.booking_closes_at or session.starts_at,
        "may_wait": isinstance(refused, SessionFull) and not is_live,
        "refused": refused and refused.message,
    }
    return render(request, "cohorts/graduation.html", context, status=status)
