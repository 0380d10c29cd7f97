"""The reading lists of cohorts: what is done to them goes through the verbs of `bookclub.choosing`."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar, Final

from django import forms
from django.contrib import admin, messages
from django.db.models import Field, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bookclub import choosing, how_far
from bookclub.admin.meeting_fields import (
    MAY_BE_SET,
    NOT_SET_YET,
    OF_COHORT,
    MeetingField,
    meeting_field,
    meetings_for,
    what_stays,
)
from bookclub.models import Book, ListedBook, Reading
from bookclub.refusals import BookClubRefused, ListOver, MeetingBegun, MeetingNotToCome, NoMeeting, NotOffered
from cohorts.admin.keeping import KeptAdmin, KeptFilter, count
from cohorts.models import Cohort, Membership, Session
from portal.access import person
from portal.form_choices import offer_rows
from portal.generics import ModelForm
from portal.nhsuk.dates import say_when
from portal.questions import FormForVerb, Question, ask, fill_in, goes_back, is_confirmed

CHOOSE_BOOK: Final = "Choose a book"


class AddForm(FormForVerb[ListedBook]):
    """Asks which cohort reads which book."""

    class Meta:
        model = ListedBook
        fields = ("cohort", "book", "meeting", "why")
        error_messages: ClassVar = {
            "cohort": {"required": "Choose a cohort"},
            "book": {"required": CHOOSE_BOOK, "invalid_choice": NotOffered.message},
        }


class ArrangeForm(ModelForm[ListedBook]):
    """Asks at which of the cohort's meetings a book is talked about, and why they read it."""

    class Meta:
        model = ListedBook
        fields = ("meeting", "why")

    def __init__(self, *args: Any, meetings: QuerySet[Session], stays: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = "It has begun, so the book stays there." if stays else OF_COHORT
        self.fields["meeting"] = MeetingField(meetings, help_text=said, disabled=stays, **MAY_BE_SET)


class SwapForm(forms.Form):
    """Asks which book takes the place of another."""

    book = forms.ModelChoiceField(
        Book.objects.none(),
        label="Which book instead",
        error_messages={
            "required": CHOOSE_BOOK,
            "invalid_choice": "Choose a book that is not on the list already, and that is ticked as “Offered” on its "
            "page in the catalogue.",
        },
    )
    why = forms.CharField(label="Why this book", required=False, widget=forms.Textarea(attrs={"rows": 3}))


class OnList(admin.SimpleListFilter):
    """Filter by whether a book is on its list now."""

    title = "list"
    parameter_name = "list"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer what is on a list beside what was."""
        return [("on", "On the list"), ("off", "No longer on the list")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ListedBook]) -> QuerySet[ListedBook]:
        """Return the books that were chosen."""
        if self.value() in {"on", "off"}:
            return queryset.filter(taken_off_at__isnull=self.value() == "on")
        return queryset


@admin.register(ListedBook)
class ListedBookAdmin(KeptAdmin[ListedBook]):
    """What each cohort reads."""

    programme = "cohort__programme"
    form = AddForm
    may_change = False
    fields = ("cohort", "book", "meeting", "why")
    list_display = ("book", "cohort", "position", "when", "begun_by", "finished_by", "of_programme")
    list_filter: ClassVar[Any] = (OnList, ("cohort", KeptFilter))
    list_select_related = ("book", "cohort__programme", "meeting")
    search_fields = ("book__title", "book__authors", "cohort__name")
    autocomplete_fields = ("cohort", "book")
    ordering = ("-cohort__starts_on", "cohort", "position", "id")
    sortable_by = ()

    def get_fields(self, request: HttpRequest, obj: ListedBook | None = None) -> tuple[str, ...]:
        """Ask for what is put on a list; show how it stands there."""
        return ("cohort", "book", "position", "when", "why", "taken_off_at", "swapped_for") if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: ListedBook | None = None) -> tuple[str, ...]:
        """Show a book as it stands: what is done to it has pages of its own."""
        return self.get_fields(request, obj) if obj else ()

    def get_field_queryset(
        self, db: str | None, db_field: "Field[Any, Any]", request: HttpRequest
    ) -> QuerySet[Any] | None:
        """Offer, and accept, of the catalogue what cohorts can read."""
        rows = super().get_field_queryset(db, db_field, request)
        return rows if rows is None or db_field.name != "book" else rows.filter(offered=True)

    def with_figures(self, rows: QuerySet[ListedBook]) -> QuerySet[ListedBook]:
        """Count who has begun and finished each, and of how many: never who, and not told as exactly as that."""
        readings = Reading.objects.filter(listed=OuterRef("pk"))
        return rows.annotate(
            begun=count(readings, "listed"),
            finished=count(readings.filter(state=Reading.State.FINISHED), "listed"),
            members=count(Membership.objects.enrolled().filter(cohort=OuterRef("cohort")), "cohort"),
        )

    @admin.display(description="have begun it")
    def begun_by(self, listed: Any) -> str:
        """Say how many members have begun it, as far as that is told."""
        return how_far.say(listed.begun, listed.finished, listed.members).begun

    @admin.display(description="have finished it")
    def finished_by(self, listed: Any) -> str:
        """Say how many members have finished it, as far as that is told."""
        return how_far.say(listed.begun, listed.finished, listed.members).finished

    @admin.display(description="meeting")
    def when(self, listed: ListedBook) -> str:
        """Say when the meeting is."""
        meeting = listed.meeting
        if meeting is None:
            return NOT_SET_YET
        return f"{say_when(meeting.starts_at, meeting.ends_at)}{' (cancelled)' if meeting.is_cancelled else ''}"

    @admin.display(description="programme")
    def of_programme(self, listed: ListedBook) -> str:
        """Return the programme's name."""
        return listed.cohort.programme.name

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show how it stands on the list, and lead to what can be done to it there."""
        listed: ListedBook | None = context["original"]
        if listed and listed.is_on_list:
            live = ListedBook.objects.live().filter(cohort=listed.cohort_id)
            context["goes_earlier"] = live.filter(position__lt=listed.position).exists()
            context["goes_later"] = live.filter(position__gt=listed.position).exists()
        return super().render_change_form(request, context, *args, **kwargs)

    def pages(self) -> list[URLPattern]:
        """Return the pages of what is done to a book on a list."""
        return [
            path("<int:pk>/arrange/", self.arrange_page, name="bookclub_listedbook_arrange"),
            path("<int:pk>/swap/", self.swap_page, name="bookclub_listedbook_swap"),
            path("<int:pk>/take-off/", self.take_off_page, name="bookclub_listedbook_take_off"),
            path("<int:pk>/earlier/", self.move_page, {"earlier": True}, name="bookclub_listedbook_earlier"),
            path("<int:pk>/later/", self.move_page, {"earlier": False}, name="bookclub_listedbook_later"),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Put a book on a cohort's list."""
        form = self.form_to_add(request)
        form.fields["meeting"] = meeting_field(form, person(request))

        def add(given: dict[str, Any]) -> ListedBook:
            return choosing.add(**given, though_begun=is_confirmed(request), by=person(request))

        says = ["It goes to the end of the list. You can set its meeting now, or later."]
        question = Question(title="Put a book on a cohort's list", says=says, button="Put on the list")
        return self._answer(request, question, form, add, "is on the list.")

    def arrange_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say at which meeting a book is talked about."""
        listed = self._listed(request, pk)
        form = ArrangeForm(
            request.POST if request.method == "POST" else None,
            initial={"meeting": listed.meeting_id, "why": listed.why},
            meetings=meetings_for(listed),
            stays=listed.stays,
        )

        def arrange(given: dict[str, Any]) -> ListedBook:
            return choosing.arrange(listed, **given, though_begun=is_confirmed(request), by=person(request))

        question = Question(title=f"Meeting of “{listed}”", button="Save", about=listed)
        return self._answer(request, question, form, arrange, "is arranged.")

    def swap_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let the cohort read another book in its place."""
        listed = self._listed(request, pk)
        title = f"Swap “{listed}” for another book"
        why_not = ListOver.message if listed.cohort.has_ended else MeetingBegun.message if listed.stays else ""
        if request.method != "POST" and why_not:
            return ask(request, self, Question(title=title, says=[why_not], about=listed))
        form = SwapForm(request.POST if request.method == "POST" else None)
        read = ListedBook.objects.live().filter(cohort=listed.cohort_id)
        offer_rows(form, "book", Book.objects.offered().exclude(pk__in=read.values("book")))

        def swap(given: dict[str, Any]) -> ListedBook:
            return choosing.swap(listed, **given, by=person(request))

        says = [
            f"{listed.cohort} reads the other book at the same meeting.",
            "What people wrote of this one stays theirs. Nobody is written to: tell the cohort.",
        ]
        question = Question(title=title, says=says, button="Swap", about=listed)
        return self._answer(request, question, form, swap, "was swapped.")

    def take_off_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a book off the list, once it is said what becomes of what was written."""
        listed = self._listed(request, pk)
        if not is_confirmed(request):
            title = f"Take “{listed}” off the list"
            if listed.stays:
                return ask(request, self, Question(title=title, says=[MeetingBegun.message], about=listed))
            says = [
                f"{listed.cohort} no longer reads it. What people wrote of it stays theirs.",
                "Nobody is written to: tell the cohort.",
            ]
            return ask(request, self, Question(title=title, says=says, button="Take off", about=listed))

        def take_off() -> str:
            choosing.take_off(listed, by=person(request))
            return "is off the list."

        return self._do(request, listed, take_off)

    def move_page(self, request: HttpRequest, pk: int, *, earlier: bool) -> HttpResponse:
        """Let a book change places with the one before or after it."""
        listed = self._listed(request, pk)
        way = "earlier" if earlier else "later"
        if not is_confirmed(request):
            question = Question(title=f"Read “{listed}” {way}", button=f"Move {way}", about=listed)
            return ask(request, self, question)

        def move() -> str:
            moved = choosing.move(listed, earlier=earlier, by=person(request))
            return f"is read {way}." if moved else f"is {'first' if earlier else 'last'} on the list already."

        return self._do(request, listed, move)

    def _listed(self, request: HttpRequest, pk: int) -> ListedBook:
        rows = self.get_queryset(request).select_related("cohort__programme", "book", "meeting")
        return get_object_or_404(rows, pk=pk)

    def _answer(
        self,
        request: HttpRequest,
        question: Question,
        form: Any,
        act: Callable[[dict[str, Any]], ListedBook],
        done: str,
    ) -> HttpResponse:
        """Do what a form asks for, and lead to the list; otherwise show it, with why it was refused.

        Where the book would go to a meeting that is not to come, ask first: it then stays there.
        """
        if request.method == "POST" and form.is_valid() and not goes_back(request):
            try:
                listed = act(form.cleaned_data)
            except MeetingNotToCome:
                says = what_stays(form.cleaned_data["meeting"])
                return ask(request, self, replace(question, says=says, button="Put it there"), form)
            except NoMeeting as refused:
                form.add_error("meeting", str(refused))
            except BookClubRefused as refused:
                form.add_error(None, str(refused))
            else:
                about = question.about or form.cleaned_data["book"]
                messages.success(request, _with_way_on(f"“{about}” {done}", listed))
                return self._to_list(listed.cohort)
        return fill_in(request, self, question, form)

    def _do(self, request: HttpRequest, listed: ListedBook, act: Callable[[], str]) -> HttpResponse:
        """Do something, and say what was done, or why it was not; either way lead to the list."""
        try:
            done = act()
        except BookClubRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, f"“{listed}” {done}")
        return self._to_list(listed.cohort)

    def _to_list(self, cohort: Cohort) -> HttpResponse:
        address = reverse("admin:bookclub_listedbook_changelist")
        return HttpResponseRedirect(f"{address}?cohort__id__exact={cohort.pk}&list=on")


def _with_way_on(said: str, listed: ListedBook) -> SafeString:
    """Say what was done, and lead on: to what is written for its meeting, or to the list as readers see it."""
    meeting = listed.meeting
    if meeting and not meeting.is_cancelled:
        way = reverse("book_club_plan", args=[listed.cohort_id, meeting.pk]), "Write for its meeting"
    else:
        way = reverse("book_club", args=[listed.cohort_id]), "See the list as its readers do"
    return format_html('{} <a href="{}">{}</a>', said, *way)
