"""Form fields in the design system's HTML, and how a form says what a page should make of each.

A page writes `{{ form|crispy }}` (or `{% crispy form %}`); both come here, field by field. Ids are Django's own
(`<id>_helptext`, `<id>_error`), so that Django's `aria-describedby` fits. A form says more about a field like this:

    class Cancel(forms.Form):
        reason = forms.ChoiceField(choices=..., widget=forms.RadioSelect, label="Why are you cancelling?")
        looks = {"reason": Look(size="l", page_heading=True)}
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.forms import BaseForm, BoundField
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from portal.nhsuk.components import EMPTY, error_message, hint
from portal.nhsuk.fields import DateWidget


@dataclass(frozen=True)
class Look:
    """How one field is shown.

    `size` of its label or legend: "s", "m", "l", "xl" or nothing. `page_heading` makes the label the page's h1.
    `width` in characters: 2, 3, 4, 5, 10, 20 or 30. `hints` help with single choices, by value. `inline` sets a few
    short choices side by side. A question that `can_wait` is left open for now, and not for good: it is not marked as
    optional, and its page says so. `reveals` names, by value, the field that is asked only with that choice.
    """

    size: str = ""
    page_heading: bool = False
    width: int | None = None
    code: bool = False
    prefix: str = ""
    suffix: str = ""
    inline: bool = False
    can_wait: bool = False
    hints: Mapping[str, str] = field(default_factory=dict)
    reveals: Mapping[str, str] = field(default_factory=dict)


PLAIN = Look()
CODE = Look(width=10, code=True)


def look_of(bound: BoundField) -> Look:
    """Return how a form wants a field shown. One-time codes are set as codes without being asked."""
    given: Mapping[str, Look] = getattr(bound.form, "looks", {})
    found = given.get(bound.name)
    if found is None:
        found = CODE if bound.field.widget.attrs.get("autocomplete") == "one-time-code" else PLAIN
    return found


def visible_questions(form: BaseForm) -> list[BoundField]:
    """Return the fields to show in order, without those that a choice of another field reveals."""
    revealed = revealed_by_choices(form)
    return [bound for bound in form.visible_fields() if bound.name not in revealed]


def revealed_by_choices(form: BaseForm) -> set[str]:
    """Return the names of the fields that are asked only with a choice of another field."""
    looks: Mapping[str, Look] = getattr(form, "looks", {})
    return {name for look in looks.values() for name in look.reveals.values()}


def label_of(bound: BoundField) -> str:
    """Return the label, marked when the question need not be answered.

    One that a choice reveals is not marked: whoever made that choice has to answer it, which its form looks after.
    """
    optional = not bound.field.required and not isinstance(bound.field, forms.BooleanField) and not bound.field.disabled
    marked = optional and not look_of(bound).can_wait and bound.name not in revealed_by_choices(bound.form)
    return f"{bound.label} (optional)" if marked else str(bound.label)


# --- What went wrong


def errors_of(bound: BoundField) -> list[str]:
    """Return a field's errors. Django's "This field is required." becomes what to do, with the field's name."""
    said = []
    for error in bound.errors.as_data():
        for message in error.messages:
            generic = error.code == "required" and message == str(forms.Field.default_error_messages["required"])
            said.append(ask_for(bound) if generic else message)
    return said


def ask_for(bound: BoundField) -> str:
    """Say what to do about a question without an answer: "Enter your email address", "Select a place"."""
    label = str(bound.label)
    if isinstance(bound.field.widget, forms.CheckboxInput):
        return f"Select “{label}”"
    verb = "Select" if isinstance(bound.field.widget, forms.widgets.ChoiceWidget | forms.FileInput) else "Enter"
    if label.endswith("?"):
        return f"{verb} an answer to “{label}”"
    return f"{verb} {label if label[:2].isupper() else label[:1].lower() + label[1:]}"


def control_of(bound: BoundField) -> str:
    """Return the id of the control that an error summary leads to."""
    widget = bound.field.widget
    if isinstance(widget, DateWidget):
        wrong = wrong_parts(bound)
        return f"{bound.auto_id}-{wrong[0] if wrong else 'day'}"
    return bound.auto_id


