"""A thread: posts and replies, a report that a moderator deals with, and a facilitator who closes it."""

from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import expect

from bookclub.models import Post, PostReport
from tests.bookclub.making import make_meeting, make_reader, make_reading_cohort
from tests.bookclub.threads import Talk, say, words_of
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.factories import make_admin, make_facilitator, make_programme, make_user

pytestmark = pytest.mark.browser

Seat = Callable[[Hand], Person]
Desk = Callable[..., Person]
HANDS = pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse at 1280", "keyboard at 320"])
MEETING: Final = "Book club meeting 1"
HEARD: Final = "Chapter 2 is **our** ward round.\n\n- she says her name\n- nobody writes it down"
CARELESS: Final = "Some names are just hard. See [nhs.uk](https://names.example/hard)"
THREAD: Final = "Talk about this meeting"
WRITE: Final = "Write to the others"
ONE_POST: Final = f"One post in the thread of {MEETING}"


def given_a_talk() -> Talk:
    """Make a cohort of two that meets for a book, and who leads that."""
    cohort = make_reading_cohort(programme=make_programme(name="Perinatal programme"), name="Perinatal cohort 6")
    meeting = make_meeting(cohort)
    amina, bea = (make_reader(cohort, make_user(name=f"Demo {name}")).user for name in ("Amina", "Bea"))
    leads = make_user(name="Demo Facilitator")
    meeting.facilitators.add(make_facilitator(leads))
    return Talk(cohort, meeting, amina, bea, leads)


def thread_of(talk: Talk) -> str:
    return f"/book-club/cohorts/{talk.cohort.pk}/meetings/{talk.meeting.pk}/thread/"


