"""Going through self-study: what is kept of a learner, and that what counts is recorded once."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cohorts import courses, enrolment, progress, register, studying
from cohorts.models import (
    Booking,
    Component,
    Course,
    CoursePage,
    Evidence,
    EvidenceKind,
    Membership,
    PageDone,
    Session,
    Study,
)
from cohorts.retention import _studied
from cohorts.studying import NotOffered, NotTakingPart, PageGone
from portal.trail.models import Entry
from tests.factories import (
    make_admin,
    make_booking,
    make_cohort,
    make_component,
    make_course,
    make_course_page,
    make_membership,
    make_session,
)

pytestmark = pytest.mark.django_db

BOTH = [EvidenceKind.ATTENDANCE, EvidenceKind.SELF_STUDY]


@pytest.fixture
def course(member: Membership) -> Course:
    """A course of two pages, of a component of the member's programme."""
    return make_course(make_component(member.cohort.programme, fulfilled_by=BOTH, title="QI workshop 2"))


def pages_of(course: Course) -> list[CoursePage]:
    return list(CoursePage.objects.filter(module__course=course).order_by("module__position", "position"))


def do_all(member: Membership, course: Course) -> bool:
    return [studying.do_page(member, course, page) for page in pages_of(course)][-1]


def recorded(member: Membership) -> list[tuple[str, Any]]:
    rows = Evidence.objects.standing().filter(membership=member)
    return list(rows.values_list("kind", "fulfilled_on"))


def test_the_last_page_is_recorded_and_once(member: Membership, course: Course) -> None:
    first, last = pages_of(course)

    assert studying.do_page(member, course, last) is False
    assert not recorded(member)
    assert studying.do_page(member, course, first) is True
    assert studying.do_page(member, course, first) is True
    assert studying.finish(member, course) is True

    assert recorded(member) == [("self_study", timezone.localdate())]
    assert progress.fulfilled_on(member, course.component) == timezone.localdate()
    study = Study.objects.get()
    assert study.evidence == Evidence.objects.get()
    # Recorded by the portal itself, and the trail names no page.
    assert study.evidence.recorded_by is None
    assert list(Entry.objects.values_list("verb", "details")) == [
        ("evidence.recorded", {"component": course.component_id})
    ]


def test_where_somebody_is_is_where_they_go_on(member: Membership, course: Course) -> None:
    first, second = pages_of(course)
    third = make_course_page(first.module)

    assert courses.outline(course, member).goes_on_at == courses.outline(course, member).lines[0]
    studying.do_page(member, course, second)
    outline = courses.outline(course, member)
    assert outline.goes_on_at is not None
    assert outline.goes_on_at.pk == third.pk
    studying.stop_at(member, course, first)
    assert courses.outline(course, member).goes_on_at == courses.outline(course, member).lines[0]
    studying.do_page(member, course, third)
    outline = courses.outline(course, member)
    assert outline.goes_on_at is not None
    assert outline.goes_on_at.pk == first.pk
    assert [line.is_done for line in outline.lines] == [False, True, True]


def test_what_is_kept_is_which_pages_are_done_and_a_day() -> None:
    assert {field.name for field in Study._meta.get_fields()} == {
        *("id", "membership", "course", "place", "last_on", "evidence", "done")
    }
    assert {field.name for field in PageDone._meta.get_fields()} == {"id", "study", "page"}


def test_of_whom_has_come_to_a_date_nothing_is_recorded_besides(member: Membership, course: Course) -> None:
    progress.record(member, course.component, kind=EvidenceKind.ATTENDANCE, fulfilled_on=timezone.localdate(), by=None)

    assert do_all(member, course) is True

    assert [kind for kind, _ in recorded(member)] == ["attendance"]
    assert Study.objects.get().evidence is None


def test_a_register_that_is_corrected_leaves_it_to_be_recorded(member: Membership, course: Course) -> None:
    booking: Any = make_booking(member.user, make_session(course.component, member.cohort))
    ended = timezone.now() - timedelta(hours=1)
    Session.objects.filter(pk=booking.session_id).update(starts_at=ended - timedelta(hours=1), ends_at=ended)
    booking.session.refresh_from_db()
    admin = make_admin()
    register.mark(booking.session, {booking.pk: Booking.State.ATTENDED}, by=admin)
    do_all(member, course)
    register.mark(booking.session, {booking.pk: Booking.State.DID_NOT_ATTEND}, by=admin)
    assert not recorded(member)

    assert studying.finish(member, course) is True

    assert [kind for kind, _ in recorded(member)] == ["self_study"]


def test_what_the_team_took_back_is_not_recorded_again(member: Membership, course: Course) -> None:
    do_all(member, course)
    progress.withdraw(Evidence.objects.get(), by=make_admin())

    assert studying.finish(member, course) is True

    assert not recorded(member)


def test_a_page_that_is_left_may_be_taken_out_and_then_all_is_done(member: Membership, course: Course) -> None:
    first, last = pages_of(course)
    studying.do_page(member, course, first)
    assert studying.finish(member, course) is False
    last.delete()

    assert courses.outline(course, member).is_whole
    assert studying.finish(member, course) is True
    assert [kind for kind, _ in recorded(member)] == ["self_study"]


def test_new_pages_are_to_do_for_who_is_in_the_middle_and_change_nothing_for_who_is_done(
    member: Membership, course: Course
) -> None:
    done = make_membership(cohort=member.cohort)
    do_all(done, course)
    first, last = pages_of(course)
    studying.do_page(member, course, first)
    new = make_course_page(first.module)

    assert studying.do_page(member, course, last) is False
    assert not recorded(member)
    assert studying.do_page(member, course, new) is True

    assert [kind for kind, _ in recorded(done)] == ["self_study"]
    outline = courses.outline(course, done)
    assert not outline.is_whole
    assert outline.recorded_on == timezone.localdate()


