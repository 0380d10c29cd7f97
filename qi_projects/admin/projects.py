"""The portfolio: projects in the admin pages, all that were ever active, to read. Drafts are their teams' alone."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from cohorts.rules import keeps_programmes
from portal.access import person
from portal.accounts.models import User
from portal.administration import RuledAdmin
from portal.nhsuk.dates import say_date, uk_time
from qi_projects import portfolio
from qi_projects.admin import exports
from qi_projects.admin.coaches import coaches_page
from qi_projects.admin.project_filters import (
    Coached,
    Cohorts,
    Organisations,
    Quiet,
    Reviews,
    Scores,
    States,
    WhatMeasuresShow,
)
from qi_projects.coaches import coaches_of
from qi_projects.models import Project, Submission


@admin.register(Project)
class ProjectAdmin(RuledAdmin[Project]):
    """Each programme admin sees those that count for a cohort of a programme that they keep."""

    rule = keeps_programmes
    may_add = may_change = False
    fields = ("title", "page", "coaches", "state", "theme", "setting", "organisation", "active_on", "changed_on")
    readonly_fields = ("page", "coaches", "active_on", "changed_on")
    list_display = ("title", "cohorts", "place_and_theme", "stands", "scored", "shown", "changed_on")
    list_filter = (
        States,
        WhatMeasuresShow,
        Scores,
        Quiet,
        Reviews,
        Coached,
        Cohorts,
        Organisations,
        "theme",
        "setting",
    )
    list_select_related = ("organisation", "theme")
    search_fields = ("title", "organisation__name")
    ordering = ("-last_activity_at", "-id")

    def within(self, user: User, queryset: QuerySet[Project]) -> QuerySet[Project]:
        """Return the projects that somebody reads because they keep a programme."""
        return portfolio.within(user, queryset)

    def with_figures(self, rows: QuerySet[Project]) -> QuerySet[Project]:
        """Tell for which cohorts each project counts, how far it is, and what its measures show."""
        return portfolio.with_figures(rows)

    @admin.display(description="counts for")
    def cohorts(self, project: Any) -> str:
        """Return the cohorts for which it counts."""
        return ", ".join(portfolio.cohorts_told(project)) or "No cohort"

    @admin.display(description="organisation and theme", ordering="organisation__name")
    def place_and_theme(self, project: Project) -> SafeString:
        """Return where it is done, and what it is about."""
        said = filter(None, (project.organisation, project.theme))
        return format_html_join("", "<div>{}</div>", ((str(line),) for line in said))

    @admin.display(description="latest score")
    def scored(self, project: Project) -> str:
        """Return its latest score on the scale of 0.5 to 5."""
        return "Not scored" if project.latest_score is None else str(project.latest_score)

    @admin.display(description="what its measures show now")
    def shown(self, project: Any) -> SafeString:
        """Say which of its measures improve or get worse, of how many."""
        return format_html_join("", "<div>{}</div>", ((line,) for line in portfolio.shows_told(project)))

    @admin.display(description="state and review", ordering="state")
    def stands(self, project: Any) -> str:
        """Return its state, and how it stands with its review once it was sent."""
        state: str = project.get_state_display()
        return f"{state}. {Submission.State(project.review).label}" if project.review else state

    @admin.display(description="what it says")
    def page(self, project: Project) -> SafeString:
        """Lead to the project's own page."""
        return format_html('<a href="{}">Read the project</a>', project.get_absolute_url())

    @admin.display(description="coached by")
    def coaches(self, project: Project) -> SafeString:
        """Say who coaches it, and lead to where that is changed."""
        names = ", ".join(coach.place.user.name for coach in coaches_of(project))
        address = reverse("admin:qi_projects_project_coaches", args=[project.pk])
        return format_html('{} <a href="{}">Assign a coach, or take one off</a>', names or "Nobody.", address)

    def pages(self) -> list[URLPattern]:
        """Return the portfolio at a glance and as files, and the page of a project's coaches."""
        return [
            path("at-a-glance/", self.glance, name="qi_projects_project_glance"),
            path("export/", self.export_page, name="qi_projects_project_export"),
            path("export-measures/", self.export_measures_page, name="qi_projects_project_export_measures"),
            path("<int:pk>/coaches/", self.assign_coach, name="qi_projects_project_coaches"),
        ]

    def glance(self, request: HttpRequest) -> HttpResponse:
        """Show how many projects there are of each kind; each number leads to them."""
        context = {
            **self.admin_site.each_context(request),
            "title": "The portfolio at a glance",
            "opts": self.opts,
            "tables": portfolio.at_a_glance(person(request)),
        }
        return TemplateResponse(request, "admin/qi_projects/project/glance.html", context)

    def export_page(self, request: HttpRequest) -> HttpResponseBase:
        """Give the list as a file; see `qi_projects.admin.exports`."""
        return exports.download_projects(self, request)

    def export_measures_page(self, request: HttpRequest) -> HttpResponseBase:
        """Give the measures of the list as a file; see `qi_projects.admin.exports`."""
        return exports.download_measures(self, request)

    def assign_coach(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show who coaches it, and assign a coach or take one off."""
        return coaches_page(self, request, pk)

    @admin.display(description="active since")
    def active_on(self, project: Project) -> str:
        """Return since when others than its team can read it."""
        return say_date(project.active_since) if project.active_since else ""

    @admin.display(description="last changed", ordering="last_activity_at")
    def changed_on(self, project: Project) -> str:
        """Return the day on which its team last changed something, short: the list has eight columns."""
        return f"{uk_time(project.last_activity_at):%-d %b %Y}"
