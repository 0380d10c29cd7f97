"""Given one person books two overlapping sessions at the very same moment, one is booked and the other refused."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from cohorts import booking as verbs
from cohorts.models import Booking, Session
from cohorts.refusals import Overlaps
from portal.accounts.models import User
from tests.factories import make_open_session, make_user

TIMES = 20


@pytest.mark.django_db(transaction=True)
def test_two_tabs_of_one_person() -> None:
    """Whether PostgreSQL refuses the second or ends it as a deadlock, the person is told the same."""
    for _ in range(TIMES):
        person, sessions = make_user(), [make_open_session(), make_open_session()]
        both_ready = Barrier(2)

        def book(session: Session, person: User = person, both_ready: Barrier = both_ready) -> str:
            try:
                both_ready.wait()
                verbs.book(person, session.pk)
            except Overlaps:
                return "refused"
            else:
                return "booked"
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as tabs:
            came_of_it = sorted(tabs.map(book, sessions))

        assert came_of_it == ["booked", "refused"]
        assert Booking.objects.filter(user=person, state=Booking.State.BOOKED).count() == 1
