"""A lead who is shown that somebody may have changed a referral, and answers for it once they have asked the person."""

from collections.abc import Callable

import pytest

from referrals.models import Section
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.referrals.conftest import PASSPHRASE, Team, page_of, submit_to
from tests.referrals.forging import forge

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])
def test_a_lead_answers_for_what_is_in_doubt(
    somebody: Callable[[Hand], Person], provider_team: Team, hand: Hand
) -> None:
    # Given a referral in which somebody has put another address past the portal
    referral = submit_to(provider_team, "Demo Person")
    contact = referral.sections.select_related("epoch").get(kind=Section.Kind.CONTACT)
    forge(contact, {"name": "Demo Person", "ways": ["email"], "email": "elsewhere@post.example"})

    # When the lead opens the queue, then it says so there, and on the referral's page
    lead = somebody(hand)
    lead.is_signed_in_with_a_second_step(provider_team.lead.user)
    lead.opens("/queue/", "Unlock the queue")
    lead.types("Your passphrase", PASSPHRASE)
    lead.presses("Unlock", "The queue")
    lead.sees("In doubt")
    lead.opens(page_of(referral), "Demo Person")
    lead.sees("Somebody may have changed this", "In doubt: what comes next is for the leads alone")
    lead.follows("Change how to be in touch", "Change how to be in touch")
    lead.sees("Somebody may have changed this")
    lead.opens(page_of(referral), "Demo Person")

    # When they have asked the person, and answer for it
    lead.follows("Answer for what is in doubt", "Answer for what is in doubt")
    lead.sees("elsewhere@post.example")
    lead.presses("Answer for what is in doubt", "Answer for what is in doubt")
    lead.is_told_what_to_put_right("Confirm that you have asked whoever is said to have written this")
    lead.chooses("I have asked whoever is said to have written this, and it is theirs")
    lead.presses("Answer for what is in doubt", "Demo Person")

    # Then it is a referral as any other, for the leads until they decide who may see it
    lead.sees("What you saw is no longer in doubt.", provider_team.lead.user.name)
    lead.does_not_see("Somebody may have changed this")
