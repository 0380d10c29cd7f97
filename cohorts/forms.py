"""What people type about their bookings, and about their places in cohorts."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError

from cohorts.evaluating import Answers, Asked
from cohorts.models import ApplicationQuestion, Booking, EvaluationAnswer, EvaluationQuestion, Membership
from cohorts.nominating import Nominee
from portal.accounts import needs
from portal.accounts.models import JobRole, Organisation, User
from portal.accounts.names import clean_name
from portal.nhsuk.fields import LongAnswer
from portal.nhsuk.fieldsets import Look

Reason = Membership.Reason
LONGEST_ANSWER: Final = 3000
NOT_ENROLLED: Final = "Nobody with this address is enrolled for this session. Ask the programme team to enrol them"
MOST_NOMINEES: Final = 6


class CancelForm(forms.Form):
    """Why a booking is given up."""

    reason = LongAnswer(
        label="Why are you cancelling?",
        help_text="The programme team can read this. Leave out anything about your health or family.",
        max_length=300,
        rows=3,
    )
    looks = {"reason": Look(size="m")}

    def __init__(self, data: Any, *, booking: Booking) -> None:
        super().__init__(data)
        if booking.state != Booking.State.BOOKED:  # who gives up no place owes no reason
            del self.fields["reason"]


class NeedsForm(forms.Form):
    """What somebody needs, and that they agree who reads it, which is asked where there is something to read."""

    access_needs = LongAnswer(
        label="What do you need so that you can take part?",
        help_text="For example: a hearing loop, step-free access, a place to express milk, time to pray.",
        max_length=needs.LONGEST,
        rows=4,
    )
    dietary_needs = LongAnswer(
        label="What do you eat, or not eat?",
        help_text="For example: halal, vegan, no nuts.",
        max_length=needs.LONGEST,
        rows=3,
    )
    agreed = forms.BooleanField(
        label="I agree that the people named on this page read this, until I take it back", required=False
    )
    looks = {"access_needs": Look(size="m"), "dietary_needs": Look(size="m")}

    def clean(self) -> dict[str, Any]:
        """Ask for consent where there is something that somebody would read."""
        cleaned = super().clean() or self.cleaned_data
        if (cleaned.get("access_needs") or cleaned.get("dietary_needs")) and not cleaned.get("agreed"):
            self.add_error("agreed", "Tick the box if you agree, or clear what you wrote")
        return cleaned

    @property
    def needed(self) -> needs.Needed:
        """Return what was filled in."""
        return needs.Needed(access=self.cleaned_data["access_needs"], diet=self.cleaned_data["dietary_needs"])


class GraduationForm(forms.Form):
    """Whether somebody comes to a graduation, and with how many guests: a number, and nothing of who they are."""

    coming = forms.ChoiceField(
        label="Can you come?",
        choices=[("yes", "Yes, I am coming"), ("no", "No, I cannot come")],
        widget=forms.RadioSelect,
        error_messages={"required": "Select whether you can come"},
    )

    def __init__(self, data: Any, *, most_guests: int, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.looks = {"coming": Look(size="m")}
        if most_guests:
            self.fields["guests"] = forms.ChoiceField(
                label="How many guests do you bring?",
                help_text="If you are coming. Each guest takes a place, and we do not ask who they are.",
                choices=[
                    ("0", "No guests"),
                    ("1", "1 guest"),
                    *((str(n), f"{n} guests") for n in range(2, most_guests + 1)),
                ],
                widget=forms.RadioSelect,
                required=False,
                error_messages={"invalid_choice": f"Choose a number from 0 to {most_guests}"},
            )
            self.looks["guests"] = Look(size="m")

    @property
    def is_yes(self) -> bool:
        """Say whether they come."""
        return bool(self.cleaned_data["coming"] == "yes")

    @property
    def guests(self) -> int:
        """Return how many guests they bring."""
        return int(self.cleaned_data.get("guests") or 0)


class WalkInForm(forms.Form):
    """The address of somebody who came without a place; `person` is who that is, once it is valid."""

    email = forms.EmailField(
        label="Their email address",
        max_length=254,
        help_text="The one with which they sign in.",
        error_messages={
            "required": "Enter their email address",
            "invalid": "Enter an email address in the correct format, like name@example.com",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    person: User

    def clean_email(self) -> str:
        """Find the person."""
        email: str = self.cleaned_data["email"]
        found = User.objects.of_address(email).filter(is_active=True).first()
        if found is None:
            raise ValidationError(NOT_ENROLLED)
        self.person = found
        return email


class VerifyForm(forms.Form):
    """What stands on a certificate, by which it is checked."""

    UNKNOWN: Final = "We know no certificate with this serial and this code. Check both, letter by letter"

    serial = forms.CharField(
        label="Serial",
        help_text="For example, 2026-7K3MX-PQ9TD",
        max_length=40,
        error_messages={"required": "Enter the serial"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
    )
    code = forms.CharField(
        label="Code",
        help_text="For example, 7K3M-XPQ9-TDBC-4H8W",
        max_length=40,
        error_messages={"required": "Enter the code"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
    )
    looks = {"serial": Look(width=20), "code": Look(width=30)}


class SayNoForm(forms.Form):
    """Why somebody does not want a place, which they need not say."""

    reason = forms.ChoiceField(
        label="Why not?",
        help_text="It helps the programme team to plan.",
        choices=[
            (reason.value, reason.label)
            for reason in (Reason.NO_TIME, Reason.NEW_JOB, Reason.ANOTHER_PROGRAMME, Reason.PERSONAL, Reason.OTHER)
        ],
        widget=forms.RadioSelect,
        required=False,
    )
    looks = {"reason": Look(size="m")}


class WorkplaceForm(forms.Form):
    """Where somebody works."""

    organisation = forms.ModelChoiceField(
        label="Where do you work?",
        queryset=Organisation.objects.present().order_by("name"),
        empty_label="Choose an organisation",
        error_messages={"required": "Choose the organisation that you work for"},
    )
    looks = {"organisation": Look(size="l", page_heading=True)}


class JobRoleForm(forms.Form):
    """As what somebody works."""

    job_role = forms.ModelChoiceField(
        label="What is your job role?",
        queryset=JobRole.objects.order_by("name"),
        empty_label="Choose a job role",
        help_text="Choose the nearest one.",
        error_messages={"required": "Choose your job role"},
    )
    looks = {"job_role": Look(size="l", page_heading=True)}


class AnswerForm(forms.Form):
    """One of a programme's own questions, on a page of its own."""

    def __init__(self, *args: Any, question: ApplicationQuestion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given: dict[str, Any] = {
            "label": question.text,
            "help_text": question.hint,
            "required": question.required,
        }
        if question.kind == ApplicationQuestion.Kind.YES_NO:
            field: forms.Field = forms.ChoiceField(
                choices=[("Yes", "Yes"), ("No", "No")],
                widget=forms.RadioSelect,
                error_messages={"required": "Select yes or no"},
                **given,
            )
        elif question.kind == ApplicationQuestion.Kind.SHORT:
            field = forms.CharField(max_length=200, error_messages={"required": "Enter an answer"}, **given)
        else:
            field = LongAnswer(max_length=LONGEST_ANSWER, rows=8, **given)
            field.error_messages["required"] = "Enter an answer"
        self.fields["text"] = field
        inline = question.kind == ApplicationQuestion.Kind.YES_NO
        self.looks = {"text": Look(size="l", page_heading=True, inline=inline)}


class NominateForm(forms.Form):
    """Asks for a team: a name, an address and a job role of each; rows that are left empty count for nothing."""

    def __init__(self, *args: Any, organisations: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._organisations = {str(each.pk): each for each in organisations}
        self.looks: dict[str, Look] = {}
        if len(organisations) > 1:
            self.fields["organisation"] = forms.ChoiceField(
                label="From which organisation?",
                choices=[(key, each.name) for key, each in self._organisations.items()],
                widget=forms.RadioSelect,
                error_messages={"required": "Select an organisation"},
            )
        job_roles = JobRole.objects.order_by("name")
        for number in range(1, MOST_NOMINEES + 1):
            self.fields[f"name_{number}"] = forms.CharField(
                label=f"Person {number}: full name",
                max_length=200,
                required=number == 1,
                error_messages={"required": "Enter their full name"},
            )
            self.fields[f"email_{number}"] = forms.EmailField(
                label=f"Person {number}: work email address",
                max_length=254,
                required=number == 1,
                error_messages={
                    "required": "Enter their work email address",
                    "invalid": "Enter an email address in the correct format, like name@example.com",
                },
            )
            self.fields[f"job_role_{number}"] = forms.ModelChoiceField(
                label=f"Person {number}: job role", queryset=job_roles, required=False, empty_label="Not sure"
            )
            self.looks |= {f"name_{number}": Look(width=30), f"email_{number}": Look(width=30)}

    def clean(self) -> dict[str, Any]:
        """Ask for both of a name and an address where there is one of them, and for each person once."""
        cleaned = super().clean() or self.cleaned_data
        seen: dict[str, int] = {}
        for number in range(1, MOST_NOMINEES + 1):
            name, email = (cleaned.get(f"{field}_{number}") or "" for field in ("name", "email"))
            if email and not name and f"name_{number}" not in self.errors:
                self.add_error(f"name_{number}", "Enter their full name")
            if name and not email and f"email_{number}" not in self.errors:
                self.add_error(f"email_{number}", "Enter their work email address")
            if email and (first := seen.setdefault(email.lower(), number)) != number:
                self.add_error(f"email_{number}", f"This is the address of person {first}, too")
        return cleaned

    @property
    def organisation(self) -> Organisation:
        """Return the organisation whose team it is."""
        chosen = self.cleaned_data.get("organisation") or next(iter(self._organisations))
        return self._organisations[chosen]

    @property
    def nominees(self) -> list[Nominee]:
        """Return who was filled in."""
        return list(self._filled_in())

    def _filled_in(self) -> Iterator[Nominee]:
        for number in range(1, MOST_NOMINEES + 1):
            if email := self.cleaned_data[f"email_{number}"]:
                name = clean_name(self.cleaned_data[f"name_{number}"])
                yield Nominee(name, email.lower(), self.cleaned_data[f"job_role_{number}"])


class EvaluationForm(forms.Form):
    """How confident somebody is of each learning outcome, how much they agree with sentences, and their own words."""

    def __init__(self, data: Any, *, asked: Asked) -> None:
        super().__init__(data)
        self._asked = asked
        self.looks: dict[str, Look] = {}
        for outcome in asked.outcomes:
            self._add_scale(
                f"outcome_{outcome.pk}",
                outcome.text,
                "How confident are you of this today?",
                EvaluationAnswer.CONFIDENCE,
            )
        for question in asked.questions:
            name = f"question_{question.pk}"
            if question.kind == EvaluationQuestion.Kind.SCALE:
                self._add_scale(name, question.text, "How much do you agree?", EvaluationAnswer.AGREEMENT)
            else:
                self.fields[name] = LongAnswer(
                    label=question.text,
                    help_text="Leave out names, and anything that shows who you are.",
                    max_length=LONGEST_ANSWER,
                    rows=4,
                    required=False,
                )
                self.looks[name] = Look(size="m")

    @property
    def answers(self) -> Answers:
        """Return what was answered."""
        given = self.cleaned_data
        questions = {question.pk: given[f"question_{question.pk}"] for question in self._asked.questions}
        texts = {question.pk for question in self._asked.questions if question.kind == EvaluationQuestion.Kind.TEXT}
        return Answers(
            scores={pk: int(score) for pk, score in questions.items() if pk not in texts},
            texts={pk: questions[pk] for pk in texts},
            confidence={outcome.pk: int(given[f"outcome_{outcome.pk}"]) for outcome in self._asked.outcomes},
        )

    def _add_scale(self, name: str, text: str, hint: str, labels: Sequence[str]) -> None:
        self.fields[name] = forms.ChoiceField(
            label=text,
            help_text=hint,
            choices=[(str(score), label) for score, label in enumerate(labels, start=1)],
            widget=forms.RadioSelect,
            error_messages={"required": f"Select an answer: {text}"},
        )
        self.looks[name] = Look(size="m")
