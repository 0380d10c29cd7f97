"""`manage.py attest_referrals`: part of changing SECRET_KEY (docs/running.md)."""

from typing import Any

from django.core.management.base import BaseCommand

from referrals.provenance import attest_anew


class Command(BaseCommand):
    """Mark what is sealed as this portal's own under the present SECRET_KEY."""

    help = "Mark referrals under the present SECRET_KEY, so that the earlier one can be taken away."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say to how many."""
        self.stdout.write(f"{attest_anew()} rows carry a mark under the present key.")
