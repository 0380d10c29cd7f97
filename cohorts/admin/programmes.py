"""Programmes, with their components and learning outcomes on the same page."""

from collections.abc import Sequence
from typing import Any, ClassVar, TypeVar

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Exists, Field, ForeignKey, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from cohorts.admin.keeping import KeptAdmin
from cohorts.models import (
    ApplicationQuestion,
    Booking,
    Component,
    EvaluationQuestion,
    Evidence,
    LearningOutcome,
    Programme,
    Session,
)
from cohorts.rules import keeps_all_programmes, keeps_programmes
from portal import trail
from portal.access import person
from portal.accounts.models import Role
from portal.administration import AsksRule
from portal.generics import BaseInlineFormSet, ModelForm, StackedInline

M = TypeVar("M", bound=Model)

# Something hangs on a component: a date of it, or evidence.
IN_USE = Q(Exists(Session.objects.filter(component=OuterRef("pk")))) | Q(
    Exists(Evidence.objects.filter(component=OuterRef("pk")))
)

# Somebody could have answered: whether somebody has is nobody's to see, and least of all by one person's booking.
MAY_BE_SAID = Q(Exists(Booking.objects.filter(session__component=OuterRef("component"))))
MAY_BE_ANSWERED = Q(Exists(Booking.objects.filter(session__component__programme=OuterRef("programme"))))

# Components, and learning outcomes, of one programme.
MOST_OF_EACH = 100


class ComponentForm(ModelForm[Component]):
    """One component. Its place among the others is checked with theirs, not against what is about to change."""

    def _get_validation_exclusions(self) -> set[str]:
        return {*super()._get_validation_exclusions(), "position"}  # type: ignore[misc]  # not in Django's stubs

    def clean_position(self) -> int:
        """Require a place that can be counted to: the model is not asked, because of the others' places."""
        position: int = self.cleaned_data["position"]
        if not 1 <= position <= MOST_OF_EACH:
            raise ValidationError(f"Enter a number from 1 to {MOST_OF_EACH}.")
        return position

    def clean_follows(self) -> Component | None:
        """Require another component."""
        follows: Component | None = self.cleaned_data["follows"]
        if follows and follows == self.instance:
            raise ValidationError("A component cannot follow itself.")
        return follows


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


class LearningOutcomeFormSet(UsedRowsStay):
    """A programme's learning outcomes."""

    in_use = MAY_BE_SAID


class EvaluationQuestionFormSet(UsedRowsStay):
    """What a programme asks about its sessions."""

    in_use = MAY_BE_ANSWERED


class ComponentFormSet(UsedRowsStay):
    """A programme's components."""

    in_use = IN_USE

    def clean(self) -> None:
        """Require that no two components stand in the same place."""
        super().clean()
        taken: dict[int, str] = {}
        for form in self.forms:
            given = getattr(form, "cleaned_data", {})
            position, title = given.get("position"), given.get("title", "")
            if position is None or given.get("DELETE"):
                continue
            if position in taken:
                raise ValidationError(
                    f"“{taken[position]}” and “{title}” both have place {position}. Change one of them."
                )
            taken[position] = title


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


class ComponentInline(OfThisProgramme[Component]):
    """What the programme is made of."""

    model = Component
    form = ComponentForm
    formset = ComponentFormSet
    extra = 0
    prepopulated_fields = {"slug": ("title",)}
    fields = (
        ("position", "kind"),
        ("title", "slug"),
        "summary",
        ("required", "once", "fulfilled_by", "cpd_points"),
        "follows",
    )


class LearningOutcomeForm(ModelForm[LearningOutcome]):
    """One learning outcome. Whoever books a session of its component is asked about it."""

    def clean_component(self) -> Component | None:
        """Keep it with its component once somebody may have been asked about it."""
        component: Component | None = self.cleaned_data["component"]
        changed = "component" in self.changed_data
        if changed and LearningOutcome.objects.filter(MAY_BE_SAID, pk=self.instance.pk).exists():
            raise ValidationError("People may have been asked about this. Leave it here, and add another.")
        return component


class LearningOutcomeInline(OfThisProgramme[LearningOutcome]):
    """What a participant can do afterwards."""

    model = LearningOutcome
    form = LearningOutcomeForm
    formset = LearningOutcomeFormSet
    extra = 0
    fields = (("position", "component"), "text")


class QuestionInline(OfThisProgramme[ApplicationQuestion]):
    """What whoever applies is asked, beside where they work and as what."""

    model = ApplicationQuestion
    extra = 0
    fields = (("position", "kind", "required"), "text", "hint")


