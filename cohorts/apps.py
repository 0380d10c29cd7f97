"""The cohorts application."""

from django.apps import AppConfig


class CohortsConfig(AppConfig):
    """Programmes, cohorts, sessions, bookings, registers and progress."""

    name = "cohorts"
    verbose_name = "Programmes and cohorts"

    def ready(self) -> None:
        """Make known letters, and what is held and forgotten of people; let public pages follow what they show."""
        from cohorts import (  # noqa: PLC0415  # models must be loaded first
            certificate_letter,
            champion_letters,
            evaluation_letter,
            forgetting,  # noqa: F401  # it says itself what it forgets
            graduation_letters,
            imports,
            learning_records,
            mergers,  # noqa: F401  # it says itself what moves with an organisation
            merging,  # noqa: F401  # it says itself what moves with a person
            messages,
            nominations_by_file,
            own_data,  # noqa: F401  # it says itself what is held
            place_messages,
            public_pages,
            register_reminders,
            retention,  # noqa: F401  # it says itself for how long
            testimony_letters,
            writing,
        )
        from portal.imports import kinds  # noqa: PLC0415  # likewise

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
