"""The page on which somebody says how a session was, and the one on which its facilitators read it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cohorts import booking as verbs
from cohorts import evaluating, register
from cohorts.models import Booking, Evaluation, EvaluationAnswer, EvaluationQuestion, Session
from portal.accounts.models import Role, User
from portal.nhsuk.dates import say_date
from tests.cohorts.evaluations import booked, hold, say, session_with_questions
from tests.cohorts.pages import words
from tests.factories import (
    make_facilitator,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> Session:
    return session_with_questions()


def browser_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page_of(session: Session) -> str:
    return reverse("evaluate", args=[session.pk])


def filled_in(session: Session, stage: str, *, score: str = "4", text: str = "") -> dict[str, str]:
    """Return what the page sends."""
    sent = {"stage": stage}
    sent |= {f"outcome_{outcome.pk}": score for outcome in session.component.learning_outcomes.all()}
    if stage == "after":
        scale, own_words = session.component.programme.evaluation_questions.all()
        sent |= {f"question_{scale.pk}": score, f"question_{own_words.pk}": text}
    return sent


class TestPages:
    """A participant's page, and what a facilitator sees."""

    def test_one_answers_and_is_thanked(self, session: Session) -> None:
        (amina,) = booked(session)
        held, browser = hold(session), browser_of(amina)
        assert page_of(held) in browser.get(amina.bookings.get().get_absolute_url()).content.decode()
        assert "I felt safe to speak" in words(browser.get(page_of(held)))
        answer = browser.post(page_of(held), filled_in(held, "after", text="Listen"), follow=True)
        assert "Thank you" in words(answer)
        assert "Offer a testimony" in words(answer)
        assert EvaluationAnswer.objects.get(text="Listen").question
        again = browser.post(page_of(held), filled_in(held, "after", text="Listen"), follow=True)  # a double click
        assert "Thank you" in words(again)
        assert "It was not kept" not in words(again)
        other = browser.post(page_of(held), filled_in(held, "after", text="Something else"))
        assert other.status_code == 409
        assert "Something else" in words(other)
        assert page_of(held) not in browser.get(amina.bookings.get().get_absolute_url()).content.decode()

    @pytest.mark.parametrize("score", ["", "0", "6", "x", "\0"])
    def test_what_is_no_answer_is_said_and_nothing_is_lost(self, session: Session, score: str) -> None:
        (amina,) = booked(session)
        held = hold(session)
        answer = browser_of(amina).post(page_of(held), filled_in(held, "after", score=score, text="Keep <this>"))
        assert answer.status_code == 422
        assert "There is a problem" in words(answer)
        assert "Keep &lt;this&gt;" in words(answer)
        assert not Evaluation.objects.exists()

    def test_what_was_begun_before_the_session_is_not_taken_for_after_it(self, session: Session) -> None:
        EvaluationQuestion.objects.update(asked=False)
        (amina,) = booked(session)
        sent = filled_in(session, "before")
        answer = browser_of(amina).post(page_of(hold(session)), sent)
        assert answer.status_code == 422
        assert "The session was held meanwhile" in words(answer)
        assert not Evaluation.objects.exists()

    def test_what_is_no_longer_asked_is_taken_from_a_page_that_asked_it(self, session: Session) -> None:
        (amina,) = booked(session)
        held = hold(session)
        sent = filled_in(held, "after", text="Listen")
        EvaluationQuestion.objects.update(asked=False)
        assert browser_of(amina).post(page_of(held), sent).status_code == 302
        assert EvaluationAnswer.objects.filter(text="Listen").exists()

    def test_what_cannot_be_taken_is_given_back(self, session: Session) -> None:
        (amina,) = booked(session)
        held = hold(session)
        sent = filled_in(held, "after", text="Listen <first>")
        register.mark(held, {amina.bookings.get().pk: Booking.State.APOLOGIES}, by=make_user())
        answer = browser_of(amina).post(page_of(held), sent)
        assert answer.status_code == 409
        assert "Listen &lt;first&gt;" in words(answer)
        assert "It was not kept this time" in words(answer)

    @pytest.mark.parametrize("text", ["2026", "12", "7"])
    def test_a_number_in_somebodys_own_words_is_given_back_too(self, session: Session, text: str) -> None:
        (amina,) = booked(session)
        held = hold(session)
        sent = filled_in(held, "after", text=text)
        register.mark(held, {amina.bookings.get().pk: Booking.State.APOLOGIES}, by=make_user())
        answer = browser_of(amina).post(page_of(held), sent)
        assert answer.context["written"] == [text]

    def test_after_four_weeks_it_is_said_when_the_time_ended(self, session: Session) -> None:
        (amina,) = booked(session)
        held = hold(session)
        sent, browser = filled_in(held, "after", text="Listen"), browser_of(amina)
        held = hold(session, ago=evaluating.ASKED_FOR + timedelta(minutes=1))
        page = browser.get(page_of(held))
        said = f"The time to answer ended on {say_date(held.ends_at + evaluating.ASKED_FOR)}."
        assert page.status_code == 200
        assert words(page).count("You can no longer answer") == 2  # in the title and in the heading
        assert said in words(page)
        answer = browser.post(page_of(held), sent)
        assert answer.status_code == 409
        assert said in words(answer)
        assert "Listen" in words(answer)
        assert not Evaluation.objects.exists()

    def test_whoever_answers_before_a_session_is_asked_for_no_testimony_yet(self, session: Session) -> None:
        (amina,) = booked(session)
        answer = browser_of(amina).post(page_of(session), filled_in(session, "before"), follow=True)
        assert "Thank you" in words(answer)
        assert "Offer a testimony" not in words(answer)

    def test_whoever_answered_in_time_is_thanked_ever_after(self, session: Session) -> None:
        (amina,) = booked(session)
        say(amina, hold(session))
        held = hold(session, ago=evaluating.ASKED_FOR + timedelta(days=1))
        assert "Thank you" in words(browser_of(amina).get(page_of(held)))

    def test_whoever_reads_the_answers_is_not_asked(self, session: Session, sign_in: Any) -> None:
        leads, keeps = booked(session, 2)
        held = hold(session)
        session.facilitators.add(make_facilitator(leads))
        role = keeps.roles.create(kind=Role.Kind.ALL_PROGRAMMES_ADMIN)
        for reader in (leads, keeps):
            browser = sign_in(reader)
            assert page_of(held) not in browser.get(reader.bookings.get().get_absolute_url()).content.decode()
            assert browser.post(page_of(held), filled_in(held, "after")).status_code == 409
        assert not Evaluation.objects.exists()
        role.delete()
        assert sign_in(keeps).get(page_of(held)).context["form"]

    def test_of_others_sessions_there_is_no_page(self, session: Session) -> None:
        assert browser_of(make_user()).get(page_of(session)).status_code == 404

    def test_who_cancelled_reads_why_there_is_nothing_to_answer(self, session: Session) -> None:
        (amina,) = booked(session)
        verbs.cancel(amina.bookings.get(), by=amina)
        answer = browser_of(amina).get(page_of(session))
        assert answer.status_code == 200
        assert "There is nothing to answer now" in words(answer)

    def test_a_facilitator_reads_what_five_people_say(self, session: Session, sign_in: Any) -> None:
        leads = make_facilitator(make_user())
        session.facilitators.add(leads)
        people = booked(session, 5)
        held = hold(session)
        browser = sign_in(leads.user)
        page = reverse("evaluation", args=[session.pk])
        assert page in words(browser.get(reverse("register", args=[session.pk])))
        for person in people[:4]:
            say(person, held, text="<b>Listen</b>")
        assert "Fewer than 5 people have answered" in words(browser.get(page))
        say(people[4], held, text="Listen")
        shown = words(browser.get(page))
        assert "the answers of 5 people" in shown
        assert "&lt;b&gt;Listen&lt;/b&gt;" in shown
        assert not [person.name for person in people if person.name in shown]
