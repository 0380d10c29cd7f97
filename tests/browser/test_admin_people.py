"""The admin pages about people: whom an admin of some programmes finds, and the question before an action."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from portal.accounts.models import Role, User
from tests.browser.person import Finger, Hand, Mouse, Person
from tests.factories import make_admin, make_admin_of, make_cohort, make_membership, make_organisation, make_user

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
