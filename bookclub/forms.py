"""What members type in a book club."""

from collections.abc import Sequence
from typing import Final

from django import forms
from django.http import QueryDict

from bookclub.models import MeetingPlan, Prompt, Reading
from bookclub.models.books import LONGEST_AUTHORS, LONGEST_TITLE
from bookclub.models.meetings import LONGEST_CHAPTERS, LONGEST_GUIDE, LONGEST_PROMPT
from bookclub.models.readings import LONGEST_PLACE
from portal.accounts.names import clean_name
from portal.form_choices import offer_choices
from portal.nhsuk.fields import LongAnswer
from portal.together_forms import BesideOthers, initial_of

LONGEST_WHY: Final = 1000


def _line(label: str, missing: str, longest: int, help_text: str = "") -> forms.CharField:
    messages = {"required": missing, "max_length": f"{label} must be {longest} characters or fewer"}
    return forms.CharField(label=label, max_length=longest, help_text=help_text, error_messages=messages)


class SuggestionForm(forms.Form):
    """Which book somebody would like their cohort to read, and why."""

    title = _line("Title of the book", "Enter the title of the book", LONGEST_TITLE)
    authors = _line("Author", "Enter who wrote it", LONGEST_AUTHORS, "As on the cover. Several are fine.")
    why = LongAnswer(
        label="Why do you suggest it?",
        help_text="The members of your cohort and the programme team read this, without your name.",
        max_length=LONGEST_WHY,
        rows=4,
    )

    def clean_title(self) -> str:
        """Return the title as it is kept. Raises ValidationError where nobody could read it."""
        return self._clean("title", "Enter the title of the book")

    def clean_authors(self) -> str:
        """Return the authors as they are kept. Raises ValidationError where nobody could read them."""
        return self._clean("authors", "Enter who wrote it")

    def _clean(self, name: str, missing: str) -> str:
        said = clean_name(self.cleaned_data[name])
        if not said:
            raise forms.ValidationError(missing)
        return said


class PlanForm(BesideOthers):
    """What is set for a meeting, but for its prompts."""

    chapters = LongAnswer(
        label="Chapters to have read",
        help_text="Members see this. For example: chapters 1 to 4 of the first book.",
        max_length=LONGEST_CHAPTERS,
        rows=2,
    )
    guide = LongAnswer(
        label="Guide for facilitators",
        help_text="How to lead the meeting. Members never see this.",
        max_length=LONGEST_GUIDE,
        rows=14,
    )

    def __init__(self, data: QueryDict | None = None, *, plan: MeetingPlan) -> None:
        names = ("chapters", "guide")
        super().__init__(data, initial={name: initial_of(plan, name) for name in names})
        self.carry(plan, names)


class PromptForm(BesideOthers):
    """One question to talk about."""

    text = LongAnswer(
        label="Prompt",
        help_text="A question to think about before the meeting, and to talk about there. Members see this.",
        max_length=LONGEST_PROMPT,
        required=True,
    )

    def __init__(self, data: QueryDict | None = None, *, prompt: Prompt) -> None:
        super().__init__(data, initial={"text": prompt.text})
        self.fields["text"].error_messages["required"] = "Write what there is to talk about"
        self.carry(prompt, ("text",))


class AskForm(forms.Form):
    """In what form somebody would like a copy."""

    format = forms.ChoiceField(label="Which kind of copy?", widget=forms.RadioSelect, required=False)

    def __init__(self, data: QueryDict | None = None, *, formats: Sequence[tuple[str, str]]) -> None:
        super().__init__(data, initial={"format": ""})
        offer_choices(self, "format", [("", "Any of them"), *formats])
        self.fields["format"].error_messages["invalid_choice"] = "Choose one of the kinds that we have"


class WhereForm(forms.Form):
    """Where somebody is in a book: which button they pressed, and at which chapter or page."""

    NOT_BEGUN: Final = "not_begun"
    state = forms.ChoiceField(choices=[(NOT_BEGUN, "Not begun"), *Reading.State.choices])
    place = _line("Chapter or page", "", LONGEST_PLACE)

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.fields["place"].required = False
        self.fields["state"].error_messages = dict.fromkeys(("required", "invalid_choice"), "Press one of the buttons")

    def clean_place(self) -> str:
        """Return the place on one line, without what nobody can see."""
        return clean_name(self.cleaned_data["place"])

    @property
    def chosen(self) -> Reading.State | None:
        """Return how far they are; None: not begun."""
        state = self.cleaned_data["state"]
        return None if state == self.NOT_BEGUN else Reading.State(state)
