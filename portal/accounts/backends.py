"""How a signed-in person is loaded."""

from allauth.account.auth_backends import AuthenticationBackend

from portal.accounts.models import User


class AccountBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth ships no types
    """allauth's sign-in, with the person and the kinds of their roles read in one statement."""

    def get_user(self, user_id: int) -> User | None:
        """Return the person if they may still sign in."""
        return User.objects.with_role_kinds().filter(pk=user_id, is_active=True).first()
