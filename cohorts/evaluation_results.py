"""What a session's evaluations say, for its facilitators and its programme's admins: in fives, and never of one person.

Each question and each learning outcome is told by the first five, ten, fifteen people who were asked it, of those who
have answered whole. Whoever looks today and tomorrow sees five more, or the same; so no two looks differ by one person.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cohorts.models import Evaluation, EvaluationAnswer, EvaluationQuestion, LearningOutcome, Session
from portal.small_numbers import LEAST_ANSWERS, in_fives

SCORES: Final = (1, 2, 3, 4, 5)
Stage, Kind = Evaluation.Stage, EvaluationQuestion.Kind


@dataclass(frozen=True, slots=True)
class Scale:
    """How many people gave each score to one sentence, from 1 to 5."""

    question: str
    numbers: Sequence[int]

    @property
    def people(self) -> int:
        """Return how many answered."""
        return sum(self.numbers)

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
        return sum(score * number for score, number in zip(SCORES, self.numbers, strict=True)) / self.people


@dataclass(frozen=True, slots=True)
class Change:
    """How confident the same people were of one learning outcome, before and after."""

    outcome: str
    people: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Results:
    """What may be told. `told` is of how many people; 0 while there are fewer than five."""

    told: int
    scales: Sequence[Scale] = ()
    texts: Sequence[tuple[str, Sequence[str]]] = ()
    changes: Sequence[Change] = ()


@dataclass(frozen=True, slots=True)
class _Said:
    """One person's answers after the session, and before it if they gave any; by the keys of what was asked."""

    is_forgotten: bool
    scores: dict[int, int]
    texts: dict[int, str]
    after: dict[int, int]
    before: dict[int, int]


def results(session: Session) -> Results:
    """Return what a session's evaluations say, in a number of statements that does not grow with theirs."""
    said = _read(session)
    if not said:
        return Results(0)
    questions = list(EvaluationQuestion.objects.filter(programme=session.component.programme_id))
    scales = (_scale(question, said) for question in questions if question.kind == Kind.SCALE)
    texts = ((question.text, _texts(question, said)) for question in questions if question.kind == Kind.TEXT)
    changes = (_change(outcome, said) for outcome in LearningOutcome.objects.filter(component=session.component_id))
    return Results(
        len(said),
        [scale for scale in scales if scale.people],
        [(question, answers) for question, answers in texts if answers],
        [change for change in changes if change],
    )


def _read(session: Session) -> list[_Said]:
    """Return what is told: of those who answered after the session, the first whole fives, in their order."""
    evaluations = list(Evaluation.objects.filter(session=session).order_by("pk"))
    after = [evaluation for evaluation in evaluations if evaluation.stage == Stage.AFTER]
    told = after[: in_fives(len(after))]
    before = {evaluation.pseudonym: evaluation.pk for evaluation in evaluations if evaluation.stage == Stage.BEFORE}
    given: dict[int, list[EvaluationAnswer]] = {evaluation.pk: [] for evaluation in evaluations}
    if told:
        for answer in EvaluationAnswer.objects.filter(evaluation__session=session):
            given[answer.evaluation_id].append(answer)
    return [
        _said(evaluation, given[evaluation.pk], given.get(before.get(evaluation.pseudonym, 0), []))
        for evaluation in told
    ]


def _said(evaluation: Evaluation, after: Sequence[EvaluationAnswer], before: Sequence[EvaluationAnswer]) -> _Said:
    return _Said(
        is_forgotten=evaluation.is_forgotten,
        scores={answer.question_id: answer.score for answer in after if answer.question_id and answer.score},
        texts={answer.question_id: answer.text for answer in after if answer.question_id and not answer.score},
        after={answer.outcome_id: answer.score for answer in after if answer.outcome_id and answer.score},
        before={answer.outcome_id: answer.score for answer in before if answer.outcome_id and answer.score},
    )


def _scale(question: EvaluationQuestion, said: Sequence[_Said]) -> Scale:
    given = [each.scores[question.pk] for each in said if question.pk in each.scores]
    counted = Counter(given[: in_fives(len(given))])
    return Scale(question.text, [counted[score] for score in SCORES])


def _texts(question: EvaluationQuestion, said: Sequence[_Said]) -> list[str]:
    """Return what people wrote, in the order of the words, which says nothing of who wrote them.

    Where one of five was erased, the words of all five are left out, so that a gap tells of nobody's.
    """
    were_asked = [each for each in said if question.pk in each.texts]
    words: list[str] = []
    for start in range(0, in_fives(len(were_asked)), LEAST_ANSWERS):
        five = were_asked[start : start + LEAST_ANSWERS]
        if not any(each.is_forgotten for each in five):
            words += [each.texts[question.pk] for each in five if each.texts[question.pk]]
    return sorted(words)


def _change(outcome: LearningOutcome, said: Sequence[_Said]) -> Change | None:
    pairs = [
        (each.before[outcome.pk], each.after[outcome.pk])
        for each in said
        if outcome.pk in each.before and outcome.pk in each.after
    ]
    pairs = pairs[: in_fives(len(pairs))]
    if not pairs:
        return None
    before, after = (sum(part) / len(pairs) for part in zip(*pairs, strict=True))
    return Change(outcome.text, len(pairs), before, after)
