"""The cohorts application."""

from django.apps import AppConfig


class CohortsConfig(AppConfig):
    """Programmes, cohorts, sessions, bookings, registers and progress."""

    name = "cohorts"
    verbose_name = "Programmes and cohorts"

    def ready(self) -> None:
        """Make the letters about bookings known to the outbox."""
        from cohorts import messages  # noqa: PLC0415  # its models exist only once the applications are loaded

        messages.register()
