"""What a triager types about a referral."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import uuid4

from django import forms

from portal.form_choices import offer_rows
from portal.nhsuk.fields import DateField, LongAnswer, TimeField
from portal.nhsuk.fieldsets import Look
from referrals.forms.codes import PageCode
from referrals.forms.intake import YES_NO, ContactForm, PhoneField
from referrals.models import Offer, Referral, Triager

LONGEST_NOTE = 10_000


class Nothing(forms.Form):
    """Asks nothing but to be sure."""


class EraseForm(forms.Form):
    """Asks whether it is the person who asked for it."""

    sure = forms.BooleanField(
        label="The person has asked for this themselves, and I am sure who they are",
        error_messages={"required": "Confirm that the person has asked for this themselves"},
    )


class VouchForm(forms.Form):
    """Asks a lead whether they answer for what is in doubt. `seen` is what the page showed (`sealing.as_seen`)."""

    sure = forms.BooleanField(
        label="I have asked whoever is said to have written this, and it is theirs",
        error_messages={"required": "Confirm that you have asked whoever is said to have written this"},
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, data: Any, *, shown: Iterable[str]) -> None:
        super().__init__(data, initial={"seen": " ".join(shown)})

    def clean_seen(self) -> frozenset[str]:
        """Return what the page showed, each by itself."""
        return frozenset(self.cleaned_data["seen"].split())


class ReceiptForm(forms.Form):
    """Asks whether it is the person to whom a receipt is given. Its code comes with the page."""

    sure = forms.BooleanField(
        label="I am speaking with the person themselves, and am sure who they are",
        error_messages={"required": "Confirm that you are speaking with the person themselves"},
    )
    code = PageCode()


class TextForm(forms.Form):
    """Asks for some text, under a label of its own."""

    text = LongAnswer(label="What came of it?", required=True, max_length=LONGEST_NOTE, rows=6)

    def __init__(self, *args: Any, label: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if label:
            self.fields["text"].label = label


class AttemptForm(TextForm):
    """Asks how somebody tried to be in touch."""

    how = forms.ChoiceField(
        label="How did you try?",
        choices=(("phone", "By phone"), ("email", "By email"), ("post", "By post")),
        widget=forms.RadioSelect,
    )
    field_order = ("how", "text")
    looks = {"how": Look(inline=True)}


class CorrectContactForm(ContactForm):
    """Asks how it is safe to be in touch with somebody who has told the team; `initial` is how it was."""

    name = forms.CharField(label="Name to use", max_length=200)
    field_order = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ways"].label = "Which ways are safe for them?"
        self.fields["voicemail"].label = "May a voice message be left?"
        self.fields["voicemail"].help_text = "It says only who called, and a number."
        self.fields["safe"].label = "What is there to know to reach them safely?"
        self.fields["safe"].help_text = ""


class AppointmentForm(forms.Form):
    """Asks for an appointment that was offered."""

    on = DateField(label="On which day?", help_text="For example: 3 2 2026")
    begins = TimeField(label="When does it begin?", help_text="UK time. For example: 9.30am")
    therapist = forms.CharField(
        label="With which therapist?", max_length=200, error_messages={"required": "Enter the therapist's name"}
    )
    how = forms.CharField(
        label="How do they meet?",
        max_length=200,
        help_text="For example: online, by phone, at your rooms.",
        error_messages={"required": "Enter how they meet"},
    )


class DayForm(forms.Form):
    """Asks for a day."""

    on = DateField(label="On which day?", help_text="For example: 3 2 2026")


class ReasonForm(forms.Form):
    """Asks why a date was missed."""

    reason = forms.ChoiceField(
        label="Why was, or will be, the date missed?", choices=Referral.Reason.choices, widget=forms.RadioSelect
    )


class ColleagueForm(forms.Form):
    """Asks for a colleague. `team` are those to choose from."""

    to = forms.ModelChoiceField(
        label="Which colleague is to have it?",
        queryset=Triager.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": "Select a colleague"},
    )

    def __init__(self, *args: Any, team: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "to", team)


class ReadersForm(forms.Form):
    """Asks who may see a referral. `named` are those who see it now, where it is not the whole team."""

    TEAM, NAMED = "team", "named"
    who = forms.ChoiceField(
        label="Who may see this referral?",
        choices=((NAMED, "These people alone"), (TEAM, "The whole team")),
        widget=forms.RadioSelect,
    )
    readers = forms.ModelMultipleChoiceField(
        label="Which people?", queryset=Triager.objects.none(), widget=forms.CheckboxSelectMultiple, required=False
    )
    looks = {"who": Look(reveals={NAMED: "readers"})}

    def __init__(self, data: Any, *, team: Any, named: Sequence[Triager]) -> None:
        super().__init__(data, initial={"who": self.NAMED if named else self.TEAM, "readers": named})
        offer_rows(self, "readers", team)

    def clean(self) -> dict[str, Any]:
        """Ask for somebody where it is for some alone."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("who") == self.NAMED and not cleaned.get("readers"):
            self.add_error("readers", "Select at least one person")
        return cleaned


class FindForm(forms.Form):
    """Asks for a name. It is sent in the body of a request, and never in an address."""

    name = forms.CharField(
        label="Name, or a part of it",
        max_length=200,
        min_length=2,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Enter a name, or a part of it", "min_length": "Enter at least 2 letters"},
    )
    ended = forms.BooleanField(label="Look among those that have ended", required=False)


class LetterForm(forms.Form):
    """Asks what to write to the person. Its number comes with the page, so that a second press sends nothing twice."""

    text = LongAnswer(label="Your letter", required=True, max_length=LONGEST_NOTE, rows=10)
    number = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)


class PhoneForm(forms.Form):
    """Asks what somebody says on the phone who refers themselves.

    The receipt's code comes with the page, so that a second press of the button makes no second referral.
    """

    offer = forms.ModelChoiceField(label="For which offer?", queryset=Offer.objects.none(), empty_label=None)
    name = forms.CharField(label="Which name should we use?", max_length=200)
    phone = PhoneField(label="Phone number, if it is safe", max_length=40, required=False)
    email = forms.EmailField(label="Email address, if it is safe", max_length=254, required=False)
    address = LongAnswer(label="Postal address, if it is safe", max_length=500, rows=3)
    voicemail = forms.ChoiceField(
        label="May you leave a voice message?", choices=YES_NO, widget=forms.RadioSelect, required=False
    )
    safe = LongAnswer(label="What should we know to reach them safely?", max_length=500, rows=2)
    language = forms.CharField(label="Language, and whether an interpreter is needed", max_length=200, required=False)
    text = LongAnswer(label="What brings them?", max_length=20_000, rows=6)
    times = LongAnswer(label="Which times suit them?", max_length=300, rows=2)
    gender = forms.CharField(
        label="Would they like a therapist of a particular gender, culture or faith?", max_length=200, required=False
    )
    access = LongAnswer(label="Is there anything that they need to take part?", max_length=500, rows=2)
    lead_first = forms.BooleanField(
        label="Only the triage lead should open this first",
        required=False,
        help_text="Ask them: they may know somebody in your team. Unless you lead the team, you will not see it again.",
    )
    code = PageCode()
    looks = {"voicemail": Look(inline=True)}

    def __init__(self, *args: Any, offers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "offer", offers)

    def clean(self) -> dict[str, Any]:
        """Ask for one way at least to be in touch."""
        cleaned = super().clean() or self.cleaned_data
        if not any(cleaned.get(way) for way in ("phone", "email", "address")):
            self.add_error("phone", "Enter at least one way to be in touch")
        return cleaned
