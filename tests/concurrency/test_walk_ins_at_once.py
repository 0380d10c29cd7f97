"""Somebody is put on a register while they move between that date and another: nobody waits in a circle."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from cohorts import booking as verbs
from cohorts import register
from cohorts.models import Booking, Session
from cohorts.refusals import NoLongerYours
from tests.cohorts.invariants import broken
from tests.concurrency.at_once import at_once
from tests.factories import (
    fill,
    make_booking,
    make_cohort,
    make_component,
    make_membership,
    make_session,
    make_user,
    make_waiting,
)

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 25
State = Booking.State


def deadlocks() -> int:
    """Return how many deadlocks PostgreSQL has ended in this database: a verb that is done again shows none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        (number,) = cursor.fetchone()
    return int(number)


def two_dates(*, tonight_is_older: bool) -> tuple[Session, Session]:
    """Make two dates of a component: one whose register is open and that has not begun, and a later one."""
    cohort = make_cohort(places=1000)
    component = make_component(cohort.programme)
    first, second = (make_session(component, cohort, days=days, places=100) for days in (20, 30))
    tonight, later = (first, second) if tonight_is_older else (second, first)
    starts_at = timezone.now() + timedelta(minutes=30)
    tonight.starts_at, tonight.ends_at = starts_at, starts_at + timedelta(hours=2)
    tonight.save(update_fields=["starts_at", "ends_at"])
    return tonight, later


@pytest.mark.parametrize("tonight_is_older", [True, False])
@pytest.mark.parametrize("comes_from_later", [True, False])
def test_who_comes_while_they_swap_is_on_the_register_and_has_no_other_date(
    *, tonight_is_older: bool, comes_from_later: bool
) -> None:
    tonight, later = two_dates(tonight_is_older=tonight_is_older)
    facilitator, before = make_user(), deadlocks()
    for _ in range(ROUNDS):
        person = make_membership(cohort=tonight.cohort).user
        held = make_booking(person, later if comes_from_later else tonight)
        wanted = tonight if comes_from_later else later

        came, swapped = at_once(
            partial(register.add_walk_in, tonight, person, by=facilitator),
            partial(verbs.swap, held, wanted.pk, by=person),
        )

        assert isinstance(came, Booking), came
        assert isinstance(swapped, Booking | NoLongerYours), swapped
        (stands,) = person.bookings.exclude(state=State.CANCELLED)
        assert (stands.session, stands.state) == (tonight, State.ATTENDED)
    assert broken() == []
    assert deadlocks() == before


def test_the_place_that_they_give_up_is_passed_on_once_while_somebody_else_swaps_to_that_date() -> None:
    tonight, later = two_dates(tonight_is_older=False)
    facilitator, before = make_user(), deadlocks()
    for _ in range(ROUNDS):
        later.places = later.taken + 2
        later.save(update_fields=["places"])
        comes, swaps = (make_membership(cohort=tonight.cohort).user for _ in range(2))
        make_booking(comes, later)
        held = make_booking(swaps, tonight)
        fill(later)
        waiting = make_waiting(make_user(), later)

        came, _ = at_once(
            partial(register.add_walk_in, tonight, comes, by=facilitator),
            partial(verbs.swap, held, later.pk, by=swaps),
        )

        assert isinstance(came, Booking), came
        waiting.refresh_from_db()
        assert waiting.state == State.BOOKED
        later.refresh_from_db()
    assert broken() == []
    assert deadlocks() == before
