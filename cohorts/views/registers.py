"""A facilitator's pages: the sessions they lead, and the register of each, which the programme team can take too."""

import re

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from cohorts import alongside, led_sessions, materials, register, register_sheet, rules
from cohorts.forms import NOT_ENROLLED, WalkInForm
from cohorts.models import Booking, Session
from cohorts.refusals import NotForYou
from cohorts.views.led_rows import led_page, led_rows
from portal.access import access, existing, person
from portal.accounts import typed
from portal.accounts.models import User
from portal.accounts.rules import is_facilitator
from portal.accounts.seeing import seen_by_admins
from portal.nhsuk.radios import Choices

SEEN = re.compile(r"(\d{1,18}):([a-z_]{1,14})", re.ASCII)
MARK = re.compile(r"mark-(\d{1,18})", re.ASCII)
PAGE = re.compile(r"[1-9]\d{0,3}", re.ASCII)
INVALID, NOT_SAVED = 422, 409
SPARE_LINES = 5
MARKS = Choices([(mark.value, mark.label) for mark in register.MARKS])


@require_safe
@cache_control(private=True, no_store=True)
@access(is_facilitator)
@seen_by_admins
def facilitate(request: HttpRequest) -> HttpResponse:
    """Show "My sessions"; with `after` or `before`, one more page of those to come or those that are over."""
    user = person(request)
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    is_first = not (after or before)
    past = None if after else led_sessions.past(user, before=before)
    to_take = [session for session in past.rows if session.needs_register] if past and is_first else []
    context = {
        "is_first": is_first,
        "to_take": led_rows(to_take),
        "today": led_rows(led_sessions.today(user)) if is_first else [],
        "upcoming": None if before else led_page(led_sessions.upcoming(user, after=after)),
        "past": led_page(past.without(to_take)) if past else None,
    }
    return render(request, "cohorts/facilitate.html", context)


def marks_in_words(person: User, fields: list[tuple[str, str]], pk: int) -> list[tuple[str, str]]:
    """Say whom the marks of a register's form are of, where they are that person's to take."""
    session = rules.session_with_register(person, pk)
    names = register_sheet.names(session) if session else {}
    marks = [(int(found[1]), value) for name, value in fields if (found := MARK.fullmatch(name))]
    return [
        (names[booking], Booking.State(value).label)
        for booking, value in marks
        if booking in names and value in register.MARKS
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(rules.takes_registers)
@typed.told_as(marks_in_words)
def take_register(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a session's register, and save it."""
    session = existing(rules.session_with_register(person(request), pk))
    page = page_asked_for(request)
    if request.method != "POST":
        return _show(request, session, register_sheet.read(session, page=page), page)
    seen, chosen = _answer(request)
    try:
        saved = register_sheet.save(session, seen=seen, chosen=chosen, by=person(request))
    except register.RegisterClosed as closed:
        sheet = register_sheet.read(session, page=page).with_choices(chosen, {})
        return _show(request, session, sheet, page, refused=str(closed))
    if saved.is_whole:
        messages.success(request, "The register is saved." if saved.marked else "Nothing had changed.")
        return HttpResponseRedirect(request.get_full_path())
    sheet = register_sheet.read(session, page=page).with_choices(saved.conflicts, saved.conflicts)
    return _show(request, session, sheet, page, saved=saved)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(rules.takes_registers)
def walk_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Put somebody on the register who came without a place, by their address."""
    session = existing(rules.session_with_register(person(request), pk))
    form = WalkInForm(request.POST if request.method == "POST" else None)
    status = INVALID if form.is_bound else 200
    if form.is_valid():
        try:
            register.add_walk_in(session, form.person, by=person(request))
        except NotForYou:
            form.add_error("email", NOT_ENROLLED)
        except register.RegisterClosed as closed:
            form.add_error(None, str(closed))
            status = NOT_SAVED
        else:
            messages.success(request, f"{form.person} is on the register, as attended.")
            return redirect("register", pk)
    return render(request, "cohorts/walk_in.html", {"session": session, "form": form}, status=status)


@require_safe
@cache_control(private=True, no_store=True)
@access(rules.takes_registers)
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the register as a sheet to print, with a line for each signature and some for who comes without a place."""
    session = existing(rules.session_with_register(person(request), pk))
    people = register_sheet.everybody(session)
    guests = sum(number for *_, number in people)
    context = {
        "session": session,
        "people": people,
        "spare": range(SPARE_LINES),
        "guests": guests,
        "everybody": len(people) + guests,
    }
    return render(request, "cohorts/register_on_paper.html", context)


def _show(
    request: HttpRequest,
    session: Session,
    sheet: register_sheet.Sheet,
    page: int,
    *,
    saved: register_sheet.Saved | None = None,
    refused: str = "",
) -> HttpResponse:
    if page > 1 and not sheet.lines:
        raise Http404
    context = {
        "session": session,
        "is_facilitator": is_facilitator(request.user),
        "materials": materials.all_of(session),
        "ways": list(alongside.ways_from(session, person(request))),
        "sheet": sheet,
        "saved": saved,
        "refused": refused,
        "is_open": register.is_open(session),
        "opens_at": session.starts_at - register.OPENS_BEFORE,
        "marks": MARKS,
        "previous_page": f"?page={page - 1}" if page > 1 else "",
        "next_page": f"?page={page + 1}" if sheet.has_more else "",
    }
    return render(request, "cohorts/register.html", context, status=NOT_SAVED if saved or refused else 200)


def page_asked_for(request: HttpRequest) -> int:
    """Return the page that the address asks for. Raises Http404 for what is none."""
    asked = request.GET.get("page", "1")
    if not PAGE.fullmatch(asked):
        raise Http404
    return int(asked)


def _answer(request: HttpRequest) -> tuple[dict[int, str], dict[int, str]]:
    """Return what the page showed of each booking, and what was chosen. Raises BadRequest for what no page sends."""
    seen = {int(pk): state for pk, state in SEEN.findall(request.POST.get("seen", ""))}
    chosen = {}
    for name, mark in request.POST.items():
        found = MARK.fullmatch(name)
        if found is None:
            continue
        if mark not in register.MARKS:
            raise BadRequest("That is no mark of a register.")
        chosen[int(found[1])] = Booking.State(str(mark)).value
    return seen, chosen
