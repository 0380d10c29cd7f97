"""`manage.py rename_evaluations`: part of changing SECRET_KEY (docs/running.md)."""

from typing import Any

from django.core.management.base import BaseCommand

from cohorts import evaluating


class Command(BaseCommand):
    """Put evaluations under pseudonyms of the present SECRET_KEY."""

    help = "Put evaluations under pseudonyms of the present SECRET_KEY, so that the earlier one can be taken away."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say to how many."""
        self.stdout.write(f"{evaluating.rename()} evaluations have pseudonyms of the present key.")
