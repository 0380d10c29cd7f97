"""A cohort's champion, from a nomination to the end of a conversation."""

from collections.abc import Callable
from typing import Final

import pytest

from cohorts import conversations
from cohorts.models import Champion, ConversationMessage, Membership
from portal.accounts.models import User
from tests.browser.letterbox import Letterbox, link_in, text_of
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.cohorts.champions import close_nominations, make_champion, make_nominating_cohort, seat
from tests.factories import make_admin, make_job_role, make_membership, make_programme, make_user
from tests.outbox.sink import Sink

pytestmark = pytest.mark.browser

Seat = Callable[[Hand], Person]
Desk = Callable[[User, Hand], Person]
HANDS = pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])
CONSULTANT: Final = "Consultant in obstetrics and gynaecology"
"""A job role so long that a list of people by it is wider than a phone."""
ASKED = "May I ask you something? A colleague said that I speak too loudly on the ward."
ANSWERED = "Thank you for telling me. What would help?"


def given_two_members() -> tuple[Membership, Membership]:
    """Make a cohort that nominates its champion, with a consultant and somebody else."""
    cohort = make_nominating_cohort(programme=make_programme(name="Perinatal programme"), name="Perinatal cohort 5")
    amina = make_user(name="Demo Amina", email="amina@trust.example")
    bea = make_user(name="Demo Bea", email="bea@trust.example")
    consultant = make_job_role(name=CONSULTANT)
    return make_membership(amina, cohort, job_role=consultant), make_membership(bea, cohort)


@HANDS
def test_from_a_nomination_to_being_champion(somebody: Seat, at_the_desk: Desk, mails: Sink, hand: Hand) -> None:
    # Given two members of a cohort that nominates its champion
    amina, bea = given_two_members()
    member, champion = somebody(hand), somebody(hand)
    member.is_signed_in(bea.user)
    champion.is_signed_in(amina.user)

    # When one nominates the other
    member.opens("/me/", "Your programme")
    member.follows("nominate a champion", "Nominate a champion")
    member.presses("Nominate", "Nominate a champion")
    member.is_told_what_to_put_right("Choose the person whom you would like as your champion")
    member.page.get_by_label("Whom would you like as your champion?").select_option(label=f"Demo Amina, {CONSULTANT}")
    member.presses("Nominate", "Your programme")
    member.sees("We have your nomination.")
    champion.opens("/me/", "Your programme")
    champion.does_not_see("Demo Bea")

    # And the team asks whoever was nominated, once nominations have closed
    close_nominations(amina.cohort)
    admin = at_the_desk(make_admin(name="Demo Admin"), hand)
    admin.opens(f"/admin/cohorts/cohort/{amina.cohort_id}/champions/", "Champions")
    admin.page.get_by_label("Whom to ask:").select_option(label=f"Demo Amina, {CONSULTANT} (nominated)")
    admin.presses("Ask them for the whole cohort", "Ask Demo Amina?")
    admin.presses("Ask them", "Champions")
    admin.sees("Demo Amina is asked")

    # Who says yes for herself, and how she is shown
    letters = Letterbox(mails, amina.user.email)
    champion.opens(link_in(letters.gets("Would you be a champion? Perinatal cohort 5")), "Would you be a champion?")
    champion.follows("See what a champion does", "Guidance for champions")
    champion.turns_to("Your programme")
    champion.follows("Say yes or no", "Would you be a champion?")
    champion.types("What you do", "Midwife, postnatal ward")
    champion.presses("Yes, I would like to", "Being a champion")
    admin.opens("/admin/", "What needs doing today")
    admin.follows("Demo Amina, Perinatal cohort 5", "Champions")
    admin.presses("Confirm: Demo Amina", "Confirm: Demo Amina")
    admin.presses("Confirm", "Champions")
    admin.sees("Demo Amina is champion.")
    letters.gets("You are a champion: Perinatal cohort 5")

    # Then her colleagues see her as she said
    member.opens("/me/", "Your programme")
    member.sees("Demo Amina, Midwife, postnatal ward")


