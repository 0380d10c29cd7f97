"""Asking for a register that nobody has taken: who was written to already is not sent to the outbox again."""

from typing import Any
from unittest.mock import Mock

import pytest

from cohorts import register_reminders
from cohorts.models import Session
from portal import outbox
from portal.outbox.models import Message
from tests import factories as make
from tests.cohorts.test_walk_ins import begin

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> Session:
    """A session that has ended, whose register nobody has taken, with one who leads it."""
    made = make.make_session(cohort=make.make_cohort())
    made.facilitators.add(make.make_facilitator(make.make_user()))
    for _ in range(2):
        make.make_booking(make.make_user(), made)
    return begin(made, hours=14)


def test_once_everybody_is_asked_it_is_one_statement_that_inserts_nothing(
    session: Session, django_assert_num_queries: Any
) -> None:
    assert register_reminders.ask_for_registers() == 1
    with django_assert_num_queries(1) as captured:
        assert register_reminders.ask_for_registers() == 0
    assert "INSERT" not in captured[0]["sql"]


def test_who_is_new_among_those_who_lead_it_is_asked_alone(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    register_reminders.ask_for_registers()
    second = make.make_user()
    session.facilitators.add(make.make_facilitator(second))
    write_many = Mock(wraps=outbox.write_many)
    monkeypatch.setattr(outbox, "write_many", write_many)
    assert register_reminders.ask_for_registers() == 1
    write_many.assert_called_once_with(register_reminders.RULE, [(f"session:{session.pk}", second.pk)])


def test_a_letter_of_another_rule_or_about_another_session_is_not_this_one(session: Session) -> None:
    leads = session.facilitators.get().user
    assert leads
    for rule, subject in (("evaluation.asked", f"session:{session.pk}"), (register_reminders.RULE, "session:0")):
        Message.objects.create(rule=rule, subject=subject, person=leads, priority=Message.Priority.BULK)
    assert register_reminders.ask_for_registers() == 1
