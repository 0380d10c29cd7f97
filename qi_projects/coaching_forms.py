"""What coaches, teams and reviewers write beside a project, and when a coach is away."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from portal.accounts.models import User
from portal.form_choices import offer_rows
from portal.nhsuk.fields import LongAnswer
from portal.nhsuk.fieldsets import Look
from qi_projects.commenting import PARTS, WHOLE
from qi_projects.forms import DayField
from qi_projects.models import Submission, Thread
from qi_projects.scale import STEPS
from qi_projects.watchful_forms import WatchesForPatients

LONGEST: Final = 2000
LONGEST_AWAY: Final = timedelta(days=366)
PART_CHOICES: Final = [("", WHOLE), *PARTS]


def _words(label: str, missing: str, help_text: str = "", rows: int = 5) -> LongAnswer:
    field = LongAnswer(label=label, help_text=help_text, max_length=LONGEST, rows=rows, required=True)
    field.error_messages["required"] = missing
    return field


class CommentForm(WatchesForPatients):
    """A coach's comment on a part of a project."""

    part = forms.ChoiceField(label="What is it about?", choices=PART_CHOICES, required=False)
    text = _words(
        "Your comment",
        "Write your comment",
        "The team reads it, and so does the programme team. What is good, and one thing to try next.",
    )
    looks = {"part": Look(size="m"), "text": Look(size="m")}


class HelpForm(WatchesForPatients):
    """With what a team would like help."""

    help_with = forms.ChoiceField(
        label="What would you like help with?",
        choices=Thread.Help.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select what you would like help with"},
    )
    part = forms.ChoiceField(label="Which part is it about?", choices=PART_CHOICES, required=False)
    text = _words(
        "What is your question?",
        "Write your question",
        "In your own words. Your team and its coaches read it, and so does the programme team.",
    )
    looks = {name: Look(size="m") for name in ("help_with", "part", "text")}


class AnswerForm(WatchesForPatients):
    """The next word in a thread."""

    text = _words("Your answer", "Write your answer", rows=4)
    looks = {"text": Look(size="m")}


class ScoreForm(WatchesForPatients):
    """How far somebody sees a project, and what supports that."""

    score = forms.TypedChoiceField(
        label="Which step describes the project today?",
        choices=[(str(step.score), str(step)) for step in STEPS],
        coerce=Decimal,
        widget=forms.RadioSelect,
        error_messages={"required": "Select a step"},
    )
    supported_by = _words(
        "What supports it?",
        "Write what supports it",
        "What somebody else could look at: a chart, a cycle, what people say. Nothing by which a patient is known.",
        rows=4,
    )
    looks = {
        "score": Look(size="m", hints={str(step.score): step.prompt for step in STEPS}),
        "supported_by": Look(size="m"),
    }


class SubmitForm(WatchesForPatients):
    """What a team writes to whoever reviews its project."""

    note = LongAnswer(
        label="Is there anything that the reviewer should know?",
        help_text="For example, what you are proudest of, or why something is missing.",
        max_length=Submission.LONGEST_NOTE,
        rows=4,
    )
    looks = {"note": Look(size="m")}


class DecideForm(WatchesForPatients):
    """What a reviewer writes to a team. `read` is the project's version that the page showed."""

    words = LongAnswer(label="", max_length=LONGEST, rows=6)
    read = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    looks = {"words": Look(size="m")}

    def __init__(self, data: Any = None, *, label: str, help_text: str, missing: str, version: int) -> None:
        super().__init__(data, initial={"read": version})
        field = self.fields["words"]
        field.label, field.help_text, field.required = label, help_text, bool(missing)
        field.error_messages["required"] = missing


class AbsenceForm(forms.Form):
    """From when to when a coach is away, and who stands in."""

    from_on = DayField(
        label="What is your first day away?",
        help_text="For example, 27 7 2027",
        error_messages={"required": "Enter your first day away"},
    )
    to_on = DayField(
        label="What is your last day away?",
        help_text="For example, 10 8 2027. You are there again the day after.",
        error_messages={"required": "Enter your last day away"},
    )
    cover = forms.ModelChoiceField(
        label="Who stands in for you?",
        help_text="Ask them first. They are told by email, see your projects on those days, and can say that they "
        "cannot.",
        queryset=User.objects.none(),
        empty_label="Choose a coach",
        error_messages={"required": "Choose who stands in for you", "invalid_choice": "Choose one of the coaches"},
    )
    looks = {name: Look(size="m") for name in ("from_on", "to_on", "cover")}

    def __init__(self, data: Any = None, *, coaches: QuerySet[User]) -> None:
        super().__init__(data)
        offer_rows(self, "cover", coaches)

    def clean(self) -> dict[str, Any]:
        """Require days in order, that have not passed, and no more of them than a year has."""
        cleaned = super().clean() or self.cleaned_data
        first: date | None = cleaned.get("from_on")
        last: date | None = cleaned.get("to_on")
        if first and last and last < first:
            self.add_error("to_on", _of_days("Your last day away must be the same as or after the first"))
        elif last and last < timezone.localdate():
            self.add_error("to_on", _of_days("Your last day away must be today or in the future"))
        elif first and last and last - first > LONGEST_AWAY:
            self.add_error("to_on", _of_days("You can say that you are away for a year at the most"))
        return cleaned


class CoverForm(forms.Form):
    """Who stands in instead."""

    cover = forms.ModelChoiceField(
        label="Who stands in for you?",
        help_text="Ask them first. They are told by email.",
        queryset=User.objects.none(),
        empty_label="Choose a coach",
        error_messages={"required": "Choose who stands in for you", "invalid_choice": "Choose one of the coaches"},
    )
    looks = {"cover": Look(size="m")}

    def __init__(self, data: Any = None, *, coaches: QuerySet[User], chosen: int | None = None) -> None:
        super().__init__(data, initial={"cover": chosen})
        offer_rows(self, "cover", coaches)


def _of_days(said: str) -> ValidationError:
    return ValidationError(said, params={"parts": ("day",)})