def wrong_parts(bound: BoundField) -> list[str]:
    """Return which of "day", "month" and "year" of a date have to be put right, in that order."""
    named = {part for error in bound.errors.as_data() for part in (error.params or {}).get("parts", ())}
    return [part for part in DateWidget.PARTS if part in named] or (list(DateWidget.PARTS) if bound.errors else [])


def summarise_errors(form: BaseForm) -> Iterator[tuple[str, str]]:
    """Yield each of a form's errors with the id of the control that puts it right, in the order of the page."""
    if not form.is_bound:
        return
    questions = form.visible_fields()
    first = control_of(questions[0]) if questions else ""
    for message in form.non_field_errors():
        yield str(message), first
    for bound in form.hidden_fields():
        for message in bound.errors:
            yield str(message), ""
    for bound in questions:
        for message in errors_of(bound):
            yield message, control_of(bound)


# --- Fields

# What Django gives a textarea when nobody said how tall it is.
DJANGO_ROWS = "10"


def render_field(bound: BoundField) -> SafeString:
    """Give one field whole: label or legend, hint, error, control."""
    widget = bound.field.widget
    look = look_of(bound)
    errors = errors_of(bound)
    context: dict[str, Any] = {
        "field": bound,
        "look": look,
        "label": label_of(bound),
        "hint": hint(bound.help_text, f"{bound.auto_id}_helptext") if bound.help_text else EMPTY,
        "error": error_message(". ".join(said.rstrip(".") for said in errors), f"{bound.auto_id}_error")
        if errors
        else EMPTY,
        "has_error": bool(errors),
        "described_by": bound.aria_describedby,
    }
    for kinds, template, prepare in KINDS:
        if isinstance(widget, kinds):
            context |= prepare(bound, look)
            return render_to_string(f"nhsuk/fields/{template}.html", context)
    raise TypeError(f"The template pack has no way to show a {type(widget).__name__}.")


def control(bound: BoundField, classes: str, **attributes: str | bool) -> SafeString:
    """Give a field's own element, of these classes; an attribute that is False is left out.

    Without `required`: pages say what is wrong themselves, and some screen readers call an empty required field
    invalid before anything was typed. Without a placeholder: it goes when one starts to type, and hints stay.
    """
    attrs = _attributes(bound, classes, attributes)
    element: SafeString = bound.field.widget.render(
        name=bound.html_name, value=bound.value(), attrs=attrs, renderer=bound.form.renderer
    )
    return element


def _attributes(bound: BoundField, classes: str, more: Mapping[str, str | bool]) -> dict[str, Any]:
    given = {"id": bound.auto_id, "class": f"{classes} {bound.field.widget.attrs.get('class', '')}".strip()}
    attrs = bound.build_widget_attrs({**given, **{name.replace("_", "-"): said for name, said in more.items()}})
    return {**attrs, "required": False, "placeholder": False}


def _state(bound: BoundField, block: str) -> str:
    return f"{block} {block}--error" if bound.errors else block


def _input(bound: BoundField, look: Look) -> dict[str, Any]:
    widget = bound.field.widget
    classes = _state(bound, "nhsuk-input")
    if look.code:
        classes += " nhsuk-input--code"
    if look.width:
        classes += f" nhsuk-input--width-{look.width}"
    if isinstance(widget, forms.NumberInput):
        # A number field's arrows and its scrolling change what was typed; a text field with digits keeps it.
        widget.input_type = "text"
        mode = "decimal" if isinstance(bound.field, forms.FloatField | forms.DecimalField) else "numeric"
        return {"control": control(bound, classes, inputmode=mode, min=False, max=False, step=False)}
    if isinstance(widget, forms.EmailInput):
        return {"control": control(bound, classes, spellcheck="false")}
    return {"control": control(bound, classes)}


def _password(bound: BoundField, look: Look) -> dict[str, Any]:
    classes = f"{_state(bound, 'nhsuk-input')} nhsuk-password-input__input nhsuk-js-password-input-input"
    autocomplete = bound.field.widget.attrs.get("autocomplete", "current-password")
    return {
        "control": control(bound, classes, spellcheck="false", autocapitalize="none", autocomplete=autocomplete),
    }


