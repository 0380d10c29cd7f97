"""Saying how a session was: once before and once after, under a pseudonym; and what its facilitators are told."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cohorts import booking as verbs
from cohorts import evaluating, own_data, register
from cohorts.evaluating import Answered, Answers, NotAsked
from cohorts.evaluation_results import Change, results
from cohorts.models import Booking, Evaluation, EvaluationAnswer, EvaluationQuestion, LearningOutcome, Session
from portal.accounts.models import User
from portal.outbox.models import Message
from portal.trail.models import Entry
from tests.cohorts.pages import words
from tests.factories import (
    make_booking,
    make_cohort,
    make_component,
    make_facilitator,
    make_membership,
    make_session,
    make_user,
)

pytestmark = pytest.mark.django_db

SESSION = timedelta(hours=2)


@pytest.fixture
def session() -> Session:
    """A session to come, of a component with a learning outcome, of a programme that asks two questions."""
    cohort = make_cohort()
    component = make_component(cohort.programme, title="Training day 1")
    LearningOutcome.objects.create(programme=cohort.programme, component=component, text="I can name structural racism")
    EvaluationQuestion.objects.create(programme=cohort.programme, position=1, text="I felt safe to speak")
    EvaluationQuestion.objects.create(
        programme=cohort.programme, position=2, text="What will you do differently?", kind="text"
    )
    return make_session(component, cohort)


def booked(session: Session, people: int = 1) -> list[User]:
    assert session.cohort
    members = [make_membership(make_user(), session.cohort).user for _ in range(people)]
    for person in members:
        make_booking(person, session)
    return members


def hold(session: Session, *, ago: timedelta = timedelta(hours=2)) -> Session:
    """Let a session be over, with everybody marked as there."""
    ended = timezone.now() - ago
    Session.objects.filter(pk=session.pk).update(starts_at=ended - SESSION, ends_at=ended)
    session = Session.objects.select_related("component__programme", "cohort").get(pk=session.pk)
    held = Booking.objects.filter(session=session, state=Booking.State.BOOKED)
    register.mark(session, dict.fromkeys(held.values_list("pk", flat=True), Booking.State.ATTENDED), by=make_user())
    return session


def say(person: User, session: Session, *, confidence: int = 3, score: int = 4, text: str = "") -> None:
    """Answer what is asked now."""
    asked = evaluating.asked(person, session)
    scales = [question.pk for question in asked.questions if question.kind == "scale"]
    words_of = [question.pk for question in asked.questions if question.kind == "text"]
    evaluating.answer(
        asked,
        person,
        Answers(
            scores=dict.fromkeys(scales, score),
            texts=dict.fromkeys(words_of, text),
            confidence={outcome.pk: confidence for outcome in asked.outcomes},
        ),
    )


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


class TestWhoIsAsked:
    """Before it whoever is booked; after it whoever came; each once, for four weeks."""

    def test_before_the_session_the_outcomes_alone_are_asked(self, session: Session) -> None:
        (amina,) = booked(session)
        asked = evaluating.asked(amina, session)
        assert (asked.stage, len(asked.outcomes), len(asked.questions)) == ("before", 1, 0)

    def test_after_it_the_programmes_questions_are_asked_too(self, session: Session) -> None:
        (amina,) = booked(session)
        asked = evaluating.asked(amina, hold(session))
        assert (asked.stage, len(asked.outcomes), len(asked.questions)) == ("after", 1, 2)

    def test_each_is_answered_once(self, session: Session) -> None:
        (amina,) = booked(session)
        asked = evaluating.asked(amina, session)
        say(amina, session)
        with pytest.raises(Answered):
            evaluating.asked(amina, session)
        with pytest.raises(Answered):  # two pages that were opened before
            evaluating.answer(asked, amina, Answers({}, {}, {}))
        assert Evaluation.objects.count() == 1
        say(amina, hold(session))
        assert Evaluation.objects.count() == 2

    @pytest.mark.parametrize("state", [Booking.State.CANCELLED, Booking.State.DID_NOT_ATTEND, Booking.State.APOLOGIES])
    def test_whoever_did_not_come_is_not_asked(self, session: Session, state: Booking.State) -> None:
        (amina,) = booked(session)
        held = hold(session)
        if state == Booking.State.CANCELLED:
            Booking.objects.filter(user=amina).update(state=state)
        else:
            register.mark(held, {amina.bookings.get().pk: state}, by=make_user())
        with pytest.raises(NotAsked):
            evaluating.asked(amina, held)

    def test_whoever_leads_it_is_not_asked(self, session: Session) -> None:
        (amina,) = booked(session)
        session.facilitators.add(make_facilitator(amina))
        assert not evaluating.is_asked(amina, hold(session))

    @pytest.mark.parametrize(("days", "is_asked"), [(27, True), (29, False)])
    def test_it_ends_after_four_weeks(self, session: Session, days: int, is_asked: bool) -> None:  # noqa: FBT001  # parametrized
        (amina,) = booked(session)
        assert evaluating.is_asked(amina, hold(session, ago=timedelta(days=days))) == is_asked

    def test_where_nothing_is_asked_there_is_nothing_to_answer(self) -> None:
        cohort = make_cohort()
        session = make_session(cohort=cohort)
        (amina,) = booked(session)
        assert not evaluating.is_asked(amina, session)
        assert not evaluating.is_asked(amina, hold(session))

    def test_what_is_no_longer_asked_is_not(self, session: Session) -> None:
        EvaluationQuestion.objects.update(asked=False)
        (amina,) = booked(session)
        assert not evaluating.asked(amina, hold(session)).questions


class TestPseudonym:
    """It links before to after, and says of nobody that it is theirs."""

    def test_before_and_after_are_linked(self, session: Session) -> None:
        (amina,) = booked(session)
        say(amina, session)
        say(amina, hold(session))
        assert Evaluation.objects.values("pseudonym").distinct().count() == 1

    def test_nobody_has_the_same_in_two_sessions(self, session: Session) -> None:
        (amina,) = booked(session)
        other = make_session(session.component, session.cohort, days=30)
        assert evaluating.pseudonym(amina, session) != evaluating.pseudonym(amina, other)

    def test_it_lasts_while_an_earlier_key_is_known(self, session: Session, settings: Any) -> None:
        (amina,) = booked(session)
        say(amina, session)
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another key, that is long enough for a test of its own"
        with pytest.raises(Answered):
            evaluating.asked(amina, session)
        say(amina, hold(session))
        assert Evaluation.objects.values("pseudonym").distinct().count() == 1

    def test_it_can_be_that_of_a_new_key(self, session: Session, settings: Any) -> None:
        amina, other = booked(session, 2)
        say(amina, session)
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another key, that is long enough for a test of its own"
        say(other, session)
        assert (evaluating.rename(), evaluating.rename()) == (1, 0)
        settings.SECRET_KEY_FALLBACKS = []
        for person in (amina, other):
            with pytest.raises(Answered):
                evaluating.asked(person, session)
            assert len(evaluating.own(person)) == 1

    def test_no_row_and_no_entry_points_at_who_answered(self, session: Session) -> None:
        (amina,) = booked(session)
        before = Entry.objects.count()
        say(amina, session)
        assert Entry.objects.count() == before
        tables = {Evaluation, EvaluationAnswer}
        related = {field.related_model for model in tables for field in model._meta.get_fields()}
        assert User not in related
        assert Booking not in related

    def test_one_finds_ones_own(self, session: Session) -> None:
        amina, other = booked(session, 2)
        say(amina, session)
        assert len(evaluating.own(amina)) == 1
        assert evaluating.own(other) == []

    def test_who_is_forgotten_leaves_numbers_and_no_words(self, session: Session) -> None:
        amina, other = booked(session, 2)
        held = hold(session)
        say(amina, held, text="My own words")
        say(other, held, text="Theirs")
        evaluating.forget(amina)
        assert [answer.text for answer in EvaluationAnswer.objects.exclude(text="")] == ["Theirs"]
        assert [row["answers"]["What will you do differently?"] for row in own_data.evaluations(amina)] == [""]
        assert EvaluationAnswer.objects.filter(score__isnull=False).count() == 4


class TestResults:
    """They are told in fives, in the order in which people answered."""

    @pytest.mark.parametrize(("answered", "told"), [(0, 0), (4, 0), (5, 5), (9, 5), (10, 10)])
    def test_they_are_told_in_fives(self, session: Session, answered: int, told: int) -> None:
        people = booked(session, answered)
        held = hold(session)
        for person in people:
            say(person, held, text="Something")
        found = results(held)
        assert found.told == told
        assert sum(len(texts) for _, texts in found.texts) == told
        assert [sum(scale.numbers) for scale in found.scales] == ([told] if told else [])

    def test_one_more_answer_changes_nothing(self, session: Session) -> None:
        people = booked(session, 6)
        held = hold(session)
        for person in people[:5]:
            say(person, held, score=4, text="Yes")
        before = results(held)
        say(people[5], held, score=1, text="No")
        assert results(held) == before

    def test_confidence_is_that_of_the_same_people(self, session: Session) -> None:
        people = booked(session, 7)
        for person in people[:6]:
            say(person, session, confidence=2)
        held = hold(session)
        for person in people:
            say(person, held, confidence=4)
        found = results(held)
        assert found.changes == [Change("I can name structural racism", 5, 2, 4)]

    def test_fewer_than_five_pairs_are_not_told(self, session: Session) -> None:
        people = booked(session, 5)
        for person in people[:4]:
            say(person, session)
        held = hold(session)
        for person in people:
            say(person, held)
        assert (results(held).told, list(results(held).changes)) == (5, [])

    def test_a_question_that_few_were_asked_is_not_told(self, session: Session) -> None:
        people = booked(session, 5)
        held = hold(session)
        for person in people[:3]:
            say(person, held)
        EvaluationQuestion.objects.create(programme=session.component.programme, text="Added later")
        for person in people[3:]:
            say(person, held)
        assert [scale.question for scale in results(held).scales] == ["I felt safe to speak"]

    def test_a_question_in_words_that_few_were_asked_is_not_told(self, session: Session) -> None:
        people = booked(session, 10)
        held = hold(session)
        for person in people[:9]:
            say(person, held, text="Of the first nine")
        EvaluationQuestion.objects.create(programme=session.component.programme, text="Added later", kind="text")
        say(people[9], held, text="Of the tenth")
        assert [question for question, _ in results(held).texts] == ["What will you do differently?"]

    def test_a_question_that_is_dropped_between_fives_tells_of_nobody(self, session: Session) -> None:
        people = booked(session, 10)
        held = hold(session)
        for person in people[:5]:
            say(person, held, score=4)
        (before,) = results(held).scales
        say(people[5], held, score=1)
        EvaluationQuestion.objects.filter(kind="scale").update(asked=False)
        for person in people[6:]:
            say(person, held)
        assert results(held).told == 10
        assert list(results(held).scales) == [before]

    def test_an_outcome_that_is_added_between_fives_tells_of_nobody(self, session: Session) -> None:
        people = booked(session, 10)
        say(people[9], session)
        held = hold(session)
        for person in people:
            say(person, held)
        assert not results(held).changes

    @pytest.mark.parametrize("wrote", ["Something", ""])
    def test_of_whoever_is_erased_no_gap_tells(self, session: Session, wrote: str) -> None:
        people = booked(session, 10)
        held = hold(session)
        for number, person in enumerate(people):
            say(person, held, text=wrote if number == 2 else f"Word {number}")
        before = results(held)
        evaluating.forget(people[2])
        ((_, words_left),) = results(held).texts
        assert list(words_left) == [f"Word {number}" for number in range(5, 10)]
        assert results(held).scales == before.scales

    def test_statements_do_not_grow_with_answers(self, session: Session) -> None:
        people = booked(session, 15)
        for person in people:
            say(person, session)
        held = hold(session)

        def counted(answering: Sequence[User]) -> int:
            for person in answering:
                say(person, held, text="Something")
            with CaptureQueriesContext(connection) as seen:
                assert results(held).told
            return len(seen)

        assert counted(people[:5]) == counted(people[5:]) == 4


class TestLetter:
    """Whoever came is written to once, whether they have answered or not."""

    def test_whoever_came_is_asked_once(self, session: Session) -> None:
        amina, other = booked(session, 2)
        held = hold(session, ago=timedelta(minutes=30))
        assert evaluating.ask() == 0  # not within the first hour
        Session.objects.filter(pk=held.pk).update(ends_at=timezone.now() - timedelta(hours=2))
        register.mark(held, {other.bookings.get().pk: Booking.State.APOLOGIES}, by=make_user())
        assert (evaluating.ask(), evaluating.ask()) == (1, 0)
        assert Message.objects.get(rule=evaluating.RULE).person == amina

    def test_after_an_outage_nobody_is_asked_about_what_is_long_past(self, session: Session) -> None:
        booked(session)
        hold(session, ago=timedelta(days=15))
        assert evaluating.ask() == 0

    def test_a_register_that_is_taken_days_later_is_in_time(self, session: Session) -> None:
        booked(session)
        hold(session, ago=timedelta(days=8))
        assert evaluating.ask() == 1

    def test_it_says_the_same_to_whoever_has_answered(self, session: Session) -> None:
        amina, other = booked(session, 2)
        held = hold(session)
        say(amina, held)
        mails = [evaluating.compose(held, person) for person in (amina, other)]
        assert mails[0] is not None
        assert mails[0] == mails[1]

    def test_there_is_none_where_nothing_is_asked(self) -> None:
        cohort = make_cohort()
        session = make_session(cohort=cohort)
        (amina,) = booked(session)
        assert evaluating.compose(hold(session), amina) is None


class TestPages:
    """A participant's page, and what a facilitator sees."""

    def test_one_answers_and_is_thanked(self, session: Session) -> None:
        (amina,) = booked(session)
        held, browser = hold(session), browser_of(amina)
        assert page_of(held) in browser.get(amina.bookings.get().get_absolute_url()).content.decode()
        assert "I felt safe to speak" in words(browser.get(page_of(held)))
        answer = browser.post(page_of(held), filled_in(held, "after", text="Listen"), follow=True)
        assert "Thank you" in words(answer)
        assert EvaluationAnswer.objects.get(text="Listen").question
        assert browser.post(page_of(held), filled_in(held, "after")).status_code == 409
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


@pytest.mark.django_db(transaction=True)
def test_a_question_that_is_deleted_meanwhile_is_not_taken_for_an_answer_of_before(session: Session) -> None:
    (amina,) = booked(session)
    held = hold(session)
    asked = evaluating.asked(amina, held)
    answers = Answers({question.pk: 3 for question in asked.questions if question.kind == "scale"}, {}, {})
    EvaluationQuestion.objects.filter(kind="scale").delete()
    with pytest.raises(NotAsked, match="changed meanwhile"):
        evaluating.answer(asked, amina, answers)
    assert not Evaluation.objects.exists()
