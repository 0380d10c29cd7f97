"""Expressing interest: an application that is kept from answer to answer, and sent once."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cohorts import applying
from cohorts.models import Application, ApplicationAnswer, ApplicationQuestion, Cohort, Membership
from portal.accounts.models import User
from portal.outbox.models import Message
from tests.factories import make_job_role, make_membership, make_open_cohort, make_organisation, make_user

pytestmark = pytest.mark.django_db

State = Membership.State


@pytest.fixture
def cohort() -> Cohort:
    cohort = make_open_cohort()
    ask = ApplicationQuestion.objects.create
    ask(programme=cohort.programme, position=1, text="What would you like to change?")
    ask(programme=cohort.programme, position=2, text="Is your manager with you?", kind="yes_no")
    ask(programme=cohort.programme, position=3, text="Anything else?", kind="short", required=False)
    return cohort


@pytest.fixture
def person() -> User:
    return make_user()


@pytest.fixture
def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(cohort: Cohort, key: str = "") -> str:
    return reverse("apply_question", args=[cohort.pk, key]) if key else reverse("apply", args=[cohort.pk])


def check(cohort: Cohort) -> str:
    return reverse("apply_check", args=[cohort.pk])


def answer_all(browser: Client, cohort: Cohort) -> None:
    """Answer each question where it is asked, following from one to the next."""
    organisation, job_role = make_organisation(), make_job_role()
    said = [{"organisation": organisation.pk}, {"job_role": job_role.pk}, {"text": "Much."}, {"text": "Yes"}, {}]
    address = browser.post(page(cohort)).headers["Location"]
    for answer in said:
        assert browser.get(address).status_code == 200
        address = browser.post(address, answer).headers["Location"]
    assert address == check(cohort)


class TestJourney:
    """One question a page, saved as they go."""

    def test_from_the_first_page_to_the_receipt(self, browser: Client, cohort: Cohort, person: User) -> None:
        assert page(cohort) in browser.get(cohort.programme.get_absolute_url()).content.decode()
        answer_all(browser, cohort)
        html = browser.get(check(cohort)).content.decode()
        for said in ("What would you like to change?", "Much.", "Not answered"):
            assert said in html
        membership = Membership.objects.filter(user=person).first()
        assert membership is None
        sent = browser.post(check(cohort))
        membership = Membership.objects.get(user=person)
        assert sent.headers["Location"] == reverse("place", args=[membership.pk])
        assert membership.state == State.APPLIED
        assert membership.organisation
        assert membership.job_role
        assert "You have applied" in browser.get(sent.headers["Location"]).content.decode()
        assert Message.objects.get().rule == "place.received"
        browser.post(check(cohort))
        assert Message.objects.count() == 1
        assert "You sent your application on" in browser.get(page(cohort)).content.decode()

    def test_whoever_stops_finds_it_as_it_was(self, browser: Client, cohort: Cohort, person: User) -> None:
        browser.post(page(cohort))
        question = cohort.programme.questions.first()
        assert question
        browser.post(page(cohort, str(question.pk)), {"text": "Half."})
        again = Client()
        again.force_login(person)
        assert "Carry on" in again.get(page(cohort)).content.decode()
        assert "Half." in again.get(page(cohort, str(question.pk))).content.decode()
        assert again.post(page(cohort)).headers["Location"] == page(cohort, "organisation")

    def test_an_answer_can_be_changed_before_it_is_sent_and_not_after(
        self, browser: Client, cohort: Cohort, person: User
    ) -> None:
        answer_all(browser, cohort)
        question = cohort.programme.questions.first()
        assert question
        browser.post(page(cohort, str(question.pk)), {"text": "More."})
        browser.post(check(cohort))
        assert browser.post(page(cohort, str(question.pk)), {"text": "Less."}).headers["Location"] == page(cohort)
        assert ApplicationAnswer.objects.get(question=question).text == "More."
        applying.answer(Application.objects.get(), question, "Less.")
        assert ApplicationAnswer.objects.get(question=question).text == "More."

    def test_what_was_asked_stays_with_the_answer(self, browser: Client, cohort: Cohort) -> None:
        answer_all(browser, cohort)
        question = cohort.programme.questions.first()
        assert question
        question.delete()
        assert ApplicationAnswer.objects.filter(asked="What would you like to change?", text="Much.").exists()

    @pytest.mark.parametrize(
        ("text", "why"), [("", "Enter an answer"), ("x" * 3001, "3,000 characters"), ("a\0b", "Null")]
    )
    def test_what_cannot_be_taken_is_said(self, browser: Client, cohort: Cohort, text: str, why: str) -> None:
        browser.post(page(cohort))
        question = cohort.programme.questions.first()
        assert question
        answer = browser.post(page(cohort, str(question.pk)), {"text": text})
        assert answer.status_code == 422
        assert why in answer.content.decode()

    @pytest.mark.parametrize("key", ["0", "nothing", "99999999999999999999"])
    def test_a_question_that_is_none(self, browser: Client, cohort: Cohort, key: str) -> None:
        browser.post(page(cohort))
        assert browser.get(page(cohort, key)).status_code == 404


class TestDoors:
    """Who may apply, and when."""

    def test_closed_meanwhile_keeps_what_was_written(self, browser: Client, cohort: Cohort) -> None:
        answer_all(browser, cohort)
        Cohort.objects.update(closes_on=timezone.localdate() - timedelta(days=1))
        answer = browser.post(check(cohort))
        assert answer.status_code == 409
        assert "What you wrote is kept" in answer.content.decode()
        assert Application.objects.get().sent_at is None
        assert not Membership.objects.exists()

    def test_each_page_after_that_says_when_it_closed_and_keeps_what_is_sent(
        self, browser: Client, cohort: Cohort
    ) -> None:
        browser.post(page(cohort))
        question = cohort.programme.questions.first()
        assert question
        Cohort.objects.update(closes_on=timezone.localdate() - timedelta(days=1))
        address = page(cohort, str(question.pk))
        answer = browser.post(address, {"text": "Much, and <soon>"})
        assert answer.status_code == 409
        assert "Applications for this cohort closed on" in answer.content.decode()
        assert "Much, and &lt;soon&gt;" in answer.content.decode()
        for looked in (address, check(cohort), page(cohort)):
            html = browser.get(looked, follow=True).content.decode()
            assert "Applications for this cohort closed on" in html
            assert "Much, and &lt;soon&gt;" in html
            assert "Send your application" not in html

    def test_who_comes_too_late_reads_when_it_closed(self, browser: Client, cohort: Cohort) -> None:
        Cohort.objects.update(closes_on=timezone.localdate() - timedelta(days=1))
        for looked in (page(cohort), page(cohort, "job-role"), check(cohort)):
            html = browser.get(looked, follow=True).content.decode()
            assert "Applications for this cohort closed on" in html
            assert "What you answered" not in html
        assert browser.post(page(cohort)).status_code == 409
        assert not Application.objects.exists()

    def test_a_cohort_that_takes_nobody_is_not_there(self, browser: Client) -> None:
        today = timezone.localdate()
        for fields in ({"opens_on": None, "closes_on": None}, {"opens_on": today + timedelta(days=1)}):
            cohort = make_open_cohort(**fields)
            assert browser.get(page(cohort)).status_code == 404
            assert browser.post(page(cohort)).status_code == 404

    def test_somebody_elses_application_is_not_there(self, browser: Client, cohort: Cohort) -> None:
        applying.begin(cohort, make_user())
        assert browser.get(check(cohort)).status_code == 404

    @pytest.mark.parametrize("state", [State.ENROLLED, State.RESERVE, State.DEFERRED])
    def test_who_has_a_place_or_waits_for_one_does_not_apply_again(
        self, browser: Client, cohort: Cohort, person: User, state: str
    ) -> None:
        make_membership(person, cohort, state=state)
        answer = browser.post(page(cohort))
        assert answer.status_code == 409
        assert "on the list of this cohort already" in answer.content.decode()

    def test_who_said_no_may_change_their_mind_but_not_who_was_turned_down(
        self, browser: Client, cohort: Cohort, person: User
    ) -> None:
        answer_all(browser, cohort)
        browser.post(check(cohort))
        assert "You sent your application" in browser.get(page(cohort)).content.decode()
        Membership.objects.update(state=State.WITHDRAWN)
        assert "Apply again" in browser.get(page(cohort)).content.decode()
        assert browser.post(page(cohort)).headers["Location"] == check(cohort)
        browser.post(check(cohort))
        assert Membership.objects.get().state == State.APPLIED
        Membership.objects.update(state=State.DECLINED, reason=Membership.Reason.NOT_CHOSEN)
        assert "Apply again" not in browser.get(page(cohort)).content.decode()
        assert browser.post(page(cohort)).status_code == 409


def test_a_programme_that_is_no_longer_published_takes_no_application(cohort: Cohort, person: User) -> None:
    application = applying.begin(cohort, person)
    cohort.programme.published = False
    cohort.programme.save()
    with pytest.raises(applying.ApplicationsClosed):
        applying.send(application)
