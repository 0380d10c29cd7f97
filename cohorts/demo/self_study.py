"""The demonstration's self-study: its courses, and who has finished one, or is in the middle of it."""

from collections.abc import Sequence
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet

from cohorts import studying
from cohorts.demo.study_of_aims import AIMS
from cohorts.demo.study_of_sustaining import SUSTAINING
from cohorts.demo.study_of_testing import TESTING
from cohorts.demo.study_plans import course_of
from cohorts.models import Booking, Cohort, Course, CoursePage, Evidence, Membership, Programme
from portal.accounts.models import User

COURSES: Final = (AIMS, TESTING, SUSTAINING)
FINISHED: Final = 4
IN_THE_MIDDLE: Final = 2


def keep_courses(programme: Programme, *, by: User) -> None:
    """See to it that the QI workshops have their self-study; what an admin has changed stays."""
    for plan in COURSES:
        component = programme.components.filter(slug=plan.slug, course=None).first()
        if component:
            course_of(plan, component, by=by)


def study(cohort: Cohort, participant: User) -> None:
    """Let some of a cohort do QI workshop 2 by themselves: the participant is in the middle, as a few others are."""
    course = Course.objects.get(component__programme=cohort.programme_id, component__slug=TESTING.slug)
    pages = list(CoursePage.objects.filter(module__course=course).order_by("module__position", "position"))
    half = len(pages) // 2
    _do(Membership.objects.get(cohort=cohort, user=participant), course, pages[:half])
    others = _free(cohort, course).exclude(user=participant).order_by("pk")[: FINISHED + IN_THE_MIDDLE]
    for number, membership in enumerate(others):
        _do(membership, course, pages if number < FINISHED else pages[: half + number - FINISHED])


def _free(cohort: Cohort, course: Course) -> QuerySet[Membership]:
    """Return who has neither done the component nor booked a date of it."""
    about = {"membership": OuterRef("pk"), "component": course.component_id}
    return Membership.objects.enrolled().filter(
        ~Exists(Booking.objects.live().filter(**about)),
        ~Exists(Evidence.objects.standing().filter(**about)),
        cohort=cohort,
    )


def _do(membership: Membership, course: Course, pages: Sequence[CoursePage]) -> None:
    for page in pages:
        studying.do_page(membership, course, page)
