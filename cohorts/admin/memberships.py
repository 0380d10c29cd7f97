"""Who is in which cohort: enrolling by hand, taking out, taking back a record, and the list as a file."""

from dataclasses import replace
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html_join

from cohorts.admin import exports, records
from cohorts.admin.certifying import certify_one
from cohorts.admin.keeping import KeptAdmin, KeptFilter
from cohorts.completion import with_counts, with_lateness
from cohorts.enrolment import Enrolment, EnrolmentRefused, defer, enrol_many, live_bookings, withdraw
from cohorts.models import ApplicationAnswer, Cohort, Membership
from portal.access import person
from portal.accounts.rules import keeps_people
from portal.form_choices import offer_rows
from portal.nhsuk.dates import say_until
from portal.questions import FormForVerb, Question, ask, count_of, fill_in, goes_back, is_confirmed


class EnrolForm(FormForVerb[Membership]):
    """Asks whom to enrol, and in what."""

    again = forms.BooleanField(
        label="They left this cohort and have asked to come back",
        required=False,
    )

    class Meta:
        model = Membership
        fields = ("user", "cohort", "organisation", "job_role")


class WithdrawForm(forms.Form):
    """Asks why somebody leaves: a broad reason, that tells nothing of health or family."""

    reason = forms.ChoiceField(choices=Membership.Reason.choices, initial=Membership.Reason.OTHER, label="Why")


class DeferForm(forms.Form):
    """Asks to which cohort, and why: as broadly as of somebody who leaves, and it may stay open."""

    to = forms.ModelChoiceField(
        Cohort.objects.none(), label="To which cohort", required=False, empty_label="One that is still to come"
    )
    reason = forms.ChoiceField(
        choices=[
            ("", "Not said"),
            *((value, label) for value, label in Membership.Reason.choices if value != Membership.Reason.NOT_CHOSEN),
        ],
        label="Why",
        required=False,
    )


