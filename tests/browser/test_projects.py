"""A QI project: begun by somebody who has never done this, and written by two people of two trusts."""

from collections.abc import Callable

import pytest

from cohorts.models import Component, EvidenceKind
from portal.accounts.models import User
from qi_projects.models import Project, Theme
from tests.browser.letterbox import Letterbox, link_in
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.factories import (
    make_admin,
    make_cohort,
    make_component,
    make_job_role,
    make_membership,
    make_organisation,
    make_programme,
    make_user,
)
from tests.outbox.sink import Sink

pytestmark = pytest.mark.browser
Seat = Callable[[Hand], Person]
Desk = Callable[[User, Hand], Person]

ANSWERS = (
    ("What have you noticed?", "Women racialised as Black wait for pain relief, and nobody counts how long."),
    ("Who is affected?", "Women racialised as Black on our labour ward"),
    ("Why does it matter to them?", "Pain that is not believed is harm in itself."),
    ("What would better look like?", "Everybody is answered within 15 minutes."),
    ("By how much would it change?", "From about half to 9 of 10"),
)
PASTED = "Jane Smith 943 476 5919 01/02/1990"


def given_two_midwives() -> tuple[User, User]:
    """Make two, of two trusts, the first in a cohort whose programme asks for a project."""
    programme = make_programme(name="Perinatal programme")
    make_component(
        programme,
        kind=Component.Kind.PROJECT,
        title="Your QI project",
        slug="qi-project",
        fulfilled_by=[EvidenceKind.PROJECT],
        required=False,
    )
    Theme.objects.create(name="Pain relief and being heard")
    midwife, anaesthetist = (
        make_user(name=name, organisation=make_organisation(name=trust), job_role=make_job_role(name=role))
        for name, trust, role in (
            ("Demo Midwife", "Example Vale Trust", "Midwife"),
            ("Demo Anaesthetist", "Made-up Moors Trust", "Consultant anaesthetist"),
        )
    )
    make_membership(midwife, make_cohort(programme, name="Perinatal cohort 4"))
    return midwife, anaesthetist


def begins_by_questions(lead: Person) -> None:
    """Come from one's programme, answer one question after the other, stop, and take it up again."""
    lead.opens("/me/", "Your programme")
    lead.follows("Your QI project", "Your QI project")
    lead.follows("Start a project", "Start a project")
    lead.presses("Start with the questions", ANSWERS[0][0])
    for number, (asked, answer) in enumerate(ANSWERS):
        lead.sees(f"Question {number + 1} of 9")
        lead.types(asked, answer)
        lead.presses("Save and continue", "By when?" if number == 4 else ANSWERS[number + 1][0])
    lead.follows("Stop here for now", "A project without a name yet")
    lead.follows("Carry on with the questions", "By when?")
    for part, typed in (("Day", "30"), ("Month", "9"), ("Year", "2027")):
        lead.types(part, typed)
    lead.presses("Save and continue", "Who could help?")
    # Any question can wait.
    lead.presses("Save and continue", "What could you change first?")
    lead.types("What could you change first?", PASTED)
    lead.presses("Save and continue", "What could you change first?")
    lead.is_told_what_to_put_right("Take out what is about patients, or say below that nothing is")
    lead.sees("1 NHS number and 1 date of birth", "Nothing is saved yet")
    lead.types("What could you change first?", "We write the time of each request on the board.")
    lead.presses("Save and continue", "What will you call it?")
    lead.types("What will you call it?", "Heard within 15 minutes")
    lead.presses("Save and continue", "Check your answers")
    lead.sees("Left for later", "Thursday 30 September 2027")
    lead.presses("Go to your project", "Heard within 15 minutes")


