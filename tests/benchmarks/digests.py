"""`bookclub.digests` and `growth.bookclub_digests`: the digests of one morning, written in one sweep.

In each cohort of 25 somebody has posted in two threads, and another, who leads its meetings, has replied: 25 letters.
"""

import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from statistics import median
from typing import Final

from django.db import connection
from django.utils import timezone

from bookclub import digesting
from bookclub.models import Digest, Post, Thread
from bookclub.thread_words import TEXT
from cohorts.models import Cohort, Component, Facilitator, Membership, Programme, Session
from portal.accounts.models import Role, User
from portal.outbox.models import Message
from tests.benchmarks.effort import Effort
from tests.benchmarks.result import Floor, Result
from tests.benchmarks.stack import Stack

PEOPLE: Final = 25
FEW: Final = 40
"""So many cohorts: 1,000 letters."""
MANY: Final = 400
THREADS: Final = 2
REPLIES: Final = 4


def measure(stack: Stack, effort: Effort) -> Iterator[Result]:
    """Yield how many digests are written a second, and how one becomes dearer with their number."""
    mornings = Mornings()
    seconds = {}
    for cohorts in (FEW, MANY):
        mornings.grow(cohorts)
        mornings.sweep()
        seconds[cohorts] = median(mornings.sweep() for _ in range(effort.runs))
    letters = MANY * PEOPLE
    batches = MANY / digesting.BATCH
    more = {
        "digests": letters,
        "cohorts": MANY,
        "posts": MANY * THREADS * (1 + REPLIES),
        # The last of all finds that nothing is left.
        "statements_per_batch": (mornings.statements - 1) / batches,
        "seconds": seconds[MANY],
    }
    yield Result("bookclub.digests", letters / seconds[MANY], "digests/s", None, more)
    few, many = (1000 * seconds[cohorts] / (cohorts * PEOPLE) for cohorts in (FEW, MANY))
    beside = Floor(f"the same at {FEW * PEOPLE:,} digests, ms", few)
    yield Result("growth.bookclub_digests", many, "ms a digest", beside, {"digests": letters})


class Mornings:
    """Cohorts in whose threads all posts are new, again and again."""

    def __init__(self) -> None:
        """Make the programme, and who leads all its meetings."""
        made = {"summary": "-", "audience": "-"}
        self._programme = Programme.objects.create(name="Digests", slug="digests", **made)
        self._component = Component.objects.create(
            programme=self._programme, position=1, title="Meeting", slug="meeting", kind=Component.Kind.BOOK_CLUB
        )
        self._leads = User.objects.create(email="digests-leads@demo.example", name="Who Leads", password="!")
        Role.objects.create(user=self._leads, kind=Role.Kind.FACILITATOR)
        self._facilitator = Facilitator.objects.create(user=self._leads, name=self._leads.name, biography="-")
        self._made = 0
        self.statements = 0
        digesting.write_due(now=_morning())  # what others posted before is not what the sweep is to find

    def grow(self, cohorts: int) -> None:
        """Make what is missing to so many cohorts."""
        sealed, today = TEXT.seal("I read chapter 2 on the way home."), timezone.localdate()
        for number in range(self._made + 1, cohorts + 1):
            self._add(number, sealed, today)
        self._made = cohorts
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")

    def sweep(self) -> float:
        """Let nobody have been told of anything, and write the digests; return in how many seconds."""
        Message.objects.all().delete()
        Post.objects.filter(thread__cohort__programme=self._programme).update(digest=None)
        Digest.objects.filter(cohort__programme=self._programme).delete()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE bookclub_post, bookclub_digest, outbox_message")
        self.statements = 0
        morning = _morning()
        began = time.perf_counter()
        with connection.execute_wrapper(self._count):
            written = digesting.write_due(now=morning)
        seconds = time.perf_counter() - began
        if written != self._made * PEOPLE:
            raise AssertionError(f"{written} digests were written, not {self._made * PEOPLE}.")
        return seconds

    def _add(self, number: int, sealed: bytes, today: date) -> None:
        """Make a cohort, whose first member posts, and to whom whoever leads the meetings replies."""
        cohort = Cohort.objects.create(
            programme=self._programme,
            number=number,
            name=f"Digests {number}",
            starts_on=today,
            ends_on=today + timedelta(days=90),
            places=PEOPLE,
        )
        users = User.objects.bulk_create(
            User(email=f"digests-{number}-{each}@demo.example", name=f"Person {each}", password="!")
            for each in range(PEOPLE - 1)
        )
        Membership.objects.bulk_create(Membership(user=user, cohort=cohort) for user in users)
        for place in range(THREADS):
            # Nobody leads two meetings at once.
            starts_at = timezone.now() + timedelta(days=1, hours=2 * (number * THREADS + place))
            meeting = Session.objects.create(
                component=self._component,
                cohort=cohort,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(hours=1),
                places=PEOPLE,
            )
            meeting.facilitators.add(self._facilitator)
            thread = Thread.objects.create(meeting=meeting, cohort=cohort)
            first = Post.objects.create(thread=thread, author=users[0], sealed=sealed)
            Post.objects.bulk_create(
                Post(thread=thread, reply_to=first, author=self._leads, sealed=sealed) for _ in range(REPLIES)
            )

    def _count(self, execute, statement, parameters, many, context):
        self.statements += 1
        return execute(statement, parameters, many, context)


def _morning() -> datetime:
    return timezone.localtime().replace(hour=digesting.MORNING)
