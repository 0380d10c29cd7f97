"""The app that gives every other its look."""

from django.apps import AppConfig


class NHSUKConfig(AppConfig):
    """Templates and template tags; no models."""

    name = "portal.nhsuk"
    label = "nhsuk"
    verbose_name = "NHS design system"
