"""Somebody comes to a group session without an account, and the team that leads it knows who comes."""

from collections.abc import Callable

import pytest

from referrals.models import GroupBooking
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.referrals.conftest import PASSPHRASE, Team
from tests.referrals.sessions import LINK, announce

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])
def test_a_place_is_booked_joined_and_given_back(
    somebody: Callable[[Hand], Person], provider_team: Team, hand: Hand
) -> None:
    # Given a session tomorrow, and somebody who is not signed in
    announce(provider_team, days=1, theme="Names")
    midwife, triager = somebody(hand), somebody(Mouse())

    # When they book a place
    midwife.opens("/referrals/new/", "Confidential support")
    midwife.follows("Group sessions", "Group sessions", nth=0)
    midwife.follows("Book a place", "Book a place")
    midwife.presses("Book the place", "Book a place")
    midwife.is_told_what_to_put_right("Enter a name that we may use")
    midwife.types("What name should we use?", "Amina")
    midwife.types("How is it safe to reach you?", "amina@post.example")
    midwife.presses("Book the place", "Your place is booked")
    code = midwife.page.locator(".portal-codes").inner_text()

    # And who leads the session gives out the link
    triager.is_signed_in_with_a_second_step(provider_team.triager.user)
    triager.opens("/queue/groups/", "Unlock the queue")
    triager.types("Your passphrase", PASSPHRASE)
    triager.presses("Unlock", "Group sessions")
    triager.page.locator("main table a").first.click()
    triager.arrives_at("Names")
    triager.sees("Amina", "amina@post.example")
    triager.presses("Give the link to everybody booked", "Names")

    # Then the code opens the way in, and gives the place back
    midwife.follows("Group sessions", "Group sessions")
    midwife.follows("I have booked", "Your booking")
    midwife.types("Your receipt code", code)
    midwife.presses("Continue", "Your booking")
    assert midwife.page.get_by_role("link", name="Join the session").get_attribute("href") == LINK
    midwife.presses("Cancel the booking", "Do you want to cancel?")
    midwife.presses("Cancel the booking", "Your booking is cancelled")
    assert bytes(GroupBooking.objects.get().sealed) == b""
