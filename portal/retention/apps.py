"""The retention application."""

from django.apps import AppConfig
from django.conf import settings


class RetentionConfig(AppConfig):
    """Retention periods, legal holds, the log of what was disposed of, and requests to be erased."""

    name = "portal.retention"
    label = "retention"
    verbose_name = "Retention"

    def ready(self) -> None:
        """Hold the configured periods to the categories, which all apps have registered by now."""
        from portal.retention import categories  # noqa: PLC0415  # models must be loaded first

        categories.require_fit(settings.RETENTION_PERIODS)
