"""`manage.py reckon_measures`: part of each release (docs/running.md)."""

from typing import Any

from django.core.management.base import BaseCommand

from qi_projects import showing


class Command(BaseCommand):
    """Bring what is kept of each measure up to date with the rules of this release."""

    help = "Reckon anew what each measure of a QI project shows, after the rules for it have changed."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say of how many it is something else now."""
        self.stdout.write(f"{showing.keep_all()} measures show something else than what was kept of them.")
