"""An open queue that somebody walks away from, and the page that somebody has to leave at once."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from referrals.models import Referral, Section, Unlock, Unsent
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.referrals.conftest import PASSPHRASE, Team, act_on, submit_to

pytestmark = pytest.mark.browser
HANDS = pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])
HALF = "She said that she"


@pytest.fixture
def referral(provider_team: Team) -> Referral:
    return submit_to(provider_team, "Demo Person")


def opens_the_queue(triager: Person, team: Team) -> None:
    """Sign in, and unlock; time in this browser passes when it is told to."""
    triager.is_signed_in_with_a_second_step(team.triager.user)
    triager.page.clock.install()
    triager.opens("/queue/", "Unlock the queue")
    triager.types("Your passphrase", PASSPHRASE)
    triager.presses("Unlock", "The queue")


@HANDS
def test_a_queue_that_is_left_clears_its_page_and_keeps_what_was_being_typed(
    somebody: Callable[[Hand], Person], provider_team: Team, referral: Referral, hand: Hand
) -> None:
    # Given a triager in the middle of a sentence, who is called away
    triager = somebody(hand)
    opens_the_queue(triager, provider_team)
    triager.opens(act_on(referral, "note"), "Add a note")
    triager.types("What do you want to note?", HALF)

    # When nobody comes back for a quarter of an hour
    triager.page.clock.run_for("14:10")
    triager.sees("The queue locks in a minute")
    triager.page.clock.run_for("01:00")

    # Then the page is gone, and once they have unlocked they find the sentence
    triager.arrives_at("Unlock the queue")
    triager.types("Your passphrase", PASSPHRASE)
    triager.presses("Unlock", "What you were writing when the queue locked")
    triager.sees(HALF)
    triager.presses("Put it back in the form", "Add a note")
    assert not Section.objects.filter(kind=Section.Kind.NOTE).exists()
    triager.presses("Add a note", "Demo Person")
    triager.sees(HALF)
    assert not Unsent.objects.exists()


@HANDS
def test_who_is_asked_in_time_keeps_it_open(
    somebody: Callable[[Hand], Person], provider_team: Team, referral: Referral, hand: Hand
) -> None:
    triager = somebody(hand)
    opens_the_queue(triager, provider_team)
    used_at = Unlock.objects.get().used_at
    triager.page.clock.run_for("14:10")
    triager.finds_nothing_wrong()

    with triager.page.expect_response("**/queue/stay/"):
        hand.press(triager.page, triager.page.get_by_role("button", name="Keep it open"))

    expect(triager.page.get_by_role("dialog")).not_to_be_visible()
    triager.page.clock.run_for("10:00")
    triager.sees("Demo Person")
    assert Unlock.objects.get().used_at > used_at


def test_typing_keeps_it_open(somebody: Callable[[Hand], Person], provider_team: Team, referral: Referral) -> None:
    triager = somebody(Mouse())
    opens_the_queue(triager, provider_team)
    triager.opens(act_on(referral, "note"), "Add a note")
    for _ in range(3):
        triager.page.clock.run_for("10:00")
        with triager.page.expect_response("**/queue/stay/"):
            triager.page.keyboard.press("Tab")
            triager.types("What do you want to note?", HALF)
    expect(triager.page.get_by_label("What do you want to note?")).to_have_value(HALF)


def test_locked_in_one_tab_is_cleared_in_the_other(
    somebody: Callable[[Hand], Person], provider_team: Team, referral: Referral
) -> None:
    # Given two tabs, and half a sentence in one of them
    triager = somebody(Mouse())
    opens_the_queue(triager, provider_team)
    first = triager.page
    triager.page = triager.context.new_page()
    triager.opens(act_on(referral, "note"), "Add a note")
    triager.types("What do you want to note?", HALF)
    second = triager.page

    # When they lock the queue in the other
    triager.page = first
    triager.presses("Lock now", "Unlock the queue")

    # Then nothing is left to see in either, and nothing typed is lost
    triager.page = second
    triager.arrives_at("Unlock the queue")
    triager.types("Your passphrase", PASSPHRASE)
    triager.presses("Unlock", "What you were writing when the queue locked")
    triager.sees(HALF)


@HANDS
def test_a_page_that_is_left_quickly_is_not_behind_the_one_that_follows(
    somebody: Callable[[Hand], Person], provider_team: Team, hand: Hand
) -> None:
    # Given somebody in the middle of the form
    person = somebody(hand)
    person.opens("/referrals/new/", "Confidential support")
    person.presses("Start", "Which support would you like?")
    person.page.route("https://www.nhs.uk/", lambda route: route.fulfill(body="A page that anybody might read"))

    # When they leave it
    hand.press(person.page, person.page.get_by_role("button", name="Leave this page quickly"))
    person.sees("A page that anybody might read")

    # Then "back" does not lead to the question that stood on the screen, and what was typed is gone
    person.page.go_back()
    person.does_not_see("Which support would you like?")
    assert "answers" not in {cookie["name"] for cookie in person.context.cookies()}
