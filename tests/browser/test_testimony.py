"""A participant's own words, from an answer that only they can see to the public page, and off it again."""

from collections.abc import Callable

import pytest

from cohorts.models import Session, Testimony
from portal.accounts.models import User
from tests.browser.letterbox import Letterbox, link_in
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.cohorts.evaluations import booked, hold, say, session_with_questions
from tests.factories import make_admin, make_job_role
from tests.outbox.sink import Sink

pytestmark = pytest.mark.browser

ANSWER = "I will ask the woman in front of me what she needs, before I assume anything."
WORDS = "I ask the woman in front of me what she needs now. I used to assume. The programme gave me the words."
SHORTER = "I ask the woman in front of me what she needs now. I used to assume."
Seat = Callable[[Hand], Person]
Desk = Callable[[User, Hand], Person]
PROGRAMME = "Perinatal programme"


def given_a_session_that_was_held() -> tuple[Session, User]:
    """Make one, at which a midwife was who said how it was."""
    session = session_with_questions()
    session.component.programme.name = PROGRAMME
    session.component.programme.save()
    (midwife,) = booked(session)
    midwife.name, midwife.job_role = "Demo Midwife", make_job_role(name="Consultant midwife")
    midwife.save()
    held = hold(session)
    say(midwife, held, text=ANSWER)
    return held, midwife


def offers_an_answer_in_other_words(author: Person) -> None:
    """Begin with one's answer, be told what that means, and offer other words once one has seen them."""
    author.opens("/me/", "Your programme")
    author.follows("Say what a programme has meant to you", "Your testimonies")
    author.follows(PROGRAMME, "Offer a testimony")
    author.sees("Fewer than 10 people with this job role")
    author.presses("Begin with answer 1", "Offer a testimony")
    author.sees("These are words of your answer")
    author.presses("See how it would be shown", "Offer a testimony")
    author.sees("There is a problem", "Select how we may show it")
    author.chooses("By my job role, without my name")
    author.presses("See how it would be shown", "This is how it would be shown")
    author.sees(ANSWER, "These are words of your answer", "Readers may be able to tell that it is you")
    author.presses("Go back and change it", "Offer a testimony")
    author.types("What would you like to say?", WORDS)
    author.presses("See how it would be shown", "This is how it would be shown")
    author.sees(WORDS, "Consultant midwife")
    author.does_not_see("These are words of your answer")
    author.presses("Offer it to the programme team", "This is how it would be shown")
    author.is_told_what_to_put_right("Tick the box if you agree")
    author.chooses("I agree that everybody may read this as it stands here")
    author.presses("Offer it to the programme team", "Your testimony")
    author.sees("The programme team reads it")


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])
def test_an_answer_becomes_a_testimony_and_is_taken_back(
    somebody: Seat, at_the_desk: Desk, mails: Sink, hand: Hand
) -> None:
    # Given a midwife who was at a session, and said something of it
    held, midwife = given_a_session_that_was_held()
    programme = held.component.programme
    letters = Letterbox(mails, midwife.email)

    # When she begins with her answer, and offers it in other words
    author = somebody(hand)
    author.is_signed_in(midwife)
    offers_an_answer_in_other_words(author)

    # And an editor, who does not learn her name, asks her about a shorter form
    editor = at_the_desk(make_admin(name="Demo Admin"), Mouse())
    editor.opens("/admin/", "What needs doing today")
    editor.follows(f"{PROGRAMME}: since", "View testimony")
    editor.sees(WORDS, "Consultant midwife")
    editor.does_not_see("Demo Midwife")
    editor.follows("Ask its author about a shorter form", "Ask its author about a shorter form")
    editor.types("Shorter form", SHORTER)
    editor.presses("Ask its author", "View testimony")

    # And she agrees, and the editor publishes it
    author.opens(link_in(letters.gets("A question about your testimony")), "Your testimony")
    author.presses("Read the shorter form", "A shorter form of your testimony")
    author.sees(SHORTER)
    author.chooses("I agree that everybody may read this as it stands here")
    author.presses("Agree to the shorter form", "Your testimony")
    testimony = Testimony.objects.get()
    editor.opens(f"/admin/cohorts/testimony/{testimony.pk}/change/", "View testimony")
    editor.follows("Publish it", "Publish it")
    editor.presses("Publish it", "View testimony")
    editor.sees("Its author is told.")

    # Then a visitor reads it on the programme's page
    visitor = somebody(hand)
    visitor.opens(programme.get_absolute_url(), PROGRAMME)
    visitor.sees("What people say", SHORTER, "Consultant midwife")
    visitor.does_not_see("The programme gave me the words.")
    visitor.opens(f"{programme.get_absolute_url()}testimonies/", "What people say")
    visitor.sees(SHORTER)

    # And finds it no longer once its author has taken it back
    author.opens(link_in(letters.gets("Your testimony is published")), "Your testimony")
    author.presses("Change how it is shown", "Change how your testimony is shown")
    author.follows("Your testimony", "Your testimony")
    author.presses("Take it back", "Take back your testimony?")
    author.presses("Take it back", "Your testimony")
    author.sees("Its words are deleted")
    for page in ("", "testimonies/"):
        visitor.opens(f"{programme.get_absolute_url()}{page}", "What people say" if page else PROGRAMME)
        visitor.does_not_see(SHORTER)
    editor.opens("/admin/cohorts/testimony/", "Select testimony")
    editor.does_not_see("assume")
