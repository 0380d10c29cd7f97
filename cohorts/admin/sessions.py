"""Sessions: the list with how full each is, one session's page, and the ways to change what people have booked."""

from operator import attrgetter
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone

from cohorts import alongside, scheduling
from cohorts.admin import exports, session_changes
from cohorts.admin.keeping import KeptAdmin, KeptFilter, TimeFilter, count
from cohorts.admin.lacking import Lacking
from cohorts.admin.session_forms import SessionForm
from cohorts.models import Booking, Session
from portal.access import person
from portal.administration import FiguredChangeList
from portal.nhsuk.dates import say_when


class SessionTimes(TimeFilter):
    """Filter by where a session stands in time."""

    title = "time"
    times: ClassVar = {"upcoming": "Still to come", "past": "Past", "cancelled": "Cancelled", "all": "All"}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Session]) -> QuerySet[Session]:
        """Return the sessions of the chosen time."""
        now = timezone.now()
        return {
            "upcoming": queryset.filter(cancelled_at__isnull=True, starts_at__gt=now),
            "past": queryset.filter(cancelled_at__isnull=True, starts_at__lte=now),
            "cancelled": queryset.filter(cancelled_at__isnull=False),
            "all": queryset,
        }[self.chosen()]


class SessionList(FiguredChangeList):
    """The list of sessions: those that come next, or were last, first."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """Return the order that goes with the chosen time."""
        to_come = any(isinstance(each, SessionTimes) and each.chosen() == "upcoming" for each in self.filter_specs)
        return ["starts_at", "pk"] if to_come else ["-starts_at", "-pk"]


@admin.register(Session)
class SessionAdmin(KeptAdmin[Session]):
    """Dates. When it is, and how many places it has, changes by verbs that tell people and pass places on."""

    programme = "component__programme"
    form = SessionForm
    list_display = ("session", "when", "of_cohort", "occupancy", "format", "is_ready")
    list_filter = (SessionTimes, Lacking, ("component__programme", KeptFilter), ("cohort", KeptFilter), "format")
    list_select_related = ("component", "cohort", "venue")
    search_fields = ("component__title", "cohort__name", "venue__name")
    autocomplete_fields = ("component", "cohort", "venue", "facilitators")
    ordering = ("-starts_at",)
    sortable_by = ()
    actions = ("cancel_sessions",)
    may_delete = True
    reasons: ClassVar = {"session.moved": attrgetter("move_reason"), "session.cancelled": attrgetter("cancel_reason")}
    # What a verb guards: the rest may be corrected by hand at any time.
    GUARDED = ("component", "cohort", "starts_at", "ends_at", "places")
    fieldsets = (
        (None, {"fields": ("component", "cohort", ("starts_at", "ends_at"), "places")}),
        ("Where", {"fields": ("format", "venue", "join_link", "what_to_bring", "joining_instructions")}),
        ("Who leads it", {"fields": ("facilitators",)}),
        ("When it can be booked", {"fields": ("booking_opens_at", "booking_closes_at", "open_to_alumni")}),
    )

    def with_figures(self, rows: QuerySet[Session]) -> QuerySet[Session]:
        """Count how many wait for each."""
        return rows.annotate(waiting_now=count(Booking.objects.queue().filter(session=OuterRef("pk")), "session"))

    @admin.display(description="session")
    def session(self, session: Session) -> str:
        """Return what it is a date of."""
        return session.component.title

    @admin.display(description="when (UK time)")
    def when(self, session: Session) -> str:
        """Say when it is, or was to be."""
        said = say_when(session.starts_at, session.ends_at)
        return f"Cancelled: {said}" if session.is_cancelled else said

    @admin.display(description="cohort", empty_value="All of the programme")
    def of_cohort(self, session: Session) -> str | None:
        """Return the cohort that it is held for."""
        return session.cohort.name if session.cohort else None

    @admin.display(description="places taken")
    def occupancy(self, session: Any) -> str:
        """Say how full it is: "18 of 20, 3 waiting"."""
        waiting = f", {session.waiting_now} waiting" if session.waiting_now else ""
        return f"{session.taken} of {session.places}{waiting}"

    @admin.display(description="has its place or link", boolean=True)
    def is_ready(self, session: Session) -> bool:
        """Say whether people who booked can be told where to go."""
        needs_venue = session.format != Session.Format.ONLINE
        needs_link = session.format != Session.Format.IN_PERSON
        return not (needs_venue and session.venue is None) and not (needs_link and not session.join_link)

    @admin.action(description="Cancel the selected sessions", permissions=["change"])
    def cancel_sessions(self, request: HttpRequest, queryset: QuerySet[Session]) -> Any:
        """Cancel several, once it is said what that does."""
        return session_changes.cancel_several(self, request, queryset)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        """Return sessions with what stands in their names."""
        return super().get_queryset(request).select_related("component")

    def choice_label(self, session: Session) -> str:
        """Say when it is, to tell it from other dates."""
        return f"{session.component}: {say_when(session.starts_at, session.ends_at)}"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the list in its own order."""
        return SessionList

    def has_change_permission(self, request: HttpRequest, obj: Session | None = None) -> bool:
        """Leave a session that was cancelled as it was."""
        return super().has_change_permission(request, obj) and not (obj and obj.is_cancelled)

    def get_readonly_fields(self, request: HttpRequest, obj: Session | None = None) -> tuple[str, ...]:
        """Leave to the verbs what people have booked; a past session keeps its facts."""
        return self.GUARDED if obj else ()

    def save_model(self, request: HttpRequest, obj: Session, form: Any, change: Any) -> None:
        """Write what was changed and no more; when that is the place, tell everybody who comes there."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        columns = {field.name for field in obj._meta.concrete_fields}
        changed = [name for name in form.changed_data if name in columns]
        obj.save(update_fields=changed)
        if {"format", "venue"} & set(changed) and not (obj.is_cancelled or obj.has_begun):
            told = scheduling.relocate(obj, by=person(request))
            self.message_user(request, f"People told of the new place: {told}.", messages.SUCCESS)

    def is_in_use(self, obj: Session) -> bool:
        """Say whether anybody has, or had, a booking, or it is kept for something else."""
        return obj.bookings.exists() or alongside.is_kept(obj)

    def view_on_site(self, obj: Session) -> str:
        """Lead to the session's page."""
        return obj.get_absolute_url()

    def pages(self) -> list[URLPattern]:
        """Add the ways to make a series, to move, cancel and resize a session, and what is said of it as a file."""
        return [
            path("series/", self.series_page, name="cohorts_session_series"),
            path("<int:pk>/move/", self.move_page, name="cohorts_session_move"),
            path("<int:pk>/cancel/", self.cancel_page, name="cohorts_session_cancel"),
            path("<int:pk>/places/", self.places_page, name="cohorts_session_places"),
            path("<int:pk>/evaluation/export/", self.export_evaluation, name="cohorts_session_export_evaluation"),
        ]

    def export_evaluation(self, request: HttpRequest, pk: int) -> Any:
        """Give what people say of one as a file; see `cohorts.admin.exports`."""
        return exports.download_evaluation(self, request, pk)

    def series_page(self, request: HttpRequest) -> Any:
        """Add sessions at a regular distance; see `session_changes`."""
        return session_changes.add_series(self, request)

    def move_page(self, request: HttpRequest, pk: int) -> Any:
        """Move one; see `session_changes`."""
        return session_changes.move_one(self, request, pk)

    def cancel_page(self, request: HttpRequest, pk: int) -> Any:
        """Cancel one; see `session_changes`."""
        return session_changes.cancel_one(self, request, pk)

    def places_page(self, request: HttpRequest, pk: int) -> Any:
        """Change how many places one has; see `session_changes`."""
        return session_changes.change_places_of_one(self, request, pk)
