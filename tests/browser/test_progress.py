"""What completes a programme, from the desk where it is said to the phone where it is read."""

from collections.abc import Callable
from datetime import date

import pytest

from cohorts import progress
from cohorts.models import Component, EvidenceKind, Membership, Programme
from portal.accounts.models import User
from tests.browser.person import Finger, Hand, Keyboard, Mouse, Person
from tests.factories import (
    make_admin,
    make_choice,
    make_cohort,
    make_component,
    make_facilitator,
    make_membership,
    make_programme,
    make_session,
    make_user,
)

pytestmark = pytest.mark.browser

WIDE_AND_NARROW = pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse-1280", "keyboard-320"])


def given_a_group() -> tuple[Programme, list[Component], list[Membership]]:
    """Make a training day and two workshops; Ada has done the first two things, Bea the first, Cem nothing."""
    cohort = make_cohort(make_programme(name="Perinatal programme"), name="Perinatal cohort 4")
    components = [
        make_component(cohort.programme, title=title) for title in ("Training day 1", "QI workshop 1", "QI workshop 2")
    ]
    members = [
        make_membership(make_user(name=f"{name} Example", email=f"{name.lower()}@trust.example"), cohort)
        for name in ("Ada", "Bea", "Cem")
    ]
    done(members[0], components[0], components[1])
    done(members[1], components[0])
    return cohort.programme, components, members


def done(member: Membership, *components: Component) -> None:
    for component in components:
        progress.record(member, component, kind=EvidenceKind.RECORD, fulfilled_on=date(2026, 3, 2), by=None)


def test_a_choice_is_made_once_it_is_said_whom_it_completes(at_the_desk: Callable[[User, Hand], Person]) -> None:
    programme, _, members = given_a_group()
    admin = at_the_desk(make_admin(), Mouse())

    admin.opens(f"/admin/cohorts/programme/{programme.pk}/change/", "Change programme")
    admin.page.get_by_role("button", name="Add another Choice of components").click()
    row = admin.page.locator("#choices-0")
    row.get_by_label("Title").fill("QI workshops")
    row.get_by_label("QI workshop 1").check()
    row.get_by_label("QI workshop 2").check()
    admin.presses("Save", "This changes who has completed the programme")
    admin.sees("Perinatal cohort 4: 1 person would become complete.", "Ada Example")
    admin.presses("Go back and change it", "Change programme")
    admin.sees("Nothing has been changed yet. Change what you like, and save.")
    admin.presses("Save", "This changes who has completed the programme")
    admin.presses("Yes, change it", "Select programme to change")

    assert programme.choices.get().components.count() == 2
    admin.opens(f"/admin/cohorts/programme/{programme.pk}/change/", "Change programme")
    admin.opens(f"/admin/cohorts/membership/?cohort__id__exact={members[0].cohort_id}", "Select")
    admin.sees("2 of 2", "1 of 2")


@pytest.mark.parametrize("hand", [Mouse(), Finger()], ids=["1280", "320"])
def test_many_get_a_record_at_once(at_the_desk: Callable[[User, Hand], Person], hand: Hand) -> None:
    _, components, members = given_a_group()
    admin = at_the_desk(make_admin(), hand)

    admin.opens(f"/admin/cohorts/cohort/{members[0].cohort_id}/record/", "Record what members of")
    admin.types("Email addresses", "ada@trust.example\ncem@trust.example\nnobody@trust.example")
    admin.page.get_by_label("What they have done").select_option(label="QI workshop 1")
    admin.types("Done on", "02/03/2026")
    admin.presses("Continue", "Record what members of")
    admin.sees("1 person: QI workshop 1", "Cem Example", "Line 3: nobody@trust.example", "Has done it already.")
    admin.presses("Record for 1 person", "Select membership to view")
    admin.sees("Recorded for 1 person: QI workshop 1.")

    assert progress.fulfilled_on(members[2], components[1]) == date(2026, 3, 2)


@WIDE_AND_NARROW
def test_a_participant_reads_what_is_asked_and_by_when(somebody: Callable[[Hand], Person], hand: Hand) -> None:
    programme, components, (ada, *_) = given_a_group()
    make_choice(components[1], components[2], at_least=2, title="QI workshops", within_weeks=2)
    Component.objects.filter(pk=components[0].pk).update(within_weeks=12)
    components[2].fulfilled_by = [EvidenceKind.ATTENDANCE, EvidenceKind.SELF_STUDY]
    components[2].save()
    make_component(programme, title="Training day 2", within_weeks=12)
    participant = somebody(hand)
    participant.is_signed_in(ada.user)

    participant.opens("/me/", "Your programme")
    participant.sees("You have done 2 of the 4 things that this programme asks. Next: “QI workshop 2”.")
    participant.sees("1 of 2 done")
    participant.sees("Do all of these 2", "You can still do it.", "Do this by")
    participant.follows("QI workshop 2", "QI workshop 2")
    participant.sees("This is one of “QI workshops”", "You can do this as self-study")


@WIDE_AND_NARROW
def test_a_facilitator_sees_how_far_the_group_is(somebody: Callable[[Hand], Person], hand: Hand) -> None:
    _, components, members = given_a_group()
    make_choice(components[1], components[2], at_least=1, title="QI workshops")
    user = make_facilitator(make_user(name="Demo Facilitator")).user
    make_session(components[2], members[0].cohort).facilitators.add(user.facilitator)
    facilitator = somebody(hand)
    facilitator.is_signed_in_with_a_second_step(user)

    facilitator.opens("/facilitate/", "My sessions")
    facilitator.follows("Perinatal cohort 4", "How far Perinatal cohort 4 is")
    facilitator.sees("Ada Example", "Bea Example", "1 more of “QI workshops”")
    facilitator.follows(
        "See how many have done each component", "How many of Perinatal cohort 4 have done each component"
    )
    facilitator.sees("At least 1 of “QI workshops”", "2 of 3")
    facilitator.follows("Person by person", "How far Perinatal cohort 4 is")
    facilitator.opens("/facilitate/", "My sessions")
    facilitator.follows("QI workshop 2", "QI workshop 2")
    facilitator.follows("How far this group is", "How far Perinatal cohort 4 is")
