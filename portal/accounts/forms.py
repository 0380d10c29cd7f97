"""allauth's forms, as the portal asks them."""

from typing import Any

from allauth.account.forms import LoginForm, SignupForm
from allauth.socialaccount.forms import SignupForm as ProviderSignupForm
from django import forms
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from portal.accounts.code_pages import take_address
from portal.accounts.credentials import WHOLE_ADDRESS
from portal.accounts.models import JobRole, Organisation, User
from portal.accounts.names import NameField

BY_PASSWORD = "password"  # noqa: S105  # a value of the address's `by`, not a password


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth ships no types
    """Asks for an address and sends a code; asks for a password too where the address of the page says so."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "Email address"
        self.fields["login"].error_messages["required"] = "Enter your email address"
        self.fields["login"].validators.append(WHOLE_ADDRESS)
        self.initial.setdefault("login", take_address(self.request))
        asks_password = self.request.GET.get("by") == BY_PASSWORD or BY_PASSWORD in self.request.POST
        if not asks_password:
            del self.fields["password"]

    def _setup_password_field(self) -> None:
        """Keep the password field, though sign-up does not ask for one."""


class SignUpForm(SignupForm):  # type: ignore[misc]  # allauth ships no types
    """Asks for an address and a name. The address is verified by a code; a password can be set later."""

    name = NameField()
    field_order = ("email", "name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "Email address"
        self.fields["email"].error_messages["required"] = "Enter your email address"
        self.fields["email"].validators.append(WHOLE_ADDRESS)

    def clean_email(self) -> str:
        """Take the address of an organisation that takes part.

        No other has an account by this form, so that the answer does not tell who has one.
        """
        email: str = super().clean_email()
        if not Organisation.objects.of_address(email):
            raise forms.ValidationError("Enter your work email address, from an organisation that takes part")
        return email

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Make the account; whoever has one already is told so by email alone."""
        try:
            with transaction.atomic():
                user, response = super().try_save(request)
        except IntegrityError:  # the other of two clicks has just made the account
            self.account_already_exists = True
            user, response = super().try_save(request)
        return user, response


class ProviderSignUpForm(ProviderSignupForm):  # type: ignore[misc]  # allauth ships no types
    """Asks for the name where a sign-in service does not give one."""

    name = NameField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The service vouches for this address and no other.
        self.fields["email"].widget = forms.HiddenInput()
        self.fields["email"].disabled = True


class DetailsForm(forms.Form):
    """What somebody says of themselves: their name, where they work, as what."""

    name = NameField(help_text="As it should stand on a register or a certificate.")
    organisation = forms.ModelChoiceField(
        label="Where do you work?",
        queryset=Organisation.objects.present().order_by("name"),
        required=False,
        empty_label="None of these",
    )
    job_role = forms.ModelChoiceField(
        label="What is your job role?",
        queryset=JobRole.objects.order_by("name"),
        required=False,
        empty_label="None of these",
        help_text="Choose the nearest one.",
    )
