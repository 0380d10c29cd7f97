"""Group reflective practice for its team, with the queue open: dates, who comes, the link, the register."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from portal.access import existing
from portal.nhsuk.components import isolated, tag
from portal.nhsuk.dates import say_when
from referrals import groups, rules
from referrals.forms.groups import PlanForm, RegisterForm
from referrals.group_booking import has_link
from referrals.groups import GroupRefused, Guest, Plan
from referrals.models import GroupSession, Triager
from referrals.unlocking import Unlocked
from referrals.vault import Unsigned
from referrals.views.desk import discard_waiting, filled_in, is_sent, with_open_queue
from referrals.views.queue import REFUSED
from referrals.views.unlock import INVALID

CLOSED = "The link cannot be sealed, since your provider's keys are not those that the settings name. Ask your lead."


@dataclass(frozen=True, slots=True)
class Line:
    """A session, or a guest, as a table shows it."""

    cells: tuple[str, ...]


@require_safe
@with_open_queue
def sessions(request: HttpRequest, opened: Unlocked) -> HttpResponse:
    """Show the sessions to come, and those of the last weeks."""
    found = groups.of_team(opened.triager.provider)
    context = {"opened": opened, "lines": [_line(session) for session in found], "leads": rules.leads(opened.triager)}
    return render(request, "queue/groups.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@with_open_queue
def plan(request: HttpRequest, opened: Unlocked) -> HttpResponse:
    """Announce a session."""
    lead = _lead(opened)
    form = PlanForm(filled_in(request, opened), team=_team(lead))
    page: dict[str, object] = {"heading": "Plan a session"}
    return _fill_in(request, opened, form, partial(groups.plan, opened), "The session is announced.", page)


@require_http_methods(["GET", "HEAD", "POST"])
@with_open_queue
def change(request: HttpRequest, opened: Unlocked, pk: UUID) -> HttpResponse:
    """Change a session."""
    lead = _lead(opened)
    session = _session(lead, pk)
    initial = PlanForm.said_of(session, groups.link_of(session, opened))
    form = PlanForm(filled_in(request, opened), team=_team(lead), initial=initial)
    page = {"heading": "Change the session", "session": session}
    said = "The session is changed. Tell those who are booked."
    return _fill_in(request, opened, form, partial(groups.change, session, opened), said, page)


def _fill_in(
    request: HttpRequest,
    opened: Unlocked,
    form: PlanForm,
    do: Callable[[Plan], GroupSession],
    said: str,
    page: dict[str, object],
) -> HttpResponse:
    """Ask for what is to be known of a session, and do it; say what was wrong where it was typed."""
    status = INVALID if request.method == "POST" else None
    if is_sent(request, form):
        status = REFUSED
        try:
            session = do(form.planned)
        except GroupRefused as refusal:
            form.add_error(None, str(refusal))
        except Unsigned:
            form.add_error("link", CLOSED)
        else:
            discard_waiting(request, opened)
            messages.success(request, said)
            return redirect("queue_group", session.pk)
    return render(request, "queue/groups_plan.html", {**page, "opened": opened, "form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@with_open_queue
def call_off(request: HttpRequest, opened: Unlocked, pk: UUID) -> HttpResponse:
    """Call a session off, once it is said what that does."""
    session = _session(_lead(opened), pk)
    if request.method != "POST":
        return render(request, "queue/groups_call_off.html", {"opened": opened, "session": session})
    try:
        groups.call_off(session, opened)
    except GroupRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The session is called off. Tell those who are booked.")
    return redirect("queue_group", session.pk)


@require_safe
@with_open_queue
def session(request: HttpRequest, opened: Unlocked, pk: UUID) -> HttpResponse:
    """Show one session, and to who leads it who comes."""
    found = _session(opened.triager, pk)
    guests = groups.guests(found, opened) if groups.may_see_guests(opened.triager, found) else None
    may_take_off = rules.leads(opened.triager) and found.is_to_come
    context = {
        **_about(found, opened),
        "guests": [_guest_line(found, guest, may_take_off=may_take_off) for guest in guests or ()],
        "sees_guests": guests is not None,
        "without_link": sum(not has_link(guest.booking) for guest in guests or ()),
    }
    return render(request, "queue/groups_session.html", context)


@require_http_methods(["POST"])
@with_open_queue
def give_link(request: HttpRequest, opened: Unlocked, pk: UUID) -> HttpResponse:
    """Give the link to join to everybody who is booked."""
    found = _led(opened, pk)
    try:
        given = groups.give_link(found, opened)
    except GroupRefused as refusal:
        messages.error(request, str(refusal))
    else:
        people = "1 more person" if given == 1 else f"{given} more people"
        messages.success(request, f"The link is given to {people}. Their receipt shows it from the day before.")
    return redirect("queue_group", found.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@with_open_queue
def take_off(request: HttpRequest, opened: Unlocked, pk: UUID, guest: UUID) -> HttpResponse:
    """Cancel somebody's booking, once it is said what that does; of one that is cancelled say so."""
    found = _session(_lead(opened), pk)
    booking = existing(found.bookings.filter(pk=guest).first())
    booked = next((each for each in groups.guests(found, opened) if each.booking == booking), None)
    if booked is None:
        messages.success(request, "This booking is cancelled already.")
        return redirect("queue_group", found.pk)
    if request.method != "POST":
        context = {"opened": opened, "session": found, "guest": booked}
        return render(request, "queue/groups_take_off.html", context)
    try:
        groups.take_off(found, opened, guest)
    except GroupRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The booking is cancelled, and who it was is deleted.")
    return redirect("queue_group", found.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@with_open_queue
def register(request: HttpRequest, opened: Unlocked, pk: UUID) -> HttpResponse:
    """Keep the register: for those who lead the session alone."""
    found = _session(opened.triager, pk)
    existing(found if groups.leads(opened.triager, found) else None)
    guests = groups.guests(found, opened)
    form = RegisterForm(filled_in(request, opened), guests=guests)
    status = INVALID if request.method == "POST" else None
    if is_sent(request, form):
        try:
            groups.mark(found, opened, form.came)
        except GroupRefused as refusal:
            form.add_error(None, str(refusal))
            status = REFUSED
        else:
            discard_waiting(request, opened)
            messages.success(request, "The register is kept.")
            return redirect("queue_group", found.pk)
    context = {**_about(found, opened), "form": form, "guests": guests}
    return render(request, "queue/groups_register.html", context, status=status)


def _about(session: GroupSession, opened: Unlocked) -> dict[str, object]:
    return {
        "opened": opened,
        "session": session,
        "facilitators": list(session.facilitators.all()),
        "link": groups.link_of(session, opened),
        "leads": rules.leads(opened.triager),
        "keeps_register": groups.leads(opened.triager, session),
        "is_open": session.is_to_come,
    }


def _lead(opened: Unlocked) -> Triager:
    """Return the triager if they lead the team. Raises Http404 otherwise."""
    return existing(opened.triager if rules.leads(opened.triager) else None)


def _session(triager: Triager, pk: UUID) -> GroupSession:
    """Return a session of the triager's provider. Raises Http404."""
    found = triager.provider.group_sessions.select_related("epoch", "provider").prefetch_related("facilitators__user")
    return existing(found.filter(pk=pk).first())


def _led(opened: Unlocked, pk: UUID) -> GroupSession:
    """Return a session whose guests the triager may see. Raises Http404."""
    found = _session(opened.triager, pk)
    return existing(found if groups.may_see_guests(opened.triager, found) else None)


def _team(lead: Triager) -> list[Triager]:
    return list(lead.provider.triagers.active().select_related("user"))


def _line(session: GroupSession) -> Line:
    when = format_html(
        '<a href="{}">{}</a>', reverse("queue_group", args=[session.pk]), say_when(session.starts_at, session.ends_at)
    )
    led_by = ", ".join(triager.user.name for triager in session.facilitators.all())
    return Line((when, session.title, led_by, _state(session)))


def _state(session: GroupSession) -> str:
    if session.cancelled_on:
        return tag("Called off", "grey")
    return f"{session.taken} of {session.places}" if session.erased_on is None else "Erased"


def _guest_line(session: GroupSession, guest: Guest, *, may_take_off: bool) -> Line:
    cells = (_name(guest), guest.reach, _came(guest))
    if not may_take_off:
        return Line(cells)
    address = reverse("queue_group_take_off", args=[session.pk, guest.booking.pk])
    way = format_html(
        '<a href="{}">Cancel<span class="nhsuk-u-visually-hidden"> the booking of {}</span></a>', address, _name(guest)
    )
    return Line((*cells, way))


def _name(guest: Guest) -> str:
    return isolated(guest.name) if guest.name else "Cannot be opened"


def _came(guest: Guest) -> str:
    return {True: "Came", False: "Did not come", None: "Not marked"}[guest.booking.attended]
