"""The themes by which projects are sorted: kept by whoever keeps all programmes."""

from django.contrib import admin

from cohorts.rules import keeps_all_programmes, keeps_programmes
from portal.administration import RuledAdmin
from qi_projects.models import Theme


@admin.register(Theme)
class ThemeAdmin(RuledAdmin[Theme]):
    """What teams choose among."""

    rule = keeps_all_programmes
    readers = keeps_programmes
    may_delete = True
    list_display = ("name", "offered")
    search_fields = ("name",)
    ordering = ("name",)

    def is_in_use(self, obj: Theme) -> bool:
        """Say whether a project has it."""
        return obj.projects.exists()
