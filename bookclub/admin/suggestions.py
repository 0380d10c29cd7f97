"""What members of cohorts would like to read: how many back it, and never who."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse

from bookclub import suggesting
from bookclub.models import Suggestion
from bookclub.refusals import BookClubRefused
from cohorts.admin.keeping import KeptAdmin, KeptFilter
from portal.access import person
from portal.nhsuk.dates import say_date
from portal.questions import Deed, ask_first, count_of


@admin.register(Suggestion)
class SuggestionAdmin(KeptAdmin[Suggestion]):
    """Books that wait for the programme team's decision."""

    programme = "cohort__programme"
    may_add = may_change = False
    fields = readonly_fields = ("title", "authors", "why", "cohort", "state", "suggested_on")
    list_display = ("title", "authors", "cohort", "backed_by", "state", "suggested_on")
    list_filter: ClassVar[Any] = ("state", ("cohort", KeptFilter))
    list_select_related = ("cohort",)
    search_fields = ("title", "authors")
    ordering = ("-suggested_at", "-id")
    sortable_by = ()
    actions = ("take_up", "set_aside")
    # Entries of this kind were made until 30 November 2026, and the trail keeps what it has.
    untold = frozenset({"suggestion.made", "suggestion.withdrawn"})

    def with_figures(self, rows: QuerySet[Suggestion]) -> QuerySet[Suggestion]:
        """Count who backs each."""
        return rows.annotate(backed=Count("backings"))

    @admin.display(description="backed by")
    def backed_by(self, suggestion: Any) -> int:
        """Say how many members back it."""
        number: int = suggestion.backed
        return number

    @admin.display(description="since")
    def suggested_on(self, suggestion: Suggestion) -> str:
        """Return the day on which it was suggested."""
        return say_date(suggestion.suggested_at, weekday=False)

    @admin.action(description="Take up the chosen suggestions")
    def take_up(self, request: HttpRequest, queryset: QuerySet[Suggestion]) -> TemplateResponse | None:
        """Say that they are in the catalogue."""
        says = "Members read that it is taken up. Add it to the catalogue, and to a list, yourself."
        return self._decide(request, queryset, "take_up", Suggestion.State.TAKEN_UP, says)

    @admin.action(description="Set the chosen suggestions aside")
    def set_aside(self, request: HttpRequest, queryset: QuerySet[Suggestion]) -> TemplateResponse | None:
        """Say that they are not read this time."""
        says = "Members read “not this time”, with thanks. Nobody is written to."
        return self._decide(request, queryset, "set_aside", Suggestion.State.SET_ASIDE, says)

    def _decide(
        self,
        request: HttpRequest,
        queryset: QuerySet[Suggestion],
        action: str,
        state: Suggestion.State,
        says: str,
    ) -> TemplateResponse | None:
        by = person(request)

        def do(chosen: Sequence[Suggestion]) -> tuple[int, str]:
            number = 0
            for suggestion in chosen:
                try:
                    suggesting.decide(suggestion, state, by=by)
                except BookClubRefused:
                    continue
                number += 1
            return number, f"{count_of(number, 'suggestion')}: {state.label.lower()}."

        deed: Deed[Suggestion] = Deed(
            action=action,
            title=f"{action.replace('_', ' ').capitalize()}: suggestions",
            button="Take up" if state == Suggestion.State.TAKEN_UP else "Set aside",
            headings=("Book", "Author", "Cohort"),
            cells=lambda suggestion: (suggestion.title, suggestion.authors, suggestion.cohort.name),
            why_not=lambda suggestion: "" if suggestion.state == Suggestion.State.OPEN else "It was decided before.",
            says=lambda _: [says],
            do=do,
        )
        return ask_first(request, self, queryset.select_related("cohort"), deed)
