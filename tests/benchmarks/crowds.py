"""A cohort of many people, and what they do at once: book one session, or come to be reminded of many."""

import time
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from cohorts import reminders
from cohorts.models import Booking, Cohort, Component, Membership, Programme, Session
from portal.accounts.models import User
from portal.celery import app
from portal.outbox.models import Message
from tests.benchmarks.client import Request
from tests.benchmarks.people import signed_in, signed_in_at_floor


@dataclass(frozen=True, slots=True)
class Occasion:
    """A session that nobody has booked yet."""

    session_id: int

    def request(self, cookie: str) -> Request:
        """Return the request by which the holder of `cookie` books it."""
        return Request(reverse("book", args=[self.session_id]), cookie, form={})

    def booked(self) -> tuple[int, int, int]:
        """Return its bookings, the people who hold them, and the places that count as taken."""
        held = Booking.objects.filter(session=self.session_id, state=Booking.State.BOOKED)
        people = held.values("user").distinct().count()
        return held.count(), people, Session.objects.get(pk=self.session_id).taken


class Occasions:
    """The people of one cohort, and new sessions for them, each of a component of its own at a time of its own."""

    def __init__(self, people: int, *, name: str = "crowd") -> None:
        """Make the cohort and its people."""
        today = timezone.localdate()
        self._programme = Programme.objects.create(name=name, slug=name, summary="-", audience="-")
        cohort = Cohort.objects.create(
            programme=self._programme,
            number=1,
            name=name,
            starts_on=today,
            ends_on=today + timedelta(days=900),
            places=people,
        )
        self.users = User.objects.bulk_create(
            User(email=f"{name}-{number}@demo.example", name=f"Crowd Person {number}", password="!")
            for number in range(people)
        )
        members = Membership.objects.bulk_create(Membership(user=user, cohort=cohort) for user in self.users)
        self.cohort_id = cohort.pk
        self.first_person, self.first_membership = self.users[0].pk, members[0].pk
        self._made = 0

    def new(self, *, places: int) -> Occasion:
        """Make a session with so many places."""
        self._made += 1
        component = Component.objects.create(
            programme=self._programme,
            position=self._made,
            title=f"Occasion {self._made}",
            slug=f"occasion-{self._made}",
        )
        starts_at = timezone.now() + timedelta(days=20 + self._made)
        session = Session.objects.create(
            component=component,
            cohort_id=self.cohort_id,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2),
            places=places,
        )
        return Occasion(session.pk)


class SignedInCrowd(Occasions):
    """People of whom everybody is signed in, at the portal and at the bare view."""

    def __init__(self, people: int) -> None:
        """Make them and sign them in."""
        super().__init__(people)
        self.cookies = [signed_in(user) for user in self.users]
        self.floor_cookies = [signed_in_at_floor(user) for user in self.users]
        with connection.cursor() as cursor:
            cursor.execute("CREATE SEQUENCE benchmark_person MINVALUE 0 START 0")

    def restart_count(self) -> None:
        """Let pgbench begin with the first person again."""
        with connection.cursor() as cursor:
            cursor.execute("ALTER SEQUENCE benchmark_person RESTART")


BOOK_EVERYBODY = """
INSERT INTO cohorts_booking (uid, user_id, session_id, membership_id, component_id, once, during, state, clashing,
    sequence, cancel_reason, created_at)
SELECT gen_random_uuid(), member.user_id, session.id, member.id, session.component_id, true, session.during, 'booked',
    false, 0, '', now()
FROM cohorts_session session JOIN cohorts_membership member USING (cohort_id) WHERE session.cohort_id = %s
"""

BARE_MESSAGES = """
INSERT INTO outbox_message (rule, subject, person_id, priority, state, skipped, attempts, message_id, last_error)
SELECT 'benchmark.bare', 'booking:' || number || ':0', %s, 2, 'queued', '', 0, gen_random_uuid(), ''
FROM generate_series(1, %s) number
"""


class Reminders:
    """Bookings of which every one is due for a reminder, again and again."""

    def __init__(self, people: int, number: int) -> None:
        """Book each of `people` on so many sessions that there are `number` bookings."""
        occasions = Occasions(people, name="reminded")
        self._number = number
        for _ in range(number // people):
            occasions.new(places=people)
        with connection.cursor() as cursor:
            cursor.execute(BOOK_EVERYBODY, [occasions.cohort_id])
        self._bookings = Booking.objects.filter(membership__cohort=occasions.cohort_id)
        self._person = occasions.first_person
        self._statements = 0

    def write(self) -> float:
        """Make every booking's reminder due, forget earlier ones, sweep; return how many were written a second."""
        Message.objects.all().delete()
        self._bookings.update(next_reminder_at=timezone.now())
        self._statements = 0
        began = time.perf_counter()
        with connection.execute_wrapper(self._count):
            written = reminders.write_due()
        seconds = time.perf_counter() - began
        if written != self._number:
            raise AssertionError(f"{written} reminders were written, not {self._number}.")
        return written / seconds

    def statements_per_thousand(self) -> float:
        """Return how many statements the last sweep made for each thousand reminders."""
        return self._statements / self._number * 1000

    def insert_bare_rows(self) -> float:
        """Insert as many messages by one statement; return how many a second."""
        Message.objects.all().delete()
        began = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(BARE_MESSAGES, [self._person, self._number])
        return self._number / (time.perf_counter() - began)

    def have_sent(self, task: str) -> None:
        """Wake the worker and wait until it has sent everything."""
        app.send_task(task)
        while Message.objects.filter(state=Message.State.QUEUED).exists():
            time.sleep(0.05)
        sent = Message.objects.filter(state=Message.State.SENT).count()
        if sent != self._number:
            raise AssertionError(f"{sent} reminders were sent, not {self._number}.")

    def _count(self, execute, statement, parameters, many, context):
        self._statements += 1
        return execute(statement, parameters, many, context)
