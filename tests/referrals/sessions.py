"""What tests of group sessions share: a session that is announced, and a booking."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from referrals import group_booking, groups, vault
from referrals.models import GroupBooking, GroupSession, Triager
from tests.referrals.conftest import Team

LINK = "https://meeting.example/room-of-calm"
NAME, REACH = "Canary Guest", "canary@post.example"


def announce(team: Team, *, days: float = 10, facilitators: Sequence[Triager] = (), **planned: Any) -> GroupSession:
    """Announce a session, which the triager leads unless it is said otherwise."""
    given: dict[str, Any] = {
        "theme": "Names and what is made of them",
        "starts_at": timezone.now() + timedelta(days=days),
        "places": 3,
        "link": LINK,
        "facilitators": facilitators or [team.triager],
    }
    session = groups.plan(team.unlocked(team.lead), groups.Plan(**given | planned))
    return GroupSession.objects.select_related("provider", "epoch").get(pk=session.pk)


def book(session: GroupSession, name: str = NAME) -> tuple[str, GroupBooking]:
    """Book a place; return the receipt's code with it."""
    code = vault.new_code()
    group_booking.book(session, code=code, name=name, reach=REACH)
    found = group_booking.find(code)
    assert found
    return code, found
