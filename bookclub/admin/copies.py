"""Copies that programmes lend, and on what terms: what is done to a copy goes through the verbs of `lending`."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.template.response import TemplateResponse

from bookclub import lending
from bookclub.models import Copy, LendingTerms, Loan
from bookclub.refusals import BookClubRefused
from cohorts.admin.keeping import KeptAdmin, KeptFilter
from portal.access import person
from portal.nhsuk.dates import say_date
from portal.questions import Deed, ask_first, count_of


class WhereItIs(admin.SimpleListFilter):
    """Filter by whether a copy is in, lent, lost or withdrawn."""

    title = "where it is"
    parameter_name = "where"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer each place."""
        return [("in", "In"), ("lent", "On loan"), *(choice for choice in Copy.State.choices if choice[0] != "in_use")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Copy]) -> QuerySet[Copy]:
        """Return the copies that were chosen."""
        copies = Copy.objects.all()
        found = {
            "in": copies.at_hand(),
            "lent": copies.lent(),
            "lost": copies.filter(state=Copy.State.LOST),
            "withdrawn": copies.filter(state=Copy.State.WITHDRAWN),
        }.get(self.value() or "")
        return queryset if found is None else queryset.filter(pk__in=found.values("pk"))


@admin.register(Copy)
class CopyAdmin(KeptAdmin[Copy]):
    """What each programme lends, and who has it."""

    programme = "programme"
    may_delete = True
    fields = ("programme", "book", "label", "format")
    list_display = ("label", "book", "format", "where", "due_back", "programme")
    list_filter: ClassVar[Any] = (WhereItIs, "format", ("programme", KeptFilter))
    list_select_related = ("book", "programme")
    search_fields = ("label", "book__title", "book__authors")
    search_help_text = "Search by label, title or authors."
    autocomplete_fields = ("programme", "book")
    ordering = ("book__title", "label", "id")
    sortable_by = ()
    actions = ("lose", "withdraw", "take_up_again")

    def get_readonly_fields(self, request: HttpRequest, obj: Copy | None = None) -> tuple[str, ...]:
        """Keep what a copy is of: what was lent of it was that."""
        return ("programme", "book") if obj else ()

    def is_in_use(self, obj: Copy) -> bool:
        """Say whether it was ever lent, as far as that is kept."""
        return obj.loans.exists()

    def choices(self, request: HttpRequest) -> QuerySet[Copy]:
        """Offer those that can be lent now."""
        return super().choices(request).filter(pk__in=Copy.objects.at_hand().values("pk"))

    def with_figures(self, rows: QuerySet[Copy]) -> QuerySet[Copy]:
        """Read who has each, and until when."""
        loan = Loan.objects.out().filter(copy=OuterRef("pk"))
        return rows.annotate(who_has_it=Subquery(loan.values("borrower__name")), due_on=Subquery(loan.values("due_on")))

    @admin.display(description="where it is")
    def where(self, copy: Any) -> str:
        """Say who has it, or that it is in, lost or withdrawn."""
        if copy.who_has_it:
            return f"On loan to {copy.who_has_it}"
        return "In" if copy.state == Copy.State.IN_USE else str(copy.get_state_display())

    @admin.display(description="due back")
    def due_back(self, copy: Any) -> str:
        """Say when it is due back."""
        due_on: date | None = copy.due_on
        return say_date(due_on, weekday=False) if due_on else "-"

    @admin.action(description="Count the chosen copies as lost")
    def lose(self, request: HttpRequest, queryset: QuerySet[Copy]) -> TemplateResponse | None:
        """Count copies as lost, also those that somebody has."""
        says = ["Loans of them end. Nobody is written to, and nobody is reminded of them any more."]
        return self._act(request, queryset, "lose", "Count as lost", says, lending.lose, _given_up)

    @admin.action(description="Withdraw the chosen copies")
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Copy]) -> TemplateResponse | None:
        """Lend copies no more."""
        says = ["They are lent no more. You can take them up again."]

        def why_not(copy: Any) -> str:
            return "Somebody has it. Say first that it is back, or lost." if copy.is_lent else _given_up(copy)

        return self._act(request, queryset, "withdraw", "Withdraw", says, lending.withdraw, why_not)

    @admin.action(description="Take up the chosen copies again")
    def take_up_again(self, request: HttpRequest, queryset: QuerySet[Copy]) -> TemplateResponse | None:
        """Lend copies again that were lost or withdrawn."""
        says = ["They are in, and can be lent. Where one was lost on loan, it counts as given back today."]

        def why_not(copy: Copy) -> str:
            return "It is lent as it is." if copy.state == Copy.State.IN_USE else ""

        return self._act(request, queryset, "take_up_again", "Take up again", says, lending.take_up_again, why_not)

    def _act(
        self,
        request: HttpRequest,
        queryset: QuerySet[Copy],
        action: str,
        button: str,
        says: Sequence[str],
        verb: Callable[..., None],
        why_not: Callable[[Copy], str],
    ) -> TemplateResponse | None:
        by = person(request)

        def do(chosen: Sequence[Copy]) -> tuple[int, str]:
            number = 0
            for copy in chosen:
                try:
                    verb(copy, by=by)
                except BookClubRefused:
                    continue
                number += 1
            return number, f"Done for {count_of(number, 'copy', 'copies')}."

        deed: Deed[Copy] = Deed(
            action=action,
            title=f"{button}: copies",
            button=button,
            headings=("Label", "Book", "Programme"),
            cells=lambda copy: (copy.label, str(copy.book), copy.programme.name),
            why_not=why_not,
            says=lambda _: says,
            do=do,
        )
        loan = Loan.objects.out().filter(copy=OuterRef("pk"))
        rows = queryset.select_related("book", "programme").annotate(is_lent=Exists(loan))
        return ask_first(request, self, rows, deed)


def _given_up(copy: Copy) -> str:
    return "" if copy.state == Copy.State.IN_USE else "It is lost or withdrawn already."


@admin.register(LendingTerms)
class LendingTermsAdmin(KeptAdmin[LendingTerms]):
    """For how long a programme lends, and how a copy comes back."""

    programme = "programme"
    fields = ("programme", "weeks", "how_to_return")
    list_display = ("programme", "weeks")
    list_select_related = ("programme",)
    autocomplete_fields = ("programme",)
    ordering = ("programme__name", "id")
    sortable_by = ()
