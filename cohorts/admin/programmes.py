"""Programmes, with what they are made of on the same page: components, choices of some, learning outcomes, questions.

Whose completion a change would alter is said before it is made; see `cohorts.rule_changes`.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Exists, Field, OuterRef, Q, QuerySet
from django.http import HttpRequest

from cohorts import rule_changes
from cohorts.admin.components import IN_USE, ChoiceInline, ComponentInline
from cohorts.admin.keeping import KeptAdmin
from cohorts.admin.programme_rows import OfThisProgramme, UsedRowsStay
from cohorts.models import (
    ApplicationQuestion,
    Booking,
    Choice,
    Component,
    EvaluationQuestion,
    LearningOutcome,
    Programme,
)
from cohorts.rule_changes import Effect
from cohorts.rules import keeps_all_programmes
from portal import trail
from portal.access import person
from portal.accounts.models import Role
from portal.generics import ModelForm
from portal.questions import BACK, CONFIRMED, GO_BACK, SHOWN, Question, ask, goes_back, is_confirmed, people

AGREED: Final = "agreed"

# Somebody could have answered: whether somebody has is nobody's to see, and least of all by one person's booking.
MAY_BE_SAID = Q(Exists(Booking.objects.filter(session__component=OuterRef("component"))))
MAY_BE_ANSWERED = Q(Exists(Booking.objects.filter(session__component__programme=OuterRef("programme"))))


class LearningOutcomeFormSet(UsedRowsStay):
    """A programme's learning outcomes."""

    in_use = MAY_BE_SAID


class EvaluationQuestionFormSet(UsedRowsStay):
    """What a programme asks about its sessions."""

    in_use = MAY_BE_ANSWERED


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


class AsItWas(ModelForm[Programme]):
    """For whoever has read what a change would do, and goes back to it: shown with all they typed, and not saved."""

    def clean(self) -> dict[str, Any] | None:
        """Refuse to save it this time, whatever it says."""
        raise ValidationError("Nothing has been changed yet. Change what you like, and save.")


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
    inlines = (ComponentInline, ChoiceInline, LearningOutcomeInline, QuestionInline, EvaluationQuestionInline)
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

    def get_form(
        self,
        request: HttpRequest,
        obj: Programme | None = None,
        change: bool = False,  # noqa: FBT001, FBT002  # Django's own
        **kwargs: Any,
    ) -> Any:
        """Save nothing for whoever goes back to what they filled in."""
        if goes_back(request):
            kwargs["form"] = AsItWas
        return super().get_form(request, obj, change, **kwargs)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show a programme and save what is typed; where that changes whose programme is complete, say so first."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except rule_changes.NotAgreed as changed:
            question = _whose_completion(changed.effect)
        except rule_changes.ChoiceTooSmall as refused:
            question = Question("Choices of components", button=GO_BACK, says=[str(refused)], unseen=[(BACK, "yes")])
        about = self.get_object(request, object_id) if object_id else None
        return ask(request, self, replace(question, about=about, unseen=[*_typed(request), *question.unseen]))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001  # Django's own
        """Save components and outcomes; who keeps those alone that name them is named on the one that they add."""
        if any(formset.has_changed() for formset in formsets if formset.model in {Component, Choice}):
            agreed = request.POST.get(AGREED, "") if is_confirmed(request) else ""
            with rule_changes.changing(form.instance, agreed=agreed, by=person(request)):
                super().save_related(request, form, formsets, change)
        else:
            super().save_related(request, form, formsets, change)
        user, programme = person(request), form.instance
        if not change and not keeps_all_programmes(user):
            programme.admins.add(user)
        if "admins" in form.changed_data or not change:
            kept_by = ",".join(str(pk) for pk in programme.admins.values_list("pk", flat=True))
            trail.record("programme.admins_named", actor=user, subject=programme, admins=kept_by[:200])


def _whose_completion(effect: Effect) -> Question:
    """Say of each cohort how many people become complete or no longer are, and who they are, the first of them."""
    says = [f"{cohort}: {', '.join(_in_words(gained, lost))}." for cohort, gained, lost in effect.by_cohort]
    named = [
        (each.name, each.cohort, "Becomes complete" if each.becomes_complete else "No longer complete")
        for each in effect.affected
    ]
    return Question(
        "This changes who has completed the programme",
        button="Yes, change it",
        says=["Nothing has been changed yet.", *says, "What people have done stays on record in any case."],
        headings=("Person", "Cohort", "Their programme"),
        listed=named[:SHOWN],
        more=len(named[SHOWN:]),
        unseen=[(AGREED, effect.digest)],
        goes_back=True,
    )


def _in_words(gained: int, lost: int) -> list[str]:
    parts = [(gained, "would become complete"), (lost, "would no longer be complete")]
    return [f"{people(number)} {what}" for number, what in parts if number]


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """Return what was filled in, for the page that asks about it to send again."""
    ours = {"csrfmiddlewaretoken", AGREED, BACK, CONFIRMED}
    return [(name, str(value)) for name, values in request.POST.lists() if name not in ours for value in values]


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
