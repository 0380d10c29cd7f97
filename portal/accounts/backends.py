"""How a signed-in person is loaded."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from portal.accounts.models import User
from portal.accounts.rules import is_programme_admin

# The foundations below this one cannot ask its rules: their admin pages ask for a permission by name.
OF_PROGRAMME_ADMINS = frozenset({"outbox.view_message", "outbox.change_message"})


class AccountBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth ships no types
    """allauth's sign-in, with the person and the kinds of their roles read in one statement."""

    def get_user(self, user_id: int) -> User | None:
        """Return the person if they may still sign in."""
        return User.objects.signed_in(user_id)

    def has_perm(self, user_obj: User, perm: str, obj: Any = None) -> bool:
        """Say whether somebody's roles carry a permission; Django's own tables of them are not asked."""
        return user_obj.is_active and perm in OF_PROGRAMME_ADMINS and is_programme_admin(user_obj)

    def has_module_perms(self, user_obj: User, app_label: str) -> bool:
        """Say whether somebody's roles carry a permission of this application."""
        return any(perm.startswith(f"{app_label}.") and self.has_perm(user_obj, perm) for perm in OF_PROGRAMME_ADMINS)
