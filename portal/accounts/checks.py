"""What `manage.py check --deploy` says about people."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from portal.accounts.demo_people import DEMO_DOMAIN
from portal.accounts.models import User


@register(Tags.security, deploy=True)
def no_demo_people(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Find the demonstration's people where they do not belong: their password is public.

    Where no database can be reached, or it has no tables yet, there are none.
    """
    if settings.DEMO:
        return []
    try:
        found = User.objects.filter(email__iendswith=f"@{DEMO_DOMAIN}").exists()
    except DatabaseError:
        return []
    if not found:
        return []
    return [
        Error(
            "The people of the demonstration have accounts here.",
            hint=f"Delete or rename every account at {DEMO_DOMAIN}. They cannot sign in outside a demonstration.",
            id="accounts.E001",
        )
    ]
