"""The pages of those who run a programme: a facilitator's register on a phone, and the admin pages."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from cohorts.models import Booking, CohortMessage, Session
from portal.accounts.models import User
from tests.browser.person import Finger, Hand, Keyboard, Mouse, Person
from tests.factories import (
    make_admin,
    make_booking,
    make_cohort,
    make_component,
    make_facilitator,
    make_job_role,
    make_membership,
    make_organisation,
    make_session,
    make_user,
    make_venue,
    make_waiting,
)

pytestmark = pytest.mark.browser


def given_a_session_that_begins_soon(facilitator: User, *names: str) -> Session:
    """Make it, with these people booked."""
    component = make_component(title="Training day 1")
    session = make_session(component, make_cohort(component.programme), venue=make_venue())
    session.facilitators.add(facilitator.facilitator)
    for name in names:
        make_booking(make_user(name=name, organisation=make_organisation()), session)
    starts_at = timezone.now() + timedelta(minutes=30)
    Session.objects.filter(pk=session.pk).update(starts_at=starts_at, ends_at=starts_at + timedelta(hours=3))
    return session


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard-320"])
def test_a_facilitator_takes_a_register(somebody: Callable[[Hand], Person], hand: Hand) -> None:
    user = make_facilitator(make_user(name="Demo Facilitator")).user
    session = given_a_session_that_begins_soon(user, "Ada Example", "Bea Example", "Cem Example")
    facilitator = somebody(hand)
    facilitator.is_signed_in_with_a_second_step(user)

    facilitator.opens("/facilitate/", "My sessions")
    facilitator.follows("Training day 1", "Training day 1")
    facilitator.chooses("Attended", group="Ada Example")
    facilitator.chooses("Sent apologies", group="Cem Example")
    facilitator.presses("Save the register", "Training day 1")

    facilitator.sees("The register is saved.", "Last saved by Demo Facilitator", "1 person has no mark yet")
    # And somebody came without a place
    late = make_membership(make_user(name="Dee Example", email="dee@trust.example"), session.cohort)
    facilitator.follows("Add somebody who came without a place", "Add somebody who came without a place")
    facilitator.types("Their email address", "nobody@trust.example")
    facilitator.presses("Add them", "Add somebody who came without a place")
    facilitator.is_told_what_to_put_right("Nobody with this address is enrolled for this session")
    facilitator.types("Their email address", late.user.email)
    facilitator.presses("Add them", "Training day 1")
    facilitator.sees("Dee Example is on the register, as attended.")
    facilitator.follows("A sheet to print and sign", "Training day 1")
    facilitator.sees("Signature", "Bea Example")
    states = dict(session.bookings.values_list("user__name", "state"))
    assert states == {
        "Dee Example": Booking.State.ATTENDED,
        "Ada Example": Booking.State.ATTENDED,
        "Bea Example": Booking.State.BOOKED,
        "Cem Example": Booking.State.APOLOGIES,
    }


@pytest.mark.parametrize("hand", [Mouse(), Finger()], ids=["1280", "320"])
def test_the_admin_pages_have_nothing_wrong_with_them(at_the_desk: Callable[[User, Hand], Person], hand: Hand) -> None:
    cohort = make_cohort()
    session = make_session(make_component(cohort.programme, title="Training day 1"), cohort, days=3, places=1)
    held = make_booking(make_user(), session)
    make_waiting(make_user(), session)
    make_membership(cohort=cohort, state="applied", organisation=make_organisation(), job_role=make_job_role())
    make_component(cohort.programme)
    cohort.programme.learning_outcomes.create(text="Knows what to do next.")
    make_job_role()
    venue, facilitator, keeper = make_venue(), make_facilitator(), make_admin()
    letter = CohortMessage.objects.create(cohort=cohort, subject="Hello", body="Dear {name}", written_by=keeper)
    admin = at_the_desk(keeper, hand)

    admin.opens("/admin/", "What needs doing today")
    for model, row in (
        ("programme", cohort.programme),
        ("cohort", cohort),
        ("membership", held.membership),
        ("session", session),
        ("booking", held),
        ("venue", venue),
        ("facilitator", facilitator),
    ):
        admin.opens(f"/admin/cohorts/{model}/", "Select")
        admin.opens(f"/admin/cohorts/{model}/{row.pk}/change/", "")
        admin.opens(f"/admin/cohorts/{model}/{row.pk}/history/", "History")
    for page, heading in (
        ("programme/add", "Add programme"),
        ("session/add", "Add session"),
        ("session/series", "Add a series of sessions"),
        (f"session/{session.pk}/move", "Move"),
        (f"session/{session.pk}/places", "Change the places"),
        (f"session/{session.pk}/cancel", "Cancel"),
        (f"cohort/{cohort.pk}/enrol", "Enrol people by file"),
        (f"cohort/{cohort.pk}/applicants", "Who would like to take part"),
        (f"cohort/{cohort.pk}/copy", "Copy"),
        ("membership/add", "Enrol a person"),
        ("cohortmessage/add", "Add message to a cohort"),
        (f"cohortmessage/{letter.pk}/send", "Look at it before you send it"),
        ("membership/export", "Download the list"),
        (f"membership/{held.membership_id}/withdraw", "Withdraw"),
        (f"membership/{held.membership_id}/defer", "Defer"),
        ("booking/add", "Book for somebody"),
        (f"booking/{held.pk}/cancel", "Cancel for"),
    ):
        admin.opens(f"/admin/cohorts/{page}/", heading)


def test_a_person_is_chosen_by_typing_a_part_of_their_name(at_the_desk: Callable[[User, Hand], Person]) -> None:
    person, cohort = make_user(name="Demo Namesake", email="one@demo.example"), make_cohort()
    admin = at_the_desk(make_admin(), Mouse())

    admin.opens(f"/admin/cohorts/membership/add/?cohort={cohort.pk}", "Enrol a person")
    admin.page.locator(".field-user .select2-selection").click()
    admin.page.locator(".select2-search__field").fill("namesake")
    option = admin.page.get_by_role("option", name="Demo Namesake (one@demo.example)")
    expect(option).to_be_visible()
    option.click()
    admin.presses("Enrol", "Select")
    admin.sees("Demo Namesake is enrolled in")
    assert person.memberships.get().cohort == cohort


def test_a_file_is_enrolled(at_the_desk: Callable[[User, Hand], Person]) -> None:
    make_organisation(ods_code="ZZ1")
    cohort = make_cohort()
    admin = at_the_desk(make_admin(), Mouse())

    admin.opens(f"/admin/cohorts/cohort/{cohort.pk}/enrol/", "Enrol people by file")
    content = "Name,Email,Organisation,Job role\nDemo New,new@demo.example,ZZ1,\nDemo Wrong,wrong,ZZ1,\n"
    admin.page.locator("input[type=file]").set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": content.encode()}
    )
    admin.presses("Check the file", "Enrol people by file")
    admin.sees("Correct 1 row in your file", "The email address is not complete")
    admin.follows("Choose another file", "Enrol people by file")
    admin.page.locator("input[type=file]").set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": content.split("Demo Wrong", maxsplit=1)[0].encode()}
    )
    admin.presses("Check the file", "Enrol people by file")
    admin.presses("Enrol 1 person", "Enrol people by file")
    admin.sees("Done: ")
    assert cohort.memberships.get().user.email == "new@demo.example"
