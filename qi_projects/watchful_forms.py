"""Forms that take free text: each warns, before anything is saved, of what looks like data of patients.

`WatchesForPatients` goes first among the bases of a form; its page includes `qi_projects/patient_warning.html` above
the form. The warning is told to the person alone. What they wrote stays in the form, for them to take out or to say
that it is about no patient; what they then say holds for just that text.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.text import get_text_list

from portal.nhsuk.fieldsets import Look, label_of
from qi_projects import patient_data

ANSWER: Final = "_not_about_patients"
TAKE_IT_OUT: Final = "Take out what is about patients, or say below that nothing is"


class WatchesForPatients(forms.Form):
    """A form that looks at what was written in it. `warnings` says what was seen, field by field."""

    warnings: Sequence[tuple[str, str]] = ()
    said_not_about_patients = False

    def clean(self) -> dict[str, Any]:
        """Look at each text; ask about what was found, unless the person has answered that."""
        cleaned = super().clean() or self.cleaned_data
        texts = dict(self._texts(cleaned))
        seen = {name: found for name, text in texts.items() if (found := patient_data.look(text))}
        if seen:
            self.warnings = [
                (label_of(self[name]).removesuffix(" (optional)"), get_text_list([str(each) for each in found], "and"))
                for name, found in seen.items()
            ]
            self._ask("\0".join(f"{name}\0{texts[name]}" for name in seen))
            for name in seen if not self.said_not_about_patients else ():
                self.add_error(name, TAKE_IT_OUT)
        return cleaned

    def _texts(self, cleaned: dict[str, Any]) -> list[tuple[str, str]]:
        """Return what was written by this: what stood there before has been asked about."""
        return [(name, cleaned[name]) for name in self.changed_data if name in cleaned and self._is_free(name)]

    def _is_free(self, name: str) -> bool:
        field = self.fields[name]
        return (
            isinstance(field, forms.CharField)
            and not isinstance(field, forms.EmailField)
            and not field.widget.is_hidden
        )

    def _ask(self, about: str) -> None:
        """Add the question, of which the answer is a mark of the text: another text is asked about again."""
        mark = hashlib.sha256(about.encode()).hexdigest()[:16]
        self.fields[ANSWER] = forms.MultipleChoiceField(
            label="Is this about patients?",
            choices=[(mark, "No. Nobody can be known by it as a patient")],
            widget=forms.CheckboxSelectMultiple,
        )
        self.looks = {**getattr(self, "looks", {}), ANSWER: Look(size="m")}
        sent = self.fields[ANSWER].widget.value_from_datadict(self.data, self.files, self.add_prefix(ANSWER))
        self.said_not_about_patients = mark in (sent or ())
