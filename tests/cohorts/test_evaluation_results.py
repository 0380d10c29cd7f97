"""What a session's evaluations tell its facilitators: in fives, and of nobody."""

from collections.abc import Sequence

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cohorts import evaluating
from cohorts.evaluation_results import Change, results
from cohorts.models import EvaluationQuestion, Session
from portal.accounts.models import User
from tests.cohorts.evaluations import booked, hold, say, session_with_questions

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> Session:
    return session_with_questions()


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
