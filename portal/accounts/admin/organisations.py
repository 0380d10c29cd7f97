"""Organisations and job roles."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.validators import validate_domain_name
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from portal.accounts.admin.mergers import merger_page
from portal.accounts.models import JobRole, Organisation
from portal.accounts.rules import is_programme_admin, keeps_people
from portal.administration import RuledAdmin
from portal.generics import ModelForm


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
        domains = sorted({domain.strip().lower().lstrip("@") for domain in self.cleaned_data["email_domains"]} - {""})
        for domain in domains:
            try:
                validate_domain_name(domain)
            except ValidationError:
                raise ValidationError(f"Enter {domain[:100]} as a domain, for example trust.nhs.uk") from None
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

    def pages(self) -> list[URLPattern]:
        """Add merging it into another."""
        return [path("<int:pk>/merge/", self.merger_page, name="accounts_organisation_merge")]

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
