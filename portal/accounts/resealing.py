"""When SECRET_KEY changes: what is sealed under the old key is sealed anew under the present one."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from portal.accounts import needs
from portal.secret_box import secret_box

SECOND_FACTOR = "portal.accounts.second_factor.1"
"""What second factors are sealed for: a key of its own (`portal.secret_box`)."""

SEALED = ("secret", "seed", "migrated_codes")
"""What allauth gives to `SecondFactorAdapter.encrypt`, by its name in an authenticator's data: a text, or several."""


@transaction.atomic
def seal_anew() -> tuple[int, int]:
    """Seal second factors and people's needs under the present SECRET_KEY; return how many there are of each.

    Until this has run, the earlier key must stay among SECRET_KEY_FALLBACKS. It can be run again at any time. Raises
    cryptography.fernet.InvalidToken, with nothing changed, when no key opens what is sealed.
    """
    box = secret_box(SECOND_FACTOR)

    def anew(sealed: str) -> str:
        return box.rotate(sealed).decode()

    # A code that is being used changes its row: each is locked, so that neither change undoes the other.
    authenticators = Authenticator.objects.select_for_update().order_by("pk")
    for authenticator in authenticators:
        authenticator.data = {**authenticator.data, **_sealed_by(anew, authenticator.data)}
        authenticator.save(update_fields=["data"])
    return len(authenticators), needs.seal_anew()


def _sealed_by(seal: Callable[[str], str], data: dict[str, Any]) -> dict[str, Any]:
    found = {name: data[name] for name in SEALED if name in data}
    return {
        name: [seal(one) for one in value] if isinstance(value, list) else seal(value) for name, value in found.items()
    }
