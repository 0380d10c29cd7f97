"""Self-study in two tabs, while the team changes the course, and while somebody is deferred."""

from functools import partial

import pytest

from cohorts import courses, enrolment, publishing, studying
from cohorts.models import Course, CoursePage, Evidence, Membership, PageDone, Study
from cohorts.studying import NotTakingPart, PageGone
from tests.concurrency.at_once import at_once
from tests.factories import make_admin, make_cohort, make_component, make_course, make_membership

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 8


def begun(pages: int = 2) -> tuple[Membership, Course, list[CoursePage]]:
    """Return somebody, a course that they have not begun, and its pages."""
    member = make_membership()
    component = make_component(member.cohort.programme, fulfilled_by=["self_study"])
    course = make_course(component, *[{} for _ in range(pages)])
    return member, course, list(CoursePage.objects.filter(module__course=course).order_by("position"))


def test_two_tabs_that_finish_at_once_record_it_once() -> None:
    for _ in range(ROUNDS):
        member, course, (first, last) = begun()

        outcomes = at_once(
            partial(studying.do_page, member, course, first),
            partial(studying.do_page, member, course, last),
            partial(studying.do_page, member, course, last),
            partial(studying.finish, member, course),
        )

        assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        assert Evidence.objects.filter(membership=member).count() == 1
        assert Study.objects.get(membership=member).evidence == Evidence.objects.get(membership=member)
        assert PageDone.objects.filter(study__membership=member).count() == 2


def test_a_page_that_is_deleted_at_that_moment_is_done_before_or_gone() -> None:
    for _ in range(ROUNDS):
        member, course, (first, last) = begun()
        studying.do_page(member, course, first)

        done, stopped, deleted = at_once(
            partial(studying.do_page, member, course, last),
            partial(studying.stop_at, member, course, last),
            CoursePage.objects.filter(pk=last.pk).delete,
        )

        assert not isinstance(deleted, Exception)
        assert done is True or isinstance(done, PageGone)
        assert stopped is None or isinstance(stopped, PageGone)
        assert courses.outline(course, member).is_whole
        assert studying.finish(member, course) is True
        assert Evidence.objects.filter(membership=member).count() == 1


def test_who_is_deferred_meanwhile_loses_nothing() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        member, course, (first, last) = begun()
        studying.do_page(member, course, first)
        to = make_cohort(member.cohort.programme)

        done, later = at_once(
            partial(studying.do_page, member, course, last), partial(enrolment.defer, member, to, by=admin)
        )

        assert isinstance(later, Membership)
        is_whole = courses.outline(course, later).is_whole
        assert is_whole is (done is True)
        assert done is True or isinstance(done, NotTakingPart)
        assert Evidence.objects.standing().filter(membership=later).count() == int(is_whole)


def test_a_course_that_is_taken_off_at_that_moment_breaks_nothing() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        member, course, (page,) = begun(1)

        done, taken_off = at_once(
            partial(studying.do_page, member, course, page), partial(publishing.take_off, course, by=admin)
        )

        assert taken_off is None
        assert Evidence.objects.filter(membership=member).exists() is (done is True)
