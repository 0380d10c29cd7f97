"""What became of the files that somebody confirmed: their own, for nobody else to see."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from portal.accounts.models import User
from portal.accounts.rules import is_programme_admin
from portal.administration import RuledAdmin
from portal.imports.importing import done_of
from portal.imports.kinds import kind_of
from portal.imports.models import FileImport


@admin.register(FileImport)
class FileImportAdmin(RuledAdmin[FileImport]):
    """How far each is, for whoever confirmed it."""

    rule = is_programme_admin
    may_add = may_change = False
    list_display = ("confirmed_at", "what", "rows", "state")
    list_display_links = ("what",)
    ordering = ("-id",)
    sortable_by = ()

    def within(self, user: User, queryset: QuerySet[FileImport]) -> QuerySet[FileImport]:
        """Return one's own."""
        return queryset.filter(by=user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[FileImport]:
        """Return files without what is sealed in them."""
        return super().get_queryset(request).defer("sealed")

    @admin.display(description="what")
    def what(self, taken: FileImport) -> str:
        """Say what kind of file it was."""
        return kind_of(taken.kind).title

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Say how far a file is, or what became of it."""
        if request.method == "POST":
            raise PermissionDenied
        taken = self.get_object(request, object_id)
        if taken is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": f"{kind_of(taken.kind).title}: {taken.get_state_display()}",
            "opts": self.opts,
            "taken": taken,
            "done": done_of(taken),
            "leads_to": kind_of(taken.kind).leads_to(taken.about),
            "numbers": sorted(taken.numbers.items()),
            "media": self.media,
        }
        return TemplateResponse(request, "admin/imports/progress.html", context)