@HANDS
def test_from_being_in_touch_to_the_end_of_a_conversation(
    somebody: Seat, at_the_desk: Desk, mails: Sink, hand: Hand
) -> None:
    # Given a member and her champion
    amina, bea = given_two_members()
    close_nominations(amina.cohort)
    make_champion(amina)
    letters = Letterbox(mails, amina.user.email)
    member, champion = somebody(hand), somebody(hand)
    member.is_signed_in(bea.user)
    champion.is_signed_in(amina.user)

    # When the member lets her know, and writes
    member.opens("/me/", "Your programme")
    member.follows("Choose whether they may write to you first", "Would you like to be in touch?")
    member.presses("Let them know", "Your programme")
    member.follows("Write to your champion", "Messages with Demo Amina")
    member.presses("Send", "Messages with Demo Amina")
    member.is_told_what_to_put_right("Enter your message")
    member.types("Your message", ASKED)
    member.presses("Send", "Messages with Demo Amina")
    member.sees("Your message is sent.", ASKED)

    # Then she is answered on the page: no mail says who writes, or what
    mail = letters.gets("A message waits for you")
    assert "Bea" not in str(mail)
    assert "bea@" not in str(mail)
    assert ASKED[:20] not in text_of(mail)
    champion.opens(link_in(mail), "Messages with Demo Bea")
    champion.sees(ASKED)
    champion.does_not_see("bea@trust.example")
    champion.types("Your message", ANSWERED)
    champion.presses("Send", "Messages with Demo Bea")
    champion.turns_to("Champion")
    champion.sees("Demo Bea")
    Letterbox(mails, bea.user.email).gets("A message waits for you")
    member.opens("/me/", "Your programme")
    member.follows("Write to your champion", "Messages with Demo Amina")
    member.sees(ANSWERED)
    member.does_not_see("amina@trust.example")

    # And she can show a message to the team, and end it
    member.follows("Show this message to the programme team", "Show this message to the programme team?")
    member.presses("Show it to the programme team", "Messages with Demo Amina")
    admin = at_the_desk(make_admin(name="Demo Admin"), Mouse())
    admin.opens("/admin/", "What needs doing today")
    admin.follows("Read it: Perinatal cohort 5", "View reported message")
    admin.sees(ANSWERED)
    admin.does_not_see(ASKED)
    member.follows("End this conversation", "End this conversation?")
    member.presses("End it", "Your programme")
    champion.opens("/champions/", "Champion")
    champion.sees("Nobody has said so at the moment.")
    champion.follows("Demo Bea", "Messages with Demo Bea")
    champion.sees("This conversation has ended, so you cannot write here any more.")
    assert ConversationMessage.objects.count() == 2


@HANDS
def test_a_champion_stands_down_and_what_was_written_stays_to_read(somebody: Seat, hand: Hand) -> None:
    # Given a champion to whom a member has written
    amina, bea = given_two_members()
    close_nominations(amina.cohort)
    conversations.write(seat(make_champion(amina), bea), ASKED)

    # When she stands down
    champion = somebody(hand)
    champion.is_signed_in(amina.user)
    champion.opens("/champions/", "Champion")
    champion.follows("Change how you are shown, or stand down", "Being a champion")
    champion.follows("Stand down", "Stand down as champion?")
    champion.presses("Stand down", "Your programme")
    champion.sees("You have stood down.")

    # Then nobody is shown as champion, and both still find what was written
    member = somebody(hand)
    member.is_signed_in(bea.user)
    for person, name in ((member, "Demo Amina"), (champion, "Demo Bea")):
        person.opens("/me/", "Your programme")
        person.does_not_see("Your champion")
        person.follows("All messages with champions", "Your messages with champions")
        person.follows(name, f"Messages with {name}")
        person.sees(ASKED, "The champion has stood down, so nobody can write here any more.")
    assert Champion.objects.get().state == Champion.State.ENDED
