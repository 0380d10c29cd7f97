"""Making a series of sessions, and moving, cancelling and resizing one: each is said first, and done when confirmed."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from cohorts import scheduling
from cohorts.admin.session_forms import CancelForm, MoveForm, PlacesForm, SeriesForm
from cohorts.models import Booking, Session
from portal.access import person
from portal.nhsuk.dates import say_when
from portal.questions import Deed, Question, ask, ask_first, count_of, fill_in, goes_back, is_confirmed, people

if TYPE_CHECKING:
    from cohorts.admin.sessions import SessionAdmin

State = Booking.State
# Of whom a change affects so many are named; the number counts all of them.
SHOWN = 200


def add_series(model_admin: "SessionAdmin", request: HttpRequest) -> HttpResponse:
    """Show the dates that a pattern makes, and make them."""
    form_class: Any = model_admin.get_form(
        request, form=SeriesForm, fields=[*SeriesForm.Meta.fields, "every", "unit", "times"]
    )
    question = Question(title="Add a series of sessions", button="Show the dates")
    is_sent = request.method == "POST"
    form = form_class(request.POST) if is_sent else form_class(initial=model_admin.get_changeform_initial_data(request))
    if is_sent and form.is_valid() and not goes_back(request):
        given = form.cleaned_data
        pattern, facilitators = form.save(commit=False), list(given["facilitators"])
        if is_confirmed(request):
            try:
                made = scheduling.add_dates(
                    pattern, facilitators, every=form.distance, count=given["times"], by=person(request)
                )
            except ValidationError as refused:
                form.add_error(None, refused.messages)
                return fill_in(request, model_admin, question, form)
            messages.success(request, f"{len(made)} sessions added.")
            return HttpResponseRedirect(reverse("admin:cohorts_session_changelist"))
        dates = scheduling.dates(pattern, every=form.distance, count=given["times"])
        return ask(
            request,
            model_admin,
            Question(
                title="Add a series of sessions",
                says=[
                    f"This adds {len(dates)} sessions of {pattern.component}, with {pattern.places} places each.",
                    *_what_a_series_lacks(pattern, dates),
                ],
                headings=("Session", "When (UK time)"),
                listed=[(str(number), say_when(*date)) for number, date in enumerate(dates, 1)],
                button=f"Add {len(dates)} sessions",
            ),
            form,
        )
    return fill_in(request, model_admin, question, form)


def _what_a_series_lacks(pattern: Session, dates: Sequence[tuple[datetime, datetime]]) -> list[str]:
    """Say what people will miss about the sessions, if they are added as they are."""
    begun = sum(starts_at <= timezone.now() for starts_at, _ in dates)
    lacks_venue = pattern.format != Session.Format.ONLINE and pattern.venue is None
    lacks_link = pattern.format != Session.Format.IN_PERSON and not pattern.join_link
    return [
        *([f"In the past, so that nobody can book: {count_of(begun, 'session')}."] if begun else []),
        *(["They have no venue. People who book are not told where to go."] if lacks_venue else []),
        *(["They have no link to join. People who book are told that it will come."] if lacks_link else []),
    ]


def move_one(model_admin: "SessionAdmin", request: HttpRequest, pk: int) -> HttpResponse:
    """Show whom a move affects and who would come to have two sessions at once, and move it."""
    session = _session(model_admin, request, pk)
    form = MoveForm(request.POST) if request.method == "POST" else MoveForm(initial=_times(session))
    if form.is_bound and form.is_valid() and not goes_back(request):
        starts_at, ends_at = form.cleaned_data["starts_at"], form.cleaned_data["ends_at"]
        try:
            if is_confirmed(request):
                reason = form.cleaned_data["reason"]
                scheduling.move(session, starts_at, ends_at, by=person(request), reason=reason)
                messages.success(request, f"Moved to {say_when(starts_at, ends_at)}. Everybody who booked is told.")
                return _back_to(session)
            scheduling.require_movable(session, starts_at, ends_at)
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            return _ask_about_move(model_admin, request, session, form)
    return fill_in(
        request,
        model_admin,
        Question(
            title=f"Move {session}",
            says=[f"It is now on {say_when(session.starts_at, session.ends_at)}."],
            button="See whom it affects",
            about=session,
        ),
        form,
    )


def _ask_about_move(
    model_admin: "SessionAdmin", request: HttpRequest, session: Session, form: MoveForm
) -> HttpResponse:
    starts_at, ends_at = form.cleaned_data["starts_at"], form.cleaned_data["ends_at"]
    affected: list[Any] = list(scheduling.whom_a_move_affects(session, starts_at, ends_at))
    clashing = sum(booking.would_clash for booking in affected if booking.state == State.BOOKED)
    return ask(
        request,
        model_admin,
        Question(
            title=f"Move {session}",
            says=[
                (
                    f"The session moves from {say_when(session.starts_at, session.ends_at)}, "
                    f"to {say_when(starts_at, ends_at)} (UK time)."
                ),
                f"Moved with it: {count_of(len(affected), 'booking')}. Each person is told.",
                f"{people(clashing)} would then have another booking at the same time, and would be asked to choose.",
                *([f"They read why: {form.cleaned_data['reason']}"] if form.cleaned_data["reason"] else []),
            ],
            headings=("Person", "Booking", "Has another booking then"),
            listed=[(b.user.name, b.get_state_display(), "Yes" if b.would_clash else "No") for b in affected[:SHOWN]],
            more=len(affected[SHOWN:]),
            button="Move the session",
            about=session,
        ),
        form,
    )


def cancel_one(model_admin: "SessionAdmin", request: HttpRequest, pk: int) -> HttpResponse:
    """Show how many bookings end with a session, ask why, and cancel it."""
    session = _session(model_admin, request, pk)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            told = scheduling.cancel_session(session, by=person(request), reason=form.cleaned_data["reason"])
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
        else:
            messages.success(request, f"The session is cancelled. Told: {people(told)}.")
        return _back_to(session)
    if session.has_begun or session.is_cancelled:
        messages.error(request, "A session that is cancelled or has begun cannot be cancelled.")
        return _back_to(session)
    numbers = session.bookings.live().aggregate(
        held=Count("pk", filter=~Q(state=State.WAITING)), waiting=Count("pk", filter=Q(state=State.WAITING))
    )
    return fill_in(
        request,
        model_admin,
        Question(
            title=f"Cancel {session}",
            says=[
                f"This cancels the session on {say_when(session.starts_at, session.ends_at)} (UK time).",
                (
                    f"Places held: {numbers['held']}. On the waiting list: {numbers['waiting']}. "
                    "Each is told, and can choose another date."
                ),
                "It cannot be undone.",
            ],
            button="Cancel the session",
            about=session,
        ),
        form,
    )


def cancel_several(model_admin: "SessionAdmin", request: HttpRequest, chosen: QuerySet[Session]) -> HttpResponse | None:
    """Show how many bookings end with the chosen sessions, and cancel them; those that have begun are left alone."""

    def says(sessions: Sequence[Session]) -> list[str]:
        held = Booking.objects.live().filter(session__in=sessions).count()
        return [
            (
                f"This cancels {count_of(len(sessions), 'session')}, and {count_of(held, 'booking')} with them. "
                "Each person is told."
            ),
            "It cannot be undone.",
        ]

    def cancel(sessions: Sequence[Session]) -> tuple[int, str]:
        told = [_cancel(session, request) for session in sessions]
        done = [number for number in told if number is not None]
        return len(done), f"{count_of(len(done), 'session')} cancelled. Told: {people(sum(done))}."

    deed = Deed(
        action="cancel_sessions",
        title="Cancel sessions",
        button="Cancel the sessions",
        headings=("Session", "When (UK time)", "Places taken"),
        cells=lambda s: (s.component.title, say_when(s.starts_at, s.ends_at), f"{s.taken} of {s.places}"),
        why_not=_why_not_cancel,
        says=says,
        do=cancel,
    )
    return ask_first(request, model_admin, chosen.select_related("component"), deed)


def _why_not_cancel(session: Session) -> str:
    if session.is_cancelled:
        return "It is cancelled already."
    return "It has begun." if session.has_begun else ""


def _cancel(session: Session, request: HttpRequest) -> int | None:
    """Cancel one, and return how many were told; None if it began a moment ago."""
    try:
        return scheduling.cancel_session(session, by=person(request))
    except ValidationError:
        return None


def change_places_of_one(model_admin: "SessionAdmin", request: HttpRequest, pk: int) -> HttpResponse:
    """Show how many of the waiting list get a place, and change the number of places."""
    session = _session(model_admin, request, pk)
    form = PlacesForm(request.POST if request.method == "POST" else None, initial={"places": session.places})
    if form.is_bound and form.is_valid() and not goes_back(request):
        places = form.cleaned_data["places"]
        if places < session.taken:
            form.add_error("places", f"{session.taken} places are already taken. Enter that number or more.")
        elif is_confirmed(request):
            try:
                scheduling.change_places(session, places, by=person(request))
            except ValidationError as refused:
                messages.error(request, " ".join(refused.messages))
            else:
                messages.success(request, f"The session now has {places} places.")
            return _back_to(session)
        else:
            queue = session.bookings.filter(state=State.WAITING)
            waiting = queue.count()
            may_pass_on = not (session.is_cancelled or session.has_begun)
            passed_on = min(queue.filter(user__is_active=True).count(), places - session.taken) if may_pass_on else 0
            return ask(
                request,
                model_admin,
                Question(
                    title=f"Change the places of {session}",
                    says=[
                        f"The session has {session.places} places, {session.taken} of them taken. It gets {places}.",
                        f"On the waiting list: {waiting}. Given or offered a place now: {passed_on}. They are told.",
                    ],
                    button="Change the places",
                    about=session,
                ),
                form,
            )
    return fill_in(
        request,
        model_admin,
        Question(
            title=f"Change the places of {session}",
            says=[f"{session.taken} of {session.places} places are taken."],
            button="See what it does",
            about=session,
        ),
        form,
    )


def _session(model_admin: "SessionAdmin", request: HttpRequest, pk: int) -> Session:
    return get_object_or_404(model_admin.get_queryset(request), pk=pk)


def _times(session: Session) -> dict[str, Any]:
    return {"starts_at": session.starts_at, "ends_at": session.ends_at}


def _back_to(session: Session) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:cohorts_session_change", args=[session.pk]))
