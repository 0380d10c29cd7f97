"""A book club meeting: a facilitator sets it, a member says where they are, and numbers are told from five up."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from bookclub import bookmarks
from bookclub.models import Reading
from cohorts.models import Session
from tests.bookclub.making import make_book, make_listed, make_meeting, make_reader, make_reading_cohort
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.factories import make_facilitator, make_programme, make_user, make_venue

pytestmark = pytest.mark.browser
MEETING = "Book club meeting 1"
GUIDE = "Open with a minute of quiet."


def writes_for_themselves(member: Person, prompt: str) -> None:
    """Write about the first prompt of the meeting whose page is open."""
    member.follows("Write about it for yourself", "Write a reflection", nth=0)
    member.sees(prompt, "Only you read this.")
    member.types("Your words", "The ward at night.")
    member.presses("Save", "Your reflection")
    member.sees(prompt, "The ward at night.", "Only you.")


def sets_it(facilitator: Person, meeting: Session) -> None:
    """From its register, write chapters, a guide and prompts; move one, look at taking one off, and change it."""
    facilitator.opens(f"/facilitate/sessions/{meeting.pk}/register/", MEETING)
    facilitator.follows("What to read, and what to talk about", MEETING)
    facilitator.sees("Not shown", "No guide is written.")
    facilitator.follows("Write chapters and the guide", "Chapters and guide")
    facilitator.types("Chapters to have read", "Chapters 1 to 4")
    facilitator.types("Guide for facilitators", GUIDE)
    facilitator.presses("Save, and go on to the prompts", "Prompts")
    for prompt in ("Whose name was said wrongly?", "What stayed with you?"):
        facilitator.follows("Add a prompt", "Add a prompt")
        facilitator.types("Prompt", prompt)
        facilitator.presses("Save", "Prompts")
    facilitator.follows("Add a prompt", "Add a prompt")
    facilitator.presses("Save", "Add a prompt")
    facilitator.is_told_what_to_put_right("Write what there is to talk about")
    facilitator.opens(f"/book-club/cohorts/{meeting.cohort_id}/meetings/{meeting.pk}/", MEETING)
    facilitator.follows("Set the prompts", "Prompts")
    facilitator.presses("Move prompt 2 earlier", "Prompts")
    facilitator.sees("“What stayed with you?” is prompt 1 of 2 now.")
    expect(facilitator.page.locator("#moved")).to_be_focused()
    facilitator.follows("Change prompt 2", "Change a prompt")
    facilitator.follows("Take this prompt off", "Take this prompt off?")
    facilitator.sees("What somebody wrote about it stays theirs.")
    facilitator.follows("Prompts", "Prompts")
    facilitator.follows("Change prompt 2", "Change a prompt")
    facilitator.types("Prompt", "Whose name is said wrongly?")
    facilitator.presses("Save", "Prompts")


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse at 1280", "keyboard at 320"])
def test_a_meeting_is_set_read_for_and_counted(somebody: Callable[[Hand], Person], hand: Hand) -> None:
    # Given a meeting of a cohort of twelve that talks about a book, and whoever leads it
    cohort = make_reading_cohort(programme=make_programme(name="Perinatal programme"), name="Perinatal cohort 4")
    meeting = make_meeting(cohort, venue=make_venue())
    book = make_book(
        title="The weight of a name",
        content_warnings="Chapter 4 tells of a stillbirth.",
        formats=["print", "large_print"],
        how_to_get="Ask your trust library.",
    )
    listed = make_listed(cohort, book, meeting=meeting, why="Short, and about listening.")
    midwife, *others = [make_reader(cohort, make_user(name=f"Demo Midwife {at}")).user for at in range(12)]
    for other in others[:4]:
        bookmarks.put(listed, Reading.State.BEGUN, by=other)
    leads = make_user(name="Demo Facilitator")
    meeting.facilitators.add(make_facilitator(leads))
    facilitator, member = somebody(hand), somebody(hand)
    facilitator.is_signed_in_with_a_second_step(leads)
    member.is_signed_in(midwife)

    # When the facilitator writes chapters, a guide and prompts
    sets_it(facilitator, meeting)

    # Then a member finds the next book among their tasks, and on the meeting's page what it is about, but no guide
    member.opens("/me/", "Your programme")
    member.sees_task("Read “The weight of a name”", "To read")
    member.follows("Read “The weight of a name”", MEETING)
    member.sees("Chapters 1 to 4", "What stayed with you?", "Whose name is said wrongly?")
    member.does_not_see(GUIDE)
    member.does_not_see("How far members are")

    # And writes about a prompt beforehand, for themselves
    writes_for_themselves(member, "What stayed with you?")
    member.opens(f"/book-club/cohorts/{cohort.pk}/meetings/{meeting.pk}/", MEETING)

    # And says where they are with one press, there and on the book's own page
    member.presses("I have begun it The weight of a name", MEETING)
    line = member.page.locator(f"#where-{listed.pk}")
    expect(line).to_be_focused()
    expect(line).to_be_in_viewport()
    member.types("Chapter or page (optional)", "Chapter 3")
    member.presses("Save where I am The weight of a name", MEETING)
    member.sees("you have begun it, Chapter 3.")
    member.follows("About the book, and how to get a copy", "The weight of a name")
    member.presses("I have finished it The weight of a name", "The weight of a name")
    member.sees("you have finished it.", "Ask your trust library.")
    member.opens("/me/", "Your programme")
    member.sees_task("Read “The weight of a name”", "Finished")

    # And the facilitator sees that five have begun, and not who
    facilitator.opens(f"/book-club/cohorts/{cohort.pk}/meetings/{meeting.pk}/", MEETING)
    facilitator.sees("5 or more", "Not shown", GUIDE)
    facilitator.does_not_see("Demo Midwife")
