"""Beginning a cohort of the demonstration: its people, its dates, and where each person stands with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from cohorts import booking
from cohorts.demo.dates import Diary, put
from cohorts.demo.evaluations import evaluate
from cohorts.demo.people import colleagues, organisations
from cohorts.demo.plans import CohortPlan, ComponentPlan
from cohorts.enrolment import Enrolment, enrol_many
from cohorts.models import Cohort, Component, Membership, Programme
from portal.accounts.models import User

# Registers older than this have been taken; a younger one is left to the demo facilitator.
REGISTER_TAKEN_AFTER = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class NewCohort:
    """A cohort that begins: the demo people who are its `members`, and their colleagues."""

    plan: CohortPlan
    cohort: Cohort
    members: list[User]
    colleagues: list[User]
    memberships: dict[int, Membership]
    monday: date
    diary: Diary

    def give_dates(self) -> None:
        """Make every date of the cohort's components, and put people on it as the plan says."""
        components = {component.slug: component for component in self.cohort.programme.components.all()}
        for part in self.plan.programme.components:
            self._give_dates_of(part, components[part.slug])

    def _give_dates_of(self, part: ComponentPlan, component: Component) -> None:
        takes_part = {*self.plan.done_by_members, *self.plan.booked_by_members}
        free = list(self.colleagues)
        for index, slot in enumerate(part.slots):
            session = self.diary.add(component, part, slot, self.monday, self.cohort)
            members = self.members if index == 0 and part.slug in takes_part else []
            booked, free = free[: slot.booked], free[slot.booked :]
            put([*members, *booked], session, self.memberships)
            waiting, free = free[: slot.waiting], free[slot.waiting :]
            for person in waiting:
                booking.join_waiting_list(person, session.pk)
            if session.ends_at < timezone.now() - REGISTER_TAKEN_AFTER:
                self.diary.take_register(session, present=members)
                evaluate(session)


def begin_cohort(
    plan: CohortPlan, programme: Programme, *, number: int, members: list[User], monday: date, diary: Diary
) -> Cohort:
    """Make cohort `number` as it would stand on `monday`."""
    cohort = new_cohort(plan, programme, number=number, monday=monday, places=plan.colleagues + 8)
    roles = plan.programme.job_roles or ("Midwife",)
    others = colleagues(plan.colleagues, f"{programme.slug}-{number}", roles, organisations())
    memberships = enrolled(cohort, [*members, *others], by=diary.admin)
    NewCohort(plan, cohort, members, others, memberships, monday, diary).give_dates()
    return cohort


def new_cohort(plan: CohortPlan, programme: Programme, *, number: int, monday: date, places: int) -> Cohort:
    """Make cohort `number`, with nobody in it, whose dates are reckoned from `monday`."""
    starts_on = monday - timedelta(weeks=plan.began_weeks_ago)
    return Cohort.objects.create(
        programme=programme,
        number=number,
        name=f"{plan.name} {number}",
        starts_on=starts_on,
        ends_on=starts_on + timedelta(weeks=plan.lasts_weeks, days=-3),
        places=places,
    )


def enrolled(cohort: Cohort, people: Sequence[User], *, by: User) -> dict[int, Membership]:
    """Enrol people; return their memberships, in their order, by the person's key."""
    enrol_many(cohort, [Enrolment(person, person.organisation, person.job_role) for person in people], by=by)
    found = {each.user_id: each for each in cohort.memberships.select_related("user", "cohort__programme")}
    return {person.pk: found[person.pk] for person in people}
