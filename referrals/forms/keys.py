"""What is typed about passphrases, keys and the team."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import CommonPasswordValidator

from portal.accounts.names import NameField

SHORTEST = 14
LONGEST = 200


class PassphraseField(forms.CharField):
    """A passphrase as it was typed: spaces count."""

    def __init__(self, label: str, *, new: bool = False, **options: Any) -> None:
        autocomplete = "new-password" if new else "off"
        super().__init__(
            label=label,
            max_length=LONGEST,
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
            **options,
        )


class UnlockForm(forms.Form):
    """Asks for the passphrase."""

    passphrase = PassphraseField("Your passphrase", error_messages={"required": "Enter your passphrase"})


class NewPassphraseForm(forms.Form):
    """Asks for a passphrase to use from now on."""

    new_passphrase = PassphraseField(
        "New passphrase",
        new=True,
        help_text=f"{SHORTEST} characters or more. Four words that have nothing to do with each other are good.",
        error_messages={"required": "Enter a new passphrase"},
    )

    def clean_new_passphrase(self) -> str:
        """Refuse what is short or often used."""
        new: str = self.cleaned_data["new_passphrase"]
        if len(new) < SHORTEST:
            raise forms.ValidationError(f"The passphrase must have {SHORTEST} characters or more")
        CommonPasswordValidator().validate(new)
        return new


class ChangePassphraseForm(NewPassphraseForm):
    """Asks for the present passphrase too."""

    passphrase = PassphraseField("Present passphrase", error_messages={"required": "Enter your present passphrase"})
    field_order = ("passphrase", "new_passphrase")


class PartsForm(forms.Form):
    """Asks for two printed parts of the recovery key."""

    one_part = forms.CharField(label="One part", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
    other_part = forms.CharField(label="Another part", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in (self.fields["one_part"], self.fields["other_part"]):
            field.widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
            # A part is printed once, and needs no counter of its letters.
            if isinstance(field, forms.CharField):
                field.max_length = None


class RecoverForm(UnlockForm, PartsForm):
    """Asks for two printed parts, and for the lead's own passphrase."""

    field_order = ("one_part", "other_part", "passphrase")


class InviteForm(forms.Form):
    """Asks whom to take into the team."""

    name = NameField(
        label="Their full name",
        help_text="",
        error_messages={"required": "Enter their full name"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    email = forms.EmailField(
        label="Their email address", max_length=254, error_messages={"required": "Enter their email address"}
    )


class AdmitForm(UnlockForm):
    """Asks the lead to have compared a key, and for their passphrase."""

    key_seen = forms.CharField(widget=forms.HiddenInput)
    compared = forms.BooleanField(
        label="I have compared this key with them, in person or on the phone",
        error_messages={"required": "Compare the key with them first, then confirm it here"},
    )
    field_order = ("key_seen", "compared", "passphrase")
