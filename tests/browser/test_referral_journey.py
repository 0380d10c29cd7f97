"""Somebody asks for therapy, for themselves or for a colleague, and the provider's team answers."""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from django.utils import timezone

from portal.nhsuk.dates import say_date
from referrals.models import Referral
from referrals.transitions import State
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.referrals.conftest import PASSPHRASE, Team

pytestmark = pytest.mark.browser
HANDS = pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])
CODE = re.compile(r"[0-9A-Z]{5}(?:-[0-9A-Z]{5}){3}")


def asks_for_support(person: Person, who: str) -> None:
    """Come in by the door that stands on every page, and say for whom."""
    person.opens("/", "Anti-racist training")
    person.follows("Confidential support", "Confidential support")
    person.sees("within 1 week", "within 4 weeks", "116 123")
    person.presses("Start", "Which support would you like?")
    person.chooses("One-to-one therapy")
    person.presses("Continue", "Who is this for?")
    person.chooses(who)


ABOUT_ONESELF = {
    "name": "What name should we use?",
    "contact": "How is it safe to be in touch with you?",
    "story": "What would you like us to know?",
    "wishes": "What would help you",
}
ABOUT_ANOTHER = {
    "name": "What name should the provider use for them?",
    "contact": "How is it safe to be in touch with them?",
    "story": "What would they like the provider to know?",
    "wishes": "What would help them",
}


def answers_the_rest(person: Person, asked: dict[str, str]) -> None:
    """Answer what is left, as little as one likes."""
    person.presses("Continue", asked["name"])
    person.is_told_what_to_put_right("Enter a name that we may use")
    person.types(asked["name"], "Demo Person")
    person.presses("Continue", asked["contact"])
    person.chooses("By email")
    person.types("Email address", "demo@post.example")
    person.presses("Continue", "Languages")
    person.presses("Continue", asked["story"])
    person.types(asked["story"], "Something was said at handover.")
    person.presses("Continue", asked["wishes"])
    person.presses("Continue", "Should only the triage lead open this first?")
    person.chooses("No")
    person.presses("Continue", "Check your answers")
    person.sees("Demo Person", "demo@post.example", "Something was said at handover.")
    person.presses("Send", "Sent")


def codes_of(person: Person) -> list[str]:
    return CODE.findall(person.page.locator("main").inner_text())


@HANDS
def test_for_oneself(somebody: Callable[[Hand], Person], provider_team: Team, hand: Hand) -> None:
    # Given somebody without an account, in their own browser
    midwife = somebody(hand)

    # When they ask for support
    asks_for_support(midwife, "Myself")
    midwife.presses("Continue", "What name should we use?")
    answers_the_rest(midwife, ABOUT_ONESELF)

    # Then they have a receipt, with which they see how it stands, write a note, and withdraw
    (code,) = codes_of(midwife)
    midwife.follows("see how it stands", "Use a receipt code")
    midwife.types("Your receipt code", code)
    midwife.presses("Continue", "How your referral stands")
    midwife.sees("It was received on")
    midwife.types("Your note to the provider", "Evenings are best.")
    midwife.presses("Send the note", "How your referral stands")
    midwife.sees("Your note is sent")
    midwife.presses("Withdraw", "Withdraw your referral?")
    midwife.presses("Withdraw", "How your referral stands")
    midwife.sees("It was withdrawn on")
    assert Referral.objects.get().state == State.WITHDRAWN


YES = (("Yes, I would like this", "Thank you"),)
NO = (("No, delete it", "Delete what was sent for you?"), ("Delete it", "It is deleted"))


