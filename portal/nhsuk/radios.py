"""Radios that a page asks of each of many rows. What a page asks once, a form asks through its fields."""

from collections.abc import Sequence

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from portal.nhsuk.components import hint


class Choices:
    """The same few choices for many rows: written once, so that a row puts no more than its name into them."""

    def __init__(self, items: Sequence[tuple[str, str]]) -> None:
        """`items` are (value, label)."""
        self._forms = {chosen: _form(items, chosen) for chosen in ("", *(value for value, _ in items))}

    def named(self, name: str, chosen: str) -> SafeString:
        """Return the radios of one row, `chosen` marked; none is, for what is not among them."""
        return format_html(self._forms.get(chosen, self._forms[""]), name)


def radios(content: str, name: str, legend: str, choices: Choices, chosen: str = "") -> SafeString:
    """Ask about one row: small radios side by side, with `content` as their hint."""
    hint_id = f"{name}-hint"
    return format_html(
        '<div class="nhsuk-form-group"><fieldset class="nhsuk-fieldset" aria-describedby="{}">'
        '<legend class="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">{}</legend>{}'
        '<div class="nhsuk-radios nhsuk-radios--inline nhsuk-radios--small" data-module="nhsuk-radios">{}</div>'
        "</fieldset></div>",
        hint_id,
        legend,
        hint(content, hint_id),
        choices.named(name, chosen),
    )


def _form(items: Sequence[tuple[str, str]], chosen: str) -> str:
    """Return the radios with `{0}` where their name belongs; the first has it for its id, the second with a 2."""
    parts = []
    for place, (value, label) in enumerate(items, start=1):
        element_id = f"{{0}}-{place}" if place > 1 else "{0}"
        checked = " checked" if value == chosen else ""
        parts.append(
            f'<div class="nhsuk-radios__item"><input class="nhsuk-radios__input" id="{element_id}" name="{{0}}" '
            f'type="radio" value="{_fixed(value)}"{checked}>'
            f'<label class="nhsuk-label nhsuk-radios__label" for="{element_id}">{_fixed(label)}</label></div>'
        )
    return "".join(parts)


def _fixed(text: str) -> str:
    """Return a text that stays as it is when the name is put in."""
    return str(conditional_escape(text)).replace("{", "{{").replace("}", "}}")
