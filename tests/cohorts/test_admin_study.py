"""Writing a course of self-study in the admin: modules, pages, answers; looking at it, publishing it, changing it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from cohorts import studying
from cohorts.models import Course, CourseModule, CoursePage, EvidenceKind, PageDone
from portal.accounts.models import User
from portal.trail.models import Entry
from tests.cohorts.pages import address, words
from tests.factories import (
    make_admin_of,
    make_component,
    make_course,
    make_course_page,
    make_membership,
    make_programme,
)

pytestmark = pytest.mark.django_db

KINDS = [EvidenceKind.ATTENDANCE, EvidenceKind.SELF_STUDY]
TWO_ANSWERS = {
    "options-TOTAL_FORMS": "2",
    "options-INITIAL_FORMS": "0",
    "options-0-position": "1",
    "options-0-text": "Improve pain relief",
    "options-0-feedback": "It does not say how much.",
    "options-1-position": "2",
    "options-1-text": "9 in 10 women by March",
    "options-1-is_right": "on",
    "options-1-feedback": "It says how much and by when.",
}
NO_ANSWERS = {"options-TOTAL_FORMS": "0", "options-INITIAL_FORMS": "0"}


def page_facts(module: CourseModule, **given: Any) -> dict[str, Any]:
    """Return what a page's form sends."""
    facts = {"module": module.pk, "position": "1", "title": "Which is an aim?", "text": "Read.", "tolerance": "0"}
    return facts | NO_ANSWERS | given


def test_a_course_is_written_looked_at_and_published(desk: Client) -> None:
    component = make_component(fulfilled_by=KINDS, title="QI workshop 2")
    add = address("admin:cohorts_course_add")
    modules = {
        "modules-TOTAL_FORMS": "1",
        "modules-INITIAL_FORMS": "0",
        "modules-0-position": "1",
        "modules-0-title": "How change works",
    }
    assert desk.post(add, {"component": component.pk, "minutes": "40", **modules}).status_code == 302
    course = Course.objects.get()
    publish = address("admin:cohorts_course_publish", course.pk)
    assert "The module “How change works” has no page yet." in words(desk.get(publish))
    assert "Nothing was published" in words(desk.post(publish, {"confirmed": "yes"}, follow=True))

    exercise = {"exercise": "one", "question": "Which?"}
    facts = page_facts(course.modules.get(), **exercise, **TWO_ANSWERS)
    assert desk.post(address("admin:cohorts_coursepage_add"), facts).status_code == 302
    assert "Which is an aim?" in words(desk.get(address("admin:cohorts_coursepage_changelist")))
    page = CoursePage.objects.get()
    shown = words(desk.get(address("admin:cohorts_coursepage_change", page.pk)))
    assert address("course_page_preview", course.pk, page.pk) in shown
    assert "Everybody who takes part in" in words(desk.get(publish))
    assert not Course.objects.get().published
    assert "Published" in words(desk.post(publish, {"confirmed": "yes"}, follow=True))

    assert Course.objects.get().published
    assert "Nobody can begin it" in words(desk.get(publish))
    desk.post(publish, {"confirmed": "yes", "take_off": "yes"})
    assert not Course.objects.get().published
    told = Entry.objects.filter(verb__startswith="course.").order_by("pk").values_list("verb", flat=True)
    assert list(told) == ["course.added", "course.published", "course.taken_off"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"exercise": "one", "question": "Which?"}, "enter two answers or more."),
        (
            {"exercise": "one", "question": "Which?", **TWO_ANSWERS, "options-0-is_right": "on"},
            "mark one answer as right, and only one.",
        ),
        (
            {"exercise": "several", "question": "Which?", **TWO_ANSWERS, "options-1-is_right": ""},
            "mark each answer that applies as right.",
        ),
        (
            {"exercise": "one", "question": "Which?", **TWO_ANSWERS, "options-0-feedback": ""},
            "Say to whoever chooses this why it is right",
        ),
        ({"exercise": "order", "question": "Which first?"}, "enter two things or more to put in order."),
        (TWO_ANSWERS, "this kind of exercise has no answers to choose."),
        ({"exercise": "one", **TWO_ANSWERS}, "An exercise needs its question"),
        ({"exercise": "number", "question": "How many?"}, "Enter the right number"),
        ({"video_link": "https://video.example/1"}, "Enter the transcript of the video"),
        ({"video_link": "http://video.example/1", "transcript": "Hello"}, "begins with https://"),
        ({"video_link": "javascript:alert(1)", "transcript": "Hello"}, "Enter a valid URL."),
        ({"text": ""}, "Enter a text, or a link to a video, or both."),
    ],
)
def test_a_page_that_could_not_be_done_is_not_saved(desk: Client, given: dict[str, Any], says: str) -> None:
    module = make_course(None, {}, published=False).modules.get()

    response = desk.post(address("admin:cohorts_coursepage_add"), page_facts(module, **given))

    assert says in response.content.decode().replace("&#x27;", "'")
    assert "Which is an aim?" in words(response)
    assert CoursePage.objects.count() == 1


