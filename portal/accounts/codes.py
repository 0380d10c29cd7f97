"""Codes sent by email: how often somebody may guess at one.

allauth counts wrong guesses in the browser's session, which is read when a request comes and written when it ends: of
guesses that arrive at once, each would find the count of the others not yet there. So they are counted in the cache
too, which adds one at a time for all processes, and no guess past the last allowed is compared at all.
"""

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.forms import (
    BaseConfirmCodeForm,
    ConfirmEmailVerificationCodeForm,
    ConfirmLoginCodeForm,
    ConfirmPasswordResetCodeForm,
)
from django.core.cache import cache
from django.utils.crypto import salted_hmac

PURPOSE = "guesses at a code"


def guesses(code: str, *, within: int) -> int:
    """Count one more guess at a code that was sent out, and return how many there have been, this one included.

    `within` is how many seconds the code lives, and the count with it. The cache never holds the code itself.
    """
    key = f"guesses:{salted_hmac(PURPOSE, code, algorithm='sha256').hexdigest()}"
    cache.add(key, 0, timeout=within)
    return cache.incr(key)


class CountedGuesses(BaseConfirmCodeForm):  # type: ignore[misc]  # allauth ships no types
    """Compares what was typed with the code, unless that has been done as often as is allowed."""

    allowed: int
    lives: int

    def clean_code(self) -> str:
        """Return the code that was typed; a guess too many is as wrong as a wrong one."""
        if self.expected_code and guesses(self.expected_code, within=self.lives) > self.allowed:
            raise get_adapter().validation_error("incorrect_code")
        code: str = super().clean_code()
        return code


class SignInCodeForm(CountedGuesses, ConfirmLoginCodeForm):  # type: ignore[misc]  # as above
    """Asks for the code that signs in."""

    allowed = app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS
    lives = app_settings.LOGIN_BY_CODE_TIMEOUT


class AddressCodeForm(CountedGuesses, ConfirmEmailVerificationCodeForm):  # type: ignore[misc]  # as above
    """Asks for the code that proves an address."""

    allowed = app_settings.EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS
    lives = app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT


class PasswordCodeForm(CountedGuesses, ConfirmPasswordResetCodeForm):  # type: ignore[misc]  # as above
    """Asks for the code that lets somebody set a new password."""

    allowed = app_settings.PASSWORD_RESET_BY_CODE_MAX_ATTEMPTS
    lives = app_settings.PASSWORD_RESET_BY_CODE_TIMEOUT
