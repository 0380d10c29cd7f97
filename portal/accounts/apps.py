"""The accounts application."""

from typing import Final

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

FOUND_BY_NAME: Final = ("checks", "forgetting", "mergers", "merging", "own_data", "retention")
"""The modules of an app that register something as they are imported."""


class AccountsConfig(AppConfig):
    """People, organisations, roles and sign-in."""

    name = "portal.accounts"
    verbose_name = "People and organisations"

    def ready(self) -> None:
        """Let each app say, in modules found by name, what it checks, holds, moves, forgets and disposes of."""
        from portal.accounts import organisations_by_file  # noqa: PLC0415  # models must be loaded first
        from portal.imports import kinds  # noqa: PLC0415  # as above

        autodiscover_modules(*FOUND_BY_NAME)
        kinds.register(organisations_by_file.ORGANISATIONS)
