"""Given somebody books just what a session is being moved onto, the move looks again and marks the clash."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from cohorts import booking as verbs
from cohorts import scheduling
from cohorts.models import Booking, Session
from portal.accounts.models import User
from tests.cohorts.invariants import broken
from tests.factories import make_admin, make_booking, make_membership, make_session


def book_elsewhere(user: User, session: Session) -> Booking:
    """Book by a connection of one's own, as another web process does."""
    try:
        return verbs.book(user, session.pk)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_booking_made_while_its_session_is_moved_onto_it(monkeypatch: pytest.MonkeyPatch) -> None:
    member = make_membership()
    moved = make_session(cohort=member.cohort, days=14)
    booking = make_booking(member.user, moved)
    in_its_way = make_session(cohort=member.cohort, days=20)
    look = scheduling.whom_a_move_affects
    looks = []

    def look_just_before_they_book(*args):
        affected = list(look(*args))
        looks.append(affected)
        if len(looks) == 1:
            with ThreadPoolExecutor(1) as elsewhere:
                elsewhere.submit(book_elsewhere, member.user, in_its_way).result()
        return affected

    monkeypatch.setattr(scheduling, "whom_a_move_affects", look_just_before_they_book)
    later = timedelta(days=6)
    scheduling.move(moved, moved.starts_at + later, moved.ends_at + later, by=make_admin())

    booking.refresh_from_db()
    assert [affected[0].would_clash for affected in looks] == [False, True]
    assert (booking.state, booking.clashing) == (Booking.State.BOOKED, True)
    assert broken() == []
