"""Who is in which cohort: enrolling by hand, taking out, recording what they did, and the list as a file."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from cohorts.admin import records
from cohorts.admin.keeping import KeptAdmin, KeptFilter
from cohorts.enrolment import LEFT, Enrolment, EnrolmentRefused, enrol_many, live_bookings, withdraw
from cohorts.models import Membership
from cohorts.progress import with_counts
from portal import trail
from portal.access import person
from portal.accounts.rules import keeps_people
from portal.questions import FormForVerb, Question, ask, count_of, fill_in, is_confirmed, people
from portal.spreadsheets import Cell, write

HEADINGS = ("Name", "Email", "Cohort", "Organisation", "Job role", "State", "Done", "Required")


class EnrolForm(FormForVerb):
    """Asks whom to enrol, and in what."""

    again = forms.BooleanField(
        label="They left this cohort and have asked to come back",
        required=False,
    )

    class Meta:
        model = Membership
        fields = ("user", "cohort", "organisation", "job_role")


@admin.register(Membership)
class MembershipAdmin(KeptAdmin[Membership]):
    """Members, for reading; what changes is done by the verbs of `cohorts.enrolment`."""

    programme = "cohort__programme"
    form = EnrolForm
    may_change = False
    fields = ("user", "cohort", "organisation", "job_role", "again")
    list_display = ("name", "email", "cohort", "organisation", "job_role", "state", "progress")
    list_filter = ("state", ("cohort__programme", KeptFilter), ("cohort", KeptFilter))
    list_select_related = ("user", "cohort", "organisation", "job_role")
    search_fields = ("user__name", "user__email")
    search_help_text = "Search by name or email address."
    autocomplete_fields = ("user", "cohort", "organisation", "job_role")
    ordering = ("-id",)
    sortable_by = ()

    def with_figures(self, rows: QuerySet[Membership]) -> QuerySet[Membership]:
        """Count what each has done of what is required."""
        return with_counts(rows)

    @admin.display(description="person")
    def name(self, membership: Membership) -> str:
        """Return the person's name."""
        return membership.user.name

    @admin.display(description="email")
    def email(self, membership: Membership) -> str:
        """Return the person's address."""
        return membership.user.email

    @admin.display(description="progress")
    def progress(self, membership: Any) -> str:
        """Say how much of what is required is done."""
        return f"{membership.done} of {membership.asked}"

    def get_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        """Show a membership's state and when it came about; ask for neither."""
        if obj is None:
            return tuple(self.fields)
        # The person's own page is for those who keep people.
        who = ("user",) if keeps_people(request.user) else ("name", "email")
        return (*who, "cohort", "organisation", "job_role", "state", "since")

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        """Show a membership; nothing of it is changed by hand."""
        return self.get_fields(request, obj) if obj else ()

    def pages(self) -> list[URLPattern]:
        """Add taking somebody out, recording what they have done, and the list as a file."""
        return [
            path("<int:pk>/withdraw/", self.withdraw_page, name="cohorts_membership_withdraw"),
            path("<int:pk>/record/", self.record_page, name="cohorts_membership_record"),
            path("<int:pk>/take-back/", self.take_back_page, name="cohorts_membership_take_back"),
            path("export/", self.export_page, name="cohorts_membership_export"),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Enrol one person."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form_class = self.get_form(request)
        if request.method == "POST":
            form = form_class(request.POST)
            if form.is_valid() and (answer := self._enrol(request, form)):
                return answer
        else:
            form = form_class(initial=self.get_changeform_initial_data(request))
        return fill_in(
            request,
            self,
            Question(
                title="Enrol a person",
                says=["They are not written to. People without an account are invited first, or enrolled by file."],
                button="Enrol",
            ),
            form,
        )

    def _enrol(self, request: HttpRequest, form: Any) -> HttpResponse | None:
        """Enrol whom the form names and lead to the cohort's members; None, with the reason on the form, if refused."""
        given = form.cleaned_data
        try:
            whom = Enrolment(
                given["user"],
                given["organisation"] or given["user"].organisation,
                given["job_role"] or given["user"].job_role,
            )
            is_new = enrol_many(given["cohort"], [whom], by=person(request), again=given["again"])
        except EnrolmentRefused as refused:
            form.add_error(None, str(refused))
            return None
        if is_new:
            messages.success(request, f"{given['user']} is enrolled in {given['cohort']}.")
        else:
            already = f"{given['user']} was enrolled in {given['cohort']} already. Nothing has changed."
            messages.warning(request, already)
        members = reverse("admin:cohorts_membership_changelist")
        return HttpResponseRedirect(f"{members}?cohort__id__exact={given['cohort'].pk}")

    def withdraw_page(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Take somebody out of a cohort, once it is said what that cancels."""
        rows = self.get_queryset(request).select_related("user", "cohort")
        membership = get_object_or_404(rows.exclude(state__in=LEFT), pk=pk)
        if is_confirmed(request):
            cancelled = withdraw(membership, by=person(request))
            messages.success(
                request, f"{membership.user} has left {membership.cohort}. Cancelled: {count_of(cancelled, 'booking')}."
            )
            return HttpResponseRedirect(reverse("admin:cohorts_membership_change", args=[pk]))
        held = live_bookings(membership).select_related("session__component").order_by("during")
        return ask(
            request,
            self,
            Question(
                title=f"Withdraw {membership.user}",
                says=[
                    (
                        f"{membership.user} leaves {membership.cohort}. This cancels {count_of(len(held), 'booking')}. "
                        "They are told of each. Each place passes to the next person in the queue."
                    ),
                    "What they have done stays on record. You can enrol them again if they ask for it.",
                ],
                headings=("Session", "Booking"),
                listed=[(str(booking.session), booking.get_state_display()) for booking in held],
                button="Withdraw",
                about=membership,
            ),
        )

    def record_page(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Record what somebody has done; see `cohorts.admin.records`."""
        return records.record_page(self, request, pk)

    def take_back_page(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Take back a record; see `cohorts.admin.records`."""
        return records.take_back_page(self, request, pk)

    def export_page(self, request: HttpRequest) -> HttpResponseBase:
        """Give the list, as it is filtered, as a CSV file with the columns that it shows."""
        rows = self.rows_of_list(request)
        number = rows.count()
        if is_confirmed(request):
            trail.record("membership.exported", actor=person(request), subject="membership:list", rows=number)
            day = timezone.localdate().isoformat()
            return StreamingHttpResponse(
                write(HEADINGS, _cells(rows)),
                content_type="text/csv; charset=utf-8",
                headers={"Content-Disposition": f'attachment; filename="members-{day}.csv"'},
            )
        return ask(
            request,
            self,
            Question(
                title="Download the list",
                says=[
                    (
                        f"The file holds the names, addresses and progress of {people(number)}. "
                        "Keep it only where your organisation keeps personal data, and delete it once it has served."
                    )
                ],
                button="Download",
            ),
        )


def _cells(rows: QuerySet[Membership]) -> Iterator[list[Cell]]:
    """Yield the cells of each membership, in the order of HEADINGS."""
    for row in rows.select_related("user", "cohort", "organisation", "job_role").iterator(chunk_size=1000):
        membership: Any = row
        yield [
            membership.user.name,
            membership.user.email,
            membership.cohort.name,
            str(membership.organisation or ""),
            str(membership.job_role or ""),
            membership.get_state_display(),
            membership.done,
            membership.asked,
        ]
