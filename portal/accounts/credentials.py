"""allauth's forms about passwords, passkeys and addresses, each asked once and in plain words.

A password has no second box: the page can show what was typed, and whoever mistypes it signs in with a code.
"""

from typing import Any

from allauth.account import app_settings as account_settings
from allauth.account.forms import (
    AddEmailForm,
    ChangePasswordForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
)
from allauth.core import context
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django.core.validators import MaxLengthValidator

from portal.accounts.code_pages import take_address

PASSWORD_HINT = "Use 12 characters or more. 3 words that do not belong together are easy to remember and hard to guess."  # noqa: S105  # a hint

# A longer one would be cut when it is stored, and then be another's, perhaps at another domain.
WHOLE_ADDRESS = MaxLengthValidator(account_settings.EMAIL_MAX_LENGTH, "Enter an email address in full")


class NewAddressForm(AddEmailForm):  # type: ignore[misc]  # allauth ships no types
    """Asks for the address to sign in with from now on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "New email address"
        self.fields["email"].validators.append(WHOLE_ADDRESS)


class ForgottenPasswordForm(ResetPasswordForm):  # type: ignore[misc]  # allauth ships no types
    """Asks for the address of the account whose password is to be set anew."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("email", take_address(context.request))
        self.fields["email"].label = "Email address"
        self.fields["email"].error_messages["required"] = "Enter your email address"
        self.fields["email"].validators.append(WHOLE_ADDRESS)


class KnownPasswordForm(ReauthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """Asks for the password, to make sure that it is the account's own person."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].error_messages["required"] = "Enter your password"


class AskedOnce:
    """Takes the second box from a form that sets a password."""

    password2 = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["password1"]  # type: ignore[attr-defined]  # a mixin of Django forms
        field.label = "New password"
        field.help_text = PASSWORD_HINT


class FirstPasswordForm(AskedOnce, SetPasswordForm):  # type: ignore[misc]  # allauth ships no types
    """Asks somebody who has signed in with codes for a password."""


class NewPasswordForm(AskedOnce, ResetPasswordKeyForm):  # type: ignore[misc]  # allauth ships no types
    """Asks for a new password after a code has confirmed the address."""


class OtherPasswordForm(AskedOnce, ChangePasswordForm):  # type: ignore[misc]  # allauth ships no types
    """Asks for the present password and for the one to use from now on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = "Present password"
        self.fields["oldpassword"].help_text = ""


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    """Asks what to call a passkey, and whether it may be all that is asked for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "Name of this passkey"
        self.fields["name"].help_text = "So that you can tell it from others, for example “Work phone”."
        self.fields["passwordless"].label = "Let me sign in with this passkey alone"
        self.fields["passwordless"].help_text = "Your device will ask for your fingerprint, face or PIN each time."
