"""From an organisation lead's nomination, and from the public page, to a place in a cohort."""

from collections.abc import Callable

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME

from cohorts.models import ApplicationQuestion, Cohort, Membership
from portal.accounts.models import Role, User
from tests.browser.letterbox import Letterbox, link_in
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.factories import make_admin, make_job_role, make_open_cohort, make_organisation, make_programme, make_user
from tests.outbox.sink import Sink

pytestmark = pytest.mark.browser

HANDS = pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])
Seat = Callable[[Hand], Person]
Desk = Callable[[User, Hand], Person]
State = Membership.State
WHY = "What would you like to change where you work?"
TIME = "Has your manager agreed to release the time?"


def given_a_cohort() -> Cohort:
    """Make one that takes applications, with two questions of its own."""
    programme = make_programme(
        name="Perinatal programme", published=True, asks="3 days in person\n3 book club meetings\nA project"
    )
    ask = ApplicationQuestion.objects.create
    ask(programme=programme, position=1, text=WHY, hint="A few sentences are enough.")
    ask(programme=programme, position=2, text=TIME, kind=ApplicationQuestion.Kind.YES_NO)
    make_job_role(name="Midwife")
    return make_open_cohort(programme, name="Perinatal cohort 5", places=2)


def answers_the_questions(person: Person) -> None:
    """Answer what the programme asks, and send it."""
    person.types(WHY, "I would like every woman to be listened to.")
    person.presses("Save and continue", TIME)
    person.chooses("Yes")
    person.presses("Save and continue", "Check your answers")
    person.sees("I would like every woman to be listened to.")
    person.presses("Send your application", "Your place in Perinatal cohort 5")
    person.sees("You have applied.")


@HANDS
def test_from_a_nomination_to_a_place(somebody: Seat, at_the_desk: Desk, mails: Sink, hand: Hand) -> None:
    # Given a cohort that takes nominations, a lead, and the programme's admin
    cohort, trust = given_a_cohort(), make_organisation(name="Example Coast Trust")
    lead = somebody(hand)
    lead.is_signed_in(make_user(Role.Kind.ORGANISATION_LEAD, name="Demo Lead", organisation=trust))

    # When the lead nominates a midwife, who has no account
    lead.opens("/nominations/", "Nominations")
    lead.follows("Nominate people", "Nominate people for Perinatal cohort 5")
    lead.presses("Continue", "Nominate people for Perinatal cohort 5")
    lead.is_told_what_to_put_right("Enter their full name")
    lead.types("Person 1: full name", "Demo Midwife")
    lead.types("Person 1: work email address", "midwife@trust.example")
    lead.presses("Continue", "Check whom you nominate")
    lead.sees("Demo Midwife", "midwife@trust.example")
    lead.presses("Nominate them", "Nominations")
    lead.sees("Waiting for their answer")

    # Then nobody is enrolled; the midwife says yes for herself, and tells the team why
    assert cohort.memberships.get().state == State.NOMINATED
    midwife = somebody(hand)
    letter = Letterbox(mails, "midwife@trust.example")
    address = link_in(letter.gets("You have been nominated"))
    midwife.is_signed_in(User.objects.get(email="midwife@trust.example"))
    midwife.opens(address, "Your place in Perinatal cohort 5")
    midwife.sees("Demo Lead", "3 days in person")
    midwife.presses("Yes, I would like to take part", "Would you like to take part?")
    midwife.presses("Yes, I would like to take part", "Your place in Perinatal cohort 5")
    midwife.presses("Answer some questions", "Apply for Perinatal cohort 5")
    midwife.presses("Start", "What is your job role?")
    midwife.page.get_by_label("What is your job role?").select_option(label="Midwife")
    midwife.presses("Save and continue", WHY)
    answers_the_questions(midwife)

    # When the admin offers her a place
    admin = at_the_desk(make_admin(name="Demo Admin"), Mouse())
    admin.opens(f"/admin/cohorts/cohort/{cohort.pk}/applicants/", "Who would like to take part")
    admin.sees("2 places: 0 taken or offered, 2 left", "Example Coast Trust", "Demo Lead")
    admin.page.locator(f"input[name={ACTION_CHECKBOX_NAME}]").check()
    admin.presses("Offer a place", "Offer a place")
    admin.sees("This is for 1 person.")
    admin.presses("Offer a place", "Who would like to take part")
    admin.sees("Offered a place: 1 person.")

    # Then she takes it, and the lead sees that she has
    midwife.opens(link_in(letter.gets("A place is yours if you want it")), "Your place in Perinatal cohort 5")
    midwife.presses("Accept the place", "Accept the place?")
    midwife.presses("Accept the place", "Your programme")
    midwife.sees("You have a place. The dates come later")
    letter.gets("You have a place")
    lead.opens("/nominations/", "Nominations")
    lead.sees("Has a place")
    assert cohort.memberships.get().state == State.ENROLLED


@HANDS
def test_somebody_expresses_interest_stops_and_comes_back(somebody: Seat, hand: Hand) -> None:
    # Given somebody who reads the public page
    cohort, trust = given_a_cohort(), make_organisation(name="Example Coast Trust")
    user = make_user(name="Demo Doctor", organisation=trust)
    doctor = somebody(hand)
    doctor.is_signed_in(user)
    doctor.opens(cohort.programme.get_absolute_url(), "Perinatal programme")

    # When they begin, and go home after the first answers
    doctor.follows("Apply", "Apply for Perinatal cohort 5")
    doctor.presses("Start", "What is your job role?")
    doctor.presses("Save and continue", "What is your job role?")
    doctor.is_told_what_to_put_right("Choose your job role")
    doctor.page.get_by_label("What is your job role?").select_option(label="Midwife")
    doctor.presses("Save and continue", WHY)
    later = somebody(hand)
    later.is_signed_in(user)
    later.opens(f"/apply/{cohort.pk}/", "Apply for Perinatal cohort 5")
    later.presses("Carry on", WHY)
    answers_the_questions(later)

    # Then they can say that they no longer want it
    later.presses("I no longer want a place", "Do you no longer want a place?")
    later.chooses("Time could not be released for it")
    later.presses("I no longer want a place", "Your place in Perinatal cohort 5")
    later.sees("You do not take part in this cohort.")
    assert cohort.memberships.get().reason == Membership.Reason.NO_TIME
