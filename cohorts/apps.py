"""The cohorts application."""

from django.apps import AppConfig


class CohortsConfig(AppConfig):
    """Programmes, cohorts, sessions, bookings, registers and progress."""

    name = "cohorts"
    verbose_name = "Programmes and cohorts"

    def ready(self) -> None:
        """Make the letters about bookings known to the outbox, and public pages follow what they show."""
        from cohorts import messages, public_pages  # noqa: PLC0415  # models exist only once applications are loaded

        messages.register()
        public_pages.watch()
