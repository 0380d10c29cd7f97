"""What members ask to borrow: a copy is lent to them here, or they are told why not."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse

from bookclub import asking, lending
from bookclub.admin.loans import CHOOSE_COPY, due_field
from bookclub.admin.other_kinds import doubt
from bookclub.models import Copy, CopyRequest
from bookclub.models.loans import LONGEST_ANSWER
from bookclub.refusals import BookClubRefused
from cohorts.admin.keeping import KeptAdmin, KeptFilter, count
from portal.access import person
from portal.form_choices import offer_rows
from portal.generics import ModelChoiceField
from portal.nhsuk.dates import say_date
from portal.questions import Question, ask, fill_in, goes_back

WHO_READS_IT = "They read this in an email and on their book club's page."


class CopyField(ModelChoiceField[Copy]):
    """Offers copies by their labels."""

    def label_from_instance(self, obj: Any) -> str:
        """Say which copy it is."""
        return f"{obj.label} ({obj.format_in_words})"


class LendForm(forms.Form):
    """Asks which copy is lent, until when, and what to tell whoever asked."""

    copy = CopyField(Copy.objects.none(), label="Which copy", error_messages=CHOOSE_COPY)
    due_on = due_field()
    answer = forms.CharField(
        label="How it gets to them",
        required=False,
        max_length=LONGEST_ANSWER,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=f"For example: it waits for you at the next session. {WHO_READS_IT}",
    )


class DeclineForm(forms.Form):
    """Asks why no copy is lent."""

    answer = forms.CharField(
        label="Why not",
        max_length=LONGEST_ANSWER,
        error_messages={"required": "Say why no copy is lent"},
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=f"For example: all are on loan until March; your trust's library has it. {WHO_READS_IT}",
    )


@admin.register(CopyRequest)
class CopyRequestAdmin(KeptAdmin[CopyRequest]):
    """Requests that wait for the programme team."""

    programme = "cohort__programme"
    may_add = may_change = False
    fields = readonly_fields = ("book", "kind", "asked_by", "cohort", "asked_on", "state", "answer")
    list_display = ("book", "kind", "asked_by", "cohort", "asked_on", "state", "free")
    list_filter: ClassVar[Any] = ("state", ("cohort", KeptFilter))
    list_select_related = ("book", "asked_by", "cohort")
    search_fields = ("book__title", "asked_by__name")
    search_help_text = "Search by title or name."
    ordering = ("-asked_at", "-id")
    sortable_by = ()

    def with_figures(self, rows: QuerySet[CopyRequest]) -> QuerySet[CopyRequest]:
        """Count the copies that can be lent now, and those of the kind that each asks for."""
        copies = Copy.objects.at_hand().filter(book=OuterRef("book"), programme=OuterRef("cohort__programme"))
        of_kind = copies.filter(format=OuterRef("format"))
        return rows.annotate(at_hand=count(copies, "book"), of_kind=count(of_kind, "book"))

    @admin.display(description="copies that are in")
    def free(self, request: Any) -> str:
        """Say how many copies of the book can be lent now, and how many of them are of the kind that they asked for."""
        of_kind = f" ({request.of_kind} {request.format_in_words})" if request.format else ""
        return f"{request.at_hand}{of_kind}"

    @admin.display(description="which kind")
    def kind(self, request: CopyRequest) -> str:
        """Say in what form they would like it."""
        return request.format_in_words.capitalize()

    @admin.display(description="since")
    def asked_on(self, request: CopyRequest) -> str:
        """Return the day on which they asked."""
        return say_date(request.asked_at, weekday=False)

    def pages(self) -> list[URLPattern]:
        """Return the pages of what is answered to a request."""
        return [
            path("<int:pk>/lend/", self.lend_page, name="bookclub_copyrequest_lend"),
            path("<int:pk>/decline/", self.decline_page, name="bookclub_copyrequest_decline"),
        ]

    def lend_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Lend a copy to whoever asks."""
        asked = self._asked(request, pk)
        programme = asked.cohort.programme
        copies = Copy.objects.at_hand().filter(book=asked.book_id, programme=programme).order_by("label")
        first = next((copy for copy in copies if asked.is_met_by(copy)), None)
        initial = {"copy": first, "due_on": lending.due_on_for(programme)}
        form = LendForm(request.POST if request.method == "POST" else None, initial=initial)
        offer_rows(form, "copy", copies)

        def lend(given: dict[str, Any]) -> str:
            loan = lending.lend_as_asked(asked, by=person(request), **given)
            return f"“{loan.copy}” is lent until {say_date(loan.due_on)}, and they are written to."

        says = [
            f"{asked.asked_by}, {asked.cohort}, asks for it. Which kind: {asked.format_in_words}.",
            "They get an email with the day on which it is due back, and how to give it back.",
        ]
        if not copies:
            says.append("No copy of it is in. Wait until one is back, or say no.")
        elif first is None:
            says.append("None of that kind is in. Lend another, wait until one is back, or say no.")
        question = Question(f"Lend “{asked}”", "Lend it", says, about=asked)
        if form.is_valid() and not goes_back(request):
            doubtful = doubt(request, question, form.cleaned_data["copy"], asked.asked_by)
            if doubtful:
                says = [*doubtful.says, "They get an email that says which kind they get."]
                return ask(request, self, replace(doubtful, says=says), form)
        return self._answer(request, question, form, lend)

    def decline_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say to whoever asks why no copy is lent."""
        asked = self._asked(request, pk)
        form = DeclineForm(request.POST if request.method == "POST" else None)

        def decline(given: dict[str, Any]) -> str:
            asking.decline(asked, given["answer"], by=person(request))
            return "They are written to, with what you wrote."

        says = [f"{asked.asked_by}, {asked.cohort}, gets an email with what you write here. They can ask again."]
        question = Question(f"Say that “{asked}” is not lent", "Say no", says, about=asked)
        return self._answer(request, question, form, decline)

    def _asked(self, request: HttpRequest, pk: int) -> CopyRequest:
        rows = self.get_queryset(request).select_related("book", "asked_by", "cohort__programme")
        return get_object_or_404(rows, pk=pk)

    def _answer(
        self, request: HttpRequest, question: Question, form: Any, act: Callable[[dict[str, Any]], str]
    ) -> HttpResponse:
        """Do what a form asks for, and lead to what waits; otherwise show it, with why it was refused."""
        if request.method == "POST" and form.is_valid() and not goes_back(request):
            try:
                said = act(form.cleaned_data)
            except BookClubRefused as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, said)
                address = reverse("admin:bookclub_copyrequest_changelist")
                return HttpResponseRedirect(f"{address}?state__exact={CopyRequest.State.OPEN}")
        return fill_in(request, self, question, form)
