"""What somebody filled in on a form, in words: each field by its label, each choice by what the page called it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.choices import flatten_choices


def filled_in(form: forms.BaseForm) -> list[tuple[str, str]]:
    """Return the label and the content of each field that was filled in, whether it can be taken or not.

    What the person did not see is left out.
    """
    said = ((str(bound.label), _said(bound.field, bound.data)) for bound in form.visible_fields())
    return [(label, words) for label, words in said if words]


def _said(field: forms.Field, sent: Any) -> str:
    """Say what was sent for one field: nothing where there is nothing."""
    if isinstance(field, forms.BooleanField):
        return "Yes" if sent else ""
    values = sent if isinstance(sent, list | tuple) else [sent]
    chosen = [_chosen(field, str(value)) for value in values if value not in (None, "")]
    return (", " if isinstance(field, forms.ChoiceField) else " ").join(chosen)


def _chosen(field: forms.Field, value: str) -> str:
    if isinstance(field, forms.ModelChoiceField):
        try:
            found = forms.ModelChoiceField.to_python(field, value)
        except ValidationError:
            return value
        return field.label_from_instance(found) if found else value
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        return str(dict(flatten_choices(choices)).get(value, value))
    return value
