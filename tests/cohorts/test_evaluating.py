"""Saying how a session was: who is asked, once before it and once after it, under a pseudonym; and the letter."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cohorts import evaluating, evaluation_letter, own_data, register
from cohorts.evaluating import Answered, Answers, NotAsked
from cohorts.models import Booking, Evaluation, EvaluationAnswer, EvaluationQuestion, Session
from cohorts.session_subjects import subject_of
from portal.accounts.models import User
from portal.outbox.models import Message
from portal.trail.models import Entry
from tests.cohorts.evaluations import booked, hold, say, session_with_questions
from tests.factories import (
    make_cohort,
    make_facilitator,
    make_session,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> Session:
    return session_with_questions()


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

    @pytest.mark.parametrize(("days", "is_asked"), [(27, True), (29, False)])
    def test_it_ends_after_four_weeks(self, session: Session, days: int, *, is_asked: bool) -> None:
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


class TestLetter:
    """Whoever came is written to once, whether they have answered or not."""

    def test_whoever_came_is_asked_once(self, session: Session) -> None:
        amina, other = booked(session, 2)
        held = hold(session, ago=timedelta(minutes=30))
        assert evaluation_letter.ask() == 0  # not within the first hour
        Session.objects.filter(pk=held.pk).update(ends_at=timezone.now() - timedelta(hours=2))
        register.mark(held, {other.bookings.get().pk: Booking.State.APOLOGIES}, by=make_user())
        assert (evaluation_letter.ask(), evaluation_letter.ask()) == (1, 0)
        assert Message.objects.get(rule=evaluation_letter.RULE).person == amina

    def test_after_an_outage_nobody_is_asked_about_what_is_long_past(self, session: Session) -> None:
        booked(session)
        hold(session, ago=timedelta(days=15))
        assert evaluation_letter.ask() == 0

    def test_a_register_that_is_taken_days_later_is_in_time(self, session: Session) -> None:
        booked(session)
        hold(session, ago=timedelta(days=8))
        assert evaluation_letter.ask() == 1

    def test_it_says_the_same_to_whoever_has_answered(self, session: Session) -> None:
        amina, other = booked(session, 2)
        held = hold(session)
        say(amina, held)
        mails = [evaluation_letter.compose(held, person) for person in (amina, other)]
        assert mails[0] is not None
        assert mails[0] == mails[1]

    def test_there_is_none_where_nothing_is_asked(self, session: Session) -> None:
        subject = subject_of(session.pk)
        assert evaluation_letter.load([subject]) == {subject: session}
        EvaluationQuestion.objects.update(asked=False)
        assert evaluation_letter.load([subject])
        session.component.learning_outcomes.all().delete()
        assert not evaluation_letter.load([subject])

    def test_whoever_leads_it_gets_none(self, session: Session) -> None:
        (amina,) = booked(session)
        session.facilitators.add(make_facilitator(amina))
        hold(session)
        assert evaluation_letter.ask() == 0


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
