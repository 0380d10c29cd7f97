"""What people fill in about group sessions: who books, and who plans one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from portal.form_choices import offer_choices
from portal.nhsuk.dates import uk_time
from portal.nhsuk.fields import DateField, TimeField
from portal.nhsuk.fieldsets import Look
from referrals.forms.codes import PageCode
from referrals.forms.intake import PhoneField
from referrals.groups import Guest, Plan
from referrals.models import GroupSession, Triager

MOST_PLACES = 50


class BookForm(forms.Form):
    """Asks for as little as can be: which name to use, and how the provider can reach the person.

    The receipt's code comes with the page, so that sending it twice books once.
    """

    name = forms.CharField(
        label="What name should we use?",
        max_length=100,
        help_text="It need not be the name that your employer has. The others in the group see what you show them.",
        error_messages={"required": "Enter a name that we may use"},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    reach = forms.CharField(
        label="How is it safe to reach you?",
        max_length=254,
        help_text="An email address or a phone number, for when something changes. "
        "A work address may be read by others.",
        error_messages={"required": "Enter an email address or a phone number"},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    code = PageCode()
    looks: ClassVar[dict[str, Look]] = {"name": Look(size="m", width=30), "reach": Look(size="m", width=30)}

    def clean_reach(self) -> str:
        """Refuse what could not reach anybody."""
        reach: str = self.cleaned_data["reach"]
        try:
            (validate_email if "@" in reach else PhoneField().clean)(reach)
        except ValidationError:
            raise ValidationError("Enter an email address, like name@example.com, or a phone number") from None
        return reach


class PlanForm(forms.Form):
    """Asks for a session: when, about what, for how many, led by whom, and where to join."""

    theme = forms.CharField(
        label="Theme", max_length=150, required=False, help_text="Leave it empty for an open session."
    )
    day = DateField(label="Which day?", help_text="For example: 27 3 2027.", error_messages={"required": "Enter a day"})
    clock = TimeField(label="At what time does it start?", help_text="For example: 5.30pm. It lasts 1 hour 15 minutes.")
    places = forms.IntegerField(
        label="How many places?",
        min_value=1,
        max_value=MOST_PLACES,
        initial=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": "The number of places must be a number, like 12"},
    )
    facilitators = forms.MultipleChoiceField(
        label="Who leads it?",
        widget=forms.CheckboxSelectMultiple,
        help_text="They see who comes, and keep the register.",
        error_messages={"required": "Select who leads it"},
    )
    link = forms.URLField(
        label="Link to join",
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text="It is sealed like a referral. You can add it later.",
        error_messages={"invalid": "Enter a link, like https://meeting.example/123"},
    )
    looks: ClassVar[dict[str, Look]] = {"theme": Look(width=30), "clock": Look(width=5), "places": Look(width=2)}

    def __init__(self, *args: Any, team: Sequence[Triager], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._team = {str(triager.pk): triager for triager in team}
        offer_choices(self, "facilitators", [(key, triager.user.name) for key, triager in self._team.items()])

    @property
    def planned(self) -> Plan:
        """Return what was filled in."""
        given = self.cleaned_data
        at = timezone.make_aware(datetime.combine(given["day"], given["clock"]))
        leading = [self._team[key] for key in given["facilitators"]]
        return Plan(given["theme"], at, given["places"], leading, given["link"])

    @staticmethod
    def said_of(session: GroupSession, link: str) -> dict[str, object]:
        """Return what is said of a session now, to begin from."""
        at = uk_time(session.starts_at)
        return {
            "theme": session.theme,
            "day": at.date(),
            "clock": f"{at:%H:%M}",
            "places": session.places,
            "facilitators": [str(triager.pk) for triager in session.facilitators.all()],
            "link": link,
        }


CAME, DID_NOT = "came", "did_not"
ANSWERS = {True: CAME, False: DID_NOT, None: ""}
STANDS_FOR = {answer: came for came, answer in ANSWERS.items()}


class RegisterForm(forms.Form):
    """Asks of each guest whether they came."""

    def __init__(self, *args: Any, guests: Sequence[Guest], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.looks = {}
        for guest in guests:
            key = str(guest.booking.pk)
            self.fields[key] = forms.ChoiceField(
                label=guest.name or "Somebody whose booking cannot be opened",
                choices=[(CAME, "Came"), (DID_NOT, "Did not come")],
                widget=forms.RadioSelect,
                required=False,
                initial=ANSWERS[guest.booking.attended],
            )
            self.looks[key] = Look(size="s", inline=True)

    @property
    def came(self) -> dict[UUID, bool | None]:
        """Return what was filled in: of whom the page said nothing, nothing is changed."""
        return {UUID(key): STANDS_FOR[answer] for key, answer in self.cleaned_data.items() if key in self.data}
