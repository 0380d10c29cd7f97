"""The demonstration's earlier cohorts, long over: enough people of one trust for its lead to be told numbers."""

from datetime import date, timedelta
from typing import Final

from cohorts import progress
from cohorts.demo.people import colleague, job_role, organisations
from cohorts.demo.plans import CohortPlan
from cohorts.enrolment import enrol
from cohorts.models import Cohort, Evidence, Programme
from portal.accounts.models import User

WEEKS_BETWEEN: Final = 52
EARLIER: Final = ((16, 12), (14, 6))
"""How many of the trust took part in each cohort, the earliest first, and how many of those completed it."""


def remember_earlier_cohorts(plan: CohortPlan, programme: Programme, *, monday: date, admin: User) -> None:
    """See to it that there were cohorts before the first that the demonstration shows at work."""
    if Cohort.objects.filter(programme=programme, number__lt=plan.first_number).exists():
        return
    for back, (people, completed) in zip(range(len(EARLIER), 0, -1), EARLIER, strict=True):
        starts_on = monday - timedelta(weeks=plan.began_weeks_ago + back * WEEKS_BETWEEN)
        number = plan.first_number - back
        cohort = Cohort.objects.create(
            programme=programme,
            number=number,
            name=f"{plan.name} {number}",
            starts_on=starts_on,
            ends_on=starts_on + timedelta(weeks=plan.lasts_weeks, days=-3),
            places=people,
        )
        _take_through(cohort, plan, people, completed, admin)


def _take_through(cohort: Cohort, plan: CohortPlan, people: int, completed: int, admin: User) -> None:
    """Enrol people of the first trust, and record all that is required for those who completed it."""
    trusts, roles = len(organisations()), plan.programme.job_roles
    memberships = [
        enrol(person, cohort, organisation=person.organisation, job_role=person.job_role, by=admin)
        for person in (
            # Colleagues are of the trusts by turns: each so many-th is of the first.
            colleague(index * trusts, f"{cohort.programme.slug}-{cohort.number}", job_role(roles[index % len(roles)]))
            for index in range(people)
        )
    ]
    required = cohort.programme.components.filter(required=True)
    progress.record_all(
        [
            Evidence(membership=membership, component=component, kind=kind, fulfilled_on=cohort.ends_on)
            for membership in memberships[:completed]
            for component in required
            for kind in component.fulfilled_by[:1]
        ],
        by=admin,
    )
