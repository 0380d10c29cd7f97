"""`manage.py demo_referrals`: the demonstration's provider of therapy."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from referrals.demo import make


class Command(BaseCommand):
    """Make the demonstration's provider with its keys, team and referrals, where there is none."""

    help = "Make the demonstration's provider, after `manage.py demo`. Refused outside a demonstration."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it, and say what was made."""
        if not settings.DEMO:
            raise CommandError("A demonstration's keys are made in a demonstration alone (PORTAL_MODE=demo).")
        self.stdout.write(f"Demonstration: {make()} referrals added.")
