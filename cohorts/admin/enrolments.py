"""The page on which a cohort's people are enrolled by a CSV file: upload, look at what it would do, confirm."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from cohorts.imports import COLUMNS, NoLongerSo, Outcome, Plan, carry_out, keep, plan, take
from cohorts.models import Cohort
from portal import trail
from portal.access import person
from portal.kept_sealed import KEPT_FOR
from portal.questions import people
from portal.spreadsheets import MOST_BYTES, MOST_ROWS, Row, UnreadableFile, read

# Of each outcome so many rows are shown; the numbers count all of them.
SHOWN = 100


class FileForm(forms.Form):
    """Asks for the file."""

    file = forms.FileField(
        label="CSV file",
        help_text=f"Up to {MOST_ROWS:,} rows and {MOST_BYTES // 1_000_000} MB.",
        error_messages={"required": "Choose a CSV file", "empty": "The file is empty. Choose another one"},
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv,text/plain"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows: list[Row] = []

    def clean_file(self) -> Any:
        """Read the file, or say what is wrong with it."""
        file = self.cleaned_data["file"]
        # One byte more than is allowed tells that there are too many, however many there are.
        try:
            self.rows = read(file.read(MOST_BYTES + 1), COLUMNS)
        except UnreadableFile as unreadable:
            raise forms.ValidationError(list(unreadable.problems)) from unreadable
        return file


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one outcome, as the preview shows them."""

    heading: str
    number: int
    lines: list[Any]

    @property
    def hidden(self) -> int:
        """How many are not shown."""
        return self.number - len(self.lines)


def enrol_by_file(model_admin: "admin.ModelAdmin[Cohort]", request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file, show what it would do, and do it when that is confirmed."""
    cohort = get_object_or_404(model_admin.get_queryset(request), pk=pk)
    if "key" in request.POST:
        return _confirm(model_admin, request, cohort, request.POST["key"])
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_bound and form.is_valid():
        # The preview tells of each address whether it has an account, and whose.
        trail.record("cohort.file_previewed", actor=person(request), subject=cohort, rows=len(form.rows))
        return _preview(model_admin, request, cohort, form.rows, plan(form.rows, cohort))
    return _page(
        model_admin,
        request,
        cohort,
        {"form": form, "columns": COLUMNS, "places_left": cohort.places_left, "errors": form.errors},
        status=422 if form.is_bound else 200,
    )


def _preview(
    model_admin: "admin.ModelAdmin[Cohort]", request: HttpRequest, cohort: Cohort, rows: list[Row], found: Plan
) -> HttpResponse:
    key = keep(rows, cohort, agreed=found.outcomes, owner=person(request)) if found.can_be_done else ""
    groups = [
        Group(outcome.value, found.counts[outcome], found.of(outcome)[:SHOWN])
        for outcome in (Outcome.WRONG, Outcome.NEW, Outcome.ENROLLED, Outcome.ALREADY)
        if found.counts[outcome]
    ]
    context = {
        "plan": found,
        "groups": groups,
        "key": key,
        "minutes": KEPT_FOR // 60,
        "wrong": found.counts[Outcome.WRONG],
    }
    return _page(model_admin, request, cohort, context)


def _confirm(model_admin: "admin.ModelAdmin[Cohort]", request: HttpRequest, cohort: Cohort, key: str) -> HttpResponse:
    kept = take(key, cohort, owner=person(request))
    if kept is None:
        messages.error(
            request, "This file was confirmed already, or waited too long. Upload it again to see what is left."
        )
        return HttpResponseRedirect(request.get_full_path())
    rows, agreed = kept
    try:
        done = carry_out(rows, cohort, agreed=agreed, by=person(request))
    except NoLongerSo as changed:
        messages.warning(request, str(changed))
        return _preview(model_admin, request, cohort, rows, changed.plan)
    new = done.counts[Outcome.NEW]
    messages.success(
        request, f"Enrolled: {people(done.needs)}, {new:,} of them with a new account. Nobody was written to."
    )
    members = reverse("admin:cohorts_membership_changelist")
    return HttpResponseRedirect(f"{members}?cohort__id__exact={cohort.pk}")


def _page(
    model_admin: "admin.ModelAdmin[Cohort]",
    request: HttpRequest,
    cohort: Cohort,
    context: dict[str, Any],
    status: int = 200,
) -> TemplateResponse:
    shared = {
        **model_admin.admin_site.each_context(request),
        "title": f"Enrol people by file: {cohort}",
        "about": cohort,
        "opts": model_admin.opts,
        "media": model_admin.media,
    }
    return TemplateResponse(request, "admin/cohorts/cohort/enrol.html", shared | context, status=status)
