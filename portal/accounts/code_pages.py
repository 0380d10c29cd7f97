"""allauth's pages that ask for a code, but for what follows the last guess: the way to a new code loses nothing.

allauth leads from there to an empty sign-in page, says to wait, and forgets where the person was going.
"""

from typing import Any

from allauth.account.views import (
    ConfirmEmailVerificationCodeView,
    ConfirmLoginCodeView,
    ConfirmPasswordResetCodeView,
)
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views import View

from portal.access import access, anyone
from portal.accounts import wording

ADDRESS = "address_of_spent_code"


def take_address(request: HttpRequest) -> str:
    """Return the address that a spent code had been sent to, once: for the page that sends another."""
    address: str = request.session.pop(ADDRESS, "")
    return address


def wrong_code(view: Any, form: Form, sends_another: str = "account_login") -> HttpResponse:
    """Answer a wrong code: with the form, or after the last guess with the page that `sends_another`."""
    if view._process.record_invalid_attempt():  # noqa: SLF001  # allauth's views offer no other way to it
        answer: HttpResponse = view.render_to_response(view.get_context_data(form=form))
        return answer
    messages.error(view.request, wording.CODE_SPENT)
    if view.request.user.is_authenticated:
        return redirect("account_email")
    view.request.session[ADDRESS] = view._process.state["email"]  # noqa: SLF001  # as above
    return redirect(view.passthrough_next_url(reverse(sends_another)))


class SignInCodePage(ConfirmLoginCodeView):  # type: ignore[misc]  # allauth ships no types
    """Asks for the code that signs in."""

    def form_invalid(self, form: Form) -> HttpResponse:
        """Show the form again, or lead to a new code."""
        return wrong_code(self, form)


class AddressCodePage(ConfirmEmailVerificationCodeView):  # type: ignore[misc]  # as above
    """Asks for the code that proves an address."""

    def form_valid(self, form: Form) -> HttpResponse:
        """Take the address; of two people who prove one at once, the second is told that it is taken."""
        try:
            with transaction.atomic():
                answer: HttpResponse = super().form_valid(form)
        except IntegrityError:
            messages.error(self.request, wording.ACCOUNT["email_taken"])
            answer = self.stage.abort() if self.stage else redirect("account_email")
        return answer

    def _verify_form_invalid(self, form: Form) -> HttpResponse:
        """Show the form again, or lead to a new code."""
        return wrong_code(self, form)


class PasswordCodePage(ConfirmPasswordResetCodeView):  # type: ignore[misc]  # as above
    """Asks for the code that lets somebody set a new password."""

    def form_invalid(self, form: Form) -> HttpResponse:
        """Show the form again, or lead to a new code."""
        return wrong_code(self, form, sends_another="account_reset_password")


def page(view: type[View]) -> Any:
    """Open a page to whoever waits for a code, as allauth does: they have not given their second factor yet."""
    opened = access(anyone)(view.as_view())
    opened.before_second_factor = True  # type: ignore[attr-defined]  # read by the second_factor middleware
    return opened


sign_in_code = page(SignInCodePage)
address_code = page(AddressCodePage)
password_code = page(PasswordCodePage)
