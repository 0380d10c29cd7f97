"""The cohorts application."""

from django.apps import AppConfig


class CohortsConfig(AppConfig):
    """Programmes, cohorts, sessions, bookings, registers and progress."""

    name = "cohorts"
    verbose_name = "Programmes and cohorts"

    def ready(self) -> None:
        """Make known letters, and what comes by file; let public pages follow what they show."""
        from cohorts import (  # noqa: PLC0415  # models must be loaded first
            certificate_letter,
            champion_letters,
            evaluation_letter,
            graduation_letters,
            imports,
            learning_records,
            messages,
            nominations_by_file,
            place_messages,
            public_pages,
            register_reminders,
            testimony_letters,
            writing,
        )
        from portal.imports import kinds  # noqa: PLC0415  # it reads models too

        messages.register()
        place_messages.register()
        register_reminders.register()
        evaluation_letter.register()
        certificate_letter.register()
        graduation_letters.register()
        writing.register()
        testimony_letters.register()
        champion_letters.register()
        public_pages.watch()
        kinds.register(imports.ENROLMENTS)
        kinds.register(learning_records.LEARNING_RECORDS)
        kinds.register(nominations_by_file.NOMINATIONS)
