"""What teams type about their projects."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone

from cohorts.models import Membership
from portal.accounts.models import Organisation
from portal.accounts.names import NameField, clean_name
from portal.form_choices import offer_choices, offer_rows
from portal.nhsuk.fields import DateField, LongAnswer
from portal.nhsuk.fieldsets import Look
from qi_projects.guide import Question
from qi_projects.models import Approval, Project, Statement, TeamPlace, Theme
from qi_projects.together_forms import FormOfRow
from qi_projects.watchful_forms import WatchesForPatients

LONGEST: Final = 3000
NO_COHORT: Final = "none"
YEARS: Final = range(2000, 2101)
ROLE_HINTS: Final = {
    TeamPlace.Role.LEAD: "Can change everything, invite people, and end the project.",
    TeamPlace.Role.MEMBER: "Can change what the project says.",
    TeamPlace.Role.SPONSOR: "Can read everything, and record the organisation's approval.",
    TeamPlace.Role.COACH: "Can read everything, and helps the team with its method.",
    TeamPlace.Role.VIEWER: "Can read everything.",
}


class OneLine(forms.CharField):
    """Some words in one line, without what would break the page they stand on."""

    def __init__(self, *, max_length: int, required: bool = False, **options: Any) -> None:
        super().__init__(
            max_length=max_length,
            required=required,
            error_messages={
                "max_length": f"What you write must be {max_length} characters or fewer",
                **options.pop("error_messages", {}),
            },
            **options,
        )

    def to_python(self, value: Any) -> str:
        """Return the words as they are kept; nothing, if nobody could read them."""
        return clean_name(super().to_python(value) or "")


class DayField(DateField):
    """A day of our time: a year that was mistyped is not kept."""

    def validate(self, value: date | None) -> None:
        """Require a year between 2000 and 2100."""
        super().validate(value)
        if value and value.year not in YEARS:
            raise ValidationError("The year must be between 2000 and 2100", params={"parts": ("year",)})


def _text(label: str, help_text: str, rows: int = 5) -> Callable[[], forms.Field]:
    return lambda: LongAnswer(label=label, help_text=help_text, max_length=LONGEST, rows=rows)


def _line(label: str, help_text: str, longest: int = 300) -> Callable[[], forms.Field]:
    return lambda: OneLine(label=label, help_text=help_text, max_length=longest)


FIELDS: Final[Mapping[str, Callable[[], forms.Field]]] = {
    "title": _line("Name of the project", "A short name by which people will know it.", 150),
    "theme": lambda: forms.ModelChoiceField(
        label="Theme", queryset=Theme.objects.none(), required=False, empty_label="Choose a theme"
    ),
    "setting": lambda: forms.ChoiceField(
        label="Where is the change tried?",
        choices=[("", "Choose a setting"), *Project.Setting.choices],
        required=False,
    ),
    "organisation": lambda: forms.ModelChoiceField(
        label="Organisation",
        help_text="Where the change is tried. People of other organisations can be in the team.",
        queryset=Organisation.objects.none(),
        required=False,
        empty_label="Choose an organisation",
    ),
    "noticed": _text("What have you noticed?", "What is not right as things are. Nothing by which a patient is known."),
    "why_it_matters": _text(
        "Why does it matter?", "What it costs Black women and babies, or the people whom your service is for."
    ),
    "aim_what": _text("What will be different?", "One thing that somebody else could see.", 4),
    "aim_how_much": _line("By how much?", "From where to where, as a number if you can."),
    "aim_by_when": lambda: DayField(label="By when?", help_text="For example, 30 9 2027", required=False),
    "aim_for_whom": _line("For whom?", "The patients, families or colleagues whom it is for."),
    "who_could_help": _text("Who could help?", "By what they do, rather than by name.", 4),
    "first_change": _text("What could you change first?", "Something small that you could try next week.", 4),
}


class ProjectForm(FormOfRow):
    """Some of a project's fields."""

    def __init__(self, data: QueryDict | None = None, *, project: Project, fields: Sequence[str]) -> None:
        super().__init__(data, row=project, names=fields)
        for name in fields:
            self.fields[name] = FIELDS[name]()
        if "title" in fields and not project.is_private:
            self.fields["title"].required = True
            self.fields["title"].error_messages["required"] = "Enter a name for the project"
        if "theme" in fields:
            offer_rows(self, "theme", Theme.objects.filter(Q(offered=True) | Q(projects=project)).distinct())
        if "organisation" in fields:
            offer_rows(self, "organisation", Organisation.objects.present().order_by("name"))
        self.looks: dict[str, Look] = {name: Look(size="m") for name in fields}


class QuestionForm(ProjectForm):
    """One question of the guided start, on a page of its own."""

    def __init__(self, data: QueryDict | None = None, *, project: Project, question: Question) -> None:
        super().__init__(data, project=project, fields=[question.field])
        field = self.fields[question.field]
        field.label, field.help_text = question.label, question.help
        self.looks = {question.field: Look(size="l", page_heading=True)}


