"""Forms for what two people may change at once: each carries how the row stood, and shows what it meets."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Model
from django.http import QueryDict

from portal import together
from portal.admin_edits import SEEN
from portal.together import ChangedMeanwhile


class BesideOthers(forms.Form):
    """A form of some of a row's fields, which have the same names. `changed_meanwhile` says what others have put."""

    names: Sequence[str] = ()
    changed_meanwhile: ChangedMeanwhile | None = None

    def carry(self, row: Model, names: Sequence[str]) -> None:
        """Let the page carry how a row stands now in the fields of these names."""
        self.names = names
        self.fields[SEEN] = forms.CharField(widget=forms.HiddenInput, required=False)
        self.initial = {**(self.initial or {}), SEEN: together.seen(row, names)}

    @property
    def carried(self) -> str:
        """Return what the page carried of how the row stood as it was opened."""
        return str(self.cleaned_data[SEEN])

    @property
    def given(self) -> dict[str, Any]:
        """Return what was filled in, by the names of the row's fields."""
        return {name: self.cleaned_data[name] for name in self.names}

    def meets(self, refused: ChangedMeanwhile, row: Model) -> None:
        """Take that somebody else has changed the same: it is shown beside, and sent again the form knows of it."""
        self.changed_meanwhile = refused
        data = QueryDict(mutable=True)
        data.update(self.data)
        data[SEEN] = together.seen(row, self.names)
        self.data = data


def initial_of(row: Model, name: str) -> Any:
    """Return what a form shows of one of a row's fields as it opens."""
    value = getattr(row, name)
    return getattr(value, "pk", value)
