"""The outbox application."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Messages that leave the portal."""

    name = "portal.outbox"
    label = "outbox"
    verbose_name = "Messages"
