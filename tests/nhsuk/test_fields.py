"""Each kind of field gives what the design system's own macro gives, with Django's ids."""

from typing import Any

import pytest
from django import forms
from django.utils.datastructures import MultiValueDict

from portal.attachments.fields import AttachmentField
from portal.attachments.kinds import PICTURES
from portal.nhsuk.fields import DateField
from portal.nhsuk.fieldsets import Look
from tests.nhsuk.conftest import Ours, official
from tests.nhsuk.normalised import normalised

PLACES = [("hall", "The hall"), ("online", "Online")]
HINT = {"text": "As on your badge", "id": "id_it_helptext"}


class Case:
    """One form field named `it`, what was sent, and what the official macro is given."""

    def __init__(
        self,
        field: forms.Field,
        component: str,
        macro: str,
        params: dict[str, Any],
        *,
        data: dict[str, str] | None = None,
        look: Look | None = None,
        beside: dict[str, forms.Field] | None = None,
    ) -> None:
        base = {"it": field, "looks": {"it": look} if look else {}} | (beside or {})
        self.form = type("Form", (forms.Form,), base)(
            None if data is None else MultiValueDict({name: [said] for name, said in data.items()})
        )
        self.component, self.macro, self.params = component, macro, params


def char(**said: Any) -> forms.CharField:
    return forms.CharField(**{"label": "It", **said})


