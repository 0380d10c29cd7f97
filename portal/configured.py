"""A start on settings that do not suffice ends here, with the sentence that says what to do and no traceback."""

import sys

import django
from django.core.exceptions import ImproperlyConfigured


def stop_on_gap() -> None:
    """Load the settings, and the apps that know what may be set.

    What is missing or unfit is said on standard error, and the process exits with 1.
    """
    try:
        django.setup()
    except ImproperlyConfigured as gap:
        sys.exit(str(gap))
