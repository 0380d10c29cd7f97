"""Many people who want the last place of a group session at the same moment: one has it, the others are told."""

from collections import Counter
from functools import partial

import pytest

from referrals import group_booking, vault
from referrals.group_booking import GroupFull
from referrals.models import GroupBooking, GroupSession
from tests.concurrency.at_once import at_once
from tests.referrals.conftest import Team, make_team, team
from tests.referrals.sessions import NAME, REACH, announce, book

__all__ = ["make_team", "team"]  # fixtures
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _light_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("referrals.vault.ARGON2_KIB", 32)


@pytest.fixture
def session(team: Team) -> GroupSession:
    """A session with one place left."""
    found = announce(team, places=3)
    book(found)
    book(found)
    return found


def taken(session: GroupSession) -> int:
    """Return how many places are taken, as PostgreSQL counted them, which is how many bookings there are."""
    session.refresh_from_db()
    assert session.taken == GroupBooking.objects.filter(cancelled_on__isnull=True).count()
    return session.taken


def test_the_last_place_goes_to_one(session: GroupSession) -> None:
    wanting = [partial(group_booking.book, session, code=vault.new_code(), name=NAME, reach=REACH) for _ in range(24)]
    came = Counter(type(answer) for answer in at_once(*wanting))
    assert came == {GroupBooking: 1, GroupFull: 23}
    assert taken(session) == 3


def test_one_code_sent_many_times_at_once_books_once(session: GroupSession) -> None:
    code = vault.new_code()
    sent = at_once(*[partial(group_booking.book, session, code=code, name=NAME, reach=REACH) for _ in range(8)])
    assert len({booking.pk for booking in sent}) == 1
    assert taken(session) == 3


def test_places_given_back_meanwhile_are_counted(session: GroupSession) -> None:
    def come_and_go(*, goes: bool) -> None:
        booking = group_booking.book(session, code=vault.new_code(), name=NAME, reach=REACH)
        if goes:
            group_booking.cancel(booking)

    answers = at_once(*[partial(come_and_go, goes=bool(number % 2)) for number in range(32)])
    assert {type(answer) for answer in answers} <= {type(None), GroupFull}
    assert taken(session) <= 3
