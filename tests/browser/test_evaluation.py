"""What somebody says of a session, from the letter to the page of whoever led it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from cohorts import evaluating, evaluation_letter, register
from cohorts.evaluating import Answers
from cohorts.models import Booking, EvaluationQuestion, LearningOutcome, Session
from portal.accounts.models import User
from tests.browser.letterbox import Letterbox
from tests.browser.person import Finger, Hand, Keyboard, Mouse, Person
from tests.factories import (
    make_booking,
    make_cohort,
    make_component,
    make_facilitator,
    make_membership,
    make_programme,
    make_session,
    make_user,
)
from tests.outbox.sink import Sink

pytestmark = pytest.mark.browser

OUTCOME = "I can say what racism in maternity care does to women and to colleagues"
SAFE = "I felt safe to speak"
DIFFERENT = "What will you do differently?"


@pytest.mark.parametrize("hand", [Finger(), Keyboard()], ids=["finger", "keyboard"])
def test_somebody_says_how_it_was_and_whoever_led_it_reads_it_with_four_others(
    somebody: Callable[[Hand], Person], mails: Sink, hand: Hand
) -> None:
    # Given a session to come, with a learning outcome and two questions, and five people who are booked
    cohort = make_cohort(make_programme(name="Perinatal programme"))
    component = make_component(cohort.programme, title="Training day 1")
    outcome = LearningOutcome.objects.create(programme=cohort.programme, component=component, text=OUTCOME)
    scale = EvaluationQuestion.objects.create(programme=cohort.programme, position=1, text=SAFE)
    own_words = EvaluationQuestion.objects.create(programme=cohort.programme, position=2, text=DIFFERENT, kind="text")
    session = make_session(component, cohort)
    leads = make_user(name="Demo Facilitator")
    session.facilitators.add(make_facilitator(leads))
    midwife = make_user(name="Demo Midwife", email="midwife@trust.example")
    others = [make_user() for _ in range(4)]
    for person in (midwife, *others):
        make_booking(make_membership(person, cohort).user, session)

    # When the midwife says before it how confident she is
    participant = somebody(hand)
    participant.is_signed_in(midwife)
    participant.opens(midwife.bookings.get().get_absolute_url(), "Your place is booked")
    participant.follows("Say how confident you are", "Before you come")
    participant.chooses("Slightly confident")
    participant.presses("Send your answers", "Thank you")

    # And is there, and gets a letter afterwards, by which she says how it was
    _hold(session, by=leads)
    for person in others:
        asked = evaluating.asked(person, Session.objects.select_related("component").get(pk=session.pk))
        evaluating.answer(asked, person, Answers({scale.pk: 5}, {own_words.pk: ""}, {outcome.pk: 4}))
    facilitator = somebody(Mouse())
    facilitator.is_signed_in_with_a_second_step(leads)
    facilitator.opens(f"/facilitate/sessions/{session.pk}/register/", "Training day 1")
    facilitator.follows("What people say of it", "What people say of it")
    facilitator.sees("Fewer than 5 people have answered")
    evaluation_letter.ask()
    Letterbox(mails, midwife.email).gets("How was it? Training day 1")
    participant.opens(f"/sessions/{session.pk}/evaluate/", "How was it?")
    participant.presses("Send your answers", "How was it?")
    participant.sees("There is a problem", f"Select an answer: {SAFE}")
    participant.chooses("Very confident")
    participant.chooses("Agree")
    participant.types(DIFFERENT, "I will ask before I assume.")
    participant.presses("Send your answers", "Thank you")

    # Then whoever led it reads it with the others', and no name
    facilitator.opens(f"/facilitate/sessions/{session.pk}/evaluation/", "What people say of it")
    facilitator.sees("the answers of 5 people")
    facilitator.sees("I will ask before I assume.")
    assert "Demo Midwife" not in facilitator.page.content()


def _hold(session: Session, *, by: User) -> None:
    """Let the session be over, with everybody there."""
    ended = timezone.now() - timedelta(hours=2)
    Session.objects.filter(pk=session.pk).update(starts_at=ended - timedelta(hours=3), ends_at=ended)
    session.refresh_from_db()
    marks = dict.fromkeys(session.bookings.values_list("pk", flat=True), Booking.State.ATTENDED)
    register.mark(session, marks, by=by)
