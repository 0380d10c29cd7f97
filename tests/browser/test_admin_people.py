"""The admin pages about people: whom an admin of some programmes finds, and the question before an action."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from portal.accounts.models import Role, User
from tests.browser.person import Finger, Hand, Mouse, Person
from tests.factories import (
    make_admin,
    make_admin_of,
    make_booking,
    make_cohort,
    make_job_role,
    make_membership,
    make_open_session,
    make_organisation,
    make_programme,
    make_user,
)

pytestmark = pytest.mark.browser


def test_an_admin_of_some_programmes_enrols_somebody_by_their_whole_address(
    at_the_desk: Callable[[User, Hand], Person],
) -> None:
    cohort, stranger = make_cohort(), make_user(name="Demo Stranger", email="stranger@elsewhere.example")
    make_membership(make_user(name="Demo Member"), cohort)
    admin = at_the_desk(make_admin_of(cohort.programme), Mouse())

    admin.opens(f"/admin/cohorts/membership/add/?cohort={cohort.pk}", "Enrol a person")
    admin.sees("For somebody who is not in one of your programmes, type the whole email address.")
    admin.page.locator(".field-user .select2-selection").click()
    options = admin.page.locator(".select2-results__option[role=option]")
    expect(options).to_have_count(1)
    expect(options).to_contain_text("Demo Member")
    admin.page.locator(".select2-search__field").fill("stranger@else")
    expect(admin.page.locator(".select2-results__message")).to_be_visible()
    admin.page.locator(".select2-search__field").fill("stranger@elsewhere.example")
    admin.page.get_by_role("option", name="Demo Stranger (stranger@elsewhere.example)").click()
    admin.presses("Enrol", "Select")
    admin.sees("Demo Stranger is enrolled in")
    assert stranger.memberships.get().cohort == cohort


@pytest.mark.parametrize("listed", ["cohort", "membership"])
def test_no_column_of_a_list_is_cut_off_on_a_laptop(at_the_desk: Callable[[User, Hand], Person], listed: str) -> None:
    trust = make_organisation(name="Sampleshire Women and Children's NHS Foundation Trust")
    role = make_job_role(name="Consultant in obstetrics and gynaecology")
    cohort = make_cohort(make_programme(name="Perinatal anti-racism programme"), name="Perinatal cohort 11")
    make_membership(make_user(name="Demo Member"), cohort, organisation=trust, job_role=role)
    admin = at_the_desk(make_admin(), Mouse())

    admin.opens(f"/admin/cohorts/{listed}/", "Select")
    frame, table = admin.page.locator(".results"), admin.page.locator("#result_list")
    assert table.evaluate("table => table.scrollWidth") <= frame.evaluate("frame => frame.clientWidth")


@pytest.mark.parametrize("hand", [Mouse(), Finger()], ids=["1280", "320"])
def test_roles_are_ended_once_the_question_is_answered(at_the_desk: Callable[[User, Hand], Person], hand: Hand) -> None:
    lead = make_user(Role.Kind.ORGANISATION_LEAD, name="Demo Lead", organisation=make_organisation())
    triager = make_user(Role.Kind.TRIAGER, name="Demo Triager")
    admin = at_the_desk(make_admin(name="Demo Keeper"), hand)

    admin.opens("/admin/accounts/role/", "Select")
    for person in (lead, triager):
        admin.page.locator(f"input[name=_selected_action][value='{person.roles.get().pk}']").check()
    admin.page.locator("select[name=action]").select_option("end")
    admin.presses("Go", "End roles")
    admin.sees("This ends 1 role of 1 person.", "Left as they are (1)", "The provider's own lead ends this role.")
    assert lead.roles.current().exists()
    admin.presses("End the roles", "Select")
    admin.sees("1 role ended.")
    assert not lead.roles.current().exists()
    assert triager.roles.current().exists()


@pytest.mark.parametrize("hand", [Mouse(), Finger()], ids=["1280", "320"])
def test_two_accounts_of_one_person_are_put_together_once_it_is_said_what_moves(
    at_the_desk: Callable[[User, Hand], Person], hand: Hand
) -> None:
    old = make_user(name="Demo Amina", email="amina@nhs.example")
    new = make_user(name="Demo Amina Example", email="amina@trust.example")
    session, cohort = make_open_session(), make_cohort()
    for person in (old, new):
        make_booking(person, session)
    make_booking(old, make_open_session(days=30))
    make_membership(old, cohort)
    admin = at_the_desk(make_admin(name="Demo Keeper"), hand)

    admin.opens("/admin/accounts/user/?q=amina", "Select")
    for person in (old, new):
        admin.page.locator(f"input[name=_selected_action][value='{person.pk}']").check()
    admin.page.locator("select[name=action]").select_option("put_together")
    admin.presses("Go", "Put two accounts together")
    stays = "This one: Demo Amina Example" if f"/{new.pk}/" in admin.page.url else "The other one"
    admin.page.get_by_label(stays).check()
    admin.presses("Continue", "Put two accounts together")
    admin.sees(
        "The account of Demo Amina Example (amina@trust.example) stays",
        "Both have it. Booked stays",
        f"{cohort.name}: Enrolled",
    )
    admin.presses("Put them together", "Change person")
    admin.sees("The two accounts of Demo Amina Example are one.")
    assert User.objects.get(pk=old.pk).merged_into == new
    admin.opens(f"/admin/accounts/user/{old.pk}/change/", "View person")
    admin.sees("This account was put together with")


def test_a_trust_becomes_a_part_of_another_once_it_is_said_what_moves(
    at_the_desk: Callable[[User, Hand], Person],
) -> None:
    old, new = (make_organisation(name=f"Demo Trust {name}") for name in ("Old", "New"))
    make_membership(make_user(organisation=old), organisation=old)
    make_user(Role.Kind.ORGANISATION_LEAD, name="Demo Lead", organisation=old)
    admin = at_the_desk(make_admin(name="Demo Keeper"), Finger())

    admin.opens(f"/admin/accounts/organisation/{old.pk}/change/", "Change organisation")
    admin.follows("Merge into another", "Merge Demo Trust Old")
    admin.page.get_by_label("It becomes a part of").select_option("Demo Trust New")
    admin.page.get_by_label("Its leads and sponsors become").check()
    admin.presses("Continue", "Merge Demo Trust Old")
    admin.sees("2 who work there", "Stay as they were", "Is about Demo Trust New from now on")
    admin.presses("Merge them", "Change organisation")
    admin.sees("Demo Trust Old is part of Demo Trust New now.")
    assert new.people.count() == 2
