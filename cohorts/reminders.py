"""When a booked person is reminded: 7 days and 1 day before, at the session's own UK clock time.

Each booking carries the time of its next reminder, so that what is due is read off one small index, a late booker
has no stale one, and a session that moves takes its reminders along.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from portal import outbox

DAYS_BEFORE = (7, 1)
BATCH = 1000


def next_reminder(starts_at: datetime, *, after: datetime) -> datetime | None:
    """Return the first reminder of a session that comes later than `after`, or None when none is left.

    Days are counted on the UK clock: the reminder of a 9.30am session comes at 9.30am, also across a clock change.
    """
    days = reminders_to_come(starts_at, after=after)
    return timezone.localtime(starts_at) - timedelta(days=days[0]) if days else None


def reminders_to_come(starts_at: datetime, *, after: datetime) -> list[int]:
    """Return how many days before a session each of its reminders comes that is later than `after`, the next first."""
    start = timezone.localtime(starts_at)
    return [days for days in DAYS_BEFORE if start - timedelta(days=days) > after]


# Whoever is due is claimed and moved on to the next reminder in one statement. What is overdue by an outage says only
# what is still true: the day before wins over the week before, and a session that has begun is past reminding.
CLAIM_DUE = """
WITH due AS (
    SELECT id, lower(during) AS starts_at,
           (lower(during) AT TIME ZONE 'Europe/London' - interval '1 day') AT TIME ZONE 'Europe/London' AS last_call
    FROM cohorts_booking
    WHERE next_reminder_at <= %(now)s
    ORDER BY next_reminder_at
    LIMIT %(batch)s
    FOR UPDATE SKIP LOCKED
)
UPDATE cohorts_booking AS booking
SET next_reminder_at = CASE WHEN due.last_call > %(now)s THEN due.last_call END
FROM due
WHERE booking.id = due.id
RETURNING booking.id, booking.user_id, booking.sequence, due.starts_at > %(now)s, due.last_call > %(now)s
"""


def write_due() -> int:
    """Write every reminder that is due to the outbox, in batches of constant cost; return how many were written."""
    written = 0
    while True:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(CLAIM_DUE, {"now": timezone.now(), "batch": BATCH})
                due = cursor.fetchall()
            for days in DAYS_BEFORE:
                rows = [
                    (f"booking:{pk}:{sequence}", user_id)
                    for pk, user_id, sequence, still_to_come, a_week_before in due
                    if still_to_come and a_week_before == (days == DAYS_BEFORE[0])
                ]
                if rows:
                    written += outbox.write_many(f"booking.reminder_{days}", rows)
        if len(due) < BATCH:
            return written