def test_a_course_that_is_taken_off_takes_nothing_and_loses_nothing(member: Membership, course: Course) -> None:
    first, last = pages_of(course)
    studying.do_page(member, course, first)
    Course.objects.update(published=False)

    with pytest.raises(NotOffered):
        studying.do_page(member, course, last)
    with pytest.raises(NotOffered):
        studying.stop_at(member, course, last)

    assert courses.offered(course.component) is None
    assert courses.has_begun(member, course.component)
    assert PageDone.objects.count() == 1


def test_a_component_that_is_not_fulfilled_by_self_study_offers_none(member: Membership, course: Course) -> None:
    Component.objects.filter(pk=course.component_id).update(fulfilled_by=[EvidenceKind.ATTENDANCE])

    assert courses.offered(course.component) is None
    with pytest.raises(NotOffered):
        studying.do_page(member, course, pages_of(course)[0])


def test_who_has_left_keeps_nothing_more_and_an_alumnus_goes_on(member: Membership, course: Course) -> None:
    ended = make_membership(
        cohort=make_cohort(member.cohort.programme, ends_on=timezone.localdate() - timedelta(days=3))
    )
    Membership.objects.filter(pk=member.pk).update(state=Membership.State.WITHDRAWN)

    with pytest.raises(NotTakingPart):
        studying.do_page(member, course, pages_of(course)[0])

    assert do_all(ended, course) is True
    assert not Study.objects.filter(membership=member).exists()


def test_a_page_that_is_gone_is_said_to_be(member: Membership, course: Course) -> None:
    page = pages_of(course)[0]
    gone = CoursePage(pk=page.pk, module=page.module)
    page.delete()

    with pytest.raises(PageGone):
        studying.do_page(member, course, gone)
    assert not PageDone.objects.exists()


def test_who_is_deferred_goes_on_where_they_were(member: Membership, course: Course) -> None:
    studying.do_page(member, course, pages_of(course)[0])
    to = make_cohort(member.cohort.programme)

    later = enrolment.defer(member, to, by=make_admin())

    assert [line.is_done for line in courses.outline(course, later).lines] == [True, False]
    assert studying.do_page(later, course, pages_of(course)[1]) is True
    assert [kind for kind, _ in recorded(later)] == ["self_study"]


def test_two_ways_through_one_course_become_one(member: Membership, course: Course) -> None:
    other = make_membership(cohort=make_cohort(member.cohort.programme))
    first, last = pages_of(course)
    studying.do_page(other, course, first)
    do_all(member, course)

    with transaction.atomic():
        studying.hand_on(member, other)

    study = Study.objects.get()
    assert study.membership == other
    assert set(study.done.values_list("page", flat=True)) == {first.pk, last.pk}
    assert study.evidence == Evidence.objects.get()


def test_postgresql_keeps_evidence_and_pages_with_their_course(member: Membership, course: Course) -> None:
    do_all(member, course)
    study, elsewhere = Study.objects.get(), make_course()
    other = progress.record(
        member, course.component, kind=EvidenceKind.SELF_STUDY, fulfilled_on=timezone.localdate(), by=None
    )
    attended = progress.record(
        member, course.component, kind=EvidenceKind.ATTENDANCE, fulfilled_on=timezone.localdate(), by=None
    )

    def refused(name: str, deed: Any) -> None:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            deed()

    refused("recorded once", lambda: Study.objects.update(evidence=other))
    refused("recorded once", lambda: Study.objects.update(evidence=None))
    refused("part of the course", lambda: PageDone.objects.create(study=study, page=pages_of(elsewhere)[0]))
    unfinished = make_membership(cohort=member.cohort)
    refused(
        "of something else",
        lambda: Study.objects.create(membership=unfinished, course=course, evidence=attended),
    )
    refused("one_study_of_each_course", lambda: Study.objects.create(membership=member, course=course))


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"text": ""}, "a_page_has_something_on_it"),
        ({"video_link": "https://video.example/1"}, "a_video_has_its_transcript"),
        ({"video_link": "http://video.example/1", "transcript": "Hello"}, "a_video_goes_over_https"),
        ({"question": "What?"}, "an_exercise_asks_something"),
        ({"exercise": "one", "question": ""}, "an_exercise_asks_something"),
        ({"exercise": "number"}, "a_number_to_work_out_is_known"),
        ({"exercise": "one", "number": 3}, "a_number_to_work_out_is_known"),
        ({"exercise": "number", "number": 3, "tolerance": -1}, "a_tolerance_is_not_negative"),
    ],
)
def test_postgresql_refuses_a_page_that_cannot_be_done(course: Course, fields: dict[str, Any], name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make_course_page(course.modules.get(), **fields)


def test_it_is_let_go_a_year_after_the_cohort_or_the_last_day_of_use(member: Membership, course: Course) -> None:
    today = timezone.localdate()
    do_all(member, course)
    member.cohort.starts_on, member.cohort.ends_on = today - timedelta(days=90), today - timedelta(days=30)
    member.cohort.save()
    Study.objects.update(last_on=today - timedelta(days=10))

    assert not _studied(today - timedelta(days=11)).exists()
    assert studying.let_go(list(_studied(today - timedelta(days=10)).values_list("pk", flat=True))) == 1

    assert not PageDone.objects.exists()
    # What it was evidence of stays, and whoever reads it again gets no second record.
    assert do_all(member, course) is True
    assert len(recorded(member)) == 1
