"""What teams type in their driver diagram."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from portal.form_choices import offer_choices
from portal.nhsuk.fieldsets import Look
from qi_projects.diagram import Box, Level
from qi_projects.forms import OneLine
from qi_projects.models import DiagramItem
from qi_projects.together_forms import FormOfRow
from qi_projects.watchful_forms import WatchesForPatients

HINTS = {
    Level.PRIMARY: "One of the few things that decide whether you reach the aim. For example: requests are noticed.",
    Level.SECONDARY: "Something that acts on the driver above it. For example: everybody can see who is waiting.",
    Level.IDEA: "Something that you could do and try out. For example: write the time of each request on the board.",
}


def _words(level: Level) -> OneLine:
    return OneLine(
        label=level.label,
        help_text=HINTS[level],
        max_length=200,
        required=True,
        error_messages={"required": f"Enter the {level.label.lower()}"},
    )


class BoxForm(WatchesForPatients):
    """A new box."""

    looks = {"text": Look(size="m")}

    def __init__(self, data: QueryDict | None = None, *, level: Level) -> None:
        super().__init__(data)
        self.fields["text"] = _words(level)


class RenameForm(FormOfRow):
    """What a box says."""

    looks = {"text": Look(size="m")}

    def __init__(self, data: QueryDict | None = None, *, item: DiagramItem) -> None:
        super().__init__(data, row=item, names=["text"])
        self.fields["text"] = _words(Level(item.level))


class LinkForm(forms.Form):
    """On which one more driver a box hangs."""

    upper = forms.ChoiceField(
        label="On which driver does it act?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select a driver"},
    )
    looks = {"upper": Look(size="m")}

    def __init__(self, data: Any = None, *, uppers: Sequence[Box]) -> None:
        super().__init__(data)
        offer_choices(self, "upper", [(str(box.key), box.text) for box in uppers])
