"""What people type about champions, and to them."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from cohorts.conversations import LONGEST
from cohorts.models import Membership
from portal.accounts.names import NameField, clean_name
from portal.form_choices import offer_rows
from portal.generics import ModelChoiceField
from portal.nhsuk.fields import LongAnswer
from portal.nhsuk.fieldsets import Look


class NomineeChoice(ModelChoiceField[Membership]):
    """A choice among members of a cohort, each by name, and by job role where it is known."""

    def label_from_instance(self, membership: Membership) -> str:
        """Return what tells one from another."""
        role = membership.job_role
        return f"{membership.user.name}, {role.name}" if role else membership.user.name


class NominateChampionForm(forms.Form):
    """Asks whom somebody would like to have as champion."""

    nominee = NomineeChoice(
        queryset=Membership.objects.none(),
        label="Whom would you like as your champion?",
        help_text="You can choose yourself.",
        empty_label="Choose a person",
        error_messages={
            "required": "Choose the person whom you would like as your champion",
            "invalid_choice": "This person does not take part any more. Choose somebody else",
        },
    )
    looks = {"nominee": Look(size="m")}

    def __init__(self, *args: Any, members: QuerySet[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "nominee", members)


class ShownForm(forms.Form):
    """Asks a champion how they are shown to those whom they are there for."""

    name = NameField(
        label="Your name",
        help_text="As your colleagues are to see it.",
        error_messages={
            "required": "Enter your name, as your colleagues are to see it",
            "max_length": "Your name must be 200 characters or fewer",
        },
    )
    role = forms.CharField(
        label="What you do",
        max_length=100,
        required=False,
        help_text="For example: midwife, postnatal ward.",
        error_messages={"max_length": "What you do must be 100 characters or fewer"},
    )
    looks = {"name": Look(size="s", width=30), "role": Look(size="s", width=30)}

    def clean_role(self) -> str:
        """Return it in one line, without what would break the page it stands on."""
        return clean_name(self.cleaned_data["role"])


class MessageForm(forms.Form):
    """A message of a conversation."""

    text = LongAnswer(label="Your message", max_length=LONGEST, rows=6, required=True)
    looks = {"text": Look(size="m")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].error_messages["required"] = "Enter your message"
