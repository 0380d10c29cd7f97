"""The receipt's code that comes with a page, so that sending the page twice is taken once."""

from typing import Any

from django import forms

from referrals.vault import is_code


class PageCode(forms.CharField):
    """A code that the page made, and nothing shorter: whoever could choose it could guess it later."""

    def __init__(self) -> None:
        super().__init__(max_length=40, widget=forms.HiddenInput)

    def clean(self, value: Any) -> Any:
        """Return the code. Raises ValidationError for what is none."""
        code = super().clean(value)
        if not is_code(code):
            raise forms.ValidationError("This page was changed on its way. Start again from the page before")
        return code
