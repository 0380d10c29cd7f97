"""Materials: what people read before a session, and what they take home."""

from functools import partial
from typing import ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from cohorts.admin.keeping import KeptAdmin
from cohorts.models import Material
from cohorts.rules import keeps_all_programmes, programmes_kept
from portal.accounts.models import User
from portal.generics import ModelForm


class MaterialForm(ModelForm[Material]):
    """One material."""

    class Meta:
        model = Material
        fields = ("component", "session", "shown", "position", "title", "link", "text")
        field_classes: ClassVar = {"link": partial(forms.URLField, assume_scheme="https")}

    def clean_link(self) -> str:
        """Take a link that goes over the web, and encrypted."""
        link: str = self.cleaned_data["link"]
        if link and not link.startswith("https://"):
            raise ValidationError("Enter a link that begins with https://")
        return link


@admin.register(Material)
class MaterialAdmin(KeptAdmin[Material]):
    """What goes with a component, or with one session."""

    form = MaterialForm
    may_delete = True
    list_display = ("title", "goes_with", "shown")
    list_filter = ("shown",)
    list_select_related = ("component__programme", "session__component")
    search_fields = ("title", "component__title", "session__component__title")
    autocomplete_fields = ("component", "session")
    ordering = ("-pk",)
    sortable_by = ()

    def within(self, user: User, queryset: QuerySet[Material]) -> QuerySet[Material]:
        """Return the materials of the programmes that this person keeps."""
        if keeps_all_programmes(user):
            return queryset
        kept = programmes_kept(user)
        return queryset.filter(Q(component__programme__in=kept) | Q(session__component__programme__in=kept))

    @admin.display(description="goes with")
    def goes_with(self, material: Material) -> str:
        """Say with which component, or which date of one."""
        return str(material.session or material.component)