CASES = {
    "input": Case(char(), "input", "input", {"label": "It", "id": "id_it", "name": "it"}),
    "input with hint, error and what was typed": Case(
        char(help_text="As on your badge", max_length=3),
        "input",
        "input",
        {
            "label": "It",
            "id": "id_it",
            "name": "it",
            "hint": HINT,
            "errorMessage": {
                "text": "Ensure this value has at most 3 characters (it has 4)",
                "id": "id_it_error",
            },
            "value": "four",
            "attributes": {"aria-invalid": "true", "maxlength": "3"},
        },
        data={"it": "four"},
    ),
    "input that is not required": Case(
        char(required=False), "input", "input", {"label": "It (optional)", "id": "id_it", "name": "it"}
    ),
    "input as the page's heading, for a code": Case(
        char(),
        "input",
        "input",
        {
            "label": {"text": "It", "size": "l", "isPageHeading": True},
            "id": "id_it",
            "name": "it",
            "code": True,
            "width": 5,
        },
        look=Look(size="l", page_heading=True, code=True, width=5),
    ),
    "input between a prefix and a suffix": Case(
        char(),
        "input",
        "input",
        {"label": "It", "id": "id_it", "name": "it", "prefix": "£", "suffix": "a day"},
        look=Look(prefix="£", suffix="a day"),
    ),
    "number": Case(
        forms.IntegerField(label="It", min_value=1),
        "input",
        "input",
        {"label": "It", "id": "id_it", "name": "it", "inputmode": "numeric"},
    ),
    "decimal number": Case(
        forms.DecimalField(label="It"),
        "input",
        "input",
        {"label": "It", "id": "id_it", "name": "it", "inputmode": "decimal"},
    ),
    "email": Case(
        forms.EmailField(label="It", widget=forms.EmailInput({"autocomplete": "email"}), max_length=200),
        "input",
        "input",
        {
            "label": "It",
            "id": "id_it",
            "name": "it",
            "type": "email",
            "spellcheck": False,
            "autocomplete": "email",
            "attributes": {"maxlength": "200"},
        },
    ),
    "password": Case(
        char(widget=forms.PasswordInput),
        "password-input",
        "passwordInput",
        {"label": "It", "id": "id_it", "name": "it"},
    ),
    "text area": Case(
        char(widget=forms.Textarea, help_text="As on your badge"),
        "textarea",
        "textarea",
        {
            "label": "It",
            "id": "id_it",
            "name": "it",
            "hint": HINT,
            "errorMessage": {"text": "Enter it", "id": "id_it_error"},
            "attributes": {"aria-invalid": "true"},
        },
        data={"it": " "},
    ),
    "character count": Case(
        char(widget=forms.Textarea, max_length=300, help_text="As on your badge"),
        "character-count",
        "characterCount",
        {"label": "It", "id": "id_it", "name": "it", "hint": HINT, "maxlength": 300},
    ),
    "select": Case(
        forms.ChoiceField(label="It", choices=PLACES),
        "select",
        "select",
        {
            "label": "It",
            "id": "id_it",
            "name": "it",
            "items": [
                {"value": "hall", "text": "The hall"},
                {"value": "online", "text": "Online", "selected": True},
            ],
        },
        data={"it": "online"},
    ),
    "radios": Case(
        forms.ChoiceField(label="It", choices=PLACES, widget=forms.RadioSelect, help_text="As on your badge"),
        "radios",
        "radios",
        {
            "fieldset": {"legend": {"text": "It", "size": "l", "isPageHeading": True}},
            "idPrefix": "id_it",
            "name": "it",
            "hint": HINT,
            "errorMessage": {"text": "Select it", "id": "id_it_error"},
            "items": [
                {"value": "hall", "text": "The hall", "hint": "On the first floor"},
                {"value": "online", "text": "Online"},
            ],
        },
        data={"it": ""},
        look=Look(size="l", page_heading=True, hints={"hall": "On the first floor"}),
    ),
    "radios side by side": Case(
        forms.ChoiceField(label="It", choices=PLACES, widget=forms.RadioSelect),
        "radios",
        "radios",
        {
            "fieldset": {"legend": "It"},
            "idPrefix": "id_it",
            "name": "it",
            "classes": "nhsuk-radios--inline",
            "value": "online",
            "items": [{"value": "hall", "text": "The hall"}, {"value": "online", "text": "Online"}],
        },
        data={"it": "online"},
        look=Look(inline=True),
    ),
    "radios of which one asks more": Case(
        forms.ChoiceField(label="It", choices=PLACES, widget=forms.RadioSelect),
        "radios",
        "radios",
        {
            "fieldset": {"legend": "It"},
            "idPrefix": "id_it",
            "name": "it",
            "items": [
                {"value": "hall", "text": "The hall"},
                {
                    "value": "online",
                    "text": "Online",
                    "conditional": {
                        "html": '<div class="nhsuk-form-group"><label class="nhsuk-label" for="id_more">More</label>'
                        '<input class="nhsuk-input" id="id_more" name="more" type="text"></div>'
                    },
                },
            ],
        },
        look=Look(reveals={"online": "more"}),
        beside={"more": forms.CharField(label="More")},
    ),
    "checkboxes": Case(
        forms.MultipleChoiceField(label="It", choices=PLACES, widget=forms.CheckboxSelectMultiple),
        "checkboxes",
        "checkboxes",
        {
            "fieldset": {"legend": "It"},
            "idPrefix": "id_it",
            "name": "it",
            "values": ["online"],
            "items": [{"value": "hall", "text": "The hall"}, {"value": "online", "text": "Online"}],
        },
        data={"it": "online"},
    ),
    "one checkbox": Case(
        forms.BooleanField(label="I agree"),
        "checkboxes",
        "checkboxes",
        {
            "idPrefix": "id_it",
            "name": "it",
            "errorMessage": {"text": "Select “I agree”", "id": "id_it_error"},
            "items": [{"text": "I agree", "attributes": {"aria-invalid": "true"}}],
        },
        data={},
    ),
    "date": Case(
        DateField(label="It", help_text="As on your badge"),
        "date-input",
        "dateInput",
        {
            "fieldset": {"legend": "It"},
            "id": "id_it",
            "hint": HINT,
            "items": [
                {"name": "it_day", "id": "id_it-day", "label": "Day", "width": 2, "value": ""},
                {"name": "it_month", "id": "id_it-month", "label": "Month", "width": 2, "value": ""},
                {"name": "it_year", "id": "id_it-year", "label": "Year", "width": 4, "value": ""},
            ],
        },
    ),
    "date of which one part is wrong": Case(
        DateField(label="It"),
        "date-input",
        "dateInput",
        {
            "fieldset": {"legend": "It"},
            "id": "id_it",
            "errorMessage": {"text": "The date must include a month", "id": "id_it_error"},
            "items": [
                {"name": "it_day", "id": "id_it-day", "label": "Day", "width": 2, "value": "3"},
                {
                    "name": "it_month",
                    "id": "id_it-month",
                    "label": "Month",
                    "width": 2,
                    "value": "",
                    "error": True,
                    "attributes": {"aria-invalid": "true"},
                },
                {"name": "it_year", "id": "id_it-year", "label": "Year", "width": 4, "value": "2026"},
            ],
        },
        data={"it_day": "3", "it_month": "", "it_year": "2026"},
    ),
    "file": Case(
        forms.FileField(label="It", help_text="As on your badge"),
        "file-upload",
        "fileUpload",
        {"label": "It", "id": "id_it", "name": "it", "hint": HINT},
    ),
    "file of some kinds that was not chosen": Case(
        AttachmentField(label="It", kinds=PICTURES),
        "file-upload",
        "fileUpload",
        {
            "label": "It",
            "id": "id_it",
            "name": "it",
            "hint": {**HINT, "text": "JPEG, PNG or WebP, up to 10 MB."},
            "errorMessage": {"text": "Choose a file", "id": "id_it_error"},
            "attributes": {"accept": ".jpg,image/jpeg,.png,image/png,.webp,image/webp", "aria-invalid": "true"},
        },
        data={},
    ),
}


@pytest.fixture(scope="module")
def officially() -> dict[str, str]:
    """What the design system's own macros give, by case."""
    asked = [{"component": case.component, "macro": case.macro, "params": case.params} for case in CASES.values()]
    return dict(zip(CASES, official(asked), strict=True))


@pytest.mark.parametrize("name", CASES)
def test_as_the_official_macro(name: str, ours: Ours, officially: dict[str, str]) -> None:
    assert normalised(ours("{{ form|crispy }}", form=CASES[name].form)) == normalised(officially[name])
