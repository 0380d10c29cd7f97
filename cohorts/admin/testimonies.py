"""Testimonies as editors read them: words and byline, and nothing more of who wrote them; publishing, or not."""

import re
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Case, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import Truncator

from cohorts import testifying
from cohorts.admin.keeping import KeptAdmin, KeptFilter
from cohorts.models import Testimony
from cohorts.testifying import MAY_BE_DECLINED, MAY_BE_PUBLISHED, MAY_BE_SHORTENED, TestimonyRefused
from cohorts.testimony_forms import LONGEST, PublicWords
from portal.access import person
from portal.nhsuk.dates import say_date
from portal.questions import Question, ask, fill_in, is_confirmed

State = Testimony.State
NUMBER: Final = re.compile(r"\d{1,9}", re.ASCII)
NOTHING: Final = "—"
ORDER: Final = (State.OFFERED, State.ASKED, State.PUBLISHED, State.NOT_USED, State.TAKEN_BACK)


class ShortenForm(forms.Form):
    """Asks for a shorter form of what somebody wrote."""

    shorter = PublicWords(
        label="Shorter form",
        max_length=LONGEST,
        rows=8,
        required=True,
        help_text="Leave words out. Put none into their mouth.",
    )

    def __init__(self, data: Any = None, *, words: str) -> None:
        super().__init__(data, initial={"shorter": words})
        self._words = words

    def clean_shorter(self) -> str:
        """Require that it is shorter."""
        shorter: str = self.cleaned_data["shorter"]
        if len(shorter) >= len(self._words):
            raise ValidationError("This is not shorter than what they wrote. To use it as it is, publish it.")
        return shorter


@admin.register(Testimony)
class TestimonyAdmin(KeptAdmin[Testimony]):
    """What people offered for the programmes' pages, what waits for an editor first."""

    programme = "programme"
    may_add = may_change = False
    fields = ("programme", "about", "whole", "proposed", "byline", "state", "day")
    readonly_fields = ("about", "whole", "proposed", "day")
    list_display = ("opening", "byline", "programme", "state", "day")
    list_filter = ("state", ("programme", KeptFilter))
    list_select_related = ("programme",)
    ordering = (
        Case(*(When(state=state, then=Value(place)) for place, state in enumerate(ORDER))),
        "-since",
        "-id",
    )
    sortable_by = ()

    @admin.display(description="words")
    def opening(self, testimony: Testimony) -> str:
        """Return how it begins."""
        return Truncator(testimony.words).words(12) or NOTHING

    @admin.display(description="words")
    def whole(self, testimony: Testimony) -> str:
        """Return the words that its author agreed to."""
        return testimony.words or NOTHING

    @admin.display(description="shorter form that its author is asked about")
    def proposed(self, testimony: Testimony) -> str:
        """Return what its author has not agreed to yet."""
        return testimony.shorter if testimony.state == State.ASKED else NOTHING

    @admin.display(description="about")
    def about(self, testimony: Testimony) -> str:
        """Return which part of the programme it is about."""
        return testimony.about or "The whole programme"

    @admin.display(description="since")
    def day(self, testimony: Testimony) -> str:
        """Return the day of its last change: the time could tell who was at work then."""
        return say_date(testimony.since)

    def pages(self) -> list[URLPattern]:
        """Add what an editor can do with one."""
        return [
            path("<int:pk>/publish/", self.publish_page, name="cohorts_testimony_publish"),
            path("<int:pk>/shorten/", self.shorten_page, name="cohorts_testimony_shorten"),
            path("<int:pk>/decline/", self.decline_page, name="cohorts_testimony_decline"),
        ]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Offer what can be done with it as it stands."""
        state = context["original"].state
        deeds = [
            ("cohorts_testimony_publish", "Publish it", MAY_BE_PUBLISHED),
            ("cohorts_testimony_shorten", "Ask its author about a shorter form", MAY_BE_SHORTENED),
            ("cohorts_testimony_decline", _decline_title(state), MAY_BE_DECLINED),
        ]
        pk = context["original"].pk
        context["deeds"] = [
            (reverse(f"admin:{name}", args=[pk]), title) for name, title, states in deeds if state in states
        ]
        return super().render_change_form(request, context, *args, **kwargs)

    def publish_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Publish a testimony as it stands, once it is said what that does."""
        about = self._about(request, pk)
        if is_confirmed(request):
            looked_at = request.POST.get("looked_at", "")
            number = int(looked_at) if NUMBER.fullmatch(looked_at) else -1
            return self._do(
                request,
                pk,
                lambda: testifying.publish(about, looked_at=number, by=person(request)),
                f"It stands on the page of {about.programme}. Its author is told.",
            )
        once = "" if about.programme.published else ", once that is public"
        says = [f"Everybody can read it on the page of the programme{once}, exactly so:"]
        return self._ask(request, about, "Publish it", says, MAY_BE_PUBLISHED)

    def decline_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Not use a testimony, or no longer, once it is said what that does."""
        about = self._about(request, pk)
        if is_confirmed(request):
            return self._do(
                request,
                pk,
                lambda: testifying.decline(about, by=person(request)),
                "It is not used. Its author is told, with thanks.",
            )
        says = [
            "Its author is thanked, and told that it does not show at the moment.",
            "They can take it back and offer another. You can publish it another time.",
        ]
        return self._ask(request, about, _decline_title(about.state), says, MAY_BE_DECLINED)

    def shorten_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask a testimony's author about a shorter form."""
        about = self._about(request, pk)
        if about.state not in MAY_BE_SHORTENED:
            return self._ask(request, about, "Ask its author about a shorter form", [], MAY_BE_SHORTENED)
        form = ShortenForm(request.POST if request.method == "POST" else None, words=about.words)
        if form.is_valid():
            return self._do(
                request,
                pk,
                lambda: testifying.ask_about(about, form.cleaned_data["shorter"], by=person(request)),
                "Its author is asked. You can publish it once they agree.",
            )
        question = Question(
            title="Ask its author about a shorter form",
            says=["They see both forms, and agree or keep their own words. Nothing is published by this."],
            button="Ask its author",
            about=about,
        )
        return fill_in(request, self, question, form)

    def _about(self, request: HttpRequest, pk: int) -> Testimony:
        return get_object_or_404(self.get_queryset(request).select_related("programme"), pk=pk)

    def _ask(
        self, request: HttpRequest, about: Testimony, title: str, says: list[str], states: frozenset[State]
    ) -> TemplateResponse:
        """Show it as it would be read, with the button, or without it where this cannot be done."""
        may = about.state in states
        question = Question(
            title=title,
            button=title if may else "",
            says=says if may else [f"This cannot be done as it stands now: {about.get_state_display().lower()}."],
            about=about,
            unseen=[("looked_at", str(about.sequence))],
        )
        page = ask(request, self, question)
        page.template_name = "admin/cohorts/testimony/question.html"
        return page

    def _do(self, request: HttpRequest, pk: int, do: Any, done: str) -> HttpResponse:
        try:
            do()
        except TestimonyRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, done)
        return HttpResponseRedirect(reverse("admin:cohorts_testimony_change", args=[pk]))


def _decline_title(state: str) -> str:
    return "Take it off the page" if state == State.PUBLISHED else "Do not use it"
