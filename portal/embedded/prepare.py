"""Bring the database up to date and put the demonstration into it, in one process: loading Django takes a second."""

import django
from django.core.management import call_command


def main() -> None:
    """Bring the database up to date as a release does, then make what is missing of the demonstration."""
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("reckon_measures")
    call_command("demo")
    call_command("demo_book_clubs")
    call_command("demo_projects")
    call_command("demo_referrals")


if __name__ == "__main__":
    main()
