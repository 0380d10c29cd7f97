"""What must hold of bookings at every moment, whoever did what at once: read from the tables themselves."""

from django.db import connection

from cohorts.models import Booking

# Each statement finds what must not be; its name says what that would be.
NEVER: dict[str, str] = {
    "a session whose count of places is not its bookings'": """
        SELECT session.id FROM cohorts_session AS session
        WHERE taken <> (
            SELECT coalesce(sum(1 + guests), 0) FROM cohorts_booking AS booking
            WHERE booking.session_id = session.id AND state NOT IN ('waiting', 'cancelled')
        )""",
    "a session with more booked than places": "SELECT id FROM cohorts_session WHERE taken > places",
    "a person booked on two sessions at once": """
        SELECT one.id FROM cohorts_booking AS one JOIN cohorts_booking AS other
            ON one.user_id = other.user_id AND one.id < other.id AND one.during && other.during
        WHERE one.state = 'booked' AND other.state = 'booked' AND NOT one.clashing AND NOT other.clashing""",
    "a person booked on two dates of one component": """
        SELECT membership_id FROM cohorts_booking WHERE state = 'booked' AND once AND membership_id IS NOT NULL
        GROUP BY membership_id, component_id HAVING count(*) > 1""",
    "a person with two live bookings of one session": """
        SELECT user_id FROM cohorts_booking WHERE state <> 'cancelled' GROUP BY user_id, session_id
        HAVING count(*) > 1""",
    "a booking with another time or component than its session": """
        SELECT booking.id FROM cohorts_booking AS booking JOIN cohorts_session AS session
            ON session.id = booking.session_id
        WHERE booking.during <> session.during OR booking.component_id <> session.component_id""",
    "places left empty for which somebody waits, with all their guests": """
        SELECT session.id FROM cohorts_session AS session
        WHERE cancelled_at IS NULL AND starts_at > now() AND EXISTS (
            SELECT 1 FROM cohorts_booking AS booking
            WHERE booking.session_id = session.id AND state = 'waiting' AND taken + 1 + guests <= places
        )""",
    "a person overtaken in the queue, who waits without guests": """
        SELECT waiting.id FROM cohorts_booking AS waiting JOIN cohorts_booking AS served
            ON served.session_id = waiting.session_id AND served.queued_at > waiting.queued_at
        WHERE waiting.state = 'waiting' AND waiting.guests = 0 AND EXISTS (
            SELECT 1 FROM outbox_message AS message
            WHERE message.rule IN ('booking.promoted', 'booking.offered')
                AND message.subject LIKE 'booking:' || served.id || ':%'
        )""",
    "a live booking that nobody was told of": """
        SELECT booking.id FROM cohorts_booking AS booking
        WHERE state IN ('booked', 'waiting', 'offered') AND NOT EXISTS (
            SELECT 1 FROM outbox_message AS message
            WHERE message.subject = 'booking:' || booking.id || ':' || booking.sequence
                AND message.person_id = booking.user_id
        )""",
    "a cancelled session with live bookings": """
        SELECT booking.id FROM cohorts_booking AS booking JOIN cohorts_session AS session
            ON session.id = booking.session_id
        WHERE session.cancelled_at IS NOT NULL AND booking.state IN ('booked', 'waiting', 'offered')""",
}


def broken() -> list[str]:
    """Return the names of what must never be and yet is."""
    found = []
    with connection.cursor() as cursor:
        for name, statement in NEVER.items():
            cursor.execute(statement)
            if cursor.fetchall():
                found.append(name)
    return found


def how_many(state: Booking.State) -> int:
    """Return how many bookings are in this state: a run in which nothing happened proves nothing."""
    return Booking.objects.filter(state=state).count()
