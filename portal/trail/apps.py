"""The trail application."""

from django.apps import AppConfig


class TrailConfig(AppConfig):
    """The append-only audit trail."""

    name = "portal.trail"
    label = "trail"
    verbose_name = "Audit trail"