def _textarea(bound: BoundField, look: Look) -> dict[str, Any]:
    rows = bound.field.widget.attrs.get("rows")
    shape: dict[str, str | bool] = {
        "rows": "5" if rows in (None, DJANGO_ROWS) else str(rows),
        "cols": False,
        "maxlength": False,
    }
    classes = _state(bound, "nhsuk-textarea")
    limit = getattr(bound.field, "max_length", None)
    if limit is None:
        return {"control": control(bound, classes, **shape)}
    described_by = f"{bound.auto_id}-info {bound.aria_describedby or ''}".strip()
    classes += " nhsuk-js-character-count"
    return {"control": control(bound, classes, aria_describedby=described_by, **shape), "limit": limit}


def _select(bound: BoundField, look: Look) -> dict[str, Any]:
    """Draw it here: Django renders two templates for each option, which of 30 takes longer than the rest of a page."""
    name, attrs = bound.html_name, _attributes(bound, _state(bound, "nhsuk-select"), {})
    context = bound.field.widget.get_context(name, bound.value(), attrs)["widget"]
    groups = format_html_join("", "{}", ((_options(group, among),) for group, among, _ in context["optgroups"]))
    return {"control": format_html('<select name="{}"{}>{}</select>', name, flatatt(context["attrs"]), groups)}


def _options(group: str | None, among: Iterable[dict[str, Any]]) -> SafeString:
    """Give the options of a list, or of one of its groups."""
    options = format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((str(each["value"]), flatatt(each["attrs"]), each["label"]) for each in among),
    )
    return format_html('<optgroup label="{}">{}</optgroup>', group, options) if group else options


def _file(bound: BoundField, look: Look) -> dict[str, Any]:
    return {"control": control(bound, "nhsuk-file-upload__input")}


def _choices(bound: BoundField, look: Look) -> dict[str, Any]:
    """Give each choice its id (the first has the field's own, so that an error summary leads to it)."""
    widget = bound.field.widget
    many = widget.allow_multiple_selected
    component = "checkboxes" if many else "radios"
    groups = widget.optgroups(bound.html_name, widget.format_value(bound.value()), bound.build_widget_attrs({}))
    options = [option for _, group, _ in groups for option in group]
    items = []
    for number, option in enumerate(options, start=1):
        value = str(option["value"])
        item_id = bound.auto_id if number == 1 else f"{bound.auto_id}-{number}"
        help_text = look.hints.get(value, "")
        revealed = look.reveals.get(value)
        items.append(
            {
                "id": item_id,
                "value": value,
                "label": option["label"],
                "checked": option["selected"],
                "disabled": bound.field.disabled,
                "hint": hint(help_text, f"{item_id}-item-hint", f"nhsuk-{component}__hint") if help_text else "",
                "reveals": render_field(bound.form[revealed]) if revealed else "",
            }
        )
    return {"items": items, "component": component, "type": "checkbox" if many else "radio"}


def _checkbox(bound: BoundField, look: Look) -> dict[str, Any]:
    return {"control": control(bound, "nhsuk-checkboxes__input")}


def _date(bound: BoundField, look: Look) -> dict[str, Any]:
    wrong = wrong_parts(bound)
    values = bound.field.widget.values(bound.value())
    return {
        "parts": [
            {
                "id": f"{bound.auto_id}-{part}",
                "name": f"{bound.html_name}_{part}",
                "label": part.capitalize(),
                "value": values[part],
                "classes": "nhsuk-date-input__input nhsuk-input"
                + (" nhsuk-input--error" if part in wrong else "")
                + f" nhsuk-input--width-{4 if part == 'year' else 2}",
                "disabled": bound.field.disabled,
                "wrong": part in wrong,
            }
            for part in DateWidget.PARTS
        ]
    }


# The first kind that fits a field's widget shows it: (widget classes, template, what the template needs besides).
KINDS = (
    (DateWidget, "date", _date),
    (forms.RadioSelect | forms.CheckboxSelectMultiple, "choices", _choices),
    (forms.Select, "select", _select),
    (forms.CheckboxInput, "checkbox", _checkbox),
    (forms.Textarea, "textarea", _textarea),
    (forms.FileInput, "file", _file),
    (forms.PasswordInput, "password", _password),
    (forms.widgets.Input, "input", _input),
)
