"""`manage.py demo_projects`: the demonstration's projects."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from qi_projects import demo, demo_coaching, demo_others


class Command(BaseCommand):
    """Make the demonstration's projects, where there is none."""

    help = "Make the demonstration's QI projects, after `manage.py demo`. Refused in production."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them, and say how many."""
        if settings.PRODUCTION:
            raise CommandError("Demonstration data is not made in production.")
        number = demo.make() + demo_coaching.make() + demo_others.make()
        self.stdout.write(f"Demonstration: {number} projects added.")
