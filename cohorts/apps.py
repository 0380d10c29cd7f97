"""The cohorts application."""

from django.apps import AppConfig


class CohortsConfig(AppConfig):
    """Programmes, cohorts, sessions, bookings, registers and progress."""

    name = "cohorts"
    verbose_name = "Programmes and cohorts"
