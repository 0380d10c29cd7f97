"""Choices that depend on who asks, given to the fields of a form once it is made."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.db.models import QuerySet


def offer_rows(form: forms.BaseForm, field: str, rows: QuerySet[Any]) -> None:
    """Let a field choose among these rows."""
    cast("forms.ModelChoiceField[Any]", form.fields[field]).queryset = rows


def offer_choices(form: forms.BaseForm, field: str, choices: Sequence[tuple[str, str]]) -> None:
    """Let a field choose among these values, each with its label."""
    cast("forms.ChoiceField", form.fields[field]).choices = choices
