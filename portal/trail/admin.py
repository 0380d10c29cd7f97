"""The trail as admins read it."""

from django.contrib import admin
from django.http import HttpRequest

from portal.capped_pages import CappedPaginator
from portal.generics import ModelAdmin
from portal.trail.models import Entry


@admin.register(Entry)
class EntryAdmin(ModelAdmin[Entry]):
    """Who did what to what, and when; for reading alone."""

    list_display = ("at", "actor_kind", "actor", "verb", "subject", "details")
    list_display_links = None
    list_filter = ("actor_kind",)
    list_select_related = ("actor",)
    list_per_page = 50
    paginator = CappedPaginator
    show_full_result_count = False
    sortable_by = ()
    search_fields = ("subject__exact",)
    search_help_text = "Search by what it was done to, for example booking:12."

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Entries come from what is done."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        """The trail does not change."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        """The trail does not change."""
        return False
