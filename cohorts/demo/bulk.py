"""Generated data at any size, by COPY, with every constraint and trigger of the database at work.

People are put in groups of 40. Each group goes through generated programmes one after another, the first ones years
ago, the last one now. Each component of a programme has two dates for a group, and half of the group takes each. Some
people have also cancelled the other date; some dates to come are full, with people of the other half waiting.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import count, islice
from typing import Any
from uuid import uuid4

from django.contrib.auth.hashers import make_password
from django.db import connection, models, transaction
from django.db.models import Max
from django.utils import timezone
from psycopg import sql

from cohorts.demo.people import job_role, organisations
from cohorts.demo.plans import Day, at, monday_of
from cohorts.models import Booking, Cohort, Component, Facilitator, Membership, Programme, Session
from cohorts.reminders import next_reminder
from portal.accounts.demo_people import DEMO_DOMAIN
from portal.accounts.models import User

GROUP = 40
COMPONENTS = 10
SPARE_PLACES = 2
# Each facilitator leads the sessions of so many groups.
GROUPS_LED = 5
WEEKS_BETWEEN_PROGRAMMES = 30
# More would reach back further than any calendar.
MOST_BOOKINGS_EACH = 200

State = Booking.State


class CannotGenerate(ValueError):
    """The sizes asked for cannot be made. `str()` says what to ask for instead."""


@dataclass(frozen=True, slots=True)
class Member:
    """A generated person in one cohort."""

    id: int
    user_id: int


@dataclass(frozen=True, slots=True)
class Date:
    """One generated session; half of a group takes it."""

    id: int
    cohort_id: int
    component_id: int
    starts_at: datetime
    takers: Sequence[Member]
    waiting: Sequence[Member]

    @property
    def ends_at(self) -> datetime:
        """Return when it ends."""
        return self.starts_at + timedelta(hours=2)

    @property
    def places(self) -> int:
        """Return how many places it has: none to spare where people wait."""
        return len(self.takers) + (0 if self.waiting else SPARE_PLACES)


def generate(*, people: int, bookings: int) -> dict[str, int]:
    """Add `people` people with `bookings` bookings between them, and return how many rows of each kind were made.

    Raises CannotGenerate for sizes that do not go together, and RuntimeError if places do not add up at the end.
    """
    made = _generate(people, bookings)
    if not connection.in_atomic_block:
        _execute(WITHOUT_DEAD_ROWS, [])
    return made


@transaction.atomic
def _generate(people: int, bookings: int) -> dict[str, int]:
    if people < 2 or not 0 < bookings <= people * MOST_BOOKINGS_EACH:
        raise CannotGenerate(f"Ask for at least 2 people, and for 1 to {MOST_BOOKINGS_EACH} bookings for each of them.")
    first_booking = (Booking.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    user_ids = _add_people(people)
    groups = [user_ids[start : start + GROUP] for start in range(0, people, GROUP)]
    leaders = _add_facilitators(-(-len(groups) // GROUPS_LED))
    rounds = -(-bookings // (people * COMPONENTS))
    dates: list[Date] = []
    for number in range(rounds):
        weeks_ago = WEEKS_BETWEEN_PROGRAMMES * (rounds - 1 - number)
        dates += _add_cohorts(_programme(number + 1), groups, leaders, weeks_ago)
    _copy(
        Booking,
        "user_id session_id membership_id component_id once during state clashing queued_at next_reminder_at "
        "sequence cancel_reason created_at uid",
        islice(_bookings(dates), bookings),
    )
    made = {
        "people": people,
        "cohorts": len(groups) * rounds,
        "sessions": len(dates),
        "bookings": bookings,
        "pieces of evidence": _execute(EVIDENCE, [first_booking]),
        "messages": _execute(MESSAGES, [first_booking]),
    }
    if _execute(MISCOUNTED, []):
        raise RuntimeError("The places taken on a session are not those of its bookings.")
    _execute("ANALYZE", [])
    return made


# Who attended has evidence; the portal itself records it.
EVIDENCE = """
INSERT INTO cohorts_evidence (membership_id, component_id, kind, fulfilled_on, booking_id, recorded_at)
SELECT membership_id, component_id, 'attendance', (lower(during) AT TIME ZONE 'Europe/London')::date, id, upper(during)
FROM cohorts_booking WHERE id >= %s AND state = 'attended'
"""

# One booking in ten has had its letter.
MESSAGES = """
INSERT INTO outbox_message (rule, subject, person_id, priority, state, skipped, attempts, created_at, next_attempt_at,
    sent_at, message_id, last_error)
SELECT 'booking.booked', 'booking:' || id || ':0', user_id, 1, 'sent', '', 1, created_at, created_at,
    created_at, gen_random_uuid(), ''
FROM cohorts_booking WHERE id >= %s AND id %% 10 = 0 AND state <> 'waiting'
"""

MISCOUNTED = """
SELECT session.id FROM cohorts_session session
WHERE taken <> (SELECT coalesce(sum(1 + guests), 0) FROM cohorts_booking booking
                WHERE booking.session_id = session.id AND state NOT IN ('waiting', 'cancelled'))
