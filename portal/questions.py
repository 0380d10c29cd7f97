"""The page of the admin that says what is about to be done, and to how many, before it is done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse

from portal.generics import ModelForm

M = TypeVar("M", bound=Model)

CONFIRMED = "confirmed"
BACK = "back_to_form"
GO_BACK = "Go back and change it"
MOST_AT_ONCE = 100
# So many of the rows are shown; the numbers count all of them.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Question:
    """What the page says (`says`, and rows `listed` under `headings`), and the button that leads on, if one does.

    `more` says how many rows are not listed. `left_out` are rows to which nothing is done, each with the reason.
    `about` is the row that it is about; `back` leads back, if not to that one or the list; `unseen` goes along with
    the answer, and so does which of the `choices` is made: their name, their label, and each with what it says. Where
    that holds a form that was filled in, it `goes_back` to it for whoever wants to change it.
    """

    title: str
    button: str = ""
    says: Sequence[str] = ()
    headings: Sequence[str] = ()
    listed: Sequence[Sequence[str]] = ()
    more: int = 0
    left_out: Sequence[tuple[str, str]] = ()
    about: Model | None = None
    back: str = ""
    unseen: Sequence[tuple[str, str]] = ()
    goes_back: bool = False
    choices: tuple[str, str, Sequence[tuple[str, str]]] | None = None


class DeedRefused(Exception):
    """It was done to none of the rows; `str()` says why, in words for whoever chose them."""


@dataclass(frozen=True, slots=True)
class Deed(Generic[M]):
    """What an action of a list does to the rows that were chosen there.

    `why_not` says why a row is left out: nothing, if it is not. `says` and `do` get the others, never none. `do`
    returns to how many of them it was done, which may be fewer by then, and what to say of that. Raises DeedRefused.
    """

    action: str
    title: str
    button: str
    headings: Sequence[str]
    cells: Callable[[M], Sequence[str]]
    why_not: Callable[[M], str]
    says: Callable[[Sequence[M]], Sequence[str]]
    do: Callable[[Sequence[M]], tuple[int, str]]


class FormForVerb(ModelForm[M]):
    """Asks for what a verb needs to know. Whether it can be done is for the verb to say, not for the model."""

    def _get_validation_exclusions(self) -> set[str]:
        return {field.name for field in self._meta.model._meta.get_fields()}


def is_confirmed(request: HttpRequest) -> bool:
    """Say whether the person has read what will be done and said yes."""
    return request.method == "POST" and CONFIRMED in request.POST and not goes_back(request)


def goes_back(request: HttpRequest) -> bool:
    """Say whether the person has read what will be done and wants to change what they filled in."""
    return BACK in request.POST


def fill_in(
    request: HttpRequest, model_admin: "admin.ModelAdmin[Any]", question: Question, form: forms.BaseForm
) -> TemplateResponse:
    """Show the form on which what is to be done depends. A form with errors answers 422."""
    fieldsets: list[Any] = [(None, {"fields": list(form.fields)})]
    context = {
        "form": form,
        "fields": helpers.AdminForm(form, fieldsets, {}),  # type: ignore[arg-type]  # any form will do
        "errors": form.errors if form.is_bound else None,
    }
    return _page(request, model_admin, question, context)


def ask(
    request: HttpRequest, model_admin: "admin.ModelAdmin[Any]", question: Question, form: forms.BaseForm | None = None
) -> TemplateResponse:
    """Show what will be done, with the button that does it; a form that was filled in goes along unseen."""
    return _page(request, model_admin, question, {"form": form, "is_settled": True})


def ask_first(
    request: HttpRequest, model_admin: "admin.ModelAdmin[Any]", chosen: QuerySet[M], deed: Deed[M]
) -> TemplateResponse | None:
    """Show what an action does to the chosen rows; do it once that is confirmed, and then return None for the list.

    `chosen` holds nothing but what the person may see, whatever was sent; they are read in one go, with what the
    deed's functions need.
    """
    rows = list(chosen[: MOST_AT_ONCE + 1])
    if len(rows) > MOST_AT_ONCE:
        messages.error(request, f"Choose {MOST_AT_ONCE} or fewer at a time.")
        return None
    reasons = [(row, deed.why_not(row)) for row in rows]
    fit = [row for row, reason in reasons if not reason]
    if is_confirmed(request):
        try:
            number, said = deed.do(fit) if fit else (0, "")
        except DeedRefused as refused:
            messages.error(request, str(refused))
            return None
        if number:
            messages.success(request, said)
        if left := len(request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)) - number:
            messages.warning(request, f"Left as they are, because something has changed since you looked: {left:,}.")
        return None
    question = Question(
        title=deed.title,
        button=deed.button if fit else "",
        says=deed.says(fit) if fit else ["There is nothing to do."],
        headings=deed.headings,
        listed=[deed.cells(row) for row in fit[:SHOWN]],
        more=len(fit[SHOWN:]),
        left_out=[(str(row), reason) for row, reason in reasons if reason],
        back=request.get_full_path(),
        unseen=[("action", deed.action), *((helpers.ACTION_CHECKBOX_NAME, str(row.pk)) for row in fit)],
    )
    return ask(request, model_admin, question)


def _page(
    request: HttpRequest, model_admin: "admin.ModelAdmin[Any]", question: Question, context: dict[str, Any]
) -> TemplateResponse:
    form = context["form"]
    shared = {
        **model_admin.admin_site.each_context(request),
        "title": question.title,
        "question": question,
        "about": question.about,
        "opts": model_admin.opts,
        "media": model_admin.media + form.media if form else model_admin.media,
    }
    status = 422 if context.get("errors") else 200
    return TemplateResponse(request, "admin/question.html", shared | context, status=status)


def people(number: int) -> str:
    """Say how many people: "1 person", "2 people"."""
    return count_of(number, "person", "people")


def count_of(number: int, one: str, many: str = "") -> str:
    """Say how many there are of something: "1 role", "2 roles"."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
