"""What members of cohorts would like to read: how many back it, and never who."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final, NamedTuple
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from bookclub import suggesting
from bookclub.models import Book, ListedBook, Suggestion
from bookclub.refusals import BookClubRefused, SuggestionOver
from cohorts.admin.keeping import KeptAdmin, KeptFilter
from portal.access import person
from portal.nhsuk.components import lines
from portal.nhsuk.dates import say_date
from portal.questions import Deed, Question, ask, ask_first, count_of, is_confirmed

State = Suggestion.State
FEW: Final = 5
"""So many books of one title are named."""


class Decision(NamedTuple):
    """What the programme team can make of a suggestion: the button that does so, and what it does."""

    state: Suggestion.State
    button: str
    says: str


TAKE_UP: Final = Decision(
    State.TAKEN_UP,
    "Take up",
    "Members read that it is taken up, and that you will add it, until the catalogue has it. Nothing is added by this: "
    "its page then leads you to the catalogue and to the list.",
)
SET_ASIDE: Final = Decision(
    State.SET_ASIDE,
    "Set aside",
    "Members read “not this time”, with thanks. Nobody is written to.",
)


@admin.register(Suggestion)
class SuggestionAdmin(KeptAdmin[Suggestion]):
    """Books that wait for the programme team's decision."""

    programme = "cohort__programme"
    may_add = may_change = False
    fields = readonly_fields = ("title", "authors", "why", "cohort", "backed_by", "stands", "state", "suggested_on")
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

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Suggestion | None:
        """Return a suggestion for its own page, with how many back it."""
        found = super().get_object(request, object_id, from_field)
        return next(iter(self.add_figures([found])), None) if found else None

    @admin.display(description="backed by")
    def backed_by(self, suggestion: Any) -> int:
        """Say how many members back it."""
        number: int = suggestion.backed
        return number

    @admin.display(description="catalogue and list")
    def stands(self, suggestion: Suggestion) -> SafeString:
        """Say whether the catalogue has it, and the cohort reads it."""
        return lines(*_where_it_stands(suggestion))

    @admin.display(description="since")
    def suggested_on(self, suggestion: Suggestion) -> str:
        """Return the day on which it was suggested."""
        return say_date(suggestion.suggested_at, weekday=False)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show one, and lead to what is left to do of what was taken up."""
        suggestion: Suggestion | None = context["original"]
        if suggestion and suggestion.state == State.TAKEN_UP:
            context["left"] = _what_is_left(suggestion)
        return super().render_change_form(request, context, *args, **kwargs)

    def pages(self) -> list[URLPattern]:
        """Return the pages on which one is decided about."""
        return [
            path("<int:pk>/take-up/", self.decide_page, {"decision": TAKE_UP}, name="bookclub_suggestion_take_up"),
            path(
                "<int:pk>/set-aside/", self.decide_page, {"decision": SET_ASIDE}, name="bookclub_suggestion_set_aside"
            ),
        ]

    def decide_page(self, request: HttpRequest, pk: int, *, decision: Decision) -> HttpResponse:
        """Take one up, or set it aside, once it is said what members read of that."""
        suggestion = get_object_or_404(self.get_queryset(request).select_related("cohort"), pk=pk)
        title = f"{decision.button}: “{suggestion}”"
        if not is_confirmed(request):
            if not suggestion.is_open:
                return ask(request, self, Question(title=title, says=[SuggestionOver.message], about=suggestion))
            number = count_of(suggestion.backings.count(), "member backs", "members back")
            stands = _where_it_stands(suggestion) if decision == TAKE_UP else ()
            says = [f"{number} it, in {suggestion.cohort}.", *stands, decision.says]
            return ask(request, self, Question(title=title, says=says, button=decision.button, about=suggestion))
        try:
            suggesting.decide(suggestion, decision.state, by=person(request))
        except BookClubRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _said(suggestion, decision))
        waiting = f"{reverse('admin:bookclub_suggestion_changelist')}?state__exact={State.OPEN}"
        return HttpResponseRedirect(waiting)

    @admin.action(description="Take up the chosen suggestions")
    def take_up(self, request: HttpRequest, queryset: QuerySet[Suggestion]) -> TemplateResponse | None:
        """Say that they are taken up."""
        return self._decide(request, queryset, "take_up", TAKE_UP)

    @admin.action(description="Set the chosen suggestions aside")
    def set_aside(self, request: HttpRequest, queryset: QuerySet[Suggestion]) -> TemplateResponse | None:
        """Say that they are not read this time."""
        return self._decide(request, queryset, "set_aside", SET_ASIDE)

    def _decide(
        self, request: HttpRequest, queryset: QuerySet[Suggestion], action: str, decision: Decision
    ) -> TemplateResponse | None:
        by = person(request)

        def do(chosen: Sequence[Suggestion]) -> tuple[int, str]:
            number = 0
            for suggestion in chosen:
                try:
                    suggesting.decide(suggestion, decision.state, by=by)
                except BookClubRefused:
                    continue
                number += 1
            return number, f"{count_of(number, 'suggestion')}: {decision.state.label.lower()}."

        deed: Deed[Suggestion] = Deed(
            action=action,
            title=f"{decision.button}: suggestions",
            button=decision.button,
            headings=("Book", "Author", "Cohort"),
            cells=lambda suggestion: (suggestion.title, suggestion.authors, suggestion.cohort.name),
            why_not=lambda suggestion: "" if suggestion.is_open else "It was decided before.",
            says=lambda _: [decision.says],
            do=do,
        )
        return ask_first(request, self, queryset.select_related("cohort"), deed)


def _called_like(suggestion: Suggestion) -> Sequence[Any]:
    """Return the first books of its title that the catalogue has, and with each whether the cohort reads it now."""
    read = ListedBook.objects.live().filter(cohort=suggestion.cohort_id, book=OuterRef("pk"))
    books = Book.objects.called(suggestion.title).annotate(is_read=Exists(read))
    return list(books.order_by("-is_read", "pk")[:FEW])


def _where_it_stands(suggestion: Suggestion) -> Sequence[str]:
    """Say of which authors the catalogue has a book of its title, and whether the cohort reads that."""
    return [
        f"The catalogue has “{book}” by {book.authors}. It is {'' if book.is_read else 'not '}on the list of "
        f"{suggestion.cohort}."
        for book in _called_like(suggestion)
    ] or ["The catalogue has no book of this title."]


def _what_is_left(suggestion: Suggestion) -> Sequence[tuple[str, str]]:
    """Return the address and the name of what is left to do of one that is taken up."""
    books = _called_like(suggestion)
    if any(book.is_read for book in books):
        return []
    given = {"cohort": suggestion.cohort_id}
    left = []
    if not books:
        which = urlencode({"title": suggestion.title, "authors": suggestion.authors})
        left.append((f"{reverse('admin:bookclub_book_add')}?{which}", "Add it to the catalogue"))
    elif len(books) == 1 and books[0].offered:
        given["book"] = books[0].pk
    put = f"{reverse('admin:bookclub_listedbook_add')}?{urlencode(given)}"
    return [*left, (put, f"Put it on the list of {suggestion.cohort}")]


def _said(suggestion: Suggestion, decision: Decision) -> str:
    """Say what was done; of one that is taken up, lead to what is left to do."""
    if decision != TAKE_UP:
        return f"“{suggestion}” is set aside."
    left = format_html_join(" · ", '<a href="{}">{}</a>', _what_is_left(suggestion))
    return format_html("“{}” is taken up. {}", suggestion, left)
