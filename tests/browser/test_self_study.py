"""Self-study: begun on one machine, gone on with on another, and finished; a course, until it is published."""

from collections.abc import Callable

import pytest

from cohorts import progress
from cohorts.demo.study_of_testing import TESTING
from cohorts.demo.study_plans import course_of
from cohorts.models import Booking, Course, CoursePage, EvidenceKind, Membership, Study
from portal.accounts.models import User
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.factories import (
    make_admin,
    make_booking,
    make_cohort,
    make_component,
    make_membership,
    make_programme,
    make_session,
    make_user,
)

pytestmark = pytest.mark.browser

WORKSHOP = "QI workshop 2: test a change"


def given_a_midwife() -> tuple[Membership, Booking]:
    """Make somebody whose programme has a workshop with a date, which she has booked, and the demo's self-study."""
    cohort = make_cohort(make_programme(name="Perinatal programme"), name="Perinatal cohort 4")
    component = make_component(
        cohort.programme,
        title=WORKSHOP,
        slug=TESTING.slug,
        fulfilled_by=[EvidenceKind.ATTENDANCE, EvidenceKind.SELF_STUDY],
        cpd_points=2,
    )
    course_of(TESTING, component, by=make_admin())
    member = make_membership(make_user(name="Demo Midwife"), cohort)
    return member, make_booking(member.user, make_session(component, cohort))


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse-1280", "keyboard-320"])
def test_a_midwife_goes_on_another_machine_where_she_was(somebody: Callable[[Hand], Person], hand: Hand) -> None:
    member, booking = given_a_midwife()

    phone, desk = somebody(hand), somebody(hand)
    for machine in (phone, desk):
        machine.is_signed_in(member.user)

    # She opens the workshop between shifts, sees that she can do it in her own time, and reads a page
    phone.opens(f"/me/{member.pk}/{TESTING.slug}/", WORKSHOP)
    phone.sees("There are 2 ways to do this", "It takes about 40 minutes")
    phone.follows("Open the self-study", f"Self-study: {WORKSHOP}")
    phone.sees("Part 1: Plan, do, study, act", "0 of 3 done")
    phone.hand.press(phone.page, phone.page.get_by_role("button", name="Begin"))
    phone.arrives_at("One small test")
    phone.sees("Watch the video")
    phone.presses("I have read this: go on", "Four steps")

    # She stops in the middle of an exercise
    options = [option.text for option in CoursePage.objects.get(title="Four steps").options.all()]
    _put(phone, dict(zip(options, (1, 3, 2, 4), strict=True)))
    phone.presses("Check my answer", "Four steps")
    phone.sees("There is a problem", "2 of 4 are in their place", "Which of these has to be done before")
    assert phone.page.get_by_label(options[1]).input_value() == "3"

    # And comes back on another machine
    desk.opens(f"/me/{member.pk}/{TESTING.slug}/study/", f"Self-study: {WORKSHOP}")
    desk.sees("1 of 3 done", "Next: “Four steps”")
    desk.hand.press(desk.page, desk.page.get_by_role("button", name="Go on"))
    desk.arrives_at("Four steps")
    _put(desk, dict(zip(options, (1, 2, 3, 4), strict=True)))
    desk.presses("Check my answer", "Four steps")
    desk.sees("That is right.", "Agree who tries the card")
    desk.hand.press(desk.page, desk.page.get_by_role("button", name="Go on"))
    desk.arrives_at("Say what you expect")
    desk.presses("Check my answer", "Say what you expect")
    desk.sees("Select an answer")
    desk.chooses("The card will make a difference")
    desk.presses("Check my answer", "Say what you expect")
    desk.sees("Not yet.", "Whatever happens, this could be called true.")

    # She does the rest of it; it counts, and the date that she holds is hers to cancel
    _do_the_rest(desk)
    desk.arrives_at("You have finished the self-study")
    desk.sees("with 2 CPD points", "You still have a date of it")
    assert progress.fulfilled_on(member, booking.session.component)
    desk.hand.press(desk.page, desk.page.get_by_role("button", name="Cancel this date"))
    desk.arrives_at("Cancel")
    desk.opens("/me/", "Your programme")
    desk.sees("You have done all that this programme asks.")
    desk.opens("/me/certificates/", "Your certificates and CPD")
    desk.sees(WORKSHOP)
    desk.opens(f"/me/{member.pk}/{TESTING.slug}/study/", f"Self-study: {WORKSHOP}")
    desk.sees("You can read it again at any time.")


