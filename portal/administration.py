"""Django admin as the programme teams use it: the pages of a model. `portal.admin_site` is the site they stand on.

What somebody may do here is asked of the apps' `rules`, never of Django's permission tables, and what they do is
written in the trail, never in Django's own log: that log would keep people's names beside every change.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar, Final, TypeVar, cast

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import IntegrityError
from django.db.models import DateTimeField, Field, ForeignKey, ManyToManyField, Model, QuerySet
from django.forms import BaseFormSet, BaseModelFormSet, Form, ModelChoiceField, ModelMultipleChoiceField
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.functional import cached_property
from django.utils.text import capfirst

from portal import admin_edits, admin_filters, trail
from portal.access import Rule, access
from portal.accounts.models import User
from portal.admin_fields import KEY, Autocomplete, AutocompleteMultiple, DateAndTime
from portal.admin_history import with_reasons
from portal.capped_pages import CappedPaginator
from portal.generics import ModelAdmin, ModelForm
from portal.prepared import GivenMany, Prepared
from portal.trail.models import Entry
from portal.trail.recording import LONGEST_DETAIL

M = TypeVar("M", bound=Model)
STAYS: Final = "It cannot be deleted: something else in the portal belongs to it."
CHUNK: Final = 1000
"""How many rows are in memory at once while all of a list are read for a file."""


class AsksRule:
    """For admin classes and their inlines: one rule opens all, and a class says which doors it has at all."""

    rule: ClassVar[Rule]
    # Who may look, where those are more than may do something.
    readers: ClassVar[Rule | None] = None
    may_add = True
    may_change = True
    may_delete = False

    def may_look(self, request: HttpRequest) -> bool:
        """Say whether the person may see rows of this kind at all."""
        return (type(self).readers or type(self).rule)(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Say whether the person sees this part of the admin pages."""
        return self.may_look(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the person may look; what they may look at is decided by the queryset."""
        return self.may_look(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the person may add one by hand."""
        return self.may_add and type(self).rule(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the person may change one by hand."""
        return self.may_change and type(self).rule(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the person may delete this one: never while something hangs on it."""
        return self.may_delete and type(self).rule(request.user) and (obj is None or not self.is_in_use(obj))

    def is_in_use(self, obj: Any) -> bool:
        """Say whether something hangs on a row, so that it stays."""
        return False


class FiguredChangeList(ChangeList):
    """A list whose rows carry the figures that it shows: for the rows of one page, and not where they are counted."""

    _filters = ""

    def get_results(self, request: HttpRequest) -> None:
        """Read the page."""
        super().get_results(request)
        rows: Any = self.result_list
        if isinstance(self.list_select_related, tuple) and self.list_select_related:
            # Django leaves this out where the queryset has joins of its own.
            rows = rows.select_related(*self.list_select_related)
        if isinstance(self.model_admin, RuledAdmin):
            rows = self.model_admin.add_figures(list(rows))
        self.result_list = rows
        # Django would look up for each row what its address leads to, before it adds the filters to it.
        if self.preserved_filters:
            self._filters, self.preserved_filters = f"?{self.preserved_filters}", ""

    def url_for_result(self, result: Any) -> str:
        """Return the address of a row's page, which knows by which filters one came to it."""
        return f"{super().url_for_result(result)}{self._filters}"


class RuledAdmin(AsksRule, ModelAdmin[M]):
    """The admin pages of one model: who may use them is asked of `rule`, which rows they see of `within`."""

    paginator = CappedPaginator
    show_full_result_count = False
    # Counts beside each filter grow with the data.
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    view_on_site: Any = False
    history_lines = 200
    # By verbs of the trail, what a row itself says of why it was done: there it can be forgotten, and in the trail not.
    reasons: ClassVar[Mapping[str, Callable[[Any], str]]] = {}
    # Verbs of the trail that a row's history leaves out: who did that, nobody is told on these pages.
    untold: ClassVar[frozenset[str]] = frozenset()

    def within(self, user: User, queryset: QuerySet[M]) -> QuerySet[M]:
        """Return the rows that are this person's to see; all, unless a class narrows it."""
        return queryset

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        """Return the rows that the person may see: in lists, by address, as choices, and in exports."""
        rows = super().get_queryset(request)
        return self.within(request.user, rows) if isinstance(request.user, User) else rows.none()

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Allow the filters that stand on the page: another would answer what the page does not tell."""
        return admin_filters.stands_on_page(lookup, self.get_list_filter(request))

    def choices(self, request: HttpRequest) -> QuerySet[M]:
        """Return the rows that other pages offer and accept; all that the person may see, unless a class narrows it."""
        return self.get_queryset(request)

    def with_figures(self, rows: QuerySet[M]) -> QuerySet[M]:
        """Annotate rows with what the list counts for each, by subqueries. `portal.prepared` keeps the query."""
        return rows

    @cached_property
    def _figures(self) -> Prepared[M]:
        rows = self.model._default_manager.filter(pk__in=GivenMany("rows")).order_by().only("pk")  # noqa: SLF001  # its public name in Django's documentation
        return Prepared(lambda: self.with_figures(rows))

    def add_figures(self, rows: Sequence[M]) -> Sequence[M]:
        """Give rows what `with_figures` counts for each, in one statement. Return those that are still there."""
        if not (names := self._figures.annotations):
            return rows
        figures = {found.pk: found for found in self._figures.all(rows=[row.pk for row in rows])}
        still_there = [row for row in rows if row.pk in figures]
        for row in still_there:
            for name in names:
                setattr(row, name, getattr(figures[row.pk], name))
        return still_there

    def each_with_figures(self, rows: QuerySet[M]) -> Iterator[M]:
        """Return all rows with their figures, in the order given, for a file: a thousand at a time in memory."""
        found = rows.iterator(chunk_size=CHUNK)
        while chunk := list(islice(found, CHUNK)):
            yield from self.add_figures(chunk)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the class of this model's list."""
        return FiguredChangeList

    def rows_of_list(self, request: HttpRequest) -> QuerySet[M]:
        """Return the rows of the list, all pages of it, as the address filters it. Raises BadRequest."""
        try:
            rows: QuerySet[M] = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters as error:
            raise BadRequest("This list cannot be filtered like that.") from error
        return rows

    def get_field_queryset(
        self, db: str | None, db_field: "Field[Any, Any]", request: HttpRequest
    ) -> QuerySet[Any] | None:
        """Offer, and accept, only what the person may see on the pages of the other model."""
        model = db_field.related_model
        related = self.admin_site._registry.get(model) if model else None  # noqa: SLF001  # what Django itself does
        return related.choices(request) if isinstance(related, RuledAdmin) else None

    def offered(self, field: "Field[Any, Any]", request: HttpRequest, term: str) -> QuerySet[Any]:
        """Return what an autocomplete field of this page offers for what was typed: of what it accepts."""
        other: Any = self.admin_site.get_model_admin(cast("type[Model]", field.related_model))
        found, may_repeat = other.get_search_results(request, self.get_field_queryset(None, field, request), term)
        return cast("QuerySet[Any]", found.distinct() if may_repeat else found)

    def chosen_by(self, field: "Field[Any, Any]", request: HttpRequest) -> str:
        """Return the column of the other model by whose value an autocomplete field of this page names a row."""
        return "pk"

    def formfield_for_dbfield(self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        """Name both boxes of a moment."""
        if isinstance(db_field, DateTimeField):
            kwargs["widget"] = DateAndTime(capfirst(str(db_field.verbose_name)))
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any]", request: HttpRequest, **kwargs: Any
    ) -> "ModelChoiceField[Any] | None":
        """Use the portal's own autocomplete field."""
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", Autocomplete(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> "ModelMultipleChoiceField[Any] | None":
        """Use the portal's own autocomplete field."""
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", AutocompleteMultiple(db_field, self.admin_site))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Take from an address which things a new row is about, and nothing that is no key."""
        keys = {field.name for field in self.opts.get_fields() if isinstance(field, ForeignKey)}
        return {name: key for name, key in request.GET.items() if name in keys and KEY.fullmatch(str(key))}

    def form_to_add(self, request: HttpRequest) -> ModelForm[M]:
        """Return the form of a new row, with what was sent or what the address says. Raises PermissionDenied."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form_class = self.get_form(request)
        is_sent = request.method == "POST"
        form: ModelForm[M] = (
            form_class(request.POST) if is_sent else form_class(initial=self.get_changeform_initial_data(request))
        )
        return form

    def pages(self) -> list[URLPattern]:
        """Return the pages that this model has besides Django's own."""
        return []

    def get_urls(self) -> list[URLPattern]:
        """Open the pages behind the site's door, each under its rule."""
        rule = type(self).readers or type(self).rule
        pages = self.pages()
        for page in pages:
            page.callback = self.admin_site.admin_view(access(rule)(page.callback))
        urls = [*pages, *super().get_urls()]
        for url in urls:
            set_rule(url, rule)
        return urls

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show a form and save what it says; what came in between is found when it is checked once more.

        Somebody else may save the same a moment earlier. PostgreSQL refuses the second, with nothing done; then the
        form is read again, finds the other's row, and says so on the page with all that was typed.
        """
        if "_saveasnew" in request.POST and not self.save_as:
            raise BadRequest("Rows are not saved as new ones here.")
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError:
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(
        self,
        request: HttpRequest,
        obj: M | None = None,
        change: bool = False,  # noqa: FBT001, FBT002  # Django's own
        **kwargs: Any,
    ) -> Any:
        """Return the form; of a row that is there, one that does not save over what somebody else saved meanwhile."""
        form = super().get_form(request, obj, change, **kwargs)
        if obj is None:
            return form
        return admin_edits.telling(form, self.get_queryset(request), self._related(request, obj))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Name what goes with a row. Where something keeps it, say that it stays, and neither for what nor how much.

        Django would name each row of any table, also of one that has no pages here because nobody may see it.
        """
        gone, counted, needed, kept = super().get_deleted_objects(objs, request)
        return ([], {}, set(), [STAYS]) if kept else (gone, counted, needed, kept)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show a form, with what stands there now."""
        obj = context["original"]
        if obj and self.has_change_permission(request, obj):
            if request.method == "POST":
                # What was sent has been put into this one. Somebody may have deleted it meanwhile.
                obj = self.get_queryset(request).filter(pk=obj.pk).first() or obj
            fields = context["adminform"].form.fields
            context["seen"] = json.dumps(admin_edits.as_it_stands(obj, fields, self._related(request, obj)))
        return super().render_change_form(request, context, *args, **kwargs)

    def _related(self, request: HttpRequest, obj: M) -> dict[str, QuerySet[Any]]:
        """Return the rows that are edited on a row's page beside it, by what they are called there."""
        return {
            str(inline.verbose_name_plural): inline.get_queryset(request).filter(**{formset.fk.name: obj})
            for formset, inline in self.get_formsets_with_inlines(request, obj)
        }

    def response_action(self, request: HttpRequest, queryset: QuerySet[M], *args: Any) -> HttpResponse | None:
        """Run the chosen action on the chosen rows."""
        if not all(KEY.fullmatch(key) for key in request.POST.getlist("_selected_action")):
            raise BadRequest("What was selected is no row.")
        return super().response_action(request, queryset, *args)

    def construct_change_message(
        self,
        request: HttpRequest,
        form: Form,
        formsets: "Iterable[BaseFormSet[Any]]",
        add: bool = False,  # noqa: FBT001, FBT002  # Django's own
    ) -> Any:
        """Name the fields and the related rows that changed, for the trail; never what they hold."""
        related = {
            str(formset.prefix)
            for formset in formsets or ()
            if isinstance(formset, BaseModelFormSet)
            and (formset.new_objects or formset.changed_objects or formset.deleted_objects)
        }
        return ", ".join([*form.changed_data, *sorted(related)])[:LONGEST_DETAIL]

    def log_addition(self, request: HttpRequest, obj: M, message: Any) -> Any:
        """Put a new row in the trail."""
        self._record("added", request, obj)

    def log_change(self, request: HttpRequest, obj: M, message: Any) -> Any:
        """Put a change in the trail; saving a form that says what is already so is none."""
        if message:
            self._record("changed", request, obj, fields=str(message))

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Put a deletion in the trail."""
        for obj in queryset:
            self._record("deleted", request, obj)

    def _record(self, event: str, request: HttpRequest, obj: M, **details: str) -> None:
        if isinstance(request.user, User):
            trail.record(f"{self.opts.model_name}.{event}", actor=request.user, subject=obj, **details)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what the trail says of a row, newest first."""
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        entries = Entry.objects.filter(subject=trail.subject_key(obj)).exclude(verb__in=self.untold)
        context = {
            **self.admin_site.each_context(request),
            "title": f"History: {obj}",
            "entries": with_reasons(entries.select_related("actor")[: self.history_lines], obj, self.reasons),
            "object": obj,
            "opts": self.opts,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/history.html", context)


def set_rule(url: URLPattern, rule: Rule) -> None:
    """Say on a page's view which rule opens it, where the portal looks for it."""
    url.callback.access_rule = rule  # type: ignore[attr-defined]  # Python lets a function carry a note