"""


# Each booking is counted on its session's row, which leaves a dead row behind. In a portal that grows booking by
# booking PostgreSQL clears those away as it goes. Those of one transaction it cannot, and sessions would lie 20 times
# as far apart as they do elsewhere.
WITHOUT_DEAD_ROWS = "VACUUM (FULL, ANALYZE) cohorts_session"


def _add_people(number: int) -> list[int]:
    trusts = organisations()
    role = job_role("Midwife")
    ids = _reserve(User, number)
    unusable, now = make_password(None), timezone.now()
    _copy(
        User,
        "id email name organisation_id job_role_id password is_active is_staff is_superuser date_joined",
        (
            (pk, f"generated-{pk}@{DEMO_DOMAIN}", f"Generated Person {pk}", trusts[pk % len(trusts)].pk, role.pk,
             unusable, True, False, False, now)
            for pk in ids
        ),
    )  # fmt: skip
    return ids


def _add_facilitators(number: int) -> list[int]:
    ids = _reserve(Facilitator, number)
    _copy(Facilitator, "id name biography", ((pk, f"Generated Facilitator {pk}", "") for pk in ids))
    return ids


def _programme(number: int) -> Programme:
    """Return generated programme `number`, made with its components if it is missing."""
    programme, is_new = Programme.objects.get_or_create(
        slug=f"generated-{number}",
        defaults={
            "name": f"Generated programme {number}",
            "summary": "Made by a program, for load tests.",
            "description": "Made by a program, for load tests.",
            "audience": "Generated people.",
        },
    )
    if is_new:
        Component.objects.bulk_create(
            Component(programme=programme, position=place, title=f"Generated component {place}", slug=f"part-{place}")
            for place in range(1, COMPONENTS + 1)
        )
    return programme


def _add_cohorts(programme: Programme, groups: list[list[int]], leaders: list[int], weeks_ago: int) -> list[Date]:
    """Make a cohort of `programme` for each group, with its members and dates, and return the dates."""
    last = Cohort.objects.filter(programme=programme).aggregate(last=Max("number"))["last"] or 0
    this_monday = monday_of(timezone.localdate())
    now = timezone.now()
    components = list(programme.components.order_by("position").values_list("pk", flat=True))
    cohort_ids = _reserve(Cohort, len(groups))
    member_ids = iter(_reserve(Membership, sum(map(len, groups))))
    session_ids = iter(_reserve(Session, len(groups) * len(components) * 2))
    cohorts, memberships, dates, led = [], [], [], []
    for index, (cohort_id, group) in enumerate(zip(cohort_ids, groups, strict=True)):
        # Groups begin in different weeks, so that at any time some are at their start and some at their end.
        monday = this_monday - timedelta(weeks=weeks_ago + index * 7 % WEEKS_BETWEEN_PROGRAMMES)
        number = last + index + 1
        ends_on = monday + timedelta(weeks=2 * COMPONENTS)
        cohorts.append((cohort_id, programme.pk, number, f"{programme.name}, cohort {number}", monday, ends_on, GROUP))
        members = [Member(next(member_ids), user_id) for user_id in group]
        memberships += [(m.id, m.user_id, cohort_id, Membership.State.ENROLLED, now) for m in members]
        halves = (members[::2], members[1::2])
        for place, component_id in enumerate(components):
            for half, takers in enumerate(halves):
                starts_at = at(monday, 2 * place + half, Day(index % 5), time(9 + index % 7))
                full = starts_at > now and (index + place + half) % 5 == 0
                waiting = halves[1 - half][:3] if full else ()
                dates.append(Date(next(session_ids), cohort_id, component_id, starts_at, takers, waiting))
                led.append((dates[-1].id, leaders[index // GROUPS_LED]))
    _copy(Cohort, "id programme_id number name starts_on ends_on places", cohorts)
    _copy(Membership, "id user_id cohort_id state since", memberships)
    _copy(
        Session,
        "id component_id cohort_id starts_at ends_at format join_link what_to_bring places taken sequence "
        "cancel_reason",
        (
            (d.id, d.component_id, d.cohort_id, d.starts_at, d.ends_at, Session.Format.ONLINE,
             "https://meet.example/generated", "", d.places, 0, 0, "")
            for d in dates
        ),
    )  # fmt: skip
    _copy(Session.facilitators.through, "session_id facilitator_id", led)
    return dates


def _bookings(dates: Iterable[Date]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of every booking of `dates`."""
    now, numbers = timezone.now(), count(1)
    for date in dates:
        yield from _bookings_of(date, numbers, now)


def _bookings_of(date: Date, numbers: Iterator[int], now: datetime) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of one date: those who take it, some of whom had cancelled before, then those who wait."""
    during = f"[{date.starts_at.isoformat()},{date.ends_at.isoformat()})"
    made_at = min(now, date.starts_at - timedelta(days=40))
    reminder = next_reminder(date.starts_at, after=now)

    def row(member: Member, state: State) -> tuple[Any, ...]:
        queued_at = made_at if state == State.WAITING else None
        reminded = reminder if state == State.BOOKED else None
        return (
            member.user_id, date.id, member.id, date.component_id, True, during, state, False,
            queued_at, reminded, 0, "", made_at, uuid4(),
        )  # fmt: skip

    for member, number in zip(date.takers, numbers, strict=False):
        yield row(member, _outcome(number) if date.ends_at < now else State.BOOKED)
        if number % 20 == 0:
            yield row(member, State.CANCELLED)
    for member in date.waiting:
        yield row(member, State.WAITING)


def _outcome(number: int) -> State:
    if number % 12 == 0:
        return State.DID_NOT_ATTEND
    return State.APOLOGIES if number % 15 == 0 else State.ATTENDED


def _reserve(model: type[models.Model], number: int) -> list[int]:
    """Take `number` ids from the table's own sequence."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, number],
        )
        return [pk for (pk,) in cursor.fetchall()]


def _copy(model: type[models.Model], columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """COPY `rows` into the model's table; `columns` names theirs, in order."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, columns.split()))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _execute(statement: str, parameters: list[Any]) -> int:
    """Run a statement and return how many rows it concerned."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)
