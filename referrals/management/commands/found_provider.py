"""`manage.py found_provider`: the first step towards a provider that takes referrals."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email, validate_slug
from django.db import transaction

from portal import trail
from portal.accounts.models import User
from portal.accounts.people import add_person
from referrals.ceremony import invite_triager
from referrals.models import Provider


class Command(BaseCommand):
    """Make a provider and its lead, who then makes the keys at /queue/keys/."""

    help = "Make a provider of therapy and invite its lead. The lead then makes the keys, at /queue/keys/."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what is asked for."""
        parser.add_argument("slug", help="a short name for the settings, for example: listening")
        parser.add_argument("name", help="the provider's name, as people read it")
        parser.add_argument("lead_email")
        parser.add_argument("lead_name")

    def handle(self, *, slug: str, name: str, lead_email: str, lead_name: str, **_: Any) -> None:
        """Make them, and say what comes next."""
        validate_slug(slug)
        validate_email(lead_email)
        if Provider.objects.filter(slug=slug).exists():
            raise CommandError(f"There is a provider called {slug} already.")
        with transaction.atomic():
            lead = User.objects.of_address(lead_email).first()
            lead = lead or add_person(lead_email, lead_name, added_by=trail.SYSTEM)
            provider = Provider.objects.create(slug=slug, name=name)
            invite_triager(provider, lead_email, lead_name, by=lead, is_lead=True)
        self.stdout.write(
            f"{name} is there. {lead_name} signs in as {lead_email}, sets up a second step, and goes to /queue/keys/. "
            "The form stays closed until the line that is shown there stands in the settings."
        )
