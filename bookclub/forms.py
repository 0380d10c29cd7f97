"""What members type in a book club."""

from typing import Final

from django import forms

from bookclub.models.books import LONGEST_AUTHORS, LONGEST_TITLE
from portal.accounts.names import clean_name
from portal.nhsuk.fields import LongAnswer

LONGEST_WHY: Final = 1000


def _line(label: str, missing: str, longest: int, help_text: str = "") -> forms.CharField:
    messages = {"required": missing, "max_length": f"{label} must be {longest} characters or fewer"}
    return forms.CharField(label=label, max_length=longest, help_text=help_text, error_messages=messages)


class SuggestionForm(forms.Form):
    """Which book somebody would like their cohort to read, and why."""

    title = _line("Title of the book", "Enter the title of the book", LONGEST_TITLE)
    authors = _line("Author", "Enter who wrote it", LONGEST_AUTHORS, "As on the cover. Several are fine.")
    why = LongAnswer(
        label="Why do you suggest it? (optional)",
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
