"""The sweep that asks how a session was: with nothing due it is one statement, and nothing goes to the outbox."""

from typing import Any

import pytest

from cohorts import evaluation_letter
from cohorts.models import EvaluationQuestion
from portal.outbox.models import Message
from tests.cohorts.evaluations import booked, hold, session_with_questions
from tests.factories import make_cohort, make_session

pytestmark = pytest.mark.django_db


def test_once_everybody_is_asked_it_is_one_statement_that_inserts_nothing(django_assert_num_queries: Any) -> None:
    session = session_with_questions()
    booked(session, 3)
    hold(session)
    assert evaluation_letter.ask() == 3
    with django_assert_num_queries(1) as captured:
        assert evaluation_letter.ask() == 0
    assert "INSERT" not in captured[0]["sql"]


def test_where_nothing_is_asked_nobody_is_written_to(django_assert_num_queries: Any) -> None:
    session = make_session(cohort=make_cohort())
    booked(session)
    hold(session)
    EvaluationQuestion.objects.create(programme=session.component.programme, text="No longer", asked=False)
    with django_assert_num_queries(1):
        assert evaluation_letter.ask() == 0
    assert not Message.objects.filter(rule=evaluation_letter.RULE).exists()


def test_what_is_asked_from_now_on_is_asked_of_who_came_lately() -> None:
    session = make_session(cohort=make_cohort())
    booked(session)
    hold(session)
    evaluation_letter.ask()
    EvaluationQuestion.objects.create(programme=session.component.programme, text="I felt safe to speak")
    assert evaluation_letter.ask() == 1
