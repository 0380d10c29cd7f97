"""The accounts application."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, organisations, roles and sign-in."""

    name = "portal.accounts"
    verbose_name = "People and organisations"

    def ready(self) -> None:
        """Register what a deployment is checked for, what a signal keeps in step, and what is held about people."""
        from portal.accounts import checks, middleware, own_data  # noqa: F401, PLC0415  # models must be loaded first
