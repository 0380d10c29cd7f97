"""What every admin page of this app shares: whose things it shows, and filters that name nothing else."""

from collections.abc import Iterator
from typing import Any, ClassVar, TypeVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, Field, ForeignKey, Model, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.forms import ModelChoiceField
from django.http import HttpRequest

from cohorts.admin.choosing import HELP, AutocompleteByAddress, PersonByAddress, people_offered
from cohorts.rules import keeps_all_programmes, keeps_programmes, programmes_kept
from portal.access import person
from portal.accounts.models import User
from portal.accounts.rules import keeps_people
from portal.administration import RuledAdmin

M = TypeVar("M", bound=Model)

# A filter is a list of links: more than this is found by the search, or by way of the page of what one looks for.
MOST_CHOICES = 50


class KeptAdmin(RuledAdmin[M]):
    """For programme admins; of what belongs to a programme, each sees what belongs to those that they keep."""

    rule = keeps_programmes
    # The way from a row to its programme; empty for what all programmes share.
    programme: ClassVar[str] = ""

    def within(self, user: User, queryset: QuerySet[M]) -> QuerySet[M]:
        """Return the rows of the programmes that this person keeps."""
        if keeps_all_programmes(user) or not self.programme:
            return queryset
        return queryset.filter(**{f"{self.programme}__in": programmes_kept(user)})

    def chosen_by(self, field: "Field[Any, Any]", request: HttpRequest) -> str:
        """Name a person by their address where a number would tell more than who asks knows; see `choosing`."""
        return "email" if _is_by_address(field, request) else super().chosen_by(field, request)

    def offered(self, field: "Field[Any, Any]", request: HttpRequest, term: str) -> QuerySet[Any]:
        """Offer of people those of the programmes that somebody keeps, unless they keep everybody's account."""
        found = super().offered(field, request, term)
        if not _is_by_address(field, request):
            return found
        accepted: Any = self.get_field_queryset(None, field, request)
        return people_offered(person(request), accepted, found, term)

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any]", request: HttpRequest, **kwargs: Any
    ) -> "ModelChoiceField[Any] | None":
        """Ask for a person by their address; see `chosen_by`."""
        if _is_by_address(db_field, request):
            kwargs["widget"] = AutocompleteByAddress(db_field, self.admin_site)
            kwargs |= {"form_class": PersonByAddress, "to_field_name": self.chosen_by(db_field, request)}
            kwargs["help_text"] = f"{db_field.help_text} {HELP}".strip()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def _is_by_address(field: "Field[Any, Any]", request: HttpRequest) -> bool:
    return field.related_model is User and not keeps_people(request.user)


class KeptFilter(admin.RelatedFieldListFilter):
    """A filter whose choices are those rows of the other model that the person may see."""

    include_empty_choice = False

    def has_output(self) -> bool:
        """Say whether there is something to choose. What an address has chosen is followed, and shown, in any case."""
        return bool(self.lookup_val) or super().has_output()

    def field_choices(
        self, field: "Field[Any, Any]", request: HttpRequest, model_admin: "admin.ModelAdmin[Any]"
    ) -> Any:
        """Return the key and the name of each."""
        related = model_admin.admin_site.get_model_admin(field.related_model)  # type: ignore[arg-type]  # a relation's field names its model
        rows = related.get_queryset(request).order_by(*related.get_ordering(request))[:MOST_CHOICES]
        return [(str(row.pk), str(row)) for row in rows]


class TimeFilter(admin.SimpleListFilter):
    """Filter by time, where one of the choices stands unless another is chosen."""

    parameter_name = "when"
    times: ClassVar[dict[str, str]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices; the first one stands at the beginning."""
        return list(self.times.items())

    def chosen(self) -> str:
        """Return the choice that stands."""
        value = self.value()
        return value if value in self.times else next(iter(self.times))

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Return the links, with the one that stands marked."""
        for value, label in self.times.items():
            yield {
                "selected": value == self.chosen(),
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": label,
            }


def count(rows: QuerySet[Any], by: str) -> Coalesce:
    """Count `rows`, already tied to the outer row, in a subquery of its own; `by` is what ties them."""
    return Coalesce(Subquery(rows.order_by().values(by).annotate(number=Count("pk")).values("number")), 0)
