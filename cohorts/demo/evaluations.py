"""What the demonstration's people say of the sessions at which they were: most of them, before and after."""

from typing import Final

from cohorts import evaluating
from cohorts.evaluating import Answers, Asked
from cohorts.models import Booking, Evaluation, EvaluationQuestion, LearningOutcome, Session
from portal.accounts.models import User

Stage, Kind = Evaluation.Stage, EvaluationQuestion.Kind
ONE_IN_IS_SILENT: Final = 6
WORDS: Final = (
    "I will ask the woman in front of me what she needs, and write it down as she says it.",
    "I will not leave it to my Black colleagues to speak up.",
    "I will bring our own figures to the next governance meeting.",
    "I will say something at once when it happens, and not in the corridor afterwards.",
    "I will ask how a name is said, and say it so.",
    "I will look at who waits longest for pain relief on our unit.",
    "",
    "I will book an interpreter for labour, too, and not only for appointments.",
    "I will talk about this day at our next handover, with the whole team.",
    "I will read the second half of the book before I judge the first.",
    "I will learn to see jaundice on dark skin, and ask our educator to teach it.",
    "",
    "I will stop saying “hard to reach”. It is we who are hard to reach.",
)


def evaluate(session: Session) -> None:
    """Let those who were there say how it was."""
    outcomes = list(LearningOutcome.objects.filter(component=session.component_id))
    questions = list(EvaluationQuestion.objects.filter(programme=session.component.programme_id))
    came = Booking.objects.filter(session=session, state=Booking.State.ATTENDED).order_by("pk")
    for number, held in enumerate(came.select_related("user"), start=1):
        if number % ONE_IN_IS_SILENT:
            if outcomes:
                _say(Asked(session, Stage.BEFORE, [], outcomes), held.user, number)
            if questions or outcomes:
                _say(Asked(session, Stage.AFTER, questions, outcomes), held.user, number)


def _say(asked: Asked, person: User, number: int) -> None:
    """Answer as somebody would whose number this is: some more sure than others, and all a bit surer afterwards."""
    confidence = number % 3 + (3 if asked.stage == Stage.AFTER else 1)
    scales = [question for question in asked.questions if question.kind == Kind.SCALE]
    scores = {question.pk: 2 + (number * number + question.position) % 4 for question in scales}
    words = WORDS[(number + asked.session.pk) % len(WORDS)]
    texts = {question.pk: words for question in asked.questions if question.kind == Kind.TEXT}
    evaluating.answer(asked, person, Answers(scores, texts, {outcome.pk: confidence for outcome in asked.outcomes}))
