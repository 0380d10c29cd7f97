"""Who has which copy: lent, given back, for longer, and lost, through the verbs of `lending`."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, ClassVar, Final

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminDateWidget
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from bookclub import lending
from bookclub.admin.other_kinds import doubt
from bookclub.models import Loan
from bookclub.models.copies import WEEKS
from bookclub.refusals import BookClubRefused, CopyNotIn
from cohorts.admin.keeping import KeptAdmin, KeptFilter
from portal.access import person
from portal.nhsuk.dates import say_date
from portal.questions import Deed, FormForVerb, Question, ask, ask_first, count_of, fill_in, goes_back, is_confirmed

OF_LOANS = "admin:bookclub_loan_changelist"


CHOOSE_COPY: Final = {"required": "Choose a copy", "invalid_choice": CopyNotIn.message}
"""What is said of a field for a copy in which there is none, or one that cannot be lent."""


def due_field(*, required: bool = True, help_text: str = "UK date.") -> forms.DateField:
    """Return the field that asks when a copy is due back."""
    return forms.DateField(
        label="Due back on",
        widget=AdminDateWidget,
        required=required,
        help_text=help_text,
        error_messages={
            "required": "Enter the day on which it is due back",
            "invalid": "Enter a day of the calendar, like 27/3/2027",
        },
    )


class LendForm(FormForVerb[Loan]):
    """Asks which copy goes to whom, and until when."""

    due_on = due_field(
        required=False,
        help_text=f"UK date. Leave it empty for as long as the programme lends: {WEEKS} weeks, unless its terms of "
        "lending say otherwise.",
    )

    class Meta:
        model = Loan
        fields = ("copy", "borrower", "due_on")
        error_messages: ClassVar = {"copy": CHOOSE_COPY, "borrower": {"required": "Choose who has it"}}


class DueForm(forms.Form):
    """Asks when a copy is due back."""

    due_on = due_field()


class WhatIsDue(admin.SimpleListFilter):
    """Filter loans that are open by when they are due back, and by who has them."""

    title = "due back"
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer what to ask for."""
        return [
            ("now", "Today or before"),
            ("week", "Within a week"),
            ("left", "From somebody who has left"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Loan]) -> QuerySet[Loan]:
        """Return the loans that were chosen."""
        today = timezone.localdate()
        rows = Loan.objects.out()
        found = {
            "now": rows.filter(due_on__lte=today),
            "week": rows.filter(due_on__gt=today, due_on__lte=today + timedelta(days=7)),
            "left": rows.of_leavers(),
        }.get(self.value() or "")
        return queryset if found is None else queryset.filter(pk__in=found.values("pk"))


