"""The themes by which projects are sorted: kept by whoever keeps all programmes."""

from django.contrib import admin

from cohorts.rules import keeps_all_programmes, keeps_programmes
from portal.administration import RuledAdmin
from qi_projects.models import Theme


@admin.register(Theme)
class ThemeAdmin(RuledAdmin[Theme]):
    """What teams choose among.

    None is deleted: a draft that nobody here may know of can have it, and a team may choose it at that moment.
    """

    rule = keeps_all_programmes
    readers = keeps_programmes
    list_display = ("name", "offered")
    search_fields = ("name",)
    ordering = ("name",)
