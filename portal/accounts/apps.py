"""The accounts application."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, organisations, roles and sign-in."""

    name = "portal.accounts"
    verbose_name = "People and organisations"
