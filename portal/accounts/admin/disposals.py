"""The log of what was disposed of, as a list and as a file, and what would be disposed of now; for reading alone."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.accounts.rules import keeps_people
from portal.administration import RuledAdmin
from portal.nhsuk.dates import uk_time
from portal.retention import disposing
from portal.retention.categories import all_of_them, heading_of
from portal.retention.models import Disposal
from portal.spreadsheets import Cell, write

HEADINGS = ("When (UK time)", "Category", "Number", "Kept for", "Dated up to", "Run")


class CategoryFilter(admin.SimpleListFilter):
    """Filter by category; those that something is kept under today are known without asking the log."""

    title = "category"
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer each category."""
        return [(category.name, category.heading) for category in all_of_them()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Disposal]) -> QuerySet[Disposal]:
        """Return what was disposed of under it."""
        return queryset.filter(category=self.value()) if self.value() else queryset


@admin.register(Disposal)
class DisposalAdmin(RuledAdmin[Disposal]):
    """What was disposed of, when, and after how long."""

    rule = keeps_people
    may_add = may_change = False
    list_display = ("at", "what", "number", "period", "up_to", "run")
    list_filter = (CategoryFilter,)
    sortable_by = ()
    fields = ("at", "category", "number", "period", "up_to", "run")

    @admin.display(description="category")
    def what(self, disposal: Disposal) -> str:
        """Say what it was in words, as long as something is still kept under that name."""
        return heading_of(disposal.category)

    def pages(self) -> list[URLPattern]:
        """Add the dry run, and the log as a file."""
        return [
            path("due/", require_safe(self.due_page), name="retention_disposal_due"),
            path("export/", require_safe(self.export_page), name="retention_disposal_export"),
        ]

    def due_page(self, request: HttpRequest) -> HttpResponse:
        """Show how much of each category would be disposed of now, and how much a legal hold keeps."""
        context = {
            **self.admin_site.each_context(request),
            "title": "What would be disposed of now",
            "opts": self.opts,
            "due": disposing.what_is_due(),
        }
        return TemplateResponse(request, "admin/retention/due.html", context)

    def export_page(self, request: HttpRequest) -> HttpResponseBase:
        """Give the log, as it is filtered, as a CSV file. It holds numbers alone."""
        day = timezone.localdate().isoformat()
        return StreamingHttpResponse(
            write(HEADINGS, _cells(self.rows_of_list(request))),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="disposals-{day}.csv"'},
        )


def _cells(rows: QuerySet[Disposal]) -> Iterator[list[Cell]]:
    """Yield the cells of each entry, in the order of HEADINGS."""
    for row in rows.iterator(chunk_size=1000):
        at = f"{uk_time(row.at):%Y-%m-%d %H:%M}"
        yield [at, row.category, row.number, row.period, row.up_to.isoformat(), str(row.run)]