def test_a_component_that_is_not_fulfilled_by_it_holds_publishing_back(desk: Client) -> None:
    course = make_course(make_component(title="Training day"), {}, published=False)

    assert "tick “Passed the self-study”" in words(desk.get(address("admin:cohorts_course_publish", course.pk)))


def test_a_page_stays_in_its_course_and_the_last_of_a_module_stays(desk: Client) -> None:
    course, other = make_course(None, {}), make_course()
    page = CoursePage.objects.get(module__course=course)
    second = CourseModule.objects.create(course=course, title="Part 2", position=2)
    change = address("admin:cohorts_coursepage_change", page.pk)

    elsewhere = desk.post(change, page_facts(other.modules.get()))
    assert "Select a valid choice" in words(elsewhere)
    assert "It is the only page of" in words(desk.post(change, page_facts(second)))
    assert desk.post(address("admin:cohorts_coursepage_delete", page.pk), {"post": "yes"}).status_code == 403

    make_course_page(page.module)
    assert desk.post(change, page_facts(second)).status_code == 302
    page.refresh_from_db()
    assert page.module == second


def test_a_page_is_deleted_and_how_many_have_done_it_is_not_said(desk: Client) -> None:
    member = make_membership()
    course = make_course(make_component(member.cohort.programme, fulfilled_by=KINDS))
    page = CoursePage.objects.filter(module__course=course)[0]
    studying.do_page(member, course, page)
    delete = address("admin:cohorts_coursepage_delete", page.pk)

    shown = words(desk.get(delete))

    assert "Are you sure" in shown
    assert "Pages done" not in shown
    assert "Page done" not in shown
    assert desk.post(delete, {"post": "yes"}).status_code == 302
    assert not PageDone.objects.exists()


def test_a_course_that_somebody_has_begun_is_not_deleted_and_keeps_its_component(desk: Client) -> None:
    member = make_membership()
    course = make_course(make_component(member.cohort.programme, fulfilled_by=KINDS))
    delete = address("admin:cohorts_course_delete", course.pk)
    other = make_component(member.cohort.programme)
    change = address("admin:cohorts_course_change", course.pk)
    module = course.modules.get()
    rows = {
        "modules-TOTAL_FORMS": "1",
        "modules-INITIAL_FORMS": "1",
        "modules-0-id": module.pk,
        "modules-0-course": course.pk,
        "modules-0-position": "2",
        "modules-0-title": "Another title",
        "modules-0-DELETE": "on",
    }
    assert desk.post(change, {"component": other.pk, "minutes": "50", **rows}).status_code == 302
    course.refresh_from_db()
    assert (course.minutes, course.component.pk != other.pk) == (50, True)
    # It has pages.
    assert course.modules.get().title == "Another title"

    studying.do_page(member, course, CoursePage.objects.filter(module__course=course)[0])
    assert desk.post(delete, {"post": "yes"}).status_code == 403


def test_a_component_with_a_course_stays_in_its_programme(desk: Client) -> None:
    course = make_course()

    shown = desk.get(address("admin:cohorts_programme_change", course.component.programme_id))

    formset = shown.context["inline_admin_formsets"][0].formset
    assert formset.forms[0].fields["DELETE"].disabled


def test_who_keeps_another_programme_sees_none_of_it(sign_in: Callable[[User], Client]) -> None:
    course = make_course()
    page = CoursePage.objects.filter(module__course=course)[0]
    other = sign_in(make_admin_of(make_programme()))

    assert page.title not in words(other.get(address("admin:cohorts_coursepage_changelist")))
    assert str(course.component) not in words(other.get(address("admin:cohorts_course_changelist")))
    form = other.get(address("admin:cohorts_coursepage_add"))
    assert str(course.component) not in words(form)
    response = other.post(address("admin:cohorts_coursepage_add"), page_facts(course.modules.get()))
    assert "Select a valid choice" in words(response)
    assert other.get(address("admin:cohorts_course_publish", course.pk)).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("model", ["course", "coursepage"])
def test_lists_cost_the_same_however_many(desk: Client, model: str, rows: int, django_assert_max_num_queries) -> None:
    for _ in range(rows):
        make_course(None, {})
    desk.get(address(f"admin:cohorts_{model}_changelist"))

    with django_assert_max_num_queries(8):
        desk.get(address(f"admin:cohorts_{model}_changelist"))
