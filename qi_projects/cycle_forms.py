"""What teams type in their PDSA cycles."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from portal.form_choices import offer_choices
from portal.nhsuk.fields import LongAnswer
from portal.nhsuk.fieldsets import Look
from qi_projects.cycles import ENDS_BEFORE, IN_THE_FUTURE, WRITTEN_IN
from qi_projects.forms import LONGEST, DayField, EndForm, OneLine
from qi_projects.models import Cycle, CycleQuestion, DiagramItem, Ramp
from qi_projects.together_forms import FormOfRow
from qi_projects.watchful_forms import WatchesForPatients

EXAMPLE_DAY: Final = "For example, 27 3 2026"


class PastDayField(DayField):
    """A day that has come."""

    def validate(self, value: date | None) -> None:
        """Require today or a day before."""
        super().validate(value)
        if value and value > timezone.localdate():
            raise ValidationError(IN_THE_FUTURE.rstrip("."))


@dataclass(frozen=True, slots=True)
class CyclePart:
    """Fields of a cycle that are written together on one page."""

    title: str
    fields: Sequence[str]


PARTS: Final[Mapping[str, CyclePart]] = {
    "objective": CyclePart("What do you want to learn?", ("objective",)),
    "plan": CyclePart("The plan", ("plan_what", "plan_who", "plan_where", "plan_when")),
    "do": CyclePart("What happened", ("happened", "unexpected")),
    "days": CyclePart("The days of Do", ("began_on", "ended_on")),
    "learnt": CyclePart("What did you learn?", ("learnt",)),
}


def _text(label: str, help_text: str, rows: int = 5) -> Callable[[], forms.Field]:
    return lambda: LongAnswer(label=label, help_text=help_text, max_length=LONGEST, rows=rows)


def _line(label: str, help_text: str) -> Callable[[], forms.Field]:
    return lambda: OneLine(label=label, help_text=help_text, max_length=300)


def _day(label: str) -> Callable[[], forms.Field]:
    return lambda: PastDayField(label=label, help_text=EXAMPLE_DAY, error_messages={"required": "Enter the day"})


FIELDS: Final[Mapping[str, Callable[[], forms.Field]]] = {
    "objective": _text(
        "What do you want to learn?",
        "One thing that you can find out in days rather than months, with a few people on one shift.",
    ),
    "plan_what": _text("What will you do?", "What is different from today, and what you will look at or count.", 4),
    "plan_who": _line("Who will do it?", "By what they do, rather than by name."),
    "plan_where": _line("Where?", "For example: bays 1 to 4 of the labour ward"),
    "plan_when": _line("When?", "For example: on two night shifts next week"),
    "happened": _text("What happened?", "What you did, and what you saw. Nothing by which a patient is known."),
    "unexpected": _text(
        "What was unexpected?", "What went otherwise than planned. Nobody did anything wrong by it.", 4
    ),
    "began_on": _day("When did Do begin?"),
    "ended_on": _day("When did Do end?"),
    "learnt": _text("What did you learn?", "What you know now that you did not know before, also where it failed."),
}


class PartForm(FormOfRow):
    """Some of a cycle's fields: of a part, those that are written in the step to which the cycle has come."""

    def __init__(self, data: QueryDict | None = None, *, cycle: Cycle, part: CyclePart) -> None:
        written = WRITTEN_IN.get(cycle.state, ())
        names = [name for name in part.fields if name in written]
        super().__init__(data, row=cycle, names=names)
        for name in names:
            self.fields[name] = FIELDS[name]()
        alone = len(names) == 1
        self.looks = {name: Look(size="l" if alone else "m", page_heading=alone) for name in names}

    def clean(self) -> dict[str, Any]:
        """Require that Do did not end before it began."""
        cleaned = super().clean()
        began, ended = cleaned.get("began_on"), cleaned.get("ended_on")
        if began and ended and ended < began:
            self.add_error("ended_on", ENDS_BEFORE.rstrip("."))
        return cleaned


def _question(**options: Any) -> OneLine:
    return OneLine(
        label="What do you want to know?",
        help_text="For example: is the time written on the board for each request?",
        max_length=300,
        required=True,
        error_messages={"required": "Enter the question"},
        **options,
    )


def _prediction() -> LongAnswer:
    return LongAnswer(
        label="What do you predict?",
        help_text="Your honest guess, as a number if you can. Once Do begins nobody can change it.",
        max_length=1000,
        rows=3,
    )


