"""Time passes: since nobody can wait for a session, all that is to come moves nearer instead."""

from datetime import datetime
from typing import Any

from celery import current_app
from django.db import connection, transaction
from django.utils import timezone

MOVE_SESSIONS = """
UPDATE cohorts_session
SET starts_at = starts_at - %(by)s, ends_at = ends_at - %(by)s,
    booking_opens_at = booking_opens_at - %(by)s, booking_closes_at = booking_closes_at - %(by)s
"""
MOVE_BOOKINGS = """
UPDATE cohorts_booking
SET next_reminder_at = next_reminder_at - %(by)s, offer_expires_at = offer_expires_at - %(by)s,
    queued_at = queued_at - %(by)s, created_at = created_at - %(by)s
"""
# Of a cohort days are kept: those on which it starts and ends, and takes applications and nominations of champions.
MOVE_COHORTS = """
UPDATE cohorts_cohort
SET starts_on = starts_on - %(days)s, ends_on = ends_on - %(days)s,
    opens_on = opens_on - %(days)s, closes_on = closes_on - %(days)s,
    champion_opens_on = champion_opens_on - %(days)s, champion_closes_on = champion_closes_on - %(days)s
"""
MOVE_OFFERS_OF_PLACES = "UPDATE cohorts_membership SET offer_expires_at = offer_expires_at - %(by)s"


def time_passes_until(moment: datetime) -> None:
    """Let it be `moment`: cohorts, sessions, reminders and offers come nearer."""
    by: Any = moment - timezone.now()
    days: Any = (timezone.localdate(moment) - timezone.localdate()).days
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(MOVE_COHORTS, {"days": days})
        cursor.execute(MOVE_OFFERS_OF_PLACES, {"by": by})
        cursor.execute(MOVE_SESSIONS, {"by": by})
        cursor.execute(MOVE_BOOKINGS, {"by": by})


def beat_ticks(task: str) -> None:
    """Have the worker do what beat asks of it at each tick."""
    current_app.send_task(task)
