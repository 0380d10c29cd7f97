"""What an organisation lead sees of their people: numbers, by programme and by year."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from cohorts import figures, nominating, progress
from cohorts.models import Evidence, Membership
from cohorts.nominating import Nominee
from portal.accounts.models import Organisation, Role, User
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.factories import (
    make_cohort,
    make_component,
    make_membership,
    make_open_cohort,
    make_organisation,
    make_programme,
    make_user,
)

pytestmark = pytest.mark.browser


def given_people_of(trust: Organisation) -> list[Membership]:
    """Enrol 27 people of a trust, of whom 12 have completed a programme, and 3 a year later."""
    today = timezone.localdate()
    component = make_component(make_programme(name="Perinatal anti-racism programme"))
    cohorts = [
        make_cohort(component.programme, starts_on=today - timedelta(days=days), ends_on=today) for days in (730, 365)
    ]
    people = [make_user() for _ in range(30)]
    memberships = [
        make_membership(person, cohorts[index >= 27], organisation=trust) for index, person in enumerate(people)
    ]
    done = memberships[:12]
    kind = Evidence.Kind.RECORD
    progress.record_all(
        [Evidence(membership=each, component=component, kind=kind, fulfilled_on=today) for each in done], by=None
    )
    return memberships


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])
def test_a_lead_reads_numbers_and_finds_what_waits(somebody: Callable[[Hand], Person], hand: Hand) -> None:
    # Given a lead whose colleagues take part, and who has nominated one more
    trust = make_organisation(name="Example Coast Trust")
    user: User = make_user(Role.Kind.ORGANISATION_LEAD, name="Demo Lead", organisation=trust)
    memberships = given_people_of(trust)
    nominating.nominate(make_open_cohort(), trust, [Nominee("Demo Midwife", "midwife@trust.example", None)], by=user)

    # When they look before there are figures, and once they are drawn up
    lead = somebody(hand)
    lead.is_signed_in(user)
    lead.opens("/my-organisation/", "My organisation")
    lead.sees("There are no figures yet")
    figures.draw_up()
    lead.opens("/my-organisation/", "My organisation")

    # Then they read numbers in fives, none that is small, and no name
    lead.sees("Example Coast Trust", "25 or more", "10 or more", "Not shown", "1 of your nominations waits")
    lead.does_not_see(memberships[0].user.name)
    lead.hand.press(lead.page, lead.page.locator("summary", has_text="How these numbers are told"))
    lead.sees("So that nobody can work out what one person has done")

    # And come to the nomination that waits
    lead.follows("See your nominations", "Nominations")
    lead.sees("Demo Midwife", "Waiting for their answer")
