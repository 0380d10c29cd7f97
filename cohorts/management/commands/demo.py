"""`manage.py demo`: the demonstration's data, and on request generated data at any size."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cohorts.demo.bulk import CannotGenerate, generate
from cohorts.demo.story import tell


class Command(BaseCommand):
    """Make the demonstration's people, programmes and bookings; a second run makes only what time has made missing."""

    help = (
        "Make the demonstration's people, programmes and bookings, or bring them up to today. With --people and "
        "--bookings, add that much generated data besides, for load tests. Refused in production."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what can be asked for."""
        parser.add_argument("--people", type=int, metavar="N", help="generate this many people")
        parser.add_argument("--bookings", type=int, metavar="M", help="generate this many bookings for them")

    def handle(self, *, people: int | None, bookings: int | None, **_: Any) -> None:
        """Make the data and say what was made."""
        if settings.PRODUCTION:
            raise CommandError("Demonstration data is not made in production.")
        if (people is None) != (bookings is None):
            raise CommandError("Give --people and --bookings together.")
        made = tell()
        self.stdout.write(
            f"Demonstration: {made.people} people, {made.cohorts} cohorts, {made.sessions} sessions and "
            f"{made.bookings} bookings added."
        )
        if people is not None and bookings is not None:
            self._generate(people, bookings)

    def _generate(self, people: int, bookings: int) -> None:
        started = time.monotonic()
        try:
            counts = generate(people=people, bookings=bookings)
        except CannotGenerate as refusal:
            raise CommandError(str(refusal)) from refusal
        rows = ", ".join(f"{number:,} {name}" for name, number in counts.items())
        self.stdout.write(f"Generated in {time.monotonic() - started:.0f} seconds: {rows}.")
