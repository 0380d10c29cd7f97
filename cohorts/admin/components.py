"""A programme's components, and the choices of some of them, as rows of its page: what completes the programme."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q
from django.utils.functional import cached_property

from cohorts import rule_changes
from cohorts.admin.programme_rows import MOST_OF_EACH, OfThisProgramme, UsedRowsStay
from cohorts.models import Choice, Component, Course, Evidence, EvidenceKind, Programme, Session
from portal.form_choices import offer_choices
from portal.generics import BaseInlineFormSet, ModelForm

# A date of a component, or evidence: then its kind says what people come to, or have done.
KIND_STAYS = Q(Exists(Session.objects.filter(component=OuterRef("pk")))) | Q(
    Exists(Evidence.objects.filter(component=OuterRef("pk")))
)
# Something hangs on a component: that, or its self-study.
IN_USE = KIND_STAYS | Q(Exists(Course.objects.filter(component=OuterRef("pk"))))


class ComponentForm(ModelForm[Component]):
    """One component. Its place among the others is checked with theirs, not against what is about to change.

    Of one that is part of a choice, the choice says how many are needed and by when.
    """

    fulfilled_by = forms.MultipleChoiceField(
        choices=EvidenceKind.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=[EvidenceKind.ATTENDANCE],
        help_text=Component._meta.get_field("fulfilled_by").help_text,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.choice_id:
            for name in ("required", "within_weeks"):
                self.fields[name].disabled = True
                self.fields[name].help_text = "It is part of a choice, which says this."

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


class ComponentFormSet(UsedRowsStay):
    """A programme's components. One that is part of a choice is taken out of it before it is removed."""

    in_use = IN_USE | Q(choice__isnull=False)

    def add_fields(self, form: Any, index: int | None) -> None:
        """Let what kind a component is be changed, or not; PostgreSQL holds it as well."""
        super().add_fields(form, index)
        if form.instance.pk in self._of_fixed_kind:
            form.fields["kind"].disabled = True
            form.fields["kind"].help_text = "It has sessions, or somebody has done it, so it stays of this kind."

    @cached_property
    def _of_fixed_kind(self) -> set[int]:
        return set(self.get_queryset().filter(KIND_STAYS).values_list("pk", flat=True))

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
        ("required", "within_weeks"),
        "fulfilled_by",
        ("once", "cpd_points"),
        "follows",
    )


class ChoiceForm(ModelForm[Choice]):
    """A choice, with the components among which people choose."""

    components = forms.TypedMultipleChoiceField(
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="Of these components",
        help_text="A new component can be chosen once it is saved. None of them is required by itself any more.",
    )

    def clean(self) -> dict[str, Any] | None:
        """Require as many components as are needed."""
        given = super().clean() or self.cleaned_data
        at_least, chosen = given.get("at_least"), given.get("components", [])
        if at_least and len(chosen) < at_least:
            self.add_error("components", f"Choose {at_least} or more, or lower how many somebody has to do.")
        return given


class ChoiceFormSet(BaseInlineFormSet[Any, Programme, Any]):
    """A programme's choices. A component is part of one at the most."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Offer the programme's components, read once for all rows."""
        super().add_fields(form, index)
        offer_choices(form, "components", [(str(row.pk), row.title) for row in self._components])
        chosen = [row.pk for row in self._components if row.choice_id and row.choice_id == form.instance.pk]
        form.fields["components"].initial = chosen

    def clean(self) -> None:
        """Require that no component is chosen twice."""
        super().clean()
        titles = {row.pk: row.title for row in self._components}
        taken: set[int] = set()
        for form in self.forms:
            given = getattr(form, "cleaned_data", {})
            chosen = set() if given.get("DELETE") else set(given.get("components", []))
            if both := taken & chosen:
                raise ValidationError(f"“{titles[min(both)]}” is part of two choices. Take it out of one of them.")
            taken |= chosen

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002  # Django's own
        """Save the choices, and what each consists of."""
        saved = super().save(commit)
        for form in self.forms:
            if "components" in form.changed_data and not form.cleaned_data.get("DELETE"):
                rule_changes.choose_among(form.instance, form.cleaned_data["components"])
        return saved

    @cached_property
    def _components(self) -> list[Component]:
        of_it = self.instance.components.order_by("position") if self.instance.pk else Component.objects.none()
        return list(of_it)


class ChoiceInline(OfThisProgramme[Choice]):
    """Of which components people do some, and how many."""

    model = Choice
    form = ChoiceForm
    formset = ChoiceFormSet
    extra = 0
    fields = (("title", "at_least", "within_weeks"), "components")
