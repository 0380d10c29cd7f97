"""Projects in the admin pages: a list of what was ever active, to read. Drafts are their teams' alone."""

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cohorts.rules import keeps_programmes
from portal.accounts.models import User
from portal.administration import RuledAdmin
from portal.nhsuk.dates import say_date
from qi_projects.models import Project
from qi_projects.rules import projects_kept


@admin.register(Project)
class ProjectAdmin(RuledAdmin[Project]):
    """Each programme admin sees those that count for a cohort of a programme that they keep."""

    rule = keeps_programmes
    may_add = may_change = False
    fields = ("title", "page", "state", "theme", "setting", "organisation", "active_on", "changed_on")
    readonly_fields = ("page", "active_on", "changed_on")
    list_display = ("title", "organisation", "theme", "state", "changed_on")
    list_filter = ("state", "theme", "setting")
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

    @admin.display(description="active since")
    def active_on(self, project: Project) -> str:
        """Return since when others than its team can read it."""
        return say_date(project.active_since) if project.active_since else ""

    @admin.display(description="last changed", ordering="last_activity_at")
    def changed_on(self, project: Project) -> str:
        """Return the day on which its team last changed something."""
        return say_date(project.last_activity_at, weekday=False)
