"""Saying how a session was: once before it and once after it, under a pseudonym that links the two.

The pseudonym is made of the person, the session and SECRET_KEY. It stands nowhere beside the person, and nothing in the
trail says that somebody has answered.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from cohorts.models import (
    Booking,
    Evaluation,
    EvaluationAnswer,
    EvaluationQuestion,
    LearningOutcome,
    Programme,
    Session,
)
from portal.accounts.erasure import let_author_stay
from portal.accounts.models import User
from portal.nhsuk.dates import say_date
from portal.prepared import Given, GivenMany, Prepared

SALT: Final = "cohorts.evaluating"

ASKED_FOR: Final = timedelta(days=28)
"""How long after its end somebody can still say how a session was."""


# The page of every booking asks these.
_BOOKING = Prepared(
    lambda: (
        Booking.objects.filter(user=Given("person"), session=Given("session"))
        .exclude(state=Booking.State.CANCELLED)
        .order_by("pk")
    )
)
_ANSWERED = Prepared(
    lambda: Evaluation.objects.filter(
        session=Given("session"), stage=Given("stage"), pseudonym__in=GivenMany("names", "text")
    ).order_by()
)
_OUTCOMES = Prepared(lambda: LearningOutcome.objects.filter(component=Given("component")))
_QUESTIONS = Prepared(
    lambda: EvaluationQuestion.objects.filter(
        Q(asked=True) | Q(pk__in=GivenMany("shown")), programme=Given("programme")
    )
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody is asked about a session now."""

    session: Session
    stage: Evaluation.Stage
    questions: Sequence[EvaluationQuestion]
    outcomes: Sequence[LearningOutcome]


@dataclass(frozen=True, slots=True)
class Answers:
    """What somebody says of a session, by the keys of questions and of outcomes; scores are from 1 to 5.

    Each question that they were asked has its answer: a text is empty for who wrote nothing.
    """

    scores: Mapping[int, int]
    texts: Mapping[int, str]
    confidence: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """What somebody wrote of a session in their own words, for themselves. It does not say where the answer is kept."""

    title: str
    question: str
    text: str


class NotAsked(Exception):
    """There is nothing to answer now. `str()` says why, in words for the person, under the `heading`."""

    heading = "There is nothing to answer now"


class TooLate(NotAsked):
    """They were there, and the time to say how it was is over."""

    heading = "You can no longer answer"

    def __init__(self, session: Session) -> None:
        super().__init__(f"The time to answer ended on {say_date(_asked_until(session))}.")


class Answered(NotAsked):
    """They have answered already."""

    heading = "Thank you"

    def __init__(self) -> None:
        super().__init__("You have answered. Thank you.")


def pseudonym(person: User, session: Session, *, secret: str | None = None) -> str:
    """Return the name under which somebody's answers about a session stand."""
    told = f"{person.pk}:{session.pk}"
    return salted_hmac(SALT, told, secret=secret or settings.SECRET_KEY, algorithm="sha256").hexdigest()


def asked(person: User, session: Session, *, shown: Collection[int] = ()) -> Asked:
    """Return what somebody is asked about a session, with its component: who is booked before it, who came after it.

    `shown` are questions that their page has, and that may be asked no longer. Raises NotAsked, Answered, TooLate.
    """
    stage = _stage(_BOOKING.first(person=person.pk, session=session.pk), session)
    if stage is None:
        raise NotAsked("You can say how a session was once the register says that you were there, for 4 weeks.")
    if _ANSWERED.first(session=session.pk, stage=stage, names=_pseudonyms(person, session)):
        raise Answered
    if stage == Evaluation.Stage.AFTER and timezone.now() >= _asked_until(session):
        raise TooLate(session)
    found = _asked_at(session, stage, shown)
    if not found.questions and not found.outcomes:
        raise NotAsked("Nothing is asked about this session.")
    return found


def is_asked(person: User, session: Session) -> bool:
    """Say whether somebody can answer something about a session now."""
    try:
        asked(person, session)
    except NotAsked:
        return False
    return True


def answer(asked_now: Asked, person: User, answers: Answers) -> None:
    """Keep what somebody says of a session. Raises NotAsked: Answered, or when questions were deleted meanwhile."""
    session, stage = asked_now.session, asked_now.stage
    earlier = _own(person, session).values_list("pseudonym", flat=True).first()
    evaluation = Evaluation(session=session, stage=stage, pseudonym=earlier or pseudonym(person, session))
    rows = [
        *(
            EvaluationAnswer(evaluation=evaluation, outcome_id=pk, score=score)
            for pk, score in answers.confidence.items()
        ),
        *(EvaluationAnswer(evaluation=evaluation, question_id=pk, score=score) for pk, score in answers.scores.items()),
        *(EvaluationAnswer(evaluation=evaluation, question_id=pk, text=text) for pk, text in answers.texts.items()),
    ]
    try:
        with transaction.atomic():
            # One after the other, so that who comes later is never counted among an earlier five.
            Session.objects.select_for_update(of=("self",), no_key=True).get(pk=session.pk)
            evaluation.save(force_insert=True)
            EvaluationAnswer.objects.bulk_create(rows)
            let_author_stay(person.pk)
    except IntegrityError:
        if _own(person, session).filter(stage=stage).exists():
            raise Answered from None
        raise NotAsked("The questions were changed meanwhile. Open the page again to answer.") from None


