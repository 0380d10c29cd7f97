"""The demonstration's cohorts before the one at work: one that is in its last weeks, and one that has graduated.

Their people are mostly of one trust, enough of them for its lead to be told numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from django.utils import timezone

from cohorts import progress
from cohorts.demo.certificates import certify
from cohorts.demo.dates import Diary, held_in_the_past, put
from cohorts.demo.evaluations import evaluate
from cohorts.demo.keeping import keep
from cohorts.demo.new_cohort import REGISTER_TAKEN_AFTER, enrolled, new_cohort
from cohorts.demo.people import colleagues, organisations
from cohorts.demo.plans import CohortPlan
from cohorts.demo.testimonies import testify
from cohorts.models import Booking, Cohort, Component, Evidence, EvidenceKind, Membership, Programme
from portal.accounts.models import Organisation, User

PEOPLE: Final = 24
FINISHERS: Final = 18
"""How many of them come to everything; the others come no more after the first half."""

FINISHING, GRADUATED = timedelta(weeks=16), timedelta(weeks=60)
"""How long ago each stood where the cohort at work stands now."""

CANCELLED_BECAUSE: Final = "The ward was short of staff."


@dataclass(frozen=True, slots=True)
class Went:
    """Who went through an earlier cohort, those who came to everything first."""

    cohort: Cohort
    memberships: dict[int, Membership]

    @property
    def people(self) -> list[User]:
        """Return everybody."""
        return [membership.user for membership in self.memberships.values()]

    @property
    def finishers(self) -> list[User]:
        """Return those who came to everything."""
        return self.people[:FINISHERS]


def remember_earlier_cohorts(
    plan: CohortPlan, programme: Programme, *, monday: date, graduate: User, diary: Diary
) -> None:
    """See to it that there were cohorts before the first that the demonstration shows at work."""
    if Cohort.objects.filter(programme=programme, number__lt=plan.first_number).exists():
        return
    first, second = plan.first_number - 2, plan.first_number - 1
    graduated = _take_through(plan, programme, first, monday - GRADUATED, [graduate], diary)
    _record_projects(graduated, by=diary.admin)
    certify(graduated.cohort, graduate, by=diary.admin)
    testify(programme, graduated.finishers, editor=diary.admin)
    _let_some_cancel(graduated)
    keep(held=graduated.people[-2], asks=graduated.people[-3], by=diary.admin)
    finishing = _take_through(plan, programme, second, monday - FINISHING, [], diary)
    for session in finishing.cohort.sessions.filter(component__kind=Component.Kind.TRAINING).order_by("starts_at"):
        evaluate(session)


def _take_through(
    plan: CohortPlan, programme: Programme, number: int, then: date, members: list[User], diary: Diary
) -> Went:
    """Make an earlier cohort as it went on from the Monday `then`, with all of its dates, and the registers taken."""
    cohort = new_cohort(plan, programme, number=number, monday=then, places=PEOPLE)
    others = colleagues(
        PEOPLE - len(members), f"{programme.slug}-{number}", plan.programme.job_roles, _mostly_of_the_first_trust()
    )
    went = Went(cohort, enrolled(cohort, [*members, *others], by=diary.admin))
    _give_dates(plan, went, then, diary)
    return went


def _mostly_of_the_first_trust() -> Sequence[Organisation]:
    """Return workplaces by turns, two of three of them the first trust."""
    home, *others = organisations()
    return [workplace for other in others for workplace in (home, home, other)]


def _give_dates(plan: CohortPlan, went: Went, then: date, diary: Diary) -> None:
    components = {component.slug: component for component in went.cohort.programme.components.all()}
    parts = plan.programme.components
    for position, part in enumerate(parts):
        came = went.people if position < len(parts) // 2 else went.finishers
        for index, slot in enumerate(part.slots):
            roomy = replace(slot, places=PEOPLE)
            session = diary.add(components[part.slug], part, roomy, then, went.cohort)
            put(came[index :: len(part.slots)], session, went.memberships)
            if session.ends_at < timezone.now() - REGISTER_TAKEN_AFTER:
                diary.take_register(session, present=went.finishers)


def _record_projects(went: Went, *, by: User) -> None:
    """Record that every second of those who came to everything ran a project, too."""
    project = went.cohort.programme.components.get(kind=Component.Kind.PROJECT)
    finished = [went.memberships[person.pk] for person in went.finishers[::2]]
    progress.record_all(
        [
            Evidence(membership=each, component=project, kind=EvidenceKind.RECORD, fulfilled_on=went.cohort.ends_on)
            for each in finished
        ],
        by=by,
    )


def _let_some_cancel(went: Went) -> None:
    """Let the last few have cancelled the second of the first component's dates, and have said why."""
    session = went.cohort.sessions.select_related("component").order_by("starts_at")[1]
    has_it = set(session.bookings.values_list("user", flat=True))
    Booking.objects.bulk_create(
        _cancelled(held_in_the_past(person, session, went.memberships[person.pk]))
        for person in went.people[-6:]
        if person.pk not in has_it
    )


def _cancelled(booking: Booking) -> Booking:
    booking.state, booking.cancel_reason = Booking.State.CANCELLED, CANCELLED_BECAUSE
    return booking
