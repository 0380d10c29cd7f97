"""The cohorts application."""

from django.apps import AppConfig


class CohortsConfig(AppConfig):
    """Programmes, cohorts, sessions, bookings, registers and progress."""

    name = "cohorts"
    verbose_name = "Programmes and cohorts"

    def ready(self) -> None:
        """Make known letters, and what is held and forgotten of people; let public pages follow what they show."""
        from cohorts import forgetting, messages, own_data, place_messages, public_pages, register_reminders, writing  # noqa: F401, PLC0415  # models must be loaded first

        messages.register()
        place_messages.register()
        register_reminders.register()
        writing.register()
        public_pages.watch()
