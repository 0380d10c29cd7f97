"""`manage.py seal_anew`: part of changing SECRET_KEY (docs/running.md)."""

from typing import Any

from django.core.management.base import BaseCommand

from portal.accounts.resealing import seal_anew


class Command(BaseCommand):
    """Seal anew what the database keeps under SECRET_KEY for longer than a sign-in."""

    help = "Seal second factors and people's needs under the present SECRET_KEY, so that the earlier can be taken away."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say to how many."""
        factors, needs = seal_anew()
        self.stdout.write(f"{factors} second factors are sealed under the present key.")
        self.stdout.write(f"{needs} people's needs are sealed under the present key.")
