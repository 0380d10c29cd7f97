"""What somebody writes of a programme for everybody to read, and how it may be shown."""

import re
import unicodedata
from typing import Any, Final

from django import forms

from cohorts import testifying, testimonies
from cohorts.models import Component, Programme, Testimony
from portal.accounts.models import User
from portal.accounts.names import BIDI_CONTROLS, is_readable
from portal.form_choices import offer_choices, offer_rows
from portal.nhsuk.fields import LongAnswer
from portal.nhsuk.fieldsets import Look
from portal.small_numbers import LEAST

ShownAs = Testimony.ShownAs
LONGEST: Final = 1500
EMPTY_LINES: Final = re.compile(r"\n{3,}")
WORKPLACES: Final = (
    "NHS trust",
    "NHS community or mental health trust",
    "integrated care board",
    "general practice",
    "university",
    "charity",
)
"""Kinds of organisation that may stand beside a job role: broad ones, so that none of them names one."""


def workplace_in(byline: str) -> str:
    """Return the kind of workplace that a byline names, or nothing."""
    return next((kind for kind in WORKPLACES if byline.endswith(f", {kind}")), "")


class PublicWords(LongAnswer):
    """Some lines for everybody to read: in composed form (NFC), without what would break the page or turn its text."""

    def to_python(self, value: object) -> str:
        """Return the words as they are kept; nothing, if nobody could read them."""
        composed = unicodedata.normalize("NFC", (super().to_python(value) or "").translate(BIDI_CONTROLS))
        spaced = composed.replace("\r", "\n").replace("\t", " ")
        text = "".join(letter for letter in spaced if letter == "\n" or unicodedata.category(letter) != "Cc")
        lines = "\n".join(line.strip() for line in text.split("\n"))
        return EMPTY_LINES.sub("\n\n", lines).strip() if is_readable(lines) else ""


class BylineForm(forms.Form):
    """Asks what may stand under somebody's words."""

    shown_as = forms.ChoiceField(
        label="How may we show it?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select how we may show it"},
    )
    workplace = forms.ChoiceField(
        label="May it say in what kind of organisation you work?",
        help_text="It does so beside your job role, and nowhere else.",
        choices=[("", "No"), *((kind, f"Yes: {kind}") for kind in WORKPLACES)],
        required=False,
    )

    def __init__(self, data: Any = None, *, person: User, programme: Programme, **options: Any) -> None:
        super().__init__(data, **options)
        self.person, self.programme = person, programme
        ways = [way for way in ShownAs if way != ShownAs.BY_ROLE or person.job_role]
        offer_choices(self, "shown_as", [(way.value, way.label) for way in ways])
        hints = {way.value: f"It says: {testifying.byline(person, way)}." for way in ways}
        if person.job_role and testimonies.are_few(person, programme):
            hints[ShownAs.BY_ROLE.value] += (
                f" Fewer than {LEAST} people with this job role have taken part, so readers may be able to tell that "
                "it is you."
            )
        self.looks = {"shown_as": Look(size="m", hints=hints), "workplace": Look(size="m")}
        if not person.job_role:
            del self.fields["workplace"]

    @property
    def byline(self) -> str:
        """Return what would stand under the words."""
        given = self.cleaned_data
        return testifying.byline(self.person, given["shown_as"], given.get("workplace", ""))


class TestimonyForm(BylineForm):
    """Asks for the words, what they are about, and what may stand under them."""

    text = PublicWords(
        label="What would you like to say?",
        help_text="Everybody will be able to read it. Leave out the names of colleagues, women and families, and "
        "anything by which they could be known.",
        max_length=LONGEST,
        rows=8,
        required=True,
    )
    component = forms.ModelChoiceField(
        label="What is it about?",
        queryset=Component.objects.none(),
        empty_label="The whole programme",
        required=False,
        error_messages={"invalid_choice": "Choose a part of the programme to which you came, or the whole programme"},
    )
    field_order = ("text", "component", "shown_as", "workplace")

    def __init__(self, data: Any = None, *, person: User, programme: Programme, **options: Any) -> None:
        super().__init__(data, person=person, programme=programme, **options)
        self.fields["text"].error_messages["required"] = "Enter what you would like to say"
        self.looks |= {"text": Look(size="m"), "component": Look(size="m")}
        offer_rows(self, "component", testimonies.parts_done(person, programme))


class AgreementForm(forms.Form):
    """Asks whether somebody agrees to what they have before them: to these words, and what stands under them.

    It carries along what was seen, so that nobody agrees to what has changed since.
    """

    agreed = forms.BooleanField(
        label="I agree that everybody may read this as it stands here",
        error_messages={"required": "Tick the box if you agree"},
    )
    # Named as a button is: `portal.accounts.typed` carries it along, and shows it to nobody.
    _seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, to: str) -> None:
        """`to` is what can change between the page and the answer, as it is now."""
        super().__init__(data, initial={"_seen": to})
        self._to = to

    @property
    def is_of_old(self) -> bool:
        """Say whether what somebody saw when they sent it is no longer what would be shown."""
        return self.is_bound and self.data.get("_seen", "").split() != self._to.split()
