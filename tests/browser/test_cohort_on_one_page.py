"""A programme admin reads the life of a cohort, and goes from there to what waits."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from cohorts.models import CohortMessage
from portal.accounts.models import User
from tests.browser.person import Finger, Hand, Mouse, Person
from tests.factories import (
    make_admin,
    make_attended,
    make_certificate,
    make_complete,
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


@pytest.mark.parametrize("hand", [Mouse(), Finger()], ids=["1280", "320"])
def test_a_cohort_is_read_from_the_first_application_to_the_last_certificate(
    at_the_desk: Callable[[User, Hand], Person], hand: Hand
) -> None:
    cohort = make_open_cohort(name="Perinatal cohort 4", places=20)
    keeper, trust, midwife = make_admin(), make_organisation(name="Demo Coast Trust"), make_job_role(name="Midwife")
    day = make_component(cohort.programme, title="Training day 1")
    attended = make_attended(session=make_session(day, cohort, venue=make_venue()))
    attended.session.facilitators.add(make_facilitator())
    make_session(make_component(cohort.programme, title="Reflective workshop"), cohort, days=30, format="hybrid")
    for state in ("enrolled", "applied", "applied", "reserve", "offered"):
        make_membership(cohort=cohort, state=state, organisation=trust, job_role=midwife)
    make_certificate(make_complete(cohort=cohort))
    make_complete(make_user(name="Ada Example"), cohort)
    letter = {"cohort": cohort, "body": "Dear {name}", "written_by": keeper}
    CohortMessage.objects.create(subject="Welcome", sent_at=timezone.now(), sent_to=3, **letter)
    CohortMessage.objects.create(subject="The next date", **letter)
    admin = at_the_desk(keeper, hand)

    admin.opens("/admin/", "What needs doing today")
    admin.opens("/admin/cohorts/cohort/", "Select")
    admin.follows("See all of Perinatal cohort 4", "The life of Perinatal cohort 4")
    admin.sees(
        "2 people applied and not answered",
        "5 of 20 places taken or offered",
        "No facilitator and no venue and no link",
        "Taken: 1 came",
        "1 draft not sent",
        "1 certificate to issue",
    )
    admin.follows("See who would like to take part, and decide", "Who would like to take part")
    admin.opens(f"/admin/cohorts/cohort/{cohort.pk}/life/", "The life of Perinatal cohort 4")
    admin.follows("Issue 1 certificate", "Issue certificates for Perinatal cohort 4")
    admin.sees("Ada Example")
