"""Given 100 people and 20 places, when all book, cancel, swap and move at once, what must never be never is."""

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from cohorts import booking as verbs
from cohorts import scheduling
from cohorts.models import Booking, Session
from cohorts.refusals import BookingRefused, SessionFull
from portal.accounts.models import User
from tests.cohorts.invariants import broken, how_many
from tests.factories import (
    make_admin,
    make_cohort,
    make_component,
    make_membership,
    make_programme,
    make_session,
    make_user,
)

PEOPLE, PLACES_A_DATE, ROUNDS, AT_ONCE = 100, 10, 100, 16

pytestmark = pytest.mark.django_db(transaction=True)


def act(user: User, dates: list[Session], elsewhere: Session, dice: random.Random) -> str:
    """Do one thing that a person could do now, by this thread's own connection; say what came of it."""
    try:
        live = list(Booking.objects.live().filter(user=user))
        wanted = dice.choice([*dates, elsewhere]).pk
        if live and dice.random() < 0.6:
            held = dice.choice(live)
            if held.state == Booking.State.OFFERED:
                verbs.accept_offer(held, by=user)
                return "accepted"
            if held.state == Booking.State.BOOKED and dice.random() < 0.5:
                verbs.swap(held, wanted, by=user)
                return "swapped"
            verbs.cancel(held, by=user)
            return "cancelled"
        try:
            verbs.book(user, wanted)
        except SessionFull:
            verbs.join_waiting_list(user, wanted)
            return "waited"
    except BookingRefused as refusal:
        return type(refusal).__name__
    else:
        return "booked"


def rearrange(session: Session, admin: User, dice: random.Random) -> str:
    """Move a session by some hours or days, or change its places, as the programme team does meanwhile."""
    try:
        session = Session.objects.get(pk=session.pk)
        if dice.random() < 0.5:
            start = timezone.now() + timedelta(days=20, hours=dice.randrange(-48, 48))
            scheduling.move(session, start, start + timedelta(hours=3), by=admin)
            return "moved"
        scheduling.change_places(session, PLACES_A_DATE + dice.randrange(-3, 3), by=admin)
    except ValidationError:
        return "kept"
    else:
        return "resized"


@contextmanager
def web_server() -> Iterator[ThreadPoolExecutor]:
    """Give threads of which each keeps one connection, as a web server's do, and closes it at the end."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            yield pool
        finally:
            all_are_here = Barrier(AT_ONCE)  # so that none closes twice, and another never

            def let_go(_: int) -> None:
                all_are_here.wait()
                connection.close()

            list(pool.map(let_go, range(AT_ONCE)))


def test_nothing_that_must_never_be_in_a_hundred_rounds() -> None:
    """Each round lets everybody act once, 16 at a time, then reads the tables."""
    programme = make_programme()
    cohort = make_cohort(programme, places=PEOPLE)
    component = make_component(programme)
    dates = [make_session(component, cohort=cohort, places=PLACES_A_DATE, days=20 + n) for n in range(2)]
    # An open session at the same hour as the first date: overlaps happen.
    series = make_programme(shape="series")
    elsewhere = make_session(make_component(series), places=PLACES_A_DATE, days=20)
    people = [make_user() for _ in range(PEOPLE)]
    for person in people:
        make_membership(person, cohort)

    admin = make_admin()

    came_of_it: Counter[str] = Counter()
    dice = random.Random(20261122)
    with web_server() as pool:
        for number in range(ROUNDS):
            seeds = [random.Random(dice.random()) for _ in people]
            changes = [
                pool.submit(rearrange, session, admin, random.Random(dice.random())) for session in (*dates, elsewhere)
            ]
            came_of_it.update(pool.map(lambda p, s: act(p, dates, elsewhere, s), people, seeds))
            came_of_it.update(change.result() for change in changes)
            assert broken() == [], f"in round {number + 1}"

    assert how_many(Booking.State.BOOKED) > 0
    # Each way of acting, and each refusal that a race can end in, has come up.
    assert {
        "moved",
        "resized",
        "booked",
        "waited",
        "cancelled",
        "swapped",
        "accepted",
        "AnotherDateBooked",
        "Overlaps",
    } <= set(came_of_it)
