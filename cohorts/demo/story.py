"""The demonstration as it stands today: each of its people finds something done, something booked, something to do.

Running it again changes nothing on the same day. As weeks pass it adds what keeps the demonstration alive: the open
series get new dates, and when a cohort's first weeks are over, a new cohort begins and the demo people move into it.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from cohorts import figures, register
from cohorts.demo.applicants import keep_an_offer, open_cohort
from cohorts.demo.by_file import enrol_by_file
from cohorts.demo.catalogue import (
    CELEBRATIONS,
    COHORTS,
    COMMUNITY_OF_PRACTICE,
    PERINATAL,
    PROGRAMMES,
    RACE_EQUALITY_WEEK,
    SENIOR_LEADERS,
)
from cohorts.demo.certificates import certify_attendance
from cohorts.demo.champions import open_nominations, settle_champions
from cohorts.demo.dates import Diary, put
from cohorts.demo.earlier import remember_earlier_cohorts
from cohorts.demo.graduations import keep_a_graduation
from cohorts.demo.letters import write_to
from cohorts.demo.needs import say_needs
from cohorts.demo.new_cohort import REGISTER_TAKEN_AFTER, begin_cohort
from cohorts.demo.people import demo_people, invite_some
from cohorts.demo.plans import CohortPlan, ProgrammePlan, at, day_of, monday_of
from cohorts.demo.programmes import programme_of
from cohorts.demo.self_study import keep_courses, study
from cohorts.enrolment import withdraw
from cohorts.models import Booking, Cohort, Membership, Programme, Session
from portal.accounts.models import User
from portal.nhsuk.holidays import is_working_day

# A cohort made this long ago has used up what it shows: its next dates are past, its full session is near.
RENEWED_AFTER = timedelta(weeks=3)
# Two runs at once take turns. The number is this demonstration's own among PostgreSQL's advisory locks.
LOCK = 2026_11


@dataclass(frozen=True, slots=True)
class Made:
    """How much a run has made."""

    people: int
    cohorts: int
    sessions: int
    bookings: int


@transaction.atomic
def tell() -> Made:
    """Make the demonstration, or bring it up to today."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    before = _count()
    people = demo_people()
    diary = Diary(admin=people["admin@demo.example"], facilitator=people["facilitator@demo.example"])
    monday = monday_of(timezone.localdate())
    programmes = {plan.slug: programme_of(plan) for plan in PROGRAMMES}
    perinatal = programmes[PERINATAL.slug]
    perinatal.admins.add(people["programme-admin@demo.example"])
    keep_courses(perinatal, by=diary.admin)
    for plan in COHORTS:
        programme = programmes[plan.programme.slug]
        newest = _begun(programme).first()
        if newest is None:
            _begin(plan, programme, plan.first_number, people, monday, diary)
        elif monday - newest.starts_on >= RENEWED_AFTER + timedelta(weeks=plan.began_weeks_ago):
            _leave(newest, [people[email] for email in plan.members], diary)
            _begin(plan, programme, _next_number(programme), people, monday, diary)
    plan = next(plan for plan in COHORTS if plan.programme is PERINATAL)
    graduate = people["graduate@demo.example"]
    remember_earlier_cohorts(plan, perinatal, monday=monday, graduate=graduate, diary=diary)
    keep_a_graduation(programmes[CELEBRATIONS.slug], perinatal, graduate=graduate, monday=monday, diary=diary)
    _keep_a_cohort_open(perinatal, monday, people, diary)
    _keep_the_week(programmes[RACE_EQUALITY_WEEK.slug], monday, diary)
    certify_attendance(people["participant@demo.example"])
    _keep_the_weekly_hour(programmes[COMMUNITY_OF_PRACTICE.slug], perinatal, monday, diary)
    invite_some(by=diary.admin)
    figures.draw_up()
    return Made(*(now - then for now, then in zip(_count(), before, strict=True)))


