"""The page that says what is about to be done, and to how many, before it is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin import helpers
from django.db.models import Model
from django.http import HttpRequest
from django.template.response import TemplateResponse

CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Question:
    """What the page says (`says`, and rows `listed` under `headings`), and the button that leads on.

    `about` is the row that it is about; `unseen` goes along with the answer.
    """

    title: str
    button: str
    says: Sequence[str] = ()
    headings: Sequence[str] = ()
    listed: Sequence[Sequence[str]] = ()
    about: Model | None = None
    unseen: Sequence[tuple[str, str]] = ()


class FormForVerb(forms.ModelForm):  # type: ignore[type-arg]  # Django's own class takes no parameter
    """Asks for what a verb needs to know. Whether it can be done is for the verb to say, not for the model."""

    def _get_validation_exclusions(self) -> set[str]:
        return {field.name for field in self._meta.model._meta.get_fields()}


def is_confirmed(request: HttpRequest) -> bool:
    """Say whether the person has read what will be done and said yes."""
    return request.method == "POST" and CONFIRMED in request.POST


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
    return "1 person" if number == 1 else f"{number:,} people"


def bookings(number: int) -> str:
    """Say how many bookings: "1 booking", "2 bookings"."""
    return "1 booking" if number == 1 else f"{number:,} bookings"
