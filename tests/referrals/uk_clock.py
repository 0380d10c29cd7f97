"""The clock on the wall in the UK, for tests that let days pass."""

from datetime import datetime
from typing import Any
from unittest.mock import patch

from portal.nhsuk.dates import UK


def at(moment: str) -> Any:
    """Let it be a moment in the UK: "2026-02-03 09:00"."""
    return patch("django.utils.timezone.now", return_value=datetime.fromisoformat(moment).replace(tzinfo=UK))
