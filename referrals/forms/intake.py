"""The questions of the referral form, one a page, each as little as it can ask."""

from typing import Any, ClassVar
from uuid import uuid4

from django import forms

from portal.form_choices import offer_choices
from portal.nhsuk.fields import LongAnswer
from portal.nhsuk.fieldsets import Look
from referrals.models import Offer

LONGEST_STORY = 20_000
NONE_FITS = "none"
MYSELF, SOMEBODY_ELSE = "myself", "somebody"
YES_NO = (("yes", "Yes"), ("no", "No"))


class PhoneField(forms.CharField):
    """A phone number as people write it, of any country."""

    FEWEST_DIGITS = 6
    widget = forms.TextInput(attrs={"inputmode": "tel"})

    def clean(self, value: Any) -> Any:
        """Return what was typed. Raises ValidationError for what nobody could call."""
        number = super().clean(value)
        if number and sum(character.isdigit() for character in number) < self.FEWEST_DIGITS:
            raise forms.ValidationError("Enter a phone number, like 07700 900123")
        return number


class Question(forms.Form):
    """One page of the form. `heading` is its h1 where no single question is; `key` names it in its address."""

    key: ClassVar[str]
    heading: ClassVar[str] = ""
    looks: ClassVar[dict[str, Look]] = {}
    of_another: ClassVar[dict[str, tuple[str, str]]] = {}
    """How a field's label and hint read where somebody fills it in for another person; the heading's under ""."""

    def speak_of_another(self) -> None:
        """Ask about the person for whom somebody else fills this in, and not about whoever reads it."""
        for name, (label, hint) in self.of_another.items():
            if name:
                self.fields[name].label, self.fields[name].help_text = label, hint
            else:
                self.heading = label  # type: ignore[misc]  # of this page alone