class CountsForForm(forms.Form):
    """For which of somebody's own cohorts a project counts; asked of whoever has one that asks for a project."""

    counts_for = forms.ChoiceField(
        label="Does this project count for a cohort of yours?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select whether it counts for a cohort"},
    )

    def __init__(self, data: Any = None, *, memberships: Sequence[Membership], chosen: str = "") -> None:
        self._memberships = {str(each.pk): each for each in memberships}
        offered = [*self._memberships, NO_COHORT]
        super().__init__(data, initial={"counts_for": chosen if chosen in offered else offered[0]})
        self.looks = {"counts_for": Look(size="m")}
        if memberships:
            choices = [(key, f"Yes, for {each.cohort.name}") for key, each in self._memberships.items()]
            offer_choices(self, "counts_for", [*choices, (NO_COHORT, "No")])
        else:
            del self.fields["counts_for"]

    @property
    def membership(self) -> Membership | None:
        """Return the one that was chosen."""
        return self._memberships.get(self.cleaned_data.get("counts_for", NO_COHORT))


class TitleForm(WatchesForPatients, CountsForForm):
    """A project begun with a title alone."""

    title = OneLine(
        label="Name of the project",
        help_text="A short name by which people will know it. Everything else can wait.",
        max_length=150,
        required=True,
        error_messages={"required": "Enter a name for the project"},
    )

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.order_fields(["title", "counts_for"])
        self.looks["title"] = Look(size="m")


class RoleForm(forms.Form):
    """What somebody is in a team."""

    role = forms.ChoiceField(
        label="What are they in the team?",
        choices=TeamPlace.Role.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select what they are in the team"},
    )
    looks = {"role": Look(size="m", hints={role.value: hint for role, hint in ROLE_HINTS.items()})}


class InviteForm(RoleForm):
    """Whom a lead asks to join."""

    email = forms.EmailField(
        label="Email address",
        max_length=254,
        help_text="The one with which they sign in, or would. We write to it, whoever it belongs to.",
        error_messages={
            "required": "Enter an email address",
            "invalid": "Enter an email address in the correct format, like name@example.com",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ("email", "role")
    looks = {**RoleForm.looks, "email": Look(size="m")}


class ApprovalForm(WatchesForPatients):
    """What somebody has decided for their organisation."""

    decision = forms.ChoiceField(
        label="What did they decide?",
        choices=[
            (Approval.Decision.APPROVED.value, "They approve of the project"),
            (Approval.Decision.ENDED.value, "They no longer approve of it"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Select what they decided"},
    )
    name = NameField(
        label="Who decided?",
        help_text="Their full name. Tell them that it stands here.",
        error_messages={"required": "Enter the name of whoever decided"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    role = OneLine(
        label="What is their role?",
        help_text="For example: director of midwifery",
        max_length=150,
        required=True,
        error_messages={"required": "Enter their role"},
    )
    decided_on = DayField(
        label="On which day?", help_text="For example, 27 3 2026", error_messages={"required": "Enter the day"}
    )
    note = LongAnswer(label="Note", help_text="For example, its number in your register.", max_length=500, rows=3)
    looks = {name: Look(size="m") for name in ("decision", "name", "role", "decided_on", "note")}

    def clean_decided_on(self) -> date:
        """Require a day that has come."""
        decided_on: date = self.cleaned_data["decided_on"]
        if decided_on > timezone.localdate():
            raise ValidationError("The day must be today or in the past")
        return decided_on


class StatementForm(WatchesForPatients):
    """That a project is improvement work or has been reviewed, and identifies no patient."""

    basis = forms.ChoiceField(
        label="What kind of work is it?",
        choices=Statement.Basis.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select what kind of work it is"},
    )
    reference = OneLine(label="Reference", help_text="If it has been reviewed.", max_length=100)
    no_patient_data = forms.BooleanField(
        label="Nothing in this project identifies a patient, and nothing will",
        error_messages={"required": "Tick the box once nothing here identifies a patient"},
    )
    looks = {
        "basis": Look(
            size="m",
            hints={
                Statement.Basis.IMPROVEMENT.value: "You change how care is given, and learn from it where you work. "
                "Ask your research office if you are not sure.",
                Statement.Basis.REVIEWED.value: "Somebody has looked at it, and given it a number.",
            },
        ),
        "reference": Look(size="m", width=20),
    }

    def clean(self) -> dict[str, Any]:
        """Ask for the reference where there is one, and keep none where there is not."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("basis") == Statement.Basis.IMPROVEMENT:
            cleaned["reference"] = ""
        elif cleaned.get("basis") and not cleaned.get("reference"):
            self.add_error("reference", "Enter the reference")
        return cleaned


class EndForm(WatchesForPatients):
    """How a project ended."""

    why = LongAnswer(label="", max_length=LONGEST, rows=6, required=True)
    looks = {"why": Look(size="m")}

    def __init__(self, data: Any = None, *, label: str, help_text: str, initial: str = "") -> None:
        super().__init__(data, initial={"why": initial})
        self.fields["why"].label, self.fields["why"].help_text = label, help_text
        self.fields["why"].error_messages["required"] = "Write a few words about it"
