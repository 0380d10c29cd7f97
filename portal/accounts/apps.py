"""The accounts application."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, organisations, roles and sign-in."""

    name = "portal.accounts"
    verbose_name = "People and organisations"

    def ready(self) -> None:
        """Register what a deployment is checked for, what a signal keeps in step, and what is held and for how long."""
        from portal.accounts import (  # noqa: PLC0415  # models must be loaded first
            checks,  # noqa: F401  # each says itself what it registers
            merging,  # noqa: F401  # as above
            middleware,  # noqa: F401  # as above
            organisations,  # noqa: F401  # as above
            organisations_by_file,
            own_data,  # noqa: F401  # as above
            retention,  # noqa: F401  # as above
        )
        from portal.imports import kinds  # noqa: PLC0415  # as above

        kinds.register(organisations_by_file.ORGANISATIONS)