def _begin(
    plan: CohortPlan, programme: Programme, number: int, people: dict[str, User], monday: date, diary: Diary
) -> None:
    """Begin a cohort, with all that goes on in it beside its dates."""
    members = [people[email] for email in plan.members]
    cohort = begin_cohort(plan, programme, number=number, members=members, monday=monday, diary=diary)
    enrol_by_file(cohort, plan.by_file, by=diary.admin)
    if plan.programme is SENIOR_LEADERS:
        open_nominations(cohort, monday=monday)
    if plan.programme is PERINATAL:
        participant, champion = members
        study(cohort, participant)
        settle_champions(cohort, champion, participant, monday=monday, by=diary.admin)
        write_to(cohort, programme.components.get(slug="training-2"), by=diary.admin)
        say_needs(User.objects.filter(memberships__cohort=cohort).exclude(pk=champion.pk).order_by("pk"))


def _keep_a_cohort_open(programme: Programme, monday: date, people: dict[str, User], diary: Diary) -> None:
    """See to it that people can apply for a cohort to come."""
    applicant, lead = people["applicant@demo.example"], people["lead@demo.example"]
    if not Cohort.objects.filter(programme=programme, closes_on__gte=timezone.localdate()).exists():
        open_cohort(programme, "Perinatal cohort", monday=monday, applicant=applicant, lead=lead, admin=diary.admin)
    keep_an_offer(applicant, by=diary.admin)


def _begun(programme: Programme) -> QuerySet[Cohort]:
    """Return the cohorts that run, or ran, the latest first: not one for which people apply."""
    return Cohort.objects.filter(programme=programme, opens_on__isnull=True).order_by("-number")


def _next_number(programme: Programme) -> int:
    latest = Cohort.objects.filter(programme=programme).order_by("-number").values_list("number", flat=True)[:1]
    return latest[0] + 1


def _count() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (User, Cohort, Session, Booking))


def _leave(cohort: Cohort, people: list[User], diary: Diary) -> None:
    """Take people out of a cohort whose time is over for the demonstration: what they attended stays theirs."""
    for membership in Membership.objects.enrolled().filter(cohort=cohort, user__in=people):
        begun = membership.bookings.filter(state=Booking.State.BOOKED, during__startswith__lte=timezone.now())
        for held in begun.select_related("session"):
            register.mark(held.session, {held.pk: Booking.State.ATTENDED}, by=diary.keeper)
        withdraw(membership, by=diary.admin)


def _keep_the_week(programme: Programme, monday: date, diary: Diary) -> None:
    """See to it that Race Equality Week is still to come."""
    if Session.objects.upcoming().filter(component__programme=programme).exists():
        return
    _add_missing(RACE_EQUALITY_WEEK, programme, [], monday, diary)


def _keep_the_weekly_hour(programme: Programme, source_of_people: Programme, monday: date, diary: Diary) -> None:
    """See to it that the weekly hour has dates before and after today, and that last week's register is to be taken."""
    newest = _begun(source_of_people)[:1]
    people = User.objects.filter(memberships__cohort__in=newest).exclude(
        pk__in=[user.pk for user in demo_people().values()]
    )
    _add_missing(COMMUNITY_OF_PRACTICE, programme, list(people.order_by("pk")), monday, diary)


def _add_missing(plan: ProgrammePlan, programme: Programme, people: list[User], monday: date, diary: Diary) -> None:
    """Make the dates of an open series that are not there yet."""
    for part in plan.components:
        component = programme.components.get(slug=part.slug)
        there = set(component.sessions.values_list("starts_at", flat=True))
        for slot in part.slots:
            if at(monday, slot.week, slot.day, part.starts) in there:
                continue
            if not part.once and not is_working_day(day_of(monday, slot.week, slot.day)):
                continue  # what is every week falls out on a bank holiday
            session = diary.add(component, part, slot, monday, None)
            put(people[: slot.booked], session, {})
            if session.ends_at < timezone.now() - REGISTER_TAKEN_AFTER:
                diary.take_register(session)
