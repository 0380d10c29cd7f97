"""A member stops letters with the link in one of them, finds that on the page of their account, and has them again."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from bookclub import nudging
from bookclub.models import ListedBook
from portal.outbox.models import Message
from tests.bookclub.making import bring_near, make_listed, make_meeting, make_reader, make_reading_cohort
from tests.browser.letterbox import Letterbox, text_of
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.factories import make_user
from tests.outbox.sink import Sink

pytestmark = pytest.mark.browser
LINK = re.compile(r"^Stop these letters: (\S+)$", re.MULTILINE)
SUBJECT = "Coming up in your book club"
KIND = "Before a meeting of your book club"


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse at 1280", "keyboard at 320"])
def test_letters_are_stopped_from_one_of_them_and_had_again(
    somebody: Callable[[Hand], Person], mails: Sink, hand: Hand
) -> None:
    # Given a member who gets the letter before a meeting
    cohort = make_reading_cohort()

    def meets_in(days: int) -> ListedBook:
        meeting = make_meeting(cohort)
        bring_near(meeting, days=days)
        return make_listed(cohort, meeting=meeting)

    meets_in(6)
    midwife = make_reader(cohort, make_user(name="Demo Midwife", email="stopping@trust.example")).user
    assert nudging.write_due() == 1
    letter = Letterbox(mails, midwife.email).gets(SUBJECT)
    found = LINK.search(text_of(letter).replace("\r\n", "\n"))
    assert found
    assert letter["List-Unsubscribe"] == f"<{found[1]}>"

    # When they follow its link without signing in, and press the button
    member = somebody(hand)
    member.opens(found[1], "Stop these letters")
    member.sees(KIND)
    member.presses("Stop these letters", "These letters are stopped")

    # Then no such letter is written any more, and their account says so
    meets_in(5)
    assert nudging.write_due() == 0
    member.follows("choose your letters", "Sign in")
    member.is_signed_in(midwife)
    member.opens("/people/details/", "Name and workplace")
    member.follows("Letters", "Letters")
    tick = member.page.get_by_label(KIND)
    expect(tick).not_to_be_checked()
    member.sees("We always write to you about:")

    # And there they have them again
    member.chooses(KIND)
    member.presses("Save", "Letters")
    member.sees("Your choice of letters is saved.")
    expect(tick).to_be_checked()
    meets_in(4)
    assert nudging.write_due() == 1
    assert Message.objects.filter(rule=nudging.RULE, person=midwife).count() == 2

    # And a link of which a part is missing says what to do
    member.opens(found[1][:-9] + "/", "This link does not work")