def both_write_the_same(project: Project, lead: Person, colleague: Person) -> None:
    """Open one part together; the second is shown what the first has saved, and puts both together."""
    for each in (lead, colleague):
        each.opens(f"/projects/{project.pk}/edit/aim/", "Aim")
    lead.types("By how much?", "From 52% to 90%")
    lead.presses("Save", "Heard within 15 minutes")
    colleague.types("By how much?", "To 9 of 10, for everybody")
    colleague.presses("Save", "Aim")
    colleague.sees("Somebody else has changed the same", "From 52% to 90%", "is not saved")
    colleague.types("By how much?", "From 52% to 90%, for everybody")
    colleague.presses("Save", "Heard within 15 minutes")
    colleague.sees("From 52% to 90%, for everybody")


def makes_it_active(project: Project, lead: Person) -> None:
    """Put on record what protects patients and who has said yes, and let the project be active."""
    lead.opens(project.get_absolute_url(), "Heard within 15 minutes")
    lead.follows("Ethics and patient data", "Ethics and patient data")
    lead.chooses("It is improvement work, and not research")
    lead.chooses("Nothing in this project identifies a patient, and nothing will")
    lead.presses("Say so", "Heard within 15 minutes")
    lead.follows("Your organisation's approval", "Your organisation's approval")
    lead.chooses("They approve of the project")
    lead.types("Who decided?", "Demo Director")
    lead.types("What is their role?", "Director of midwifery")
    for part, typed in (("Day", "2"), ("Month", "3"), ("Year", "2026")):
        lead.types(part, typed)
    lead.presses("Record it", "Heard within 15 minutes")
    lead.presses("Make it active", "Make the project active")
    lead.presses("Make it active", "Heard within 15 minutes")
    lead.turns_to("My projects")
    lead.sees("Heard within 15 minutes", "Active")


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])
def test_a_project_from_the_first_question_to_its_end(
    somebody: Seat, at_the_desk: Desk, mails: Sink, hand: Hand
) -> None:
    # Given a midwife whose programme asks for a project, and a colleague of another trust
    midwife, anaesthetist = given_two_midwives()
    letters = Letterbox(mails, anaesthetist.email)
    lead = somebody(hand)
    lead.is_signed_in(midwife)

    # When she begins one by questions, and asks the colleague to join
    begins_by_questions(lead)
    lead.follows("Team", "Team")
    lead.presses("Invite somebody", "Invite somebody")
    lead.presses("Send the invitation", "Invite somebody")
    lead.is_told_what_to_put_right("Enter an email address")
    lead.types("Email address", anaesthetist.email)
    lead.chooses("Member")
    lead.presses("Send the invitation", "Team")
    lead.sees(f"We have written to {anaesthetist.email}", "Waiting for an answer")

    # And the colleague says yes
    colleague = somebody(hand)
    colleague.is_signed_in(anaesthetist)
    link = link_in(letters.gets("You are invited to join a quality improvement project"))
    colleague.opens(link, "An invitation to a project Heard within 15 minutes")
    colleague.presses("Join the team", "Heard within 15 minutes")

    # And both write at one time
    project = Project.objects.get()
    both_write_the_same(project, lead, colleague)

    # And she says what protects patients, and makes it active
    makes_it_active(project, lead)

    # Then the programme team reads it, and changes nothing
    admin = at_the_desk(make_admin(name="Demo Admin"), Mouse())
    admin.opens("/admin/qi_projects/project/", "Select QI project")
    admin.follows("Heard within 15 minutes", "View QI project")
    admin.follows("Read the project", "Heard within 15 minutes")
    admin.sees("Everybody is answered within 15 minutes.")
    admin.does_not_see("Stop it early")

    # And she ends it, with what came of it
    lead.opens(project.get_absolute_url(), "Heard within 15 minutes")
    lead.presses("Finish the project", "Finish the project")
    lead.types("What came of it?", "After five months 9 of 10 were answered within 15 minutes.")
    lead.presses("Finish the project", "Heard within 15 minutes")
    lead.follows("See who did what", "Who did what")
    lead.sees("Demo Anaesthetist", "Joined", "Finished")
