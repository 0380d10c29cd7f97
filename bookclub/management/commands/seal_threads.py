"""`manage.py seal_threads`: part of changing SECRET_KEY (docs/running.md)."""

from typing import Any

from django.core.management.base import BaseCommand

from bookclub.thread_words import seal_anew


class Command(BaseCommand):
    """Seal anew what is written in the threads of book clubs, and to their moderators."""

    help = "Seal posts and reports under the present SECRET_KEY, so that the earlier one can go."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say to how many."""
        self.stdout.write(f"{seal_anew()} posts and reports are sealed under the present key.")
