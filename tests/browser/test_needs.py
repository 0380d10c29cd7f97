"""Saying once what one needs, and whoever leads the session reading it."""

from collections.abc import Callable

import pytest

from portal.accounts.models import Needs
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.factories import (
    make_admin_of,
    make_booking,
    make_cohort,
    make_component,
    make_facilitator,
    make_session,
    make_user,
    make_venue,
)

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard-320"])
def test_somebody_says_what_they_need_and_a_facilitator_reads_it(
    somebody: Callable[[Hand], Person], hand: Hand
) -> None:
    component = make_component(title="Training day 1")
    session = make_session(component, make_cohort(component.programme), venue=make_venue())
    facilitator = make_facilitator(make_user(name="Demo Facilitator")).user
    session.facilitators.add(facilitator.facilitator)
    make_admin_of(component.programme, name="Demo Admin")
    amina = make_user(name="Demo Amina")
    make_booking(amina, session)

    person = somebody(hand)
    person.is_signed_in(amina)
    person.opens("/people/details/", "Name and workplace")
    person.follows("Access and dietary needs", "Access and dietary needs")
    person.sees("Demo Facilitator", "Demo Admin", "until 7 days after it ends")
    person.types("What do you need so that you can take part?", "A hearing loop")
    person.presses("Save", "Access and dietary needs")
    person.is_told_what_to_put_right("Tick the box if you agree, or clear what you wrote")
    person.chooses("I agree that the people named on this page read this, until I take it back")
    person.presses("Save", "Access and dietary needs")
    person.sees("What you need is saved.")

    leader = somebody(hand)
    leader.is_signed_in_with_a_second_step(facilitator)
    leader.opens(f"/facilitate/sessions/{session.pk}/register/", "Training day 1")
    leader.follows("Access and dietary needs", "Access and dietary needs")
    leader.sees("Demo Amina", "A hearing loop", "not for whom")

    person.presses("Delete what I need", "Access and dietary needs")
    person.sees("What you need is deleted.")
    assert not Needs.objects.exists()
