"""The pages of self-study: a course, its pages with their exercises, the end, and what a team looks at before."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cohorts import progress, studying
from cohorts.models import Course, CoursePage, Evidence, EvidenceKind, Membership, PageDone, Study
from portal.accounts.models import User
from portal.nhsuk.dates import say_date
from tests.cohorts.pages import words
from tests.factories import (
    make_admin,
    make_admin_of,
    make_booking,
    make_component,
    make_course,
    make_membership,
    make_session,
)

pytestmark = pytest.mark.django_db

BOTH = [EvidenceKind.ATTENDANCE, EvidenceKind.SELF_STUDY]
AIM = {"exercise": "one", "options": {"Improve pain relief": False, "9 in 10 women by March": True}}


@pytest.fixture
def course(member: Membership) -> Course:
    """A page to read, one with a choice, one to think about."""
    component = make_component(
        member.cohort.programme, fulfilled_by=BOTH, title="QI workshop 2", slug="qi-2", cpd_points=2
    )
    return make_course(
        component,
        {"title": "What an aim is"},
        {"title": "Which is an aim?", "explanation": "It says how much, for whom and by when.", **AIM},
        {"title": "Your own ward", "exercise": "reflection", "question": "Whom would you ask first?"},
    )


@pytest.fixture
def pages(course: Course) -> list[CoursePage]:
    return list(CoursePage.objects.filter(module__course=course).order_by("position"))


def of(member: Membership, name: str = "study", *args: object) -> str:
    return reverse(name, args=[member.pk, "qi-2", *args])


def page_of(member: Membership, page: CoursePage) -> str:
    return of(member, "study_page", page.pk)


def right(page: CoursePage) -> dict[str, int]:
    return {"answer": page.options.get(is_right=True).pk}


def wrong(page: CoursePage) -> dict[str, int]:
    return {"answer": page.options.get(is_right=False).pk}


def test_a_component_offers_both_ways(member: Membership, course: Course, browser: Client) -> None:
    make_session(course.component, member.cohort)

    page = words(browser.get(reverse("component", args=[member.pk, "qi-2"])))

    assert "There are 2 ways to do this, and either counts" in page
    assert "It takes about 40 minutes" in page
    assert of(member) in page
    assert "Book this date" in page


def test_a_component_by_self_study_alone_leads_to_it(member: Membership, browser: Client) -> None:
    make_course(make_component(member.cohort.programme, fulfilled_by=[EvidenceKind.SELF_STUDY], slug="qi-2"))

    page = words(browser.get(reverse("component", args=[member.pk, "qi-2"])))

    assert "Open the self-study" in page
    assert "when the programme team has your record" not in page


def test_a_course_lists_its_parts_and_where_to_begin(
    member: Membership, pages: list[CoursePage], browser: Client
) -> None:
    page = words(browser.get(of(member)))

    assert "Part 1: How change works" in page
    assert "0 of 3 done" in page
    assert "With an exercise" in page
    assert "counts 2 CPD points" in page
    assert re.search(rf'href="{page_of(member, pages[0])}"[^>]*>Begin<', page)


def test_a_page_is_read_and_the_next_one_comes(member: Membership, pages: list[CoursePage], browser: Client) -> None:
    shown = words(browser.get(page_of(member, pages[0])))
    assert "I have read this: go on" in shown
    assert not Study.objects.exists()

    response = browser.post(page_of(member, pages[0]))

    assert response["Location"] == page_of(member, pages[1])
    assert "1 of 3 done" in words(browser.get(of(member)))
    assert "Next: “Which is an aim?”" in words(browser.get(of(member)))


def test_an_answer_that_is_not_right_is_explained_and_stays_chosen(
    member: Membership, pages: list[CoursePage], browser: Client
) -> None:
    response = browser.post(page_of(member, pages[1]), wrong(pages[1]))

    page = words(response)
    assert response.status_code == 422
    assert "There is a problem" in page
    assert "Not yet. “Improve pain relief”: About improve pain relief" in page
    assert re.search(rf'value="{wrong(pages[1])["answer"]}"[^>]*checked', page)
    # It is kept that they were here, and not what they chose.
    assert Study.objects.get().place == pages[1]
    assert not PageDone.objects.exists()
    assert "Next: “Which is an aim?”" in words(browser.get(of(member)))


def test_the_right_answer_is_explained_and_then_it_goes_on(
    member: Membership, pages: list[CoursePage], browser: Client
) -> None:
    response = browser.post(page_of(member, pages[1]), right(pages[1]), follow=True)

    page = words(response)
    assert "That is right." in page
    assert "9 in 10 women by March" in page
    assert "About 9 in 10 women by march" in page
    assert "It says how much, for whom and by when." in page
    assert "Next: “Your own ward”." in page
    assert "Check my answer" not in page


def test_what_is_to_be_thought_about_has_no_box(member: Membership, pages: list[CoursePage], browser: Client) -> None:
    page = words(browser.get(page_of(member, pages[2])))

    assert "Whom would you ask first?" in page
    assert "we do not keep it" in page
    assert "<textarea" not in page


def test_the_end_says_what_it_counts_for_and_where_the_record_is(
    member: Membership, pages: list[CoursePage], browser: Client
) -> None:
    browser.post(page_of(member, pages[0]))
    browser.post(page_of(member, pages[2]))
    assert browser.get(of(member, "study_finished"))["Location"] == of(member)

    browser.post(page_of(member, pages[1]), right(pages[1]))
    response = browser.post(page_of(member, pages[2]))

    assert response["Location"] == of(member, "study_finished")
    page = words(browser.get(of(member, "study_finished")))
    assert "You have finished the self-study" in page
    assert f"It counts from {say_date(timezone.localdate())}, with 2 CPD points." in page
    assert reverse("certificates") in page
    assert "QI workshop 2" in words(browser.get(reverse("certificates")))
    assert "You completed this on" in words(browser.get(reverse("component", args=[member.pk, "qi-2"])))
    assert f"You finished this on {say_date(timezone.localdate())}." in words(browser.get(of(member)))


def finish(member: Membership, course: Course, pages: list[CoursePage]) -> None:
    for page in pages:
        studying.do_page(member, course, page)


def test_who_holds_a_date_is_offered_to_cancel_it(
    member: Membership, course: Course, pages: list[CoursePage], browser: Client
) -> None:
    booking = make_booking(member.user, make_session(course.component, member.cohort))
    finish(member, course, pages)

    page = words(browser.get(of(member, "study_finished")))

    assert "You still have a date of it" in page
    assert reverse("cancel", args=[booking.uid]) in page
    booking.refresh_from_db()
    assert booking.state == "booked"


def test_who_came_to_a_date_can_read_and_nothing_is_added(
    member: Membership, course: Course, pages: list[CoursePage], browser: Client
) -> None:
    progress.record(member, course.component, kind=EvidenceKind.ATTENDANCE, fulfilled_on=timezone.localdate(), by=None)

    assert "It adds nothing to your record." in words(browser.get(of(member)))
    assert "You can read it at any time." in words(browser.get(reverse("component", args=[member.pk, "qi-2"])))
    finish(member, course, pages)
    assert "counts once" in words(browser.get(of(member, "study_finished")))
    assert Evidence.objects.count() == 1


def test_all_done_and_not_recorded_is_recorded_by_a_button(
    member: Membership, course: Course, pages: list[CoursePage], browser: Client
) -> None:
    finish(member, course, pages[:2])
    pages[2].delete()
    assert "Record that I have finished" in words(browser.get(of(member)))
    assert not Evidence.objects.exists()

    assert browser.post(of(member))["Location"] == of(member, "study_finished")

    assert Evidence.objects.count() == 1
    assert "Record that I have finished" not in words(browser.get(of(member)))


def test_a_button_that_is_pressed_too_early_records_nothing(
    member: Membership, pages: list[CoursePage], browser: Client
) -> None:
    assert browser.post(of(member))["Location"] == of(member)
    assert not Evidence.objects.exists()


def test_what_the_team_took_back_is_said(
    member: Membership, course: Course, pages: list[CoursePage], browser: Client
) -> None:
    finish(member, course, pages)
    progress.withdraw(Evidence.objects.get(), by=make_admin())

    page = words(browser.get(of(member)))

    assert "The programme team has taken the record of it back." in page
    assert "Record that I have finished" not in page


def test_new_pages_are_there_to_read_for_who_has_finished(
    member: Membership, course: Course, pages: list[CoursePage], browser: Client
) -> None:
    finish(member, course, pages)
    CoursePage.objects.create(module=course.modules.get(), position=9, title="New", text="New")

    page = words(browser.get(of(member)))

    assert "Since then it has new pages." in page
    assert "Next: “New”" in page


def test_a_course_that_is_taken_off_says_so_to_who_was_in_it_and_is_not_there_for_others(
    member: Membership, course: Course, pages: list[CoursePage], browser: Client
) -> None:
    browser.post(page_of(member, pages[0]))
    Course.objects.update(published=False)

    for address in (of(member), page_of(member, pages[1]), of(member, "study_finished")):
        assert "What you have done of it is kept." in words(browser.get(address))
    for address in (of(member), page_of(member, pages[1])):
        response = browser.post(address, right(pages[1]))
        assert response.status_code == 409
        assert "What you have done of it is kept." in words(response)
    other = make_membership(cohort=member.cohort)
    client = Client()
    client.force_login(other.user)
    assert client.get(of(other)).status_code == 404
    assert "Open the self-study" not in words(browser.get(reverse("component", args=[member.pk, "qi-2"])))


def test_a_page_that_was_taken_out_is_said_to_be(member: Membership, pages: list[CoursePage], browser: Client) -> None:
    address = page_of(member, pages[1])
    pages[1].delete()

    response = browser.post(address, {"answer": 1})

    assert response.status_code == 409
    assert "The programme team has taken this page out." in words(response)
    assert of(member) in words(response)
    assert browser.get(address).status_code == 404


def test_a_page_of_another_course_or_of_somebody_else_is_not_there(
    member: Membership, course: Course, browser: Client
) -> None:
    elsewhere = make_course()
    page = CoursePage.objects.filter(module__course=elsewhere)[0]
    assert browser.get(page_of(member, page)).status_code == 404
    other = make_membership(cohort=member.cohort)
    assert browser.get(of(other)).status_code == 404
    assert browser.get(reverse("study", args=[member.pk, "no-such"])).status_code == 404
    plain = make_component(member.cohort.programme, slug="plain")
    assert browser.get(reverse("study", args=[member.pk, plain.slug])).status_code == 404


@pytest.mark.parametrize("data", [{}, {"answer": "x"}, {"answer": "999999999999999999999"}, {"answer": "1\0"}])
def test_what_is_no_answer_is_asked_for_again(member, pages, browser: Client, data) -> None:
    response = browser.post(page_of(member, pages[1]), data)

    assert response.status_code in {400, 422}
    assert not PageDone.objects.exists()


def test_an_order_is_asked_under_one_question(member: Membership, browser: Client) -> None:
    component = make_component(member.cohort.programme, fulfilled_by=BOTH, slug="qi-2")
    course = make_course(
        component, {"exercise": "order", "options": dict.fromkeys(("Plan", "Do", "Study", "Act"), False)}
    )
    page = CoursePage.objects.get(module__course=course)
    address = reverse("study_page", args=[member.pk, "qi-2", page.pk])
    assert f'<legend class="nhsuk-fieldset__legend nhsuk-fieldset__legend--m">{page.question}' in words(
        browser.get(address)
    )
    places = {f"place_{option.pk}": option.position for option in page.options.all()}
    mixed = places | dict(zip(list(places)[:2], [2, 1], strict=True))

    response = browser.post(address, mixed)
    assert "Not yet: 2 of 4 are in their place" in words(response)
    assert browser.post(address, places, follow=True).status_code == 200
    assert PageDone.objects.get().page == page


@pytest.mark.parametrize("rows", [1, 3])
def test_pages_cost_the_same_however_many(member: Membership, rows: int, django_assert_num_queries) -> None:
    component = make_component(member.cohort.programme, fulfilled_by=BOTH, slug="qi-2")
    course = make_course(component, *[AIM for _ in range(rows)])
    first = CoursePage.objects.filter(module__course=course).order_by("position")[0]
    client = Client()
    client.force_login(member.user)
    client.get(reverse("home"))

    with django_assert_num_queries(8):  # login session, person, membership, component, course, study, pages, done on
        client.get(of(member))
    with django_assert_num_queries(9):  # a page and its answers, in the place of the last
        client.get(page_of(member, first))


def test_a_team_looks_at_it_as_a_participant_and_nothing_is_kept(
    course: Course, pages: list[CoursePage], sign_in: Callable[[User], Client]
) -> None:
    Course.objects.update(published=False)
    desk = sign_in(make_admin_of(course.component.programme))
    address = reverse("course_page_preview", args=[course.pk, pages[1].pk])

    assert "Which is an aim?" in words(desk.get(reverse("course_preview", args=[course.pk])))
    assert "Check my answer" in words(desk.get(address))
    response = desk.post(address, wrong(pages[1]))
    assert response.status_code == 422
    assert "Not yet." in words(response)
    assert "It says how much" in words(desk.post(address, right(pages[1])))
    first = reverse("course_page_preview", args=[course.pk, pages[0].pk])
    assert desk.post(first)["Location"] == address
    assert not Study.objects.exists()
    assert sign_in(make_admin_of()).get(address).status_code == 404
