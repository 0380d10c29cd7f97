"""What members type for themselves, and what a page carries of how a reflection stood."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID, uuid4

from django import forms

from bookclub.models import Reflection
from bookclub.reflecting import LONGEST, Seen
from portal.form_choices import offer_choices
from portal.nhsuk.fields import LongAnswer

MOST_DIGITS: Final = 9

Audience = Reflection.Audience


class ReflectionForm(forms.Form):
    """The words. Which reflection they are, its page carries beside them (`Carried`)."""

    words = LongAnswer(
        label="Your words",
        help_text="Plain text. Lines stay as you type them.",
        max_length=LONGEST,
        rows=14,
        required=True,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["words"].error_messages["required"] = "Write something before you save it"


class Carried:
    """What a page carries in hidden fields: which reflection, the version that it knew, and whose turn its draft was.

    Whatever else is sent in their place counts as a page that knew of nothing.
    """

    def __init__(self, sent: Mapping[str, Any]) -> None:
        """`sent` are the fields of a form, or of an address."""
        self.seen = Seen(_number(sent.get("version")), _number(sent.get("turn")))
        try:
            self.uid = UUID(str(sent.get("uid", "")))
        except ValueError:
            self.uid = uuid4()


class ShareForm(forms.Form):
    """With whom somebody shares a reflection: with the facilitators alone, where there are any."""

    audience = forms.TypedChoiceField(
        label="Who may read it?",
        widget=forms.RadioSelect,
        coerce=Audience,
        error_messages={"required": "Choose who may read it"},
    )

    def __init__(self, *args: Any, has_facilitators: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        alone = [(Audience.FACILITATORS, "Only the facilitators of our book club meetings")]
        everybody = "Everybody in my cohort, and those facilitators" if has_facilitators else "Everybody in my cohort"
        offer_choices(self, "audience", [*(alone if has_facilitators else []), (Audience.COHORT, everybody)])


def _number(sent: Any) -> int:
    said = str(sent or "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) <= MOST_DIGITS else 0