class OfferForm(Question):
    """Asks which of the providers' offers is meant. `offers` are those that are taken now."""

    key = "offer"
    offer = forms.ChoiceField(
        label="Which support would you like?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select the support that you would like"},
    )

    def __init__(self, *args: Any, offers: list[Offer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        none_fits = (NONE_FITS, "None of these" if len(offers) > 1 else "This is not for me")
        offer_choices(self, "offer", [*((str(offer.pk), offer.name) for offer in offers), none_fits])
        self.looks = {  # type: ignore[misc]  # the hints are the providers' own words
            "offer": Look(size="l", page_heading=True, hints={str(offer.pk): about_offer(offer) for offer in offers})
        }


def about_offer(offer: Offer) -> str:
    """Say whom an offer is for, in which languages and for how long, in the provider's words."""
    who_for = f"For {offer.who_for[:1].lower()}{offer.who_for[1:]}"
    parts = [
        f"From {offer.provider.name}, for people who work at {offer.commissioner}",
        who_for,
        offer.languages and f"Languages: {offer.languages}",
        offer.length,
    ]
    return " ".join(f"{part.rstrip('.')}." for part in parts if part)


class WhoForm(Question):
    """Asks for whom it is."""

    key = "who"
    who = forms.ChoiceField(
        label="Who is this for?",
        choices=((MYSELF, "Myself"), (SOMEBODY_ELSE, "Somebody else, who has agreed to it")),
        widget=forms.RadioSelect,
        error_messages={"required": "Select who this is for"},
    )
    looks = {"who": Look(size="l", page_heading=True)}


class ConsentGivenForm(Question):
    """Asks who submits for somebody else, and what consent they were given."""

    key = "consent-given"
    heading = "About you, and their consent"
    submitter = forms.CharField(label="Your name", max_length=200)
    relation = forms.CharField(
        label="How do you know them?", max_length=200, required=False, help_text="For example: friend, team leader."
    )
    how = LongAnswer(
        label="When and how did they agree?",
        required=True,
        max_length=500,
        rows=3,
        help_text="For example: on Monday, when we spoke on the phone.",
    )
    agreed = forms.BooleanField(
        label="They have agreed that I send this for them, and they know what I write here",
        error_messages={"required": "Confirm that they have agreed. Without it, please do not go on."},
    )


class NameForm(Question):
    """Asks by which name to call the person."""

    key = "name"
    name = forms.CharField(
        label="What name should we use?",
        help_text="It need not be the name that your employer has.",
        max_length=200,
        error_messages={"required": "Enter a name that we may use"},
    )
    looks = {"name": Look(size="l", page_heading=True, width=30)}
    of_another = {
        "name": ("What name should the provider use for them?", "Not your own name. Ask them which they like.")
    }


PHONE, EMAIL, POST = "phone", "email", "post"


class ContactForm(Question):
    """Asks how it is safe to be in touch. Nothing is sent anywhere else."""

    key = "contact"
    heading = "How is it safe to be in touch with you?"
    ways = forms.MultipleChoiceField(
        label="Which ways are safe?",
        help_text="Select all that are safe. A work address or work phone may be read or heard by others.",
        choices=((PHONE, "By phone"), (EMAIL, "By email"), (POST, "By post")),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Select at least one way in which it is safe to be in touch"},
    )
    phone = PhoneField(label="Phone number", max_length=40, required=False)
    email = forms.EmailField(
        label="Email address",
        max_length=254,
        required=False,
        error_messages={"invalid": "Enter an email address in the correct format, like name@example.com"},
    )
    address = LongAnswer(label="Postal address", max_length=500, rows=4)
    voicemail = forms.ChoiceField(
        label="May we leave a voice message?",
        choices=YES_NO,
        widget=forms.RadioSelect,
        required=False,
        help_text="It would say only that we called, and a number.",
    )
    safe = LongAnswer(
        label="Is there anything that we should know to reach you safely?",
        max_length=500,
        rows=3,
        help_text="For example: only after 6pm, or do not say where you are calling from.",
    )
    looks = {
        "ways": Look(size="m", reveals={PHONE: "phone", EMAIL: "email", POST: "address"}),
        "voicemail": Look(size="m", inline=True),
        "safe": Look(size="m"),
    }
    of_another = {
        "": ("How is it safe to be in touch with them?", ""),
        "ways": (
            "Which ways are safe for them?",
            "Ask them, and do not give your own details. A work address or work phone may be read or heard by others.",
        ),
        "voicemail": (
            "May the provider leave them a voice message?",
            "It would say only that they called, and a number.",
        ),
        "safe": (
            "Is there anything that the provider should know to reach them safely?",
            "For example: only after 6pm, or do not say where you are calling from.",
        ),
    }
    NEEDED: ClassVar = {
        PHONE: ("phone", "Enter a phone number"),
        EMAIL: ("email", "Enter an email address"),
        POST: ("address", "Enter a postal address"),
    }

    def clean(self) -> dict[str, Any]:
        """Ask for what each chosen way needs, and forget what belongs to a way that was not chosen."""
        cleaned = super().clean() or self.cleaned_data
        chosen = cleaned.get("ways", ())
        for way, (name, missing) in self.NEEDED.items():
            if way not in chosen:
                cleaned[name] = ""
            elif not cleaned.get(name) and name not in self.errors:
                self.add_error(name, missing)
        return cleaned


class LanguageForm(Question):
    """Asks in which language."""

    key = "language"
    heading = "Languages"
    language = forms.CharField(
        label="Which language would you like to speak?", max_length=100, required=False, help_text="English, if empty."
    )
    interpreter = forms.ChoiceField(
        label="Would you like an interpreter?", choices=YES_NO, widget=forms.RadioSelect, required=False
    )
    looks = {"language": Look(width=20), "interpreter": Look(inline=True)}
    of_another = {
        "language": ("Which language would they like to speak?", "English, if empty."),
        "interpreter": ("Would they like an interpreter?", ""),
    }


class StoryForm(Question):
    """Asks what brings the person, as little as they like."""

    key = "story"
    text = LongAnswer(
        label="What would you like us to know?",
        help_text="Write as little or as much as you like. You can leave this empty and talk about it later.",
        max_length=LONGEST_STORY,
        rows=10,
    )
    looks = {"text": Look(size="l", page_heading=True)}
    of_another = {
        "text": (
            "What would they like the provider to know?",
            "Write only what they have agreed to. You can leave this empty: they can talk about it themselves.",
        )
    }


class WishesForm(Question):
    """Asks what would make it easier to come."""

    key = "wishes"
    heading = "What would help you"
    times = LongAnswer(label="Which times suit you?", max_length=300, rows=2)
    gender = forms.CharField(
        label="Would you like a therapist of a particular gender, culture or faith?",
        max_length=200,
        required=False,
        help_text="In your own words, or leave it empty.",
    )
    access = LongAnswer(
        label="Is there anything that you need to take part?",
        max_length=500,
        rows=3,
        help_text="For example: captions, step-free access, a quiet place to talk.",
    )
    of_another = {
        "": ("What would help them", ""),
        "times": ("Which times suit them?", ""),
        "gender": (
            "Would they like a therapist of a particular gender, culture or faith?",
            "In their own words, or leave it empty.",
        ),
        "access": (
            "Is there anything that they need to take part?",
            "For example: captions, step-free access, a quiet place to talk.",
        ),
    }


class LeadFirstForm(Question):
    """Asks whether only the lead should open it first."""

    key = "lead-first"
    lead_first = forms.ChoiceField(
        label="Should only the triage lead open this first?",
        help_text="The lead is in charge of the provider's team. If you may know somebody in that team, choose yes: "
        "the lead then decides with you who may see it.",
        choices=YES_NO,
        widget=forms.RadioSelect,
        error_messages={"required": "Select yes if only the triage lead should open this first"},
    )
    looks = {"lead_first": Look(size="l", page_heading=True, inline=True)}
    of_another = {
        "lead_first": (
            "Should only the triage lead open this first?",
            (
                "The lead is in charge of the provider's team. If you or they may know somebody in that team, choose "
                "yes: the lead then decides with them who may see it."
            ),
        )
    }


class CodeForm(forms.Form):
    """Asks for a code that was given out."""

    code = forms.CharField(
        label="Your receipt code",
        help_text="20 letters and digits. Spaces and capital letters do not matter.",
        max_length=60,
        error_messages={"required": "Enter your receipt code", "max_length": "A code has 20 letters and digits"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    looks = {"code": Look(width=30, code=True)}


class HandoverForm(CodeForm):
    """Asks for the code that somebody was handed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = "The code that you were given"
        self.fields["code"].error_messages["required"] = "Enter the code that you were given"


class NoteForm(forms.Form):
    """Asks for a note to the provider. Its number comes with the page: loaded again, it is sent once."""

    text = LongAnswer(
        label="Your note to the provider", required=True, max_length=2000, rows=5, help_text="They answer you directly."
    )
    number = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)
    looks = {"text": Look(size="m")}
