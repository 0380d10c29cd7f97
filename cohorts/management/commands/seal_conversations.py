"""`manage.py seal_conversations`: part of changing SECRET_KEY (docs/running.md)."""

from typing import Any

from django.core.management.base import BaseCommand

from cohorts.conversations import seal_anew


class Command(BaseCommand):
    """Seal anew what champions and members of cohorts wrote to one another."""

    help = "Seal what champions and members wrote under the present SECRET_KEY, so that the earlier one can go."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say to how many."""
        self.stdout.write(f"{seal_anew()} messages to and from champions are sealed under the present key.")
