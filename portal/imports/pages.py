"""The page on which a file is chosen, its preview looked at, and confirmed: the same for every kind of file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from portal import trail
from portal.access import person
from portal.file_limits import MOST_BYTES, MOST_PROBLEMS, MOST_ROWS, UnreadableFile
from portal.imports import importing
from portal.imports.kinds import WRONG, Kind, Line, NotTheirs, Plan
from portal.kept_sealed import KEPT_FOR
from portal.lists_as_files import FORMATS, answer
from portal.spreadsheets import Cell, Row, Table, read

PROBLEMS: Final = "problems"
"""The name of the button that downloads what is to be corrected."""


class FileForm(forms.Form):
    """Asks for the file, and for the sheet of a workbook where that is not plain."""

    file = forms.FileField(
        label="File",
        help_text=f"CSV or an Excel workbook (.xlsx), up to {MOST_ROWS:,} rows and {MOST_BYTES // 1_000_000} MB.",
        error_messages={"required": "Choose a file", "empty": "The file is empty. Choose another one"},
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,text/csv,text/plain"}),
    )
    sheet = forms.CharField(
        label="Sheet",
        help_text="Only for a workbook in which several sheets have these headings.",
        required=False,
        max_length=100,
    )

    def __init__(self, *args: Any, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.table = Table([])

    def clean(self) -> dict[str, Any]:
        """Read the file, or say what is wrong with it."""
        given = super().clean() or {}
        if "file" in given and "sheet" in given:
            # One byte more than is allowed tells that there are too many, however many there are.
            content = given["file"].read(MOST_BYTES + 1)
            try:
                self.table = read(content, self.kind.columns, sheet=given["sheet"])
            except UnreadableFile as unreadable:
                self.add_error("file", unreadable.first)
        return given


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one outcome, or with something to look at, as the preview shows them: the first of them."""

    heading: str
    lines: Sequence[Line]
    headings: Sequence[str]
    why: str = ""

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self.lines)

    @property
    def shown(self) -> Sequence[Line]:
        """Return those that are shown."""
        return self.lines[:MOST_PROBLEMS]

    @property
    def rows(self) -> Sequence[tuple[Line, Sequence[tuple[str, str]]]]:
        """Return those that are shown, each with its cells, and each of them with its heading."""
        return [(line, list(zip(self.headings, line.cells, strict=True))) for line in self.shown]

    @property
    def hidden(self) -> int:
        """How many are not."""
        return self.number - len(self.shown)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a file is taken: on which admin page, by which request, for what."""

    model_admin: "admin.ModelAdmin[Any]"
    request: HttpRequest
    kind: Kind
    about: Any

    @property
    def pk(self) -> int | None:
        """Return the key of what the file goes into."""
        return self.about.pk if self.about else None


def import_page(
    model_admin: "admin.ModelAdmin[Any]", request: HttpRequest, kind: Kind, pk: int | None = None
) -> HttpResponseBase:
    """Take a file, show what it would do, and have it done when that is confirmed."""
    try:
        desk = Desk(model_admin, request, kind, kind.about(person(request), pk))
    except NotTheirs:
        raise Http404 from None
    if "key" in request.POST:
        return _problems(desk) if PROBLEMS in request.POST else _confirm(desk)
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = FileForm(*given, kind=kind)
    if form.is_bound and form.is_valid():
        # The preview tells of each address whether it has an account, and whose.
        trail.record(
            f"{kind.deed}_previewed",
            actor=person(request),
            subject=kind.subject(desk.about),
            rows=len(form.table.rows),
        )
        return _preview(desk, form.table)
    context = {"form": form, "errors": form.errors, "kind": kind, "advice": kind.advice}
    return _page(desk, "admin/imports/file.html", context, status=422 if form.is_bound else 200)


def _preview(desk: Desk, table: Table) -> HttpResponse:
    owner = person(desk.request)
    plan = importing.plan(desk.kind, table.rows, desk.about, by=owner)
    key = importing.keep(desk.kind, desk.pk, table.rows, agreed=plan.outcomes, owner=owner)
    outcomes = sorted(plan.numbers, key=lambda outcome: (outcome != WRONG, not plan.of(outcome)[0].acts, outcome))
    headings = desk.kind.shown
    groups = [
        Group(outcome, plan.of(outcome), headings, "What to correct" if outcome == WRONG else "")
        for outcome in outcomes
    ]
    if plan.noted:
        to_look_at = Group("Please look at these once more", plan.noted, headings, "What to look at")
        groups.insert(1 if plan.of(WRONG) else 0, to_look_at)
    context = {
        "plan": plan,
        "wrong": len(plan.of(WRONG)),
        "said": table.said,
        "numbers": [(outcome, plan.numbers[outcome]) for outcome in outcomes],
        "says": desk.kind.says(plan, desk.about),
        "button": desk.kind.button(plan),
        "groups": groups,
        "key": key,
        "minutes": KEPT_FOR // 60,
    }
    return _page(desk, "admin/imports/preview.html", context)


def _confirm(desk: Desk) -> HttpResponse:
    taken = importing.confirm(desk.request.POST["key"], desk.kind, desk.pk, owner=person(desk.request))
    if taken is None:
        return _too_late(desk)
    return HttpResponseRedirect(reverse("admin:imports_fileimport_change", args=[taken.pk]))


def _problems(desk: Desk) -> HttpResponseBase:
    """Give every row that is to be corrected, as it stands in the file, with what is wrong with it."""
    kept = importing.look(desk.request.POST["key"], desk.kind, desk.pk, owner=person(desk.request))
    if kept is None:
        return _too_late(desk)
    plan = importing.plan(desk.kind, kept.rows, desk.about, by=person(desk.request))
    headings = ["Row", *(column.heading for column in desk.kind.columns), "What to correct"]
    return answer("to-correct", FORMATS["csv"], headings, _rows_to_correct(desk.kind, plan, kept.rows))


def _rows_to_correct(kind: Kind, plan: Plan[Any], rows: Sequence[Row]) -> Iterator[list[Cell]]:
    for line, row in zip(plan.lines, rows, strict=True):
        if line.problems:
            yield [row.number, *(row.cells[column.key] for column in kind.columns), " ".join(line.problems)]


def _too_late(desk: Desk) -> HttpResponse:
    messages.error(
        desk.request, "This file was confirmed already, or waited too long. Upload it again to see what is left."
    )
    return HttpResponseRedirect(desk.request.get_full_path())


def _page(desk: Desk, template: str, context: dict[str, Any], status: int = 200) -> TemplateResponse:
    title = f"{desk.kind.title}: {desk.about}" if desk.about else desk.kind.title
    shared = {
        **desk.model_admin.admin_site.each_context(desk.request),
        "title": title,
        "about": desk.about,
        "opts": desk.model_admin.opts,
        "media": desk.model_admin.media,
    }
    return TemplateResponse(desk.request, template, shared | context, status=status)
