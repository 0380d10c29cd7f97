"""A start on settings that do not suffice ends here, with the sentence that says what to do and no traceback."""

import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def stop_on_gap() -> None:
    """Load the settings. What is missing or unfit is said on standard error, and the process exits with 1."""
    try:
        settings.INSTALLED_APPS  # noqa: B018  # the first look at a setting loads them all
    except ImproperlyConfigured as gap:
        sys.exit(str(gap))
