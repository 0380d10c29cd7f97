"""Organisations and job roles."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path

from portal.accounts.admin.mergers import merger_page
from portal.accounts.domains import cleaned
from portal.accounts.models import JobRole, Organisation
from portal.accounts.organisations_by_file import ORGANISATIONS
from portal.accounts.rules import is_programme_admin, keeps_people
from portal.administration import RuledAdmin
from portal.generics import ModelForm
from portal.imports.pages import import_page
from portal.lists_as_files import List, download_page
from portal.questions import count_of


class OrganisationForm(ModelForm[Organisation]):
    """Asks for an organisation."""

    class Meta:
        model = Organisation
        fields = ("name", "ods_code", "email_domains")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = self.fields.get("ods_code")
        if isinstance(code, forms.CharField):
            code.to_python = lambda value: str(value or "").strip().upper()  # type: ignore[method-assign]  # this field alone

    def clean_email_domains(self) -> list[str]:
        """Accept domains that are well formed and not another organisation's: an address belongs to one."""
        domains = cleaned(self.cleaned_data["email_domains"])
        others = Organisation.objects.exclude(pk=self.instance.pk).filter(email_domains__overlap=domains)
        for other in others:
            shared = ", ".join(set(domains) & set(other.email_domains))
            raise ValidationError(f"{other} has this domain already: {shared}")
        return domains


@admin.register(Organisation)
class OrganisationAdmin(RuledAdmin[Organisation]):
    """Organisations, and whose addresses open an account."""

    rule = keeps_people
    readers = is_programme_admin
    form = OrganisationForm
    may_delete = True
    list_display = ("name", "ods_code", "domains", "merged_into")
    list_select_related = ("merged_into",)
    search_fields = ("name", "ods_code", "email_domains__icontains")
    search_help_text = "Search by name, ODS code or domain."

    def pages(self) -> list[URLPattern]:
        """Add merging it into another, the list as a file, and adding and changing by one."""
        return [
            path("<int:pk>/merge/", self.merger_page, name="accounts_organisation_merge"),
            path("export/", self.export_page, name="accounts_organisation_export"),
            path("import/", self.import_page, name="accounts_organisation_import"),
        ]

    def export_page(self, request: HttpRequest) -> HttpResponseBase:
        """Give the list, as it is filtered, as a file that can be changed and uploaded again."""
        rows = self.rows_of_list(request)
        number = rows.count()
        listed = List(
            name="organisations",
            deed="organisation.exported",
            subject="organisation:list",
            headings=[column.heading for column in ORGANISATIONS.columns],
            rows=([each.ods_code, each.name, " ".join(each.email_domains)] for each in rows.iterator(chunk_size=1000)),
            number=number,
            holds=f"the names, ODS codes and email domains of {count_of(number, 'organisation')}",
        )
        return download_page(self, request, listed)

    def import_page(self, request: HttpRequest) -> HttpResponseBase:
        """Add and change by file; see `portal.accounts.organisations_by_file`."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return import_page(self, request, ORGANISATIONS)

    @admin.display(description="email domains")
    def domains(self, organisation: Organisation) -> str:
        """Show the domains as one writes them."""
        return ", ".join(organisation.email_domains)

    def choices(self, request: HttpRequest) -> QuerySet[Organisation]:
        """Leave out organisations that are part of another: that one is chosen."""
        return super().choices(request).filter(merged_into__isnull=True)

    def has_change_permission(self, request: HttpRequest, obj: Organisation | None = None) -> bool:
        """Keep what has become a part of another as it is."""
        return super().has_change_permission(request, obj) and (obj is None or obj.merged_into_id is None)

    def merger_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make it a part of another; see `portal.accounts.admin.mergers`."""
        return merger_page(self, request, pk)

    def is_in_use(self, obj: Organisation) -> bool:
        """Keep an organisation that anything names."""
        return is_named(obj)


@admin.register(JobRole)
class JobRoleAdmin(RuledAdmin[JobRole]):
    """Job roles, as people choose them."""

    rule = keeps_people
    readers = is_programme_admin
    may_delete = True
    list_display = ("name",)
    search_fields = ("name",)

    def is_in_use(self, obj: JobRole) -> bool:
        """Keep a job role that anything names."""
        return is_named(obj)


def is_named(obj: Organisation | JobRole) -> bool:
    """Say whether any row of any app points to this one."""
    return any(
        relation.related_model.objects.filter(**{relation.field.name: obj}).exists()  # type: ignore[attr-defined]  # a model
        for relation in obj._meta.related_objects
    )
