"""The sheet that people sign, on paper; and the page of applicants on a phone, by keyboard."""

import re
from collections.abc import Callable
from typing import Final

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from playwright.sync_api import ViewportSize, expect

from cohorts.models import Membership
from portal.accounts.models import User
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.factories import (
    make_admin,
    make_booking,
    make_cohort,
    make_component,
    make_facilitator,
    make_job_role,
    make_membership,
    make_open_cohort,
    make_organisation,
    make_session,
    make_user,
    make_venue,
)

pytestmark = pytest.mark.browser

A4: Final[ViewportSize] = {"width": 718, "height": 1047}
"""In CSS pixels, within margins of 1 cm."""


def test_a_sheet_to_sign_is_a_table_on_paper(somebody: Callable[[Hand], Person]) -> None:
    # Given a session with as many people as take two sheets
    user = make_facilitator(make_user(name="Demo Facilitator")).user
    component = make_component(title="Training day 1")
    session = make_session(component, make_cohort(component.programme), venue=make_venue(), places=40)
    session.facilitators.add(user.facilitator)
    trust = make_organisation(name="Example Coast University Hospitals NHS Foundation Trust")
    for number in range(30):
        make_booking(
            make_membership(make_user(name=f"Demo {number:02}"), session.cohort, organisation=trust).user, session
        )

    # When whoever leads it prints the sheet
    facilitator = somebody(Mouse())
    facilitator.is_signed_in_with_a_second_step(user)
    facilitator.opens(f"/facilitate/sessions/{session.pk}/sheet/", "Training day 1")
    page = facilitator.page
    sheets = page.pdf(format="A4", margin={"top": "1cm", "bottom": "1cm", "left": "1cm", "right": "1cm"})

    # Then it takes two or three, and each person has a line in a table whose headings are repeated on each sheet
    assert len(re.findall(rb"/Type\s*/Page\b", sheets)) in {2, 3}
    page.emulate_media(media="print")
    page.set_viewport_size(A4)
    head, lines = page.locator(".nhsuk-table__head"), page.locator(".nhsuk-table__body .nhsuk-table__row")
    expect(head).to_have_css("display", "table-header-group")
    expect(head.get_by_text("Signature")).to_be_visible()
    expect(lines.first).to_have_css("display", "table-row")
    first = lines.first.bounding_box()
    assert first
    assert first["y"] + first["height"] < A4["height"] / 2
    assert page.evaluate("document.documentElement.scrollWidth") <= A4["width"]


def test_applicants_are_chosen_on_a_phone_by_keyboard(at_the_desk: Callable[[User, Hand], Person]) -> None:
    # Given somebody who applied
    cohort = make_open_cohort(name="Perinatal cohort 5", places=2)
    applied = make_membership(
        make_user(name="Demo Midwife"),
        cohort,
        state=Membership.State.APPLIED,
        organisation=make_organisation(name="Example Coast Trust"),
        job_role=make_job_role(),
    )
    admin = at_the_desk(make_admin(), Keyboard())
    admin.opens(f"/admin/cohorts/cohort/{cohort.pk}/applicants/", "Who would like to take part")

    # When the admin presses a button first, and then chooses
    admin.presses("Offer a place", "Who would like to take part")
    admin.sees("Choose somebody first.")
    for button in admin.page.locator(".submit-row button").all():
        box = button.bounding_box()
        assert box
        assert box["height"] >= 24
    admin.hand.choose(admin.page, admin.page.locator(f"input[name={ACTION_CHECKBOX_NAME}]"))
    admin.presses("Offer a place", "Offer a place")
    main = admin.page.get_by_role("button", name="Offer a place").bounding_box()
    assert main
    assert main["height"] >= 44
    admin.presses("Offer a place", "Who would like to take part")

    # Then the place is offered
    admin.sees("Offered a place: 1 person.")
    applied.refresh_from_db()
    assert applied.state == Membership.State.OFFERED
