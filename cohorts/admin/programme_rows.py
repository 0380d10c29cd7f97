"""What the parts of a programme's page share, each a row of another model: a component, a choice, a question."""

from typing import Any, ClassVar, TypeVar

from django.db.models import ForeignKey, Model, Q
from django.http import HttpRequest
from django.utils.functional import cached_property

from cohorts.models import Component, Programme
from cohorts.rules import keeps_programmes
from portal.administration import AsksRule
from portal.generics import BaseInlineFormSet, StackedInline

M = TypeVar("M", bound=Model)

# Rows of each kind, of one programme.
MOST_OF_EACH = 100


class UsedRowsStay(BaseInlineFormSet[Any, Programme, Any]):
    """Rows of a programme, each of which can be removed only while nothing hangs on it."""

    in_use: ClassVar[Q]

    def add_fields(self, form: Any, index: int | None) -> None:
        """Let a row be removed, or not."""
        super().add_fields(form, index)
        if form.instance.pk in self._used:
            form.fields["DELETE"].disabled = True

    @cached_property
    def _used(self) -> set[int]:
        """The rows on which something hangs, asked for once."""
        return set(self.get_queryset().filter(self.in_use).values_list("pk", flat=True))


class OfThisProgramme(AsksRule, StackedInline[M, Programme]):
    """For the inlines: what they point at is a component of the programme on whose page they stand."""

    rule = keeps_programmes
    may_delete = True

    def get_formset(self, request: HttpRequest, obj: Programme | None = None, **kwargs: Any) -> Any:
        """Read no more rows than there may be, however many are sent: each costs time."""
        limits = {"max_num": MOST_OF_EACH, "absolute_max": MOST_OF_EACH + 1, "validate_max": True}
        return super().get_formset(request, obj, **limits, **kwargs)

    def formfield_for_foreignkey(self, db_field: "ForeignKey[Any]", request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the programme's own components, read once for all rows."""
        match = request.resolver_match
        programme = str(match.kwargs.get("object_id", "")) if match else ""
        components = Component.objects.none()
        if programme.isdecimal():
            components = Component.objects.filter(programme=int(programme)).order_by("position")
        field: Any = super().formfield_for_foreignkey(db_field, request, queryset=components, **kwargs)
        field.choices = list(field.choices)
        return field
