"""`manage.py dispose`: dispose of what is due now, or say what that would be (docs/running.md)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.nhsuk.dates import say_date
from portal.retention import disposing
from portal.retention.categories import heading_of


class Command(BaseCommand):
    """Dispose of what is due."""

    help = "Dispose of what was kept for its period, unless a legal hold keeps it. The workers do so by themselves."

    def add_arguments(self, parser: CommandParser) -> None:
        """Offer to say it without doing it."""
        parser.add_argument("--dry-run", action="store_true", help="Say what would be disposed of, and do nothing.")

    def handle(self, *args: Any, dry_run: bool = False, **options: Any) -> None:
        """Say of each category how many, or dispose of them and then say so."""
        if not dry_run:
            for name, number in disposing.dispose().items():
                self.stdout.write(f"{heading_of(name)}: {number:,} disposed of.")
            return
        for due in disposing.what_is_due():
            oldest = f", the oldest of {say_date(due.oldest, weekday=False)}" if due.oldest else ""
            on_hold = f" A legal hold keeps {due.on_hold:,} more." if due.on_hold else ""
            self.stdout.write(
                f"{due.category.heading}, kept for {due.category.kept_for}: {due.number:,} due{oldest}.{on_hold}"
            )
