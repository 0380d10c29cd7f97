"""`manage.py demo_book_clubs`: the demonstration's book clubs."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from bookclub import demo


class Command(BaseCommand):
    """Make the demonstration's catalogue and reading lists, where there is no book."""

    help = "Make the demonstration's book clubs, after `manage.py demo`. Refused in production."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them, and say how many books there are."""
        if settings.PRODUCTION:
            raise CommandError("Demonstration data is not made in production.")
        self.stdout.write(f"Demonstration: {demo.make()} books added.")
