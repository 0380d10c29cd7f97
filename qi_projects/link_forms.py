"""Choosing measures for a driver, a change idea or a cycle: a box to tick for each."""

import re
from collections.abc import Sequence
from typing import Final

from django import forms
from django.http import QueryDict

from portal.admin_edits import SEEN
from portal.form_choices import offer_choices
from portal.nhsuk.fieldsets import Look
from qi_projects.models import Measure

KEY: Final = re.compile("[0-9]{1,18}", re.ASCII)


class MeasuresForm(forms.Form):
    """Which measures are chosen. The page carries which were as it was opened."""

    measures = forms.MultipleChoiceField(
        label="Measures",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": "A measure that you ticked is no longer measured, or was deleted. Look at those that are "
            "left, and save again"
        },
    )

    def __init__(self, data: QueryDict | None = None, *, offered: Sequence[Measure], linked: Sequence[Measure]) -> None:
        self._linked = {measure.pk for measure in linked}
        keys = [str(key) for key in sorted(self._linked)]
        super().__init__(data, initial={"measures": keys, SEEN: " ".join(keys)})
        self.fields[SEEN] = forms.CharField(widget=forms.HiddenInput, required=False)
        offer_choices(self, "measures", [(str(measure.pk), measure.name) for measure in offered])
        hints = {str(measure.pk): _hint(measure) for measure in offered}
        self.looks = {"measures": Look(size="m", hints=hints)}

    @property
    def chosen(self) -> set[int]:
        """Return the keys of what is ticked."""
        return {int(key) for key in self.cleaned_data["measures"]}

    @property
    def seen(self) -> set[int]:
        """Return the keys of what was chosen as the page was opened: where that was not sent, of what is now."""
        if SEEN not in self.data:
            return self._linked
        return {int(key) for key in KEY.findall(self.cleaned_data[SEEN])}


def _hint(measure: Measure) -> str:
    said = f"{measure.get_kind_display()} measure"
    return said if measure.put_away_at is None else f"{said}, no longer measured"
