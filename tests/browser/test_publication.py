"""A project that has ended is published: written by its team, returned once, found by a visitor, and started from."""

from collections.abc import Callable

import pytest

from portal.accounts.models import User
from qi_projects import life, outlining
from qi_projects.diagram import Level
from qi_projects.models import Project
from tests.browser.letterbox import Letterbox, link_in
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.factories import make_admin, make_job_role, make_organisation, make_user
from tests.outbox.sink import Sink
from tests.qi_projects.making import approve, join, lead_of, make_active
from tests.qi_projects.measures import enter, make_measure

pytestmark = pytest.mark.browser
Seat = Callable[[Hand], Person]
Desk = Callable[[User, Hand], Person]
TITLE = "An interpreter at every booking appointment"
NAMED = "Demo Anaesthetist, Consultant, Made-up Moors Trust"
COUNTED = [(5, 12), (4, 11), (6, 14), (5, 13), (4, 9), (6, 13), (10, 13), (11, 14), (12, 14), (17, 20)]


def given_a_team() -> tuple[Project, User, User]:
    """Make a project that has ended, with a chart and a diagram; its lead, and two others who worked on it."""
    lead = make_user(name="Demo Midwife")
    named = make_user(
        name="Demo Anaesthetist",
        job_role=make_job_role(name="Consultant"),
        organisation=make_organisation(name="Made-up Moors Trust"),
    )
    unnamed = make_user(name="Demo Receptionist")
    project = make_active(lead, title=TITLE, noticed="Partners and children interpret.")
    for person in (named, unnamed):
        join(project, person=person)
    share = make_measure(
        project, name="Women who had an interpreter", counted="proportion", chart="p", direction="higher"
    )
    enter(share, COUNTED)
    driver = outlining.add(project, "The need is known beforehand", Level.PRIMARY, by=lead)
    second = outlining.add_under(project, driver.pk, "Receptionists ask everybody", by=lead)
    outlining.add_under(project, second.pk, "One question on the card by the telephone", by=lead)
    approve(project)
    life.finish(project, "About 17 of 20 have one now.", by=lead)
    return project, named, unnamed


def is_written(project: Project, lead: Person) -> None:
    """Begin with what the project says, write the rest, choose what is shown, and look at it as others would."""
    lead.opens(project.get_absolute_url(), TITLE)
    lead.follows("Publication", "Publication")
    lead.presses("Begin to write it", "Publication")
    lead.sees("Partners and children interpret.", "Still to say: setting")
    lead.follows("Change title and place", "Title and place")
    lead.page.get_by_label("Where was the change tried?").select_option("community")
    lead.types("Which organisation is it from?", "Two community clinics")
    lead.presses("Save", "Publication")
    lead.follows("Change why, and what for", "Why, and what for")
    lead.types("What was your aim?", "Ask 943 476 5919 for an interpreter.")
    lead.presses("Save", "Why, and what for")
    lead.is_told_what_to_put_right("Take out what is about patients, or say below that nothing is")
    lead.types("What was your aim?", "Every woman who needs an interpreter has one.")
    lead.presses("Save", "Publication")
    lead.follows("Change what you did and what came of it", "What you did and what came of it")
    lead.types("What did you change?", "Receptionists ask for the language in which a woman speaks best.")
    lead.chooses("Some of it got better, and some did not")
    lead.types("What would you tell the next team?", "Ask Demo Receptionist first.")
    lead.presses("Save", "Publication")
    lead.follows("Choose what is shown", "Charts and driver diagram")
    lead.chooses("Women who had an interpreter")
    lead.chooses("Show the driver diagram")
    lead.presses("Save", "Publication")
    lead.sees("No name of your team in the words", "Needed first")
    lead.follows("Change what you did and what came of it", "What you did and what came of it")
    lead.types("What would you tell the next team?", "Ask the receptionists first.")
    lead.presses("Save", "Publication")
    lead.follows("See it as others would read it", TITLE)
    lead.sees("This is how everybody would read it", "Receptionists ask everybody", "to the nearest 5%")
    lead.follows("Publication", "Publication")
    lead.presses("Send it to an editor", "Send it to an editor")
    lead.presses("Send it to an editor", "Publication")
    lead.sees("It is sent.", "With an editor")


