"""The outbox application."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Messages that leave the portal."""

    name = "portal.outbox"
    label = "outbox"
    verbose_name = "Messages"

    def ready(self) -> None:
        """Register what is held about people, and for how long."""
        from portal.outbox import own_data, retention  # noqa: F401, PLC0415  # models must be loaded first