class LateFilter(admin.SimpleListFilter):
    """Filter by whether the last day for something has passed without it."""

    title = "whether they are on time"
    parameter_name = "late"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer those who are late, and those who take part and are not."""
        return [("yes", "Something is late"), ("no", "On time")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Membership]) -> QuerySet[Membership]:
        """Return the memberships that were chosen."""
        if self.value() == "yes":
            return with_lateness(queryset).filter(is_late=True)
        if self.value() == "no":
            return with_lateness(queryset.filter(state=Membership.State.ENROLLED)).filter(is_late=False)
        return queryset


@admin.register(Membership)
class MembershipAdmin(KeptAdmin[Membership]):
    """Members, for reading; what changes is done by the verbs of `cohorts.enrolment`."""

    programme = "cohort__programme"
    reasons: ClassVar = dict.fromkeys(
        ("membership.withdrawn", "membership.deferred", "place.declined", "place.turned_down"),
        Membership.get_reason_display,
    )
    form = EnrolForm
    may_change = False
    fields = ("user", "cohort", "organisation", "job_role", "again")
    list_display = ("name", "cohort", "state", "progress", "on_time", "organisation", "job_role")
    list_filter = ("state", LateFilter, ("cohort__programme", KeptFilter), ("cohort", KeptFilter))
    list_select_related = ("user", "cohort", "organisation", "job_role")
    search_fields = ("user__name", "user__email")
    search_help_text = "Search by name or email address."
    autocomplete_fields = ("user", "cohort", "organisation", "job_role")
    ordering = ("-id",)
    sortable_by = ()

    def with_figures(self, rows: QuerySet[Membership]) -> QuerySet[Membership]:
        """Count what each has done of what is asked, and see whether the last day for something has passed."""
        return with_lateness(with_counts(rows))

    @admin.display(description="person")
    def name(self, membership: Membership) -> str:
        """Return the person's name."""
        return membership.user.name

    @admin.display(description="email")
    def email(self, membership: Membership) -> str:
        """Return the person's address."""
        return membership.user.email

    @admin.display(description="nominated by")
    def nominated_by_name(self, membership: Membership) -> str:
        """Return who nominated them."""
        return membership.nominated_by.name if membership.nominated_by else "-"

    @admin.display(description="place held until")
    def held_until(self, membership: Membership) -> str:
        """Say until when a place is held for them."""
        return say_until(membership.offer_expires_at) if membership.offer_expires_at else "-"

    @admin.display(description="what they wrote")
    def answers(self, membership: Membership) -> str:
        """Return what they answered when they applied, once it was sent."""
        sent = ApplicationAnswer.objects.filter(
            application__user=membership.user_id,
            application__cohort=membership.cohort_id,
            application__sent_at__isnull=False,
        )
        lines = [(answer.asked, answer.text or "Not answered") for answer in sent]
        return format_html_join("", "<p><strong>{}</strong><br>{}</p>", lines) or "-"

    @admin.display(description="progress")
    def progress(self, membership: Any) -> str:
        """Say how much of what is asked is done."""
        return f"{membership.done} of {count_of(membership.asked, 'component')}"

    @admin.display(description="on time", boolean=True)
    def on_time(self, membership: Any) -> bool | None:
        """Say whether nothing is late; of somebody who does not take part, nothing is expected."""
        return None if membership.state != Membership.State.ENROLLED else not membership.is_late

    def get_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        """Show a membership's state and when it came about; ask for neither."""
        if obj is None:
            return tuple(self.fields)
        # The person's own page is for those who keep people.
        who = ("user",) if keeps_people(request.user) else ("name", "email")
        return (
            *who,
            "cohort",
            "organisation",
            "job_role",
            "state",
            "since",
            "nominated_by_name",
            "held_until",
            "reason",
            "answers",
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        """Show a membership; nothing of it is changed by hand."""
        return self.get_fields(request, obj) if obj else ()

    def pages(self) -> list[URLPattern]:
        """Add taking somebody out, deferring them, taking back a record, a certificate, and the list as a file."""
        return [
            path("<int:pk>/defer/", self.defer_page, name="cohorts_membership_defer"),
            path("<int:pk>/certify/", self.certify_page, name="cohorts_membership_certify"),
            path("<int:pk>/withdraw/", self.withdraw_page, name="cohorts_membership_withdraw"),
            path("<int:pk>/take-back/", self.take_back_page, name="cohorts_membership_take_back"),
            path("export/", self.export_page, name="cohorts_membership_export"),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Enrol one person."""
        form = self.form_to_add(request)
        if form.is_valid() and (answer := self._enrol(request, form)):
            return answer
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
        membership = get_object_or_404(self.get_queryset(request).select_related("user", "cohort"), pk=pk)
        if membership.state in Membership.LEFT:
            return self._as_it_is(request, membership, "left {cohort} already, or said no to it")
        form = WithdrawForm(request.POST if request.method == "POST" else None)
        held = live_bookings(membership).select_related("session__component").order_by("during")
        question = Question(
            title=f"Withdraw {membership.user}",
            says=[
                f"{membership.user} leaves {membership.cohort}. {_cancels(len(held))}",
                "They get no email that they have left: write to them yourself.",
                "What they have done stays on record. You can enrol them again if they ask for it.",
            ],
            headings=("Session", "Booking"),
            listed=[(str(booking.session), booking.get_state_display()) for booking in held],
            button="Withdraw",
            about=membership,
        )
        if request.method != "POST" or not form.is_valid() or goes_back(request):
            return fill_in(request, self, replace(question, button="Continue"), form)
        reason = Membership.Reason(form.cleaned_data["reason"])
        if not is_confirmed(request):
            return ask(request, self, replace(question, says=[*question.says, f"Why: {reason.label}."]), form)
        cancelled = withdraw(membership, by=person(request), reason=reason)
        messages.success(
            request, f"{membership.user} has left {membership.cohort}. Cancelled: {count_of(cancelled, 'booking')}."
        )
        return HttpResponseRedirect(reverse("admin:cohorts_membership_change", args=[pk]))

    def defer_page(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Let somebody take part in a later cohort, once it is said what that cancels."""
        membership = get_object_or_404(self.get_queryset(request).select_related("user", "cohort"), pk=pk)
        if not membership.may_be_deferred:
            is_deferred = membership.state == Membership.State.DEFERRED
            how = "was deferred from {cohort} already" if is_deferred else "has no place in {cohort} to defer"
            return self._as_it_is(request, membership, how)
        form = DeferForm(request.POST if request.method == "POST" else None)
        others = Cohort.objects.filter(
            programme=membership.cohort.programme_id, ends_on__gte=timezone.localdate()
        ).exclude(pk=membership.cohort_id)
        offer_rows(form, "to", others)
        if membership.state == Membership.State.DEFERRED:
            del form.fields["reason"]  # it was asked the first time
        asks = Question(title=f"Defer {membership.user}", button="Continue", about=membership)
        if request.method != "POST" or not form.is_valid() or goes_back(request):
            return fill_in(request, self, asks, form)
        to = form.cleaned_data["to"]
        if not is_confirmed(request):
            where = (
                f"{membership.user} is enrolled in {to}. What they have done counts there, too."
                if to
                else "They wait for a cohort to come. Once you know which, defer them again, to that one: what they "
                "have done counts there then."
            )
            says = [
                where,
                f"They leave {membership.cohort}. {_cancels(live_bookings(membership).count())}",
                "They get no email that they take part later: write to them yourself.",
            ]
            return ask(request, self, Question(title=asks.title, says=says, button="Defer", about=membership), form)
        try:
            later = defer(membership, to, by=person(request), reason=form.cleaned_data.get("reason", ""))
        except EnrolmentRefused as refused:
            form.add_error(None, str(refused))
            return fill_in(request, self, asks, form)
        messages.success(request, f"{membership.user} takes part later.")
        return HttpResponseRedirect(reverse("admin:cohorts_membership_change", args=[later.pk]))

    def _as_it_is(self, request: HttpRequest, membership: Membership, how: str) -> HttpResponse:
        """Lead to a membership to which nothing is to be done: a button was pressed twice, or in two tabs."""
        said = how.format(cohort=membership.cohort)
        messages.warning(request, f"{membership.user} {said}. Nothing has changed.")
        return HttpResponseRedirect(reverse("admin:cohorts_membership_change", args=[membership.pk]))

    def certify_page(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Issue a certificate of completion; see `cohorts.admin.certifying`."""
        return certify_one(self, request, pk)

    def take_back_page(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Take back a record; see `cohorts.admin.records`."""
        return records.take_back_page(self, request, pk)

    def export_page(self, request: HttpRequest) -> HttpResponseBase:
        """Give the list as a file; see `cohorts.admin.exports`."""
        return exports.download_members(self, request)


def _cancels(number: int) -> str:
    """Say how many bookings somebody's leaving cancels, and who is told of it."""
    if not number:
        return "They have no booking that this cancels."
    told = "They get an email about each. Each place passes to the next person in the queue."
    return f"This cancels {count_of(number, 'booking')}. {told}"
