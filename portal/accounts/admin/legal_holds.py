"""Legal holds: set on a person, and lifted."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from portal.access import person as signed_in_person
from portal.accounts.legal_holds import HoldRefused, lift, set_hold, why_no_hold
from portal.accounts.rules import keeps_people
from portal.administration import RuledAdmin
from portal.generics import ModelForm
from portal.nhsuk.dates import say_date
from portal.questions import Deed, ask_first, count_of
from portal.retention.models import Hold


class HoldForm(ModelForm[Hold]):
    """Asks whose data is kept, and for which matter."""

    class Meta:
        model = Hold
        fields = ("person", "reference")
        help_texts = {"person": "Nothing of theirs is disposed of or erased until you lift it. They can read that."}

    def clean_reference(self) -> str:
        """Take small letters for capitals."""
        reference: str = self.cleaned_data["reference"]
        return reference.upper()

    def clean(self) -> dict[str, Any]:
        """Refuse what the verb would refuse, with all that was typed."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        person, reference = given.get("person"), given.get("reference")
        if person and reference and (reason := why_no_hold(person, reference)):
            self.add_error("person", reason)
        return given


class StandingFilter(admin.SimpleListFilter):
    """Filter by whether a hold still stands."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer both."""
        return [("standing", "Stands"), ("lifted", "Lifted")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Hold]) -> QuerySet[Hold]:
        """Return the holds in it."""
        if self.value() in {"standing", "lifted"}:
            return queryset.filter(lifted_at__isnull=self.value() == "standing")
        return queryset


@admin.register(Hold)
class HoldAdmin(RuledAdmin[Hold]):
    """Under which holds people stand, and stood."""

    rule = keeps_people
    form = HoldForm
    may_change = False
    list_display = ("person", "reference", "set_at", "set_by", "lifted_at", "lifted_by")
    list_filter = (StandingFilter,)
    list_select_related = ("person", "set_by", "lifted_by")
    search_fields = ("person__name", "person__email", "reference")
    sortable_by = ()
    autocomplete_fields = ("person",)
    fields = ("person", "reference")
    actions = ("lift",)

    def save_model(self, request: HttpRequest, obj: Hold, form: "forms.ModelForm[Hold]", change: bool) -> None:  # noqa: FBT001  # Django's own signature
        """Set the hold."""
        obj.pk = set_hold(obj.person, obj.reference, by=signed_in_person(request)).pk

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Say of somebody who was erased, or put under that hold, a moment ago that nothing was done."""
        try:
            return super().add_view(request, form_url, extra_context)
        except HoldRefused as refused:
            messages.error(request, str(refused))
            return redirect("admin:retention_hold_changelist")

    def log_addition(self, request: HttpRequest, obj: Hold, message: Any) -> Any:
        """Add nothing: `set_hold` has recorded it."""

    @admin.action(description="Lift the chosen holds", permissions=["add"])
    def lift(self, request: HttpRequest, queryset: QuerySet[Hold]) -> TemplateResponse | None:
        """Lift holds, once it is said what follows."""
        asking = signed_in_person(request)

        def do(chosen: Sequence[Hold]) -> tuple[int, str]:
            number = lift(chosen, by=asking)
            return number, f"{count_of(number, 'hold')} lifted."

        deed: Deed[Hold] = Deed(
            action="lift",
            title="Lift legal holds",
            button="Lift",
            headings=("Person", "Reference", "Set"),
            cells=lambda hold: (str(hold.person), hold.reference, say_date(hold.set_at, weekday=False)),
            why_not=lambda hold: "It was lifted already." if hold.lifted_at else "",
            says=lambda chosen: [
                f"This lifts {count_of(len(chosen), 'hold')}. What is overdue is disposed of within the hour.",
                "Who had asked to be erased can be erased then: your start page says so.",
                "Make sure that the matter has ended, appeals included.",
            ],
            do=do,
        )
        return ask_first(request, self, queryset.select_related("person"), deed)
