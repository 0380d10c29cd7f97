"""Projects in the admin pages: a list of what was ever active, to read. Drafts are their teams' alone."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cohorts.rules import keeps_programmes
from portal.accounts.models import User
from portal.administration import RuledAdmin
from portal.nhsuk.dates import say_date
from qi_projects.admin.coaches import coaches_page
from qi_projects.coaches import coaches_of, without_a_coach
from qi_projects.models import Project, Submission
from qi_projects.rules import projects_kept


class Reviews(admin.SimpleListFilter):
    """Filter by how a project stands with its review."""

    title = "review"
    parameter_name = "review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer where the latest submission of a project can stand."""
        return [(state.value, str(state.label)) for state in Submission.State]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Project]) -> QuerySet[Project]:
        """Return the projects whose latest submission stands there."""
        chosen = self.value()
        if chosen not in Submission.State.values:
            return queryset
        latest = Submission.objects.filter(project=OuterRef("pk")).order_by("-id")
        return queryset.alias(stands=Subquery(latest.values("state")[:1])).filter(stands=chosen)


class Coached(admin.SimpleListFilter):
    """Filter by whether a QI coach of the portal is beside a project that is active."""

    title = "coach"
    parameter_name = "coach"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer those that wait for a coach."""
        return [("none", "Active without a coach")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Project]) -> QuerySet[Project]:
        """Return the projects that were chosen."""
        return queryset.filter(pk__in=without_a_coach().values("pk")) if self.value() == "none" else queryset


@admin.register(Project)
class ProjectAdmin(RuledAdmin[Project]):
    """Each programme admin sees those that count for a cohort of a programme that they keep."""

    rule = keeps_programmes
    may_add = may_change = False
    fields = ("title", "page", "coaches", "state", "theme", "setting", "organisation", "active_on", "changed_on")
    readonly_fields = ("page", "coaches", "active_on", "changed_on")
    list_display = ("title", "organisation", "theme", "state", "changed_on")
    list_filter = ("state", Reviews, Coached, "theme", "setting")
    list_select_related = ("organisation", "theme")
    search_fields = ("title", "organisation__name")
    ordering = ("-last_activity_at", "-id")

    def within(self, user: User, queryset: QuerySet[Project]) -> QuerySet[Project]:
        """Return the projects that somebody reads because they keep a programme."""
        return queryset.filter(pk__in=projects_kept(user).order_by().values("pk"))

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
        """Return the page of a project's coaches."""
        return [path("<int:pk>/coaches/", self.assign_coach, name="qi_projects_project_coaches")]

    def assign_coach(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show who coaches it, and assign a coach or take one off."""
        return coaches_page(self, request, pk)

    @admin.display(description="active since")
    def active_on(self, project: Project) -> str:
        """Return since when others than its team can read it."""
        return say_date(project.active_since) if project.active_since else ""

    @admin.display(description="last changed", ordering="last_activity_at")
    def changed_on(self, project: Project) -> str:
        """Return the day on which its team last changed something."""
        return say_date(project.last_activity_at, weekday=False)