def own_words(person: User, session: Session) -> set[str]:
    """Return what somebody has written of a session in their own words."""
    answers = EvaluationAnswer.objects.filter(evaluation__in=_own(person, session)).exclude(text="")
    return set(answers.values_list("text", flat=True))


def own_answers(person: User, programme: Programme) -> list[OwnAnswer]:
    """Return what somebody has written of a programme's sessions in their own words, in the order of the sessions."""
    names = _names(person, Session.objects.filter(component__programme=programme))
    answers = EvaluationAnswer.objects.filter(evaluation__pseudonym__in=names, question__isnull=False).exclude(text="")
    rows = answers.order_by("evaluation__session__starts_at", "question__position", "pk")
    return [
        OwnAnswer(*row) for row in rows.values_list("evaluation__session__component__title", "question__text", "text")
    ]


def own(person: User) -> list[Evaluation]:
    """Return all that somebody has said of sessions, found by the pseudonyms of what they booked."""
    rows = Evaluation.objects.filter(pseudonym__in=_names(person, Session.objects.all()))
    rows = rows.select_related("session__component").order_by("pk")
    return list(rows.prefetch_related("answers__question", "answers__outcome"))


def forget(person: User) -> None:
    """Empty what somebody has said of sessions in their own words; how much they agreed stays, as a number."""
    found = [evaluation.pk for evaluation in own(person)]
    Evaluation.objects.filter(pk__in=found).update(is_forgotten=True)
    EvaluationAnswer.objects.filter(evaluation__in=found).exclude(text="").update(text="")


def move(leaving: User, staying: User) -> None:
    """Put what one account said of sessions under the other's pseudonyms, since both are one person.

    Where both have answered the same, they are one answer: that of the account that stays.
    """
    for evaluation in own(leaving):
        theirs = _own(staying, evaluation.session).filter(stage=evaluation.stage)
        if theirs.exists():
            evaluation.delete()
        else:
            evaluation.pseudonym = pseudonym(staying, evaluation.session)
            evaluation.save(update_fields=["pseudonym"])


@transaction.atomic
def rename() -> int:
    """Put what was said under an earlier SECRET_KEY under the pseudonyms of the present one; return how many rows.

    Without it, whoever answered under the earlier key could answer again once that is forgotten, and would not find
    what they have said.
    """
    renamed = 0
    for session in Session.objects.filter(evaluations__isnull=False).distinct().order_by("pk"):
        rows = defaultdict(list)
        for evaluation in session.evaluations.all():
            rows[evaluation.pseudonym].append(evaluation)
        for person in User.objects.filter(bookings__session=session).distinct():
            present, *earlier = _pseudonyms(person, session)
            for evaluation in (found for name in earlier for found in rows[name]):
                evaluation.pseudonym = present
                evaluation.save(update_fields=["pseudonym"])
                renamed += 1
    return renamed


def _asked_at(session: Session, stage: Evaluation.Stage, shown: Collection[int] = ()) -> Asked:
    """Return what is asked about a session at a stage, of whomever: the programme's questions after it alone."""
    outcomes = _OUTCOMES.all(component=session.component_id)
    questions = []
    if stage == Evaluation.Stage.AFTER:
        questions = _QUESTIONS.all(programme=session.component.programme_id, shown=list(shown))
    return Asked(session, stage, questions, outcomes)


def _stage(booking: Booking | None, session: Session) -> Evaluation.Stage | None:
    """Return at which stage somebody is, or None."""
    if booking is None or session.is_cancelled:
        return None
    if booking.state == Booking.State.BOOKED and not session.has_begun:
        return Evaluation.Stage.BEFORE
    came = booking.state == Booking.State.ATTENDED
    return Evaluation.Stage.AFTER if came and session.has_ended else None


def _asked_until(session: Session) -> datetime:
    """Return the moment from which nobody can say any more how a session was."""
    return session.ends_at + ASKED_FOR


def _own(person: User, session: Session) -> QuerySet[Evaluation]:
    return Evaluation.objects.filter(session=session, pseudonym__in=_pseudonyms(person, session))


def _names(person: User, sessions: QuerySet[Session]) -> list[str]:
    """Return the pseudonyms of somebody for those of the sessions that they have booked, or had."""
    booked = sessions.filter(bookings__user=person).distinct()
    return [name for session in booked for name in _pseudonyms(person, session)]


def _pseudonyms(person: User, session: Session) -> list[str]:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [pseudonym(person, session, secret=secret) for secret in secrets]