def answers(person: Person, letters: Letterbox, byline: str) -> None:
    """Come from the letter, read what one would be named under, and say."""
    person.opens(link_in(letters.gets("A question about a project of yours")), "Would you like to be named?")
    person.sees("you are not named", "Every woman who needs an interpreter has one.")
    person.presses("Save", "Would you like to be named?")
    person.sees("There is a problem", "Select how you want to be named, or that you do not")
    person.chooses(byline)
    person.presses("Save", "Would you like to be named?")


def decides(editor: Person, act: str, words: str = "") -> None:
    """Find it on the start page, and return or publish it."""
    editor.opens("/admin/", "What needs doing today")
    editor.sees("Projects to publish")
    editor.follows(TITLE, "View publication")
    editor.follows(act, act)
    if words:
        editor.page.get_by_label("What would you like to see first").fill(words)
    editor.presses(act, "View publication")


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])
def test_a_team_publishes_what_others_find_read_and_start_from(
    somebody: Seat, at_the_desk: Desk, mails: Sink, hand: Hand
) -> None:
    # Given a team whose project has ended, an editor, a colleague elsewhere, and a visitor without an account
    project, named, unnamed = given_a_team()
    editor = at_the_desk(make_admin(name="Demo Admin"), Mouse())
    lead, first, second, colleague, visitor = (somebody(hand) for _ in range(5))
    colleague.is_signed_in(make_user(name="Demo Colleague"))
    for person, user in ((lead, lead_of(project)), (first, named), (second, unnamed)):
        person.is_signed_in(user)
    letters = Letterbox(mails, lead_of(project).email)

    # When the team writes its story, and one agrees to be named and another does not
    is_written(project, lead)
    answers(first, Letterbox(mails, named.email), NAMED)
    first.sees(f"You are named as {NAMED}")
    answers(second, Letterbox(mails, unnamed.email), "Do not name me")

    # And the editor returns it, and publishes it once it is sent again
    decides(editor, "Return it with reasons", "Say what did not get better.")
    lead.opens(link_in(letters.gets("What you want to publish was returned")), "Publication")
    lead.sees("Say what did not get better.", NAMED)
    lead.follows("Change what you did and what came of it", "What you did and what came of it")
    lead.types("What came of it, in your own words?", "About 17 of 20 have one now. By telephone it did not help.")
    lead.presses("Save", "Publication")
    lead.presses("Send it to an editor", "Send it to an editor")
    lead.presses("Send it to an editor", "Publication")

    # And, since the words are others now, whoever agreed is asked again, and a no needs no second asking
    lead.does_not_see(NAMED)
    answers(first, Letterbox(mails, named.email), NAMED)
    decides(editor, "Publish it")

    # Then a visitor finds it by searching, and reads it
    visitor.opens("/projects/gallery/", "Gallery of projects")
    visitor.types("Words", "interpreting telephone")
    visitor.page.get_by_label("What came of it").select_option("mixed")
    visitor.presses("Search", "Gallery of projects")
    visitor.follows(TITLE, TITLE)
    visitor.sees("By telephone it did not help.", NAMED, "Women who had an interpreter", "Receptionists ask everybody")
    visitor.does_not_see("Demo Receptionist")
    visitor.does_not_see("Demo Midwife")
    visitor.sees("Sign in to start a project from this one")
    address = visitor.page.url

    # And a colleague starts their own from it
    colleague.opens(address, TITLE)
    colleague.presses("Start my project from this one", TITLE)
    colleague.sees("This is your own draft.", "It builds on", "2 drivers, 1 change idea", "1 measure")

    # And whoever takes their name back is named no longer, of which the lead is told
    first.opens(f"{project.get_absolute_url()}publication/naming/", "Would you like to be named?")
    first.chooses("Do not name me")
    first.presses("Save", "Would you like to be named?")
    first.sees("You are not named.")
    visitor.opens(address, TITLE)
    visitor.does_not_see("Demo Anaesthetist")
    lead.opens(link_in(letters.gets("About a name in your publication")), "Publication")
    lead.sees("Nobody, so far.")
