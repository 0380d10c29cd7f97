"""A QI project beside which a coach stands: help asked for and given, and a review that returns it once."""

from collections.abc import Callable

import pytest

from cohorts.models import Component, EvidenceKind, Membership
from portal.accounts.models import User
from qi_projects.models import Project
from tests.browser.letterbox import Letterbox, link_in
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.factories import make_admin, make_cohort, make_component, make_membership, make_programme, make_user
from tests.outbox.sink import Sink
from tests.qi_projects.coaching import make_coach, make_sendable

pytestmark = pytest.mark.browser
Seat = Callable[[Hand], Person]
Desk = Callable[[User, Hand], Person]
TITLE = "Heard within 15 minutes"


def given_a_project() -> tuple[Project, Membership]:
    """Make one that is active and counts for its lead's place in a cohort."""
    programme = make_programme(name="Perinatal programme")
    make_component(
        programme,
        kind=Component.Kind.PROJECT,
        title="Your QI project",
        slug="qi-project",
        fulfilled_by=[EvidenceKind.PROJECT],
    )
    membership = make_membership(make_user(name="Demo Midwife"), make_cohort(programme, name="Perinatal cohort 4"))
    return make_sendable(membership.user, membership=membership, title=TITLE), membership


def is_assigned(project: Project, admin: Person, coach: User) -> None:
    """See on the start page that a project has no coach, and assign one."""
    admin.opens("/admin/", "What needs doing today")
    admin.sees("Projects without a coach")
    admin.follows(TITLE, "Coaches")
    admin.page.get_by_label("Who coaches it").select_option(str(coach.pk))
    admin.presses("Assign the coach", f"Let {coach} coach")
    admin.presses("Assign the coach", "Coaches")
    admin.sees("Coach since")


def asks_and_is_answered(project: Project, lead: Person, guide: Person, letters: Letterbox) -> None:
    """Ask for help, be answered, and mark it as dealt with; each is told by letter."""
    lead.opens(project.get_absolute_url(), TITLE)
    lead.follows("Coach and comments", "Coach and comments")
    lead.presses("Ask for help", "Ask for help")
    lead.chooses("Data: what to measure, or what a chart says")
    lead.presses("Ask for help", "Ask for help")
    lead.is_told_what_to_put_right("Write your question")
    lead.types("What is your question?", "What do we count on nights?")
    lead.presses("Ask for help", "Asked for help: the whole project")
    lead.sees("Your coach is told by email", "Waits for a coach")

    guide.opens("/projects/coaching/", "My projects to coach")
    guide.sees("1 to answer")
    guide.follows("1 to answer", "Coach and comments")
    guide.follows("Answer, or mark as dealt with", "Asked for help")
    guide.types("Your answer", "Every third night is enough to begin with.")
    guide.presses("Send your answer", "Asked for help")
    guide.sees("Waits for the team")

    lead.opens(link_in(letters.gets("Your coach has written to you")), "Asked for help")
    lead.sees("Every third night is enough to begin with.")
    lead.presses("Mark as dealt with", "Coach and comments")
    lead.sees("Nothing waits for an answer")


def scores(project: Project, lead: Person) -> None:
    """Say twice how far the project is, and see both."""
    for step, support in (
        ("1.0 Aim and team agreed", "The aim"),
        ("2.0 Learning, without a change yet", "12 requests"),
    ):
        lead.opens(f"{project.get_absolute_url()}score/", "Progress score")
        lead.chooses(step)
        lead.types("What supports it?", support)
        lead.presses("Record it", "Progress score")
    lead.sees("12 requests", "The aim")


def is_sent(project: Project, lead: Person) -> None:
    """Read what a reviewer looks for, and send it."""
    lead.opens(project.get_absolute_url(), TITLE)
    lead.follows("Review", "Review")
    lead.presses("Send it for review", "Send the project for review")
    lead.types("Is there anything that the reviewer should know?", "Our trust asks for no approval.")
    lead.presses("Send it for review", "Review")
    lead.sees("Waits for review")


def decides(project: Project, reviewer: Person, act: str, words: str) -> None:
    """Find it among what others have sent, read it, and decide."""
    reviewer.opens("/projects/coaching/", "My projects to coach")
    reviewer.follows(TITLE, "Review")
    reviewer.sees("Our trust asks for no approval.")
    titles = {"return": "Return the project with reasons", "accept": "Accept the project"}
    reviewer.presses(titles[act], titles[act])
    if act == "return":
        reviewer.presses("Return it to the team", titles[act])
        reviewer.is_told_what_to_put_right("Write what you would like to see first")
        reviewer.types("What would you like to see first?", words)
        reviewer.presses("Return it to the team", "My projects to coach")
    else:
        reviewer.sees("Demo Midwife: Your QI project, Perinatal cohort 4")
        reviewer.presses("Accept the project", "My projects to coach")


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])
def test_a_team_is_helped_and_its_project_is_returned_once_and_accepted(
    somebody: Seat, at_the_desk: Desk, mails: Sink, hand: Hand
) -> None:
    # Given a team without a coach, and two coaches
    project, membership = given_a_project()
    coach, other = make_coach(name="Demo Coach"), make_coach(name="Demo Reviewer")
    letters = Letterbox(mails, membership.user.email)
    is_assigned(project, at_the_desk(make_admin(name="Demo Admin"), Mouse()), coach)
    lead, guide, reviewer = somebody(hand), somebody(hand), somebody(hand)
    lead.is_signed_in(membership.user)
    guide.is_signed_in_with_a_second_step(coach)
    reviewer.is_signed_in_with_a_second_step(other)

    # When the team asks for help, and says how far it is
    asks_and_is_answered(project, lead, guide, letters)
    scores(project, lead)

    # And the coach goes away, and the other stands in
    guide.opens("/projects/coaching/", "My projects to coach")
    guide.presses("Say when you are away", "Say when you are away")
    for label, year in (("What is your first day away?", "2090"), ("What is your last day away?", "2090")):
        group = guide.page.get_by_role("group", name=label)
        for part, typed in (("Day", "2"), ("Month", "3"), ("Year", year)):
            guide.hand.type(guide.page, group.get_by_label(part), typed)
    guide.page.get_by_label("Who stands in for you?").select_option(label="Demo Reviewer")
    guide.presses("Save", "My projects to coach")
    guide.sees("Demo Reviewer stands in for you")

    # And the project is sent, returned with reasons, worked on, sent again, and accepted
    is_sent(project, lead)
    decides(project, reviewer, "return", "Say how long people wait now.")
    lead.opens(link_in(letters.gets("Your project was returned to you")), "Review")
    lead.sees("Say how long people wait now.")
    lead.opens(f"{project.get_absolute_url()}edit/why/", "Why it matters")
    lead.types("What have you noticed?", "Half of those who ask wait for longer than 15 minutes.")
    lead.presses("Save", TITLE)
    is_sent(project, lead)
    decides(project, reviewer, "accept", "")

    # Then "Your programme" shows it as completed
    lead.opens(link_in(letters.gets("Your project was accepted")), "Review")
    lead.sees("Accepted", "Counts for")
    lead.opens("/me/", "Your programme")
    lead.sees_task("Your QI project", "Completed")
