"""What a session's evaluations say, for its facilitators and its programme's admins: in fives, and never of one person.

Answers are told by the first five, ten, fifteen who gave them. Whoever looks today and tomorrow sees five more, or the
same; so no two looks differ by one person.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from cohorts.models import Evaluation, EvaluationAnswer, EvaluationQuestion, LearningOutcome, Session
from portal.small_numbers import in_fives

SCORES: Final = (1, 2, 3, 4, 5)
Stage, Kind = Evaluation.Stage, EvaluationQuestion.Kind


@dataclass(frozen=True, slots=True)
class Scale:
    """How many people gave each score to one sentence, from 1 to 5."""

    question: str
    numbers: Sequence[int]

    @property
    def disagree(self) -> int:
        """Return how many disagree, strongly or not."""
        return sum(self.numbers[:2])

    @property
    def neither(self) -> int:
        """Return how many do neither."""
        return self.numbers[2]

    @property
    def agree(self) -> int:
        """Return how many agree, strongly or not."""
        return sum(self.numbers[3:])

    @property
    def mean(self) -> float:
        """Return the mean score."""
        return sum(score * number for score, number in zip(SCORES, self.numbers, strict=True)) / sum(self.numbers)


@dataclass(frozen=True, slots=True)
class Change:
    """How confident the same people were of one learning outcome, before and after."""

    outcome: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Results:
    """What may be told. `told` is of how many people; 0 while there are fewer than five."""

    told: int
    scales: Sequence[Scale] = ()
    texts: Sequence[tuple[str, Sequence[str]]] = ()
    pairs: int = 0
    changes: Sequence[Change] = ()


def results(session: Session) -> Results:
    """Return what a session's evaluations say, in a number of statements that does not grow with theirs."""
    rows = list(Evaluation.objects.filter(session=session).order_by("pk").values_list("pk", "pseudonym", "stage"))
    after = [(pk, name) for pk, name, stage in rows if stage == Stage.AFTER]
    told = after[: in_fives(len(after))]
    if not told:
        return Results(0)
    before = {name: pk for pk, name, stage in rows if stage == Stage.BEFORE}
    # Pairs by the order of their second half, which is when they became one.
    linked = [(before[name], pk) for pk, name in after if name in before]
    linked = linked[: in_fives(len(linked))]
    answers = EvaluationAnswer.objects.filter(evaluation__session=session)
    return Results(
        len(told),
        _scales(session, [pk for pk, _ in told], answers),
        _texts(session, [pk for pk, _ in told], answers),
        len(linked),
        _changes(session, linked, answers) if linked else (),
    )


def _scales(session: Session, told: Sequence[int], answers: QuerySet[EvaluationAnswer]) -> list[Scale]:
    given = answers.filter(evaluation__in=told, score__isnull=False, question__isnull=False)
    counted = Counter(given.values_list("question", "score"))
    asked = EvaluationQuestion.objects.filter(programme=session.component.programme_id, kind=Kind.SCALE)
    scales = [Scale(question.text, [counted[question.pk, score] for score in SCORES]) for question in asked]
    return [scale for scale in scales if in_fives(sum(scale.numbers))]


def _texts(session: Session, told: Sequence[int], answers: QuerySet[EvaluationAnswer]) -> list[tuple[str, list[str]]]:
    """Return what people wrote, by question; in the order of the words, which says nothing of who wrote them."""
    given = answers.filter(evaluation__in=told, question__isnull=False).exclude(text="")
    rows = given.order_by("question__position", "question", "text").values_list("question__text", "text")
    found: dict[str, list[str]] = {}
    for question, text in rows:
        found.setdefault(question, []).append(text)
    return list(found.items())


def _changes(session: Session, linked: Sequence[tuple[int, int]], answers: QuerySet[EvaluationAnswer]) -> list[Change]:
    given = answers.filter(evaluation__in=[pk for pair in linked for pk in pair], outcome__isnull=False)
    scores = {(evaluation, outcome): score for evaluation, outcome, score in given.values_list(*_OF_AN_OUTCOME)}
    changes = []
    for outcome in LearningOutcome.objects.filter(component=session.component_id):
        both = [
            (scores[before, outcome.pk], scores[after, outcome.pk])
            for before, after in linked
            if (before, outcome.pk) in scores and (after, outcome.pk) in scores
        ]
        if in_fives(len(both)):
            means = (sum(part) / len(both) for part in zip(*both, strict=True))
            changes.append(Change(outcome.text, *means))
    return changes


_OF_AN_OUTCOME = ("evaluation", "outcome", "score")
