"""Private calendar feeds."""

from django.conf import settings
from django.db import models


class CalendarFeed(models.Model):
    """Which version of a person's feed address is good.

    The address is signed, not stored: who reads this table cannot open a feed (`cohorts.calendars`).
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="calendar_feed"
    )
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"The calendar feed of {self.user}"