@admin.register(Loan)
class LoanAdmin(KeptAdmin[Loan]):
    """Who has what, and until when."""

    programme = "copy__programme"
    form = LendForm
    may_change = False
    fields = ("copy", "borrower", "due_on")
    list_display = ("copy", "borrower", "cohort", "lent_on", "due_on", "outcome", "reminded")
    list_filter: ClassVar[Any] = ("outcome", WhatIsDue, ("cohort", KeptFilter))
    list_select_related = ("copy__book", "borrower", "cohort")
    search_fields = ("copy__label", "copy__book__title", "borrower__name", "borrower__email")
    search_help_text = "Search by label, title, name or email address."
    autocomplete_fields = ("copy", "borrower")
    # What is out comes first: it has no day on which it ended.
    ordering = ("-ended_on", "due_on", "id")
    sortable_by = ()
    actions = ("give_back",)

    def get_fields(self, request: HttpRequest, obj: Loan | None = None) -> tuple[str, ...]:
        """Ask for what is lent; show how a loan stands."""
        shown = ("copy", "borrower", "cohort", "lent_on", "lent_by", "due_on", "reminded", "outcome", "ended_on")
        return shown if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Loan | None = None) -> tuple[str, ...]:
        """Show a loan as it stands: what is done about it has pages of its own."""
        return self.get_fields(request, obj) if obj else ()

    @admin.display(description="reminded")
    def reminded(self, loan: Loan) -> str:
        """Say when they were last written to about this day."""
        last = loan.reminded_due_at or loan.reminded_before_at
        return say_date(last, weekday=False) if last else "Not yet"

    def pages(self) -> list[URLPattern]:
        """Return the pages of what is done about a loan."""
        return [
            path("<int:pk>/back/", self.back_page, name="bookclub_loan_back"),
            path("<int:pk>/due/", self.due_page, name="bookclub_loan_due"),
            path("<int:pk>/lost/", self.lost_page, name="bookclub_loan_lost"),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lend a copy to somebody who takes part."""
        form = self.form_to_add(request)

        def lend(given: dict[str, Any]) -> str:
            loan = lending.lend(**given, by=person(request))
            return f"“{loan.copy}” is lent until {say_date(loan.due_on)}."

        says = [
            "They find it on their book club's page, with how to give it back.",
            "They get an email a week before it is due, and one on the day.",
        ]
        question = Question(title="Lend a copy", says=says, button="Lend it")
        if form.is_valid() and not goes_back(request):
            doubtful = doubt(request, question, form.cleaned_data["copy"], form.cleaned_data["borrower"])
            if doubtful:
                return ask(request, self, doubtful, form)
        return self._answer(request, question, form, lend)

    def back_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say that a copy is back."""
        loan = self._loan(request, pk)
        question = Question(
            title=f"“{loan}” is back",
            says=[f"{loan.borrower} has given it back, and it can be lent again. Nobody is written to."],
            button="It is back",
            about=loan,
        )
        return self._confirm(request, question, lambda: lending.give_back(loan, by=person(request)), "is back.")

    def lost_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Count a copy as lost."""
        loan = self._loan(request, pk)
        question = Question(
            title=f"Count “{loan}” as lost",
            says=[
                f"{loan.borrower} is reminded of it no more. Nobody is written to.",
                "If it turns up, choose “Take up again” in the list of copies.",
            ],
            button="Count as lost",
            about=loan,
        )

        def lose() -> None:
            lending.lose(loan.copy, loan=loan, by=person(request))

        return self._confirm(request, question, lose, "counts as lost.")

    def due_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say until when somebody has a copy."""
        loan = self._loan(request, pk)
        form = DueForm(request.POST if request.method == "POST" else None, initial={"due_on": loan.due_on})

        def set_due(given: dict[str, Any]) -> str:
            lending.set_due(loan, given["due_on"], by=person(request))
            return f"“{loan}” is due back on {say_date(given['due_on'])}."

        says = ["They find the new day on their book club's page, and are reminded anew before it and on it."]
        question = Question(title=f"When “{loan}” is due back", says=says, button="Save", about=loan)
        return self._answer(request, question, form, set_due)

    @admin.action(description="Say that the chosen copies are back")
    def give_back(self, request: HttpRequest, queryset: QuerySet[Loan]) -> TemplateResponse | None:
        """Say of several copies that they are back, as after a meeting."""
        by = person(request)

        def do(chosen: Sequence[Loan]) -> tuple[int, str]:
            number = 0
            for loan in chosen:
                try:
                    lending.give_back(loan, by=by)
                except BookClubRefused:
                    continue
                number += 1
            return number, f"{count_of(number, 'copy is', 'copies are')} back."

        deed: Deed[Loan] = Deed(
            action="give_back",
            title="Copies that are back",
            button="They are back",
            headings=("Copy", "Who had it", "Due back"),
            cells=lambda loan: (str(loan), loan.borrower.name, say_date(loan.due_on, weekday=False)),
            why_not=lambda loan: "" if loan.is_out else "It was given back, or counted as lost, before.",
            says=lambda _: ["They can be lent again. Nobody is written to."],
            do=do,
        )
        return ask_first(request, self, queryset.select_related("copy__book", "borrower"), deed)

    def _loan(self, request: HttpRequest, pk: int) -> Loan:
        return get_object_or_404(self.get_queryset(request).select_related("copy__book", "borrower"), pk=pk)

    def _answer(
        self, request: HttpRequest, question: Question, form: Any, act: Callable[[dict[str, Any]], str]
    ) -> HttpResponse:
        """Do what a form asks for, and lead to the list; otherwise show it, with why it was refused."""
        if request.method == "POST" and form.is_valid() and not goes_back(request):
            try:
                said = act(form.cleaned_data)
            except BookClubRefused as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, said)
                return HttpResponseRedirect(reverse(OF_LOANS))
        return fill_in(request, self, question, form)

    def _confirm(self, request: HttpRequest, question: Question, act: Callable[[], None], done: str) -> HttpResponse:
        """Ask first, then do it, and lead to the list."""
        if not is_confirmed(request):
            return ask(request, self, question)
        try:
            act()
        except BookClubRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, f"“{question.about}” {done}")
        return HttpResponseRedirect(reverse(OF_LOANS))