class NewQuestionForm(WatchesForPatients):
    """A question of a cycle, and what the team predicts."""

    looks = {"text": Look(size="m"), "prediction": Look(size="m")}

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.fields["text"], self.fields["prediction"] = _question(), _prediction()


class QuestionForm(FormOfRow):
    """The same, of a question that is there."""

    looks = {"text": Look(size="m"), "prediction": Look(size="m")}

    def __init__(self, data: QueryDict | None = None, *, question: CycleQuestion) -> None:
        super().__init__(data, row=question, names=("text", "prediction"))
        self.fields["text"], self.fields["prediction"] = _question(), _prediction()


class AnswerForm(FormOfRow):
    """What was found, beside what was predicted."""

    looks = {"answer": Look(size="m"), "outcome": Look(size="m")}

    def __init__(self, data: QueryDict | None = None, *, question: CycleQuestion) -> None:
        super().__init__(data, row=question, names=("answer", "outcome"))
        self.fields["answer"] = LongAnswer(label="What did you find?", max_length=LONGEST, rows=4, required=True)
        self.fields["answer"].error_messages["required"] = "Write what you found"
        self.fields["outcome"] = forms.ChoiceField(
            label="Beside what you predicted, it is",
            help_text="A prediction that did not come true teaches most.",
            choices=CycleQuestion.Outcome.choices,
            widget=forms.RadioSelect,
            error_messages={"required": "Select how it compares with what you predicted"},
        )


def _ramp_name() -> OneLine:
    return OneLine(
        label="Name of the ramp",
        help_text="A few words by which you know it, on charts too. For example: the board",
        max_length=100,
        required=True,
        error_messages={"required": "Enter a name for the ramp"},
    )


class RampForm(WatchesForPatients):
    """Which change idea is tried out, and what its line of cycles is called."""

    idea = forms.ChoiceField(
        label="Which change idea do you try out?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select a change idea"},
    )
    looks = {"idea": Look(size="m"), "name": Look(size="m")}

    def __init__(self, data: QueryDict | None = None, *, ideas: Sequence[DiagramItem], chosen: str = "") -> None:
        super().__init__(data, initial={"idea": chosen})
        self.fields["name"] = _ramp_name()
        offer_choices(self, "idea", [(str(idea.pk), idea.text) for idea in ideas])


class RenameRampForm(FormOfRow):
    """What a ramp is called."""

    looks = {"name": Look(size="l", page_heading=True)}

    def __init__(self, data: QueryDict | None = None, *, ramp: Ramp) -> None:
        super().__init__(data, row=ramp, names=("name",))
        self.fields["name"] = _ramp_name()


class DayForm(forms.Form):
    """A day on which a step began or ended."""

    def __init__(self, data: QueryDict | None = None, *, label: str) -> None:
        super().__init__(data, initial={"day": timezone.localdate()})
        self.fields["day"] = _day(label)()
        self.looks = {"day": Look(size="m")}


class AbandonForm(EndForm):
    """Why a cycle is abandoned, and when it was."""

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(
            data,
            label="Why is it abandoned?",
            help_text="What got in the way, and what you would try otherwise. This is about the work, not people.",
        )
        self.fields["day"] = _day("On which day was it abandoned?")()
        self.fields["day"].initial = timezone.localdate()
        self.looks = {"why": Look(size="m"), "day": Look(size="m")}


class ActForm(WatchesForPatients):
    """What becomes of a change, why, and what comes next."""

    decision = forms.ChoiceField(
        label="What will you do with the change?",
        choices=Cycle.Decision.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select what you will do with the change"},
    )
    why = LongAnswer(label="Why?", help_text="What in the study tells you so.", max_length=LONGEST, required=True)
    next_step = LongAnswer(
        label="What comes next?",
        help_text="For example: the same on both wards; with another wording; another idea.",
        max_length=LONGEST,
        rows=3,
    )
    day = PastDayField(
        label="On which day did you decide?", help_text=EXAMPLE_DAY, error_messages={"required": "Enter the day"}
    )
    looks = {
        "decision": Look(
            size="m",
            hints={
                Cycle.Decision.ADOPT.value: "It helped: keep it, or try it at a larger scale.",
                Cycle.Decision.ADAPT.value: "It helped in part: change it, and try again.",
                Cycle.Decision.ABANDON.value: "It did not help: leave it, and try something else.",
            },
        ),
        **{name: Look(size="m") for name in ("why", "next_step", "day")},
    }

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"day": timezone.localdate()})
        self.fields["why"].error_messages["required"] = "Write why"
