"""What was typed on a page of a programme when the sign-in ended is shown in the page's own words, and asked anew."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cohorts import applying
from cohorts.models import ApplicationQuestion, Booking, CohortMessage, CoursePage, EvidenceKind, Membership
from portal.accounts.models import Role, User
from portal.outbox.models import Message
from tests.cohorts.evaluations import booked, hold, session_with_questions
from tests.cohorts.pages import address, words
from tests.factories import (
    make_component,
    make_course,
    make_job_role,
    make_membership,
    make_open_cohort,
    make_organisation,
    make_user,
)

pytestmark = pytest.mark.django_db

CARRY_ON = reverse("typed")
SignIn = Callable[[User], Client]


@pytest.fixture
def shown(sign_in: SignIn) -> Callable[..., Any]:
    """Return what somebody is shown who sends a form after their sign-in has ended, and signs in again."""

    def of(person: User, page: str, **fields: Any) -> Any:
        browser = sign_in(person)
        browser.get(reverse("home"))
        del browser.cookies["session"]
        assert browser.post(page, fields).status_code == 403
        browser.cookies["session"] = sign_in(person).cookies["session"].value
        return browser.get(CARRY_ON)

    return of


def test_an_answer_about_a_place(shown: Callable[..., Any]) -> None:
    membership = make_membership(cohort=make_open_cohort(name="Cohort 5"), state=Membership.State.OFFERED)
    page = shown(membership.user, address("place_act", membership.pk, "decline"), reason="no_time")
    assert page.context["shown"] == [
        ("Cohort", "Cohort 5"),
        ("Your answer", "Decline the place"),
        ("Why not?", "Time could not be released for it"),
    ]
    page = shown(membership.user, address("place_act", membership.pk, "accept"))
    assert ("Your answer", "Accept the place") in page.context["shown"]
    assert "Send it now" in words(page)


def test_somebody_elses_place_is_told_to_nobody(shown: Callable[..., Any]) -> None:
    membership = make_membership(cohort=make_open_cohort(), state=Membership.State.OFFERED)
    page = shown(make_user(), address("place_act", membership.pk, "accept"))
    assert page.context["shown"] == []
    assert "There was nothing to fill in" in words(page)


def test_an_answer_of_self_study(shown: Callable[..., Any]) -> None:
    membership = make_membership()
    kinds = [EvidenceKind.SELF_STUDY]
    course = make_course(
        make_component(membership.cohort.programme, slug="qi-2", fulfilled_by=kinds),
        {"exercise": "one", "question": "What is an aim?", "options": {"A wish": False, "A number": True}},
    )
    page = CoursePage.objects.get(module__course=course)
    said = shown(
        membership.user,
        address("study_page", membership.pk, "qi-2", page.pk),
        answer=page.options.get(text="A wish").pk,
    )
    assert said.context["shown"] == [("What is an aim?", "A wish")]


def test_ones_own_details(shown: Callable[..., Any]) -> None:
    trust, role = make_organisation(name="Example Coast Trust"), make_job_role(name="Midwife")
    page = shown(make_user(), reverse("details"), name="Demo Amina", organisation=trust.pk, job_role=role.pk)
    assert [said for _, said in page.context["shown"]] == ["Demo Amina", "Example Coast Trust", "Midwife"]
    assert ("What is your job role?", "Midwife") in page.context["shown"]


def test_a_choice_that_is_none_is_shown_as_it_came(shown: Callable[..., Any]) -> None:
    page = shown(make_user(), reverse("details"), name="Demo Amina", organisation="999", job_role="\0")
    assert ("Where do you work?", "999") in page.context["shown"]


def test_an_answer_to_an_applications_question(shown: Callable[..., Any]) -> None:
    cohort, person = make_open_cohort(), make_user()
    question = ApplicationQuestion.objects.create(programme=cohort.programme, text="What would you like to change?")
    applying.begin(cohort, person)
    page = shown(person, address("apply_question", cohort.pk, question.pk), text="Much.\nAnd soon.")
    assert page.context["shown"] == [("What would you like to change?", "Much.\nAnd soon.")]
    stranger = shown(make_user(), address("apply_question", cohort.pk, question.pk), text="Much.")
    assert stranger.context["shown"] == []


def test_what_somebody_says_of_a_session(shown: Callable[..., Any]) -> None:
    session = session_with_questions()
    (amina,) = booked(session)
    held = hold(session)
    scale, own_words = session.component.programme.evaluation_questions.all()
    sent = {"stage": "after", f"question_{scale.pk}": "4", f"question_{own_words.pk}": "Listen"}
    page = shown(amina, address("evaluate", held.pk), **sent)
    assert page.context["shown"] == [("I felt safe to speak", "Agree"), ("What will you do differently?", "Listen")]
    Booking.objects.filter(user=amina).update(state=Booking.State.DID_NOT_ATTEND)
    assert shown(amina, address("evaluate", held.pk), **sent).context["shown"] == [("What you wrote", "Listen")]


def test_a_nomination_is_looked_at_again_before_anybody_is_written_to(shown: Callable[..., Any]) -> None:
    cohort, role = make_open_cohort(), make_job_role(name="Midwife")
    lead = make_user(Role.Kind.ORGANISATION_LEAD, organisation=make_organisation())
    sent = {"name_1": "Demo Midwife", "email_1": "midwife@trust.example", "job_role_1": str(role.pk)}
    page = shown(lead, address("nominate", cohort.pk), **sent, confirmed="yes")
    assert page.context["shown"] == [
        ("Person 1: full name", "Demo Midwife"),
        ("Person 1: work email address", "midwife@trust.example"),
        ("Person 1: job role", "Midwife"),
    ]
    assert "asks you once more" in words(page)
    kept = page.context["typed"]
    assert "confirmed" not in dict(kept.fields)
    assert "Check whom you nominate" in words(page.client.post(kept.path, dict(kept.fields)))
    assert not Message.objects.exists()


def test_a_letter_to_a_cohort_is_looked_at_again_before_it_is_sent(shown: Callable[..., Any], admin: User) -> None:
    membership = make_membership()
    letter = CohortMessage.objects.create(
        cohort=membership.cohort, subject="Hello", body="Dear {name}", written_by=admin
    )
    page = shown(admin, reverse("admin:cohorts_cohortmessage_send", args=[letter.pk]), to="1", digest="x", send="yes")
    kept = page.context["typed"]
    assert "send" not in dict(kept.fields)
    assert page.context["shown"] == []
    again = page.client.post(kept.path, dict(kept.fields))
    assert "Look at it before you send it" in words(again)
    letter.refresh_from_db()
    assert letter.sent_at is None
