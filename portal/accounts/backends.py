"""How a signed-in person is loaded."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from portal.accounts.models import User


class AccountBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth ships no types
    """allauth's sign-in, with the person and the kinds of their roles read in one statement."""

    def get_user(self, user_id: int) -> User | None:
        """Return the person if they may still sign in."""
        return User.objects.signed_in(user_id)

    def has_perm(self, user_obj: User, perm: str, obj: Any = None) -> bool:
        """Say no: rules decide, and Django's own tables of permissions are not asked."""
        return False

    def has_module_perms(self, user_obj: User, app_label: str) -> bool:
        """Say no, as of each permission."""
        return False
