"""What tests of evaluations share: a session about which something is asked, those who are booked, what they say."""

from datetime import timedelta

from django.utils import timezone

from cohorts import evaluating, register
from cohorts.evaluating import Answers
from cohorts.models import Booking, EvaluationQuestion, LearningOutcome, Session
from portal.accounts.models import User
from tests.factories import (
    make_booking,
    make_cohort,
    make_component,
    make_membership,
    make_session,
    make_user,
)

SESSION = timedelta(hours=2)


def session_with_questions() -> Session:
    """Make a session to come, of a component with a learning outcome, of a programme that asks two questions."""
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