class EvaluationQuestionForm(ModelForm[EvaluationQuestion]):
    """One question about each session. Once somebody may have answered it, it says what they answered."""

    def clean(self) -> dict[str, Any] | None:
        """Keep the words and the way to answer of what may be answered."""
        changed = bool({"text", "kind"} & set(self.changed_data))
        if changed and EvaluationQuestion.objects.filter(MAY_BE_ANSWERED, pk=self.instance.pk).exists():
            raise ValidationError(
                "People may have answered this question. Leave it as it was, untick “Asked”, and add another."
            )
        return super().clean()


class EvaluationQuestionInline(OfThisProgramme[EvaluationQuestion]):
    """What whoever came to a session is asked, beside how confident they are of its learning outcomes."""

    model = EvaluationQuestion
    form = EvaluationQuestionForm
    formset = EvaluationQuestionFormSet
    extra = 0
    fields = (("position", "kind", "asked"), "text")


@admin.register(Programme)
class ProgrammeAdmin(KeptAdmin[Programme]):
    """Programmes: new ones are data, never code."""

    programme = "pk"
    list_display = ("name", "shape", "strand", "delivery_partner", "published")
    list_filter = ("shape", "published")
    search_fields = ("name", "summary")
    ordering = ("name",)
    prepopulated_fields = {"slug": ("name",)}
    autocomplete_fields = ("job_roles", "admins")
    inlines = (ComponentInline, LearningOutcomeInline, QuestionInline, EvaluationQuestionInline)
    may_delete = True
    fieldsets = (
        (None, {"fields": ("name", "slug", "shape", "strand", "published")}),
        ("What it says", {"fields": ("summary", "description", "length", "delivery_partner")}),
        ("Who it is for", {"fields": ("audience", "job_roles", "eligibility", "asks")}),
        ("Who keeps it", {"fields": ("admins",)}),
    )

    def view_on_site(self, obj: Programme) -> str | None:
        """Lead to the public page of a programme that has one."""
        return obj.get_absolute_url() if obj.published else None

    def get_readonly_fields(self, request: HttpRequest, obj: Programme | None = None) -> list[str]:
        """Keep the shape once people go through it, and who keeps a programme for those to say who keep all."""
        fixed = ["shape"] if obj and self.is_in_use(obj) else []
        return fixed if keeps_all_programmes(request.user) else [*fixed, "admins"]

    def get_field_queryset(
        self, db: str | None, db_field: "Field[Any, Any]", request: HttpRequest
    ) -> QuerySet[Any] | None:
        """Offer as keepers, and accept, those whose role it is (nobody else would keep it), and who is named by now."""
        rows = super().get_field_queryset(db, db_field, request)
        if rows is None or db_field.name != "admins":
            return rows
        role = Role.objects.current().filter(user=OuterRef("pk"), kind=Role.Kind.PROGRAMME_ADMIN)
        named = Programme.admins.through.objects.filter(user=OuterRef("pk"))
        return rows.filter(Exists(role) | Exists(named))

    def get_prepopulated_fields(self, request: HttpRequest, obj: Programme | None = None) -> dict[str, Sequence[str]]:
        """Make an address of the name for a new programme; that of an old one is known out there."""
        return {} if obj else {"slug": ("name",)}

    def is_in_use(self, obj: Programme) -> bool:
        """Say whether people go through it, or dates or evidence hang on one of its components."""
        return obj.cohorts.exists() or obj.components.filter(IN_USE).exists()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001  # Django's own
        """Save components and outcomes; who keeps those alone that name them is named on the one that they add."""
        super().save_related(request, form, formsets, change)
        user, programme = person(request), form.instance
        if not change and not keeps_all_programmes(user):
            programme.admins.add(user)
        if "admins" in form.changed_data or not change:
            kept_by = ",".join(str(pk) for pk in programme.admins.values_list("pk", flat=True))
            trail.record("programme.admins_named", actor=user, subject=programme, admins=kept_by[:200])


@admin.register(Component)
class ComponentAdmin(KeptAdmin[Component]):
    """Components as other pages offer them to choose from. They are set up on their programme's page."""

    programme = "programme"
    may_add = may_change = False
    list_display = ("title", "programme", "kind", "required")
    list_select_related = ("programme",)
    search_fields = ("title", "programme__name")
    ordering = ("programme__name", "position")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Leave it off the start page."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Component]:
        """Return components with their programme."""
        return super().get_queryset(request).select_related("programme")

    def choice_label(self, component: Component) -> str:
        """Say which programme it belongs to."""
        return f"{component.programme}: {component}"
