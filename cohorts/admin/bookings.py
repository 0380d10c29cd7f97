"""Bookings, for reading; booking and cancelling for somebody goes through the same verbs as their own pages."""

from operator import attrgetter
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from cohorts import booking
from cohorts.admin import exports
from cohorts.admin.keeping import KeptAdmin, KeptFilter, TimeFilter
from cohorts.models import Booking
from cohorts.refusals import BookingRefused, SessionFull
from portal.access import person
from portal.accounts.models import User
from portal.accounts.rules import keeps_people
from portal.nhsuk.dates import say_when
from portal.questions import FormForVerb, Question, fill_in


class BookForm(FormForVerb[Booking]):
    """Asks for whom to book, and what."""

    wait = forms.BooleanField(label="If it is full, put them on the waiting list", required=False)

    class Meta:
        model = Booking
        fields = ("user", "session")


class CancelForm(forms.Form):
    """Asks why, in words that the person may read."""

    reason = forms.CharField(
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
        help_text="Optional. The person, and the programme team, can read it. Leave out anything about health or "
        "family.",
    )


class BookingTimes(TimeFilter):
    """Filter by whether the session is still to come."""

    title = "time"
    times: ClassVar = {"all": "All", "upcoming": "Still to come", "past": "Past"}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Booking]) -> QuerySet[Booking]:
        """Return the bookings of the chosen time."""
        now = timezone.now()
        return {
            "all": queryset,
            "upcoming": queryset.filter(session__starts_at__gt=now),
            "past": queryset.filter(session__starts_at__lte=now),
        }[self.chosen()]


@admin.register(Booking)
class BookingAdmin(KeptAdmin[Booking]):
    """Who has booked what."""

    programme = "component__programme"
    form = BookForm
    may_change = False
    fields = ("user", "session", "wait")
    reasons: ClassVar = dict.fromkeys(("booking.cancelled", "booking.left_queue"), attrgetter("cancel_reason"))
    shown = ("session", "membership", "state", "clashing", "queued_at", "offer_expires_at", "cancel_reason")
    list_display = ("name", "session", "state", "clashing", "created_at")
    list_filter = (BookingTimes, "state", "clashing", ("component__programme", KeptFilter))
    list_select_related = ("user", "session__component")
    search_fields = ("user__name", "user__email")
    search_help_text = "Search by name or email address."
    autocomplete_fields = ("user", "session")
    ordering = ("-id",)
    sortable_by = ()

    @admin.display(description="person")
    def name(self, booking: Booking) -> str:
        """Return the person's name."""
        return booking.user.name

    def get_queryset(self, request: HttpRequest) -> QuerySet[Booking]:
        """Return bookings with what stands in their names."""
        return super().get_queryset(request).select_related("user", "session__component")

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Allow the way here from one session's page."""
        return lookup == "session__id__exact" or super().lookup_allowed(lookup, value, request)

    def get_fields(self, request: HttpRequest, obj: Booking | None = None) -> tuple[str, ...]:
        """Show a booking whole; ask only for whom and what. The person's own page is for those who keep people."""
        if obj is None:
            return tuple(self.fields)
        return ("user" if keeps_people(request.user) else "name", *self.shown)

    def get_readonly_fields(self, request: HttpRequest, obj: Booking | None = None) -> tuple[str, ...]:
        """Show a booking; nothing of it is changed by hand."""
        return self.get_fields(request, obj) if obj else ()

    def pages(self) -> list[URLPattern]:
        """Add cancelling for somebody, and the list as a file."""
        return [
            path("<int:pk>/cancel/", self.cancel_page, name="cohorts_booking_cancel"),
            path("export/", self.export_page, name="cohorts_booking_export"),
        ]

    def export_page(self, request: HttpRequest) -> HttpResponseBase:
        """Give the list as a file; see `cohorts.admin.exports`."""
        return exports.download_bookings(self, request)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Book for somebody."""
        form = self.form_to_add(request)
        if form.is_valid() and (made := self._book(form, by=person(request))):
            done = "is booked on" if made.state == Booking.State.BOOKED else "is on the waiting list of"
            messages.success(request, f"{made.user} {done} {made.session}. They are told.")
            return HttpResponseRedirect(reverse("admin:cohorts_booking_change", args=[made.pk]))
        return fill_in(
            request,
            self,
            Question(
                title="Book for somebody",
                says=["The person is told by email, as if they had booked it themselves."],
                button="Book",
            ),
            form,
        )

    def _book(self, form: Any, *, by: User) -> Booking | None:
        """Book what the form names; None, with the reason on the form, if it is refused."""
        user, session = form.cleaned_data["user"], form.cleaned_data["session"]
        try:
            try:
                return booking.book(user, session.pk, by=by)
            except SessionFull:
                if not form.cleaned_data["wait"]:
                    raise
                return booking.join_waiting_list(user, session.pk, by=by)
        except BookingRefused as refused:
            form.add_error(None, f"{user}: {refused.message}")
            return None

    def cancel_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Cancel for somebody, once it is said what that does."""
        held = get_object_or_404(self.get_queryset(request), pk=pk)
        form = CancelForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                booking.cancel(held, by=person(request), reason=form.cleaned_data["reason"])
            except BookingRefused as refused:
                messages.error(request, refused.message)
            else:
                messages.success(request, "Cancelled. The person is told, and a free place passes on.")
            return HttpResponseRedirect(reverse("admin:cohorts_booking_change", args=[pk]))
        session = held.session
        return fill_in(
            request,
            self,
            Question(
                title=f"Cancel for {held.user}",
                says=[
                    (
                        f"{session.component} on {say_when(session.starts_at, session.ends_at)} (UK time): "
                        f"{held.get_state_display().lower()}."
                    ),
                    "The person is told by email. A place that becomes free passes to the next in the queue.",
                ],
                button="Cancel the booking",
                about=held,
            ),
            form,
        )
