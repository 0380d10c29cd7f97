"""The provider's keys, by hand: made and tried, somebody comes and goes, and all is recovered from paper."""

from collections.abc import Callable

import pytest
from django.db import connection

from portal.accounts.models import User
from referrals import ceremony
from referrals.models import Provider, Triager
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.browser.running_portal import running_portal
from tests.factories import make_user
from tests.outbox.sink import Sink
from tests.referrals.conftest import PASSPHRASE, Team, submit_to

pytestmark = pytest.mark.browser
HANDS = pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])
Seat = Callable[[Hand], Person]


def signed_in(person: Person, user: User) -> Person:
    """Let somebody come in with their second step done."""
    person.is_signed_in_with_a_second_step(user)
    return person


def unlocks(person: Person, heading: str) -> None:
    """Unlock the queue on the way to a page."""
    person.arrives_at("Unlock the queue")
    person.types("Your passphrase", PASSPHRASE)
    person.presses("Unlock", heading)


@HANDS
def test_a_lead_makes_the_keys_prints_them_and_proves_that_recovery_works(
    somebody: Seat, mail_server: tuple[Sink, int], hand: Hand
) -> None:
    # Given a provider without keys, whose lead was asked in
    user = make_user(name="Demo Lead")
    provider = Provider.objects.create(name="Quiet Room", slug="quiet-room")
    ceremony.invite_triager(provider, user.email, user.name, by=user, is_lead=True)
    lead = signed_in(somebody(hand), user)

    # When they follow the steps
    lead.opens("/queue/keys/", "The keys of Quiet Room")
    lead.sees_task("Make the keys", "Cannot start yet")
    lead.follows("Set your passphrase", "Set your passphrase")
    lead.types("New passphrase", "short")
    lead.presses("Set the passphrase", "Set your passphrase")
    lead.is_told_what_to_put_right("The passphrase must have 14 characters or more")
    lead.types("New passphrase", PASSPHRASE)
    lead.presses("Set the passphrase", "Your passphrase is set")
    lead.presses("Go to the keys", "The keys of Quiet Room")
    lead.follows("Make the keys, and print the recovery key", "Make the keys")
    lead.types("Your passphrase", PASSPHRASE)
    lead.presses("Make the keys", "Print this page now")
    *parts, pin = lead.page.locator("main code").all_inner_texts()
    lead.presses("I have printed this page", "The keys of Quiet Room")

    # Then the page says which line to have pinned, and takes nothing before that
    lead.sees(f"REFERRAL_ROOTS=quiet-room={pin}", "The form takes no referrals for Quiet Room yet.")

    # And once whoever runs the portal has pinned it, two of the printed parts prove that they would recover all
    name = str(connection.settings_dict["NAME"])
    with running_portal(name, mail_server[1], REFERRAL_ROOTS=f"quiet-room={pin}") as lead.origin:
        lead.opens("/queue/keys/", "The keys of Quiet Room")
        lead.sees_task("Have the root pinned in the settings", "Completed")
        lead.follows("Try the recovery key", "Try the recovery key")
        lead.types("One part", parts[0])
        lead.types("Another part", parts[0])
        lead.presses("Try it", "Try the recovery key")
        lead.types("One part", parts[0])
        lead.types("Another part", parts[2])
        lead.presses("Try it", "The recovery key works")
        lead.follows("Back to the keys", "The keys of Quiet Room")
        lead.sees_task("Try the recovery key", "Completed")
        # And the form waits for a second person who could open what arrives
        lead.sees_task("Have 2 people or more in the team", "To do")
        lead.sees("The form takes no referrals for Quiet Room yet.")


@HANDS
def test_somebody_comes_and_somebody_leaves(somebody: Seat, provider_team: Team, hand: Hand) -> None:
    # Given a referral, the lead, and a colleague whom the lead asks into the team
    before = submit_to(provider_team, "Demo Before")
    leaver = provider_team.triager.user
    comer = make_user(name="Demo Comer")
    lead, colleague = signed_in(somebody(hand), provider_team.lead.user), signed_in(somebody(Mouse()), comer)
    lead.opens("/queue/team/", "The team of")
    lead.presses("Invite somebody", "Invite somebody into the team")
    lead.types("Their full name", comer.name)
    lead.types("Their email address", comer.email)
    lead.presses("Invite", "The team of")

    # When the colleague sets a passphrase, and reads out their key to the lead, who admits them
    colleague.opens("/queue/", "Set your passphrase")
    colleague.types("New passphrase", PASSPHRASE)
    colleague.presses("Set the passphrase", "You wait to be admitted")
    read_out = colleague.page.locator("main strong").inner_text()
    lead.opens("/queue/team/", "The team of")
    lead.follows("Compare their key, and admit them", f"Admit {comer.name}")
    lead.sees(read_out)
    lead.types("Your passphrase", PASSPHRASE)
    lead.presses("Admit", f"Admit {comer.name}")
    lead.is_told_what_to_put_right("Compare the key with them first, then confirm it here")
    lead.chooses("I have compared this key with them, in person or on the phone")
    lead.types("Your passphrase", PASSPHRASE)
    lead.presses("Admit", "The team of")

    # Then the colleague reads the queue
    colleague.opens("/queue/", "Unlock the queue")
    unlocks(colleague, "The queue")
    colleague.sees("Demo Before")

    # And when somebody leaves, the lead ends the epoch and seals anew what is there
    nth = [member.user_id for member in _others(provider_team)].index(leaver.pk)
    lead.follows("Take them out of the team", f"Take {leaver.name} out of the team?", nth=nth)
    lead.types("Your passphrase", PASSPHRASE)
    lead.presses("Take them out", "Unlock the queue")
    unlocks(lead, "Seal anew")
    lead.presses("Go on", "All is sealed anew")

    # Then whoever left reads nothing, and the others read what came before and after
    after = submit_to(provider_team, "Demo After")
    gone = signed_in(somebody(Mouse()), leaver)
    gone.opens("/queue/", "This page is not open to you")
    lead.follows("Go to the queue", "The queue")
    lead.sees("Demo Before", "Demo After")
    colleague.opens(f"/queue/referrals/{before.pk}/", "Demo Before")
    colleague.opens(f"/queue/referrals/{after.pk}/", "Demo After")


def _others(team: Team) -> list[Triager]:
    """Return the team but for its lead, in the order of its page."""
    members = team.provider.triagers.exclude(state=Triager.State.LEFT)
    return [member for member in members if member.pk != team.lead.pk]


@HANDS
def test_a_lead_recovers_the_queue_from_paper(somebody: Seat, provider_team: Team, hand: Hand) -> None:
    # Given a referral, and a lead who has lost their passphrase and can reach nobody
    submit_to(provider_team, "Demo Person")
    lead = signed_in(somebody(hand), provider_team.lead.user)
    lead.opens("/queue/unlock/", "Unlock the queue")
    lead.follows("I have lost my passphrase", "Confirm that it is you")
    lead.proves_again("I have lost my passphrase")
    lead.types("New passphrase", f"{PASSPHRASE} again")
    lead.presses("Make a new key", "You wait to be admitted")

    # When they type two printed parts
    lead.follows("use two printed parts of the recovery key", "Recover the queue")
    lead.types("One part", provider_team.parts[0])
    lead.types("Another part", provider_team.parts[1])
    lead.types("Your passphrase", f"{PASSPHRASE} again")
    lead.presses("Recover", "Unlock the queue")

    # Then they unlock with the new passphrase, and read what came before
    lead.types("Your passphrase", f"{PASSPHRASE} again")
    lead.presses("Unlock", "The queue")
    lead.sees("Demo Person")
