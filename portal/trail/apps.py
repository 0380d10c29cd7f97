"""The trail application."""

from django.apps import AppConfig


class TrailConfig(AppConfig):
    """The append-only audit trail."""

    name = "portal.trail"
    label = "trail"
    verbose_name = "Audit trail"

    def ready(self) -> None:
        """Register what is held about people."""
        from portal.trail import own_data  # noqa: F401, PLC0415  # models must be loaded first