def test_a_team_writes_a_page_looks_at_it_and_publishes(at_the_desk: Callable[[User, Hand], Person]) -> None:
    component = make_component(title="QI workshop 1", fulfilled_by=[EvidenceKind.SELF_STUDY])
    course = Course.objects.create(component=component, minutes=20)
    admin = at_the_desk(make_admin(), Mouse())

    admin.opens(f"/admin/cohorts/course/{course.pk}/change/", "Change self-study course")
    admin.page.get_by_role("button", name="Add another Module").click()
    admin.page.locator("#modules-0").get_by_label("Title").fill("Three questions")
    admin.presses("Save and continue editing", "Change self-study course")
    admin.follows("Publish", "cannot be published yet")
    admin.sees("The module “Three questions” has no page yet.")
    admin.opens(f"/admin/cohorts/course/{course.pk}/change/", "Change self-study course")
    admin.follows("Add a page", "Add self-study page")
    admin.types("Title", "Which is an aim?")
    admin.page.locator("#id_text").fill("Four people have each written one.")
    admin.page.get_by_label("Exercise:").select_option(label="Choose one answer")
    admin.types("Question", "Which says how much, by when and for whom?")
    for number, (text, why) in enumerate((("Improve care", "How much?"), ("9 in 10 by March", "It says it all."))):
        admin.page.get_by_role("button", name="Add another Answer").click()
        row = admin.page.locator(f"#options-{number}")
        row.get_by_label("Text").fill(text)
        row.get_by_label("Feedback").fill(why)
    admin.presses("Save and continue editing", "Add self-study page")
    admin.sees("mark one answer as right, and only one.")
    admin.page.locator("#options-1").get_by_label("Right").check()
    admin.presses("Save and continue editing", "Change self-study page")
    admin.follows("See it as a participant", "Which is an aim?")
    admin.chooses("Improve care")
    admin.presses("Check my answer", "Which is an aim?")
    admin.sees("How much?")
    admin.follows("All pages of this self-study", "Self-study: QI workshop 1")
    admin.follows("The course in Admin", "Change self-study course")
    admin.follows("Publish", "Publish the self-study of QI workshop 1")
    admin.presses("Publish it", "Change self-study course")

    assert Course.objects.get().published
    assert not Study.objects.exists()


def _put(person: Person, places: dict[str, int]) -> None:
    """Give things their places."""
    for label, place in places.items():
        select = person.page.get_by_label(label)
        if isinstance(person.hand, Keyboard):
            person.hand.go_to(person.page, select)
            person.page.keyboard.press("Home")
            for _ in range(place):
                person.page.keyboard.press("ArrowDown")
        else:
            select.select_option(str(place))


def _do_the_rest(desk: Person) -> None:
    """Answer what is asked from the third page on, and go to the end."""
    left = CoursePage.objects.exclude(exercise__in=["", "order"])
    for page in left.order_by("module__position", "position"):
        assert page.title in desk.page.locator("h1").inner_text()
        if page.exercise == "number":
            desk.types(page.question, "75%")
        for option in page.options.filter(is_right=True):
            desk.chooses(option.text)
        desk.presses("Check my answer", page.title)
        desk.sees("That is right.")
        is_last = page.title.startswith("Measures")
        desk.hand.press(desk.page, desk.page.get_by_role("button", name="Go to the end" if is_last else "Go on"))
        desk.page.wait_for_load_state("load")
