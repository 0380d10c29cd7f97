"""`manage.py seal_reflections`: part of changing SECRET_KEY (docs/running.md)."""

from typing import Any

from django.core.management.base import BaseCommand

from bookclub.sealed_words import seal_anew


class Command(BaseCommand):
    """Seal anew what members wrote for themselves in their book clubs."""

    help = "Seal reflections and drafts under the present SECRET_KEY, so that the earlier one can go."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say to how many."""
        self.stdout.write(f"{seal_anew()} reflections are sealed under the present key.")