@pytest.mark.parametrize(("presses", "state"), [(YES, State.RECEIVED), (NO, State.DECLINED)], ids=["yes", "no"])
def test_for_a_colleague_who_says_yes_or_no(
    somebody: Callable[[Hand], Person], provider_team: Team, presses: Sequence[tuple[str, str]], state: State
) -> None:
    # Given a friend who asks for somebody who has agreed
    friend, colleague = somebody(Mouse()), somebody(Keyboard())
    asks_for_support(friend, "Somebody else, who has agreed to it")
    friend.presses("Continue", "About you, and their consent")
    friend.types("Your name", "Demo Friend")
    friend.types("When and how did they agree?", "On Monday, on the phone.")
    friend.chooses("They have agreed that I send this for them, and they know what I write here")
    friend.presses("Continue", ABOUT_ANOTHER["name"])
    answers_the_rest(friend, ABOUT_ANOTHER)
    receipt, handover = codes_of(friend)

    # When the colleague uses the code that they were handed
    colleague.opens("/referrals/consent/", "Somebody gave you a code")
    colleague.types("The code that you were given", handover)
    colleague.presses("Continue", "Would you like this support?")
    colleague.does_not_see("Demo Friend")
    for button, heading in presses:
        colleague.presses(button, heading)

    # Then it is as they say, and the friend is told no more than that it was received
    assert Referral.objects.get().state == state
    friend.opens("/referrals/receipt/", "Use a receipt code")
    friend.types("Your receipt code", receipt)
    friend.presses("Continue", "How the referral stands")
    friend.sees("there is no more to see here")


def test_without_javascript_and_leaving_quickly(
    somebody: Callable[[Hand], Person], provider_team: Team, chromium: object
) -> None:
    # Given a browser that runs no script (what axe needs one for is looked at in the other journeys)
    reader = somebody(Mouse())
    page = reader.context.browser.new_context(java_script_enabled=False).new_page()  # type: ignore[union-attr]  # it has one
    page.goto(f"{reader.origin}/referrals/new/")

    # When they answer some questions
    page.get_by_role("button", name="Start").click()
    page.get_by_label("One-to-one therapy").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Myself").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("What name should we use?").fill("Demo Person")
    page.get_by_role("button", name="Continue").click()
    assert "How is it safe" in page.title()

    # Then the way out forgets what they typed, and leads to a page that anybody might read
    leave = page.get_by_role("button", name="Leave this page quickly")
    assert leave.get_attribute("href") == "/referrals/leave/"
    answer = page.request.get(f"{reader.origin}/referrals/leave/", max_redirects=0)
    assert answer.headers["location"] == "https://www.nhs.uk/"
    page.goto(f"{reader.origin}/referrals/new/name/")
    assert "no longer here" in page.title()
    page.context.close()


@HANDS
def test_a_triagers_day(somebody: Callable[[Hand], Person], provider_team: Team, hand: Hand) -> None:
    # Given a referral, and a triager who has signed in
    midwife, triager = somebody(Mouse()), somebody(hand)
    asks_for_support(midwife, "Myself")
    midwife.presses("Continue", "What name should we use?")
    answers_the_rest(midwife, ABOUT_ONESELF)
    triager.is_signed_in_with_a_second_step(provider_team.triager.user)

    # When they unlock the queue, open the referral, take charge of it and accept it
    triager.opens("/queue/", "Unlock the queue")
    triager.types("Your passphrase", "not it at all")
    triager.presses("Unlock", "Unlock the queue")
    triager.is_told_what_to_put_right("This is not your passphrase. It is not the password that you sign in with")
    triager.types("Your passphrase", PASSPHRASE)
    triager.presses("Unlock", "The queue")
    triager.sees("Demo Person", "Nobody yet")
    triager.follows("Demo Person", "Demo Person")
    triager.sees("Something was said at handover.")
    triager.follows("Take charge of it", "Take charge of it")
    triager.presses("Take charge of it", "Demo Person")
    triager.follows("Accept", "Accept")
    triager.types("What did you decide, and why?", "Would like to begin soon.")
    triager.presses("Accept", "Demo Person")
    triager.follows("Offer a first appointment", "Offer a first appointment")
    soon = timezone.localdate() + timedelta(days=3)
    for part in ("day", "month", "year"):
        triager.types(part.capitalize(), str(getattr(soon, part)))
    triager.types("When does it begin?", "10am")
    triager.types("With which therapist?", "Demo Therapist")
    triager.types("How do they meet?", "Online")
    triager.presses("Offer a first appointment", "Demo Person")
    triager.sees(f"{say_date(soon)}, 10am")

    # Then it is under way; and once they lock the queue, nothing is left to see
    assert Referral.objects.get().state == State.APPOINTMENT_OFFERED
    triager.presses("Lock now", "Unlock the queue")
    triager.page.go_back()
    triager.does_not_see("Demo Person")
