"""Cohorts: who is in them, how far they are, and the way to enrol people."""

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from cohorts import champions, imports, learning_records, nominations_by_file
from cohorts.admin import exports
from cohorts.admin.applicants import applicants
from cohorts.admin.certifying import certify_all
from cohorts.admin.champions import champions_page
from cohorts.admin.copies import copy_page
from cohorts.admin.keeping import KeptAdmin, KeptFilter, TimeFilter, count
from cohorts.admin.life import life_page
from cohorts.admin.records import record_page
from cohorts.admin.waiting import CohortWaits
from cohorts.completion import with_completion
from cohorts.enrolment import hold
from cohorts.models import Cohort, Membership, Session
from portal.generics import ModelForm
from portal.imports.pages import import_page
from portal.questions import count_of


class CohortForm(ModelForm[Cohort]):
    """A cohort's own facts."""

    def clean_places(self) -> int:
        """Require a place for everybody who is in it, or was offered one."""
        places: int = self.cleaned_data["places"]
        if places < self.instance.taken:
            raise ValidationError(f"Places taken or offered: {self.instance.taken}. Enter that number or more.")
        return places

    def clean_champion_for(self) -> str:
        """Keep whom champions are for once somebody is nominated or asked, until this form is saved."""
        chosen: str = self.cleaned_data["champion_for"]
        changes = self.instance.pk and chosen != self.initial["champion_for"]
        if changes and champions.is_settled(hold(self.instance)):
            raise ValidationError("Somebody is nominated, asked or confirmed already. End that first.")
        return chosen

    def clean(self) -> dict[str, Any]:
        """Require of the days for applications both or neither, in order, and say which is wrong."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        opens, closes = given.get("opens_on"), given.get("closes_on")
        if opens and not closes and "closes_on" not in self.errors:
            self.add_error("closes_on", "Enter the last day to apply, or leave both days empty.")
        if closes and not opens and "opens_on" not in self.errors:
            self.add_error("opens_on", "Enter the first day to apply, or leave both days empty.")
        if opens and closes and closes < opens:
            self.add_error("closes_on", "The last day to apply must be the same as or after the first.")
        return given


class CohortTimes(TimeFilter):
    """Filter by where a cohort stands in time."""

    title = "time"
    times: ClassVar = {"now": "Running or to come", "past": "Ended", "all": "All"}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Cohort]) -> QuerySet[Cohort]:
        """Return the cohorts of the chosen time."""
        today = timezone.localdate()
        return {
            "now": queryset.filter(ends_on__gte=today),
            "past": queryset.filter(ends_on__lt=today),
            "all": queryset,
        }[self.chosen()]


@admin.register(Cohort)
class CohortAdmin(KeptAdmin[Cohort]):
    """Groups that go through a programme together."""

    programme = "programme"
    form = CohortForm
    fields = (
        "programme",
        ("number", "name"),
        ("starts_on", "ends_on"),
        "places",
        ("opens_on", "closes_on"),
        "offer_days",
        "champion_for",
        ("champion_opens_on", "champion_closes_on"),
    )
    list_display = ("name", "life_so_far", "of_programme", "starts_on", "ends_on", "members", "complete", "has_dates")
    list_filter = (CohortTimes, CohortWaits, ("programme", KeptFilter))
    list_select_related = ("programme",)
    search_fields = ("name", "programme__name")
    autocomplete_fields = ("programme",)
    ordering = ("-starts_on", "name")
    # Of each cohort on a page the evidence of all its members is read.
    list_per_page = 20
    may_delete = True

    def with_figures(self, rows: QuerySet[Cohort]) -> QuerySet[Cohort]:
        """Count each cohort's members, and those of them who are complete."""
        enrolled = Membership.objects.enrolled().filter(cohort=OuterRef("pk"))
        complete: QuerySet[Any] = with_completion(enrolled)
        dates = Session.objects.scheduled().filter(cohort=OuterRef("pk")).order_by()
        return rows.annotate(
            members_now=count(enrolled, "cohort"),
            complete_now=count(complete.filter(is_complete=True), "cohort"),
            # Not EXISTS, for which PostgreSQL would read the sessions of all cohorts.
            a_date=Subquery(dates.values("pk")[:1]),
        )

    @admin.display(description="its life")
    def life_so_far(self, cohort: Cohort) -> str:
        """Lead to the page of all that has happened in it and that waits."""
        page = reverse("admin:cohorts_cohort_life", args=[cohort.pk])
        return format_html('<a href="{}">See all<span class="visually-hidden"> of {}</span></a>', page, cohort)

    @admin.display(description="programme", ordering="programme__name")
    def of_programme(self, cohort: Cohort) -> str:
        """Return the programme's name."""
        return cohort.programme.name

    @admin.display(description="members")
    def members(self, cohort: Any) -> str:
        """Say how many people are enrolled, of how many places."""
        return f"{cohort.members_now} of {count_of(cohort.places, 'place')}"

    @admin.display(description="complete")
    def complete(self, cohort: Any) -> int:
        """Say how many of them have done all that is required."""
        number: int = cohort.complete_now
        return number

    @admin.display(description="has dates", boolean=True)
    def has_dates(self, cohort: Any) -> bool:
        """Say whether a session is scheduled for it."""
        return cohort.a_date is not None

    def get_readonly_fields(self, request: HttpRequest, obj: Cohort | None = None) -> tuple[str, ...]:
        """Keep the programme of a cohort once it is made: what people have done stands on it."""
        return ("programme",) if obj else ()

    def is_in_use(self, obj: Cohort) -> bool:
        """Say whether anybody is, or was, in it, or a session is held for it."""
        return obj.memberships.exists() or obj.sessions.exists()

    def pages(self) -> list[URLPattern]:
        """Add its life on one page, and the pages of what is done about a cohort."""
        return [
            path("<int:pk>/life/", self.life, name="cohorts_cohort_life"),
            path("<int:pk>/enrol/", self.enrol_by_file, name="cohorts_cohort_enrol"),
            path("<int:pk>/certify/", self.certify, name="cohorts_cohort_certify"),
            path("<int:pk>/nominate/", self.nominate_by_file, name="cohorts_cohort_nominate"),
            path("<int:pk>/learning-records/", self.learning_records, name="cohorts_cohort_learning_records"),
            path("<int:pk>/copy/", self.copy, name="cohorts_cohort_copy"),
            path("<int:pk>/champions/", self.champions, name="cohorts_cohort_champions"),
            path("<int:pk>/applicants/", self.applicants, name="cohorts_cohort_applicants"),
            path("<int:pk>/record/", self.record, name="cohorts_cohort_record"),
            path("<int:pk>/applicants/export/", self.export_applicants, name="cohorts_cohort_export_applicants"),
        ]

    def life(self, request: HttpRequest, pk: int) -> Any:
        """Show what has happened and what waits, from the first application on; see `cohorts.admin.life`."""
        return life_page(self, request, pk)

    def certify(self, request: HttpRequest, pk: int) -> Any:
        """Issue certificates to everybody who is complete; see `cohorts.admin.certifying`."""
        return certify_all(self, request, pk)

    def copy(self, request: HttpRequest, pk: int) -> Any:
        """Make another cohort like this one; see `cohorts.admin.copies`."""
        return copy_page(self, request, pk)

    def champions(self, request: HttpRequest, pk: int) -> Any:
        """Ask, confirm and end champions; see `cohorts.admin.champions`."""
        return champions_page(self, request, pk)

    def applicants(self, request: HttpRequest, pk: int) -> Any:
        """Show who applied, by organisation and job role, against the places; see `cohorts.admin.applicants`."""
        return applicants(self, request, pk)

    def record(self, request: HttpRequest, pk: int) -> Any:
        """Record what members have done; see `cohorts.admin.records`."""
        return record_page(self, request, pk)

    def nominate_by_file(self, request: HttpRequest, pk: int) -> Any:
        """Nominate the people of a file; see `cohorts.nominations_by_file`."""
        return import_page(self, request, nominations_by_file.NOMINATIONS, pk)

    def learning_records(self, request: HttpRequest, pk: int) -> Any:
        """Record what people have done by a file; see `cohorts.learning_records`."""
        return import_page(self, request, learning_records.LEARNING_RECORDS, pk)

    def export_applicants(self, request: HttpRequest, pk: int) -> Any:
        """Give those who applied as a file; see `cohorts.admin.exports`."""
        return exports.download_applicants(self, request, pk)

    def enrol_by_file(self, request: HttpRequest, pk: int) -> Any:
        """Enrol the people of a file; see `cohorts.imports`."""
        return import_page(self, request, imports.ENROLMENTS, pk)