@HANDS
def test_posted_answered_reported_dealt_with_and_closed(  # noqa: PLR0915  # one journey of four people
    somebody: Seat, at_the_desk: Desk, hand: Hand
) -> None:
    # Given two members of a book club, and who leads it
    talk = given_a_talk()
    amina, bea, leads = somebody(hand), somebody(hand), somebody(hand)
    amina.is_signed_in(talk.amina)
    bea.is_signed_in(talk.bea)
    leads.is_signed_in_with_a_second_step(talk.leads)

    # When one posts something, after a look at it
    amina.opens(f"/book-club/cohorts/{talk.cohort.pk}/meetings/{talk.meeting.pk}/", MEETING)
    amina.follows("Open the thread", THREAD)
    amina.sees("Nobody has written anything yet.", "The programme team does not read along")
    amina.follows("Write to the others", WRITE)
    amina.presses("Post it", WRITE)
    amina.is_told_what_to_put_right("Write something before you post it")
    amina.types("Your words", HEARD)
    amina.presses("Preview", WRITE)
    amina.sees("How it will look", "It is not posted yet.")
    amina.presses("Post it", THREAD)
    amina.sees("It is posted.", "Chapter 2 is our ward round.")
    row = Post.objects.get()

    # Then the other replies, and says something careless
    bea.opens(thread_of(talk), THREAD)
    bea.follows("Reply to Demo Amina", "Reply to this post")
    bea.types("Your words", "It happens on ours as well.")
    bea.presses("Post your reply", ONE_POST)
    bea.sees("Your reply is posted.", "It happens on ours as well.")
    bea.opens(f"{thread_of(talk)}write/", WRITE)
    bea.types("Your words", CARELESS)
    bea.presses("Post it", THREAD)
    bea.sees("(names.example)")

    # And the first edits hers, which it says of itself, and reports the other's
    amina.opens(thread_of(talk), THREAD)
    amina.follows("Edit what you wrote", "Edit what you wrote")
    amina.types("Your words", "Chapter 2 is our ward round.")
    amina.presses("Save", ONE_POST)
    amina.sees("The others see that you have edited it.", "edited")
    amina.opens(thread_of(talk), THREAD)
    amina.follows("Report what Demo Bea wrote", "Report a post", nth=-1)
    amina.sees("Whoever wrote it is never told who reported it.")
    amina.presses("Report it", "Report a post")
    amina.sees("Choose what is wrong with it")
    amina.chooses("It is racist, or discriminates in another way")
    amina.types("What would you like the moderator to know?", "It says that our names are the trouble.")
    amina.presses("Report it", ONE_POST)
    amina.sees("The moderators are told.")

    # When a moderator reads it, and nothing else, and takes it away
    admin = at_the_desk(make_admin(name="Demo Admin"), hand)
    admin.opens("/admin/", "What needs doing today")
    admin.follows("Perinatal cohort 6: decide by", "View reported post")
    admin.sees("Some names are just hard.", "It says that our names are the trouble.", "Demo Bea")
    admin.does_not_see("ward round")
    admin.follows("Take the post away", "Take the post away")
    admin.types("What you would like to say to its author", "Please think of who reads this.")
    admin.presses("Take the post away", "View reported post")
    admin.sees("The post is taken away.")

    # Then nobody reads it, and its author reads why
    amina.opens(thread_of(talk), THREAD)
    amina.sees("Taken away by a moderator.")
    amina.does_not_see("Some names are just hard.")
    bea.opens(thread_of(talk), THREAD)
    bea.follows("see why", "What you wrote in threads")
    bea.sees("A moderator has taken this away", "Please think of who reads this.", "Some names are just hard.")
    bea.does_not_see("Amina")
    assert PostReport.objects.get().state == PostReport.State.TAKEN_AWAY

    # And whoever leads closes the thread: it is read, and what one wrote can be taken back
    leads.opens(thread_of(talk), THREAD)
    leads.follows("Close the thread", "Close this thread?")
    leads.sees("nobody can post, reply or edit in it")
    leads.presses("Close the thread", THREAD)
    leads.sees("The thread is closed.")
    amina.opens(thread_of(talk), THREAD)
    amina.sees("A facilitator has closed this thread.", "It happens on ours as well.")
    amina.does_not_see("Write to the others")
    amina.opens(f"{thread_of(talk)}write/", "You cannot write in this thread now")
    amina.sees("A facilitator has closed this thread")
    amina.follows("Go to the thread", THREAD)
    amina.follows("Take back what you wrote", "Take back what you wrote?")
    amina.presses("Take it back", THREAD)
    amina.sees("Taken back by its author.", "It happens on ours as well.")
    assert words_of(row) == ""
    leads.opens(thread_of(talk), THREAD)
    leads.presses("Open the thread again", THREAD)
    leads.sees("The thread is open again.")


@HANDS
def test_a_long_thread_and_words_that_are_made_to_break_a_page(somebody: Seat, hand: Hand) -> None:
    # Given more posts than a page has, and among the newest what would break out of a narrow one
    talk = given_a_talk()
    for number in range(12):
        say(talk, talk.bea, f"Post {number} of many.")
    wide = f"{'x' * 300}\n\n```\n{'y' * 300}\n```"
    first = say(talk, talk.bea, f"{wide}\n\n> said\n\n1. one\n   - two\n\n# Loud\n\n\u202eback")
    for number in range(5):
        say(talk, talk.leads, f"Reply {number}.", to=first)
    reader = somebody(hand)
    reader.is_signed_in(talk.amina)

    # When somebody opens it
    reader.opens(thread_of(talk), THREAD)
    reader.sees("Post 0 of many.")
    reader.does_not_see("Post 11 of many.")
    reader.follows("Go to the newest posts", THREAD)

    # Then the newest stand in order, with the latest replies, and the others a page away
    reader.sees("Post 11 of many.", "Reply 4.", "Loud")
    reader.does_not_see("Reply 1.")
    expect(reader.page.get_by_role("heading", name="Loud")).to_have_count(0)
    reader.follows("Earlier replies", ONE_POST)
    reader.sees("Reply 0.", "Reply 4.")
    reader.opens(f"{thread_of(talk)}?newest=yes", THREAD)
    reader.follows("Previous page", THREAD)
    reader.sees("Post 0 of many.")
