"""The people's tables without what the portal hangs on them."""

from django.apps import AppConfig


class BarePeople(AppConfig):
    """`portal.accounts` for the bare view: its models, and no sign-in package to load."""

    name = "portal.accounts"
