"""What people say of a session, under a pseudonym: no row says whose answer it is.

Whoever holds both the database and SECRET_KEY could work it out for a person they think of, and whoever holds the
database could guess at it by the order of the rows: it is pseudonymous, and not anonymous (docs/data-protection.md).
"""

from typing import ClassVar

from django.db import models

from cohorts.models.programmes import LearningOutcome, Programme
from cohorts.models.sessions import Session


class EvaluationQuestion(models.Model):
    """One thing that a programme asks after each of its sessions."""

    class Kind(models.TextChoices):
        """How it is answered."""

        SCALE = "scale", "How much one agrees, from 1 to 5"
        TEXT = "text", "In one's own words"

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="evaluation_questions")
    position = models.PositiveSmallIntegerField(default=1, help_text="Its place in the order: 1 comes first.")
    text = models.CharField("question", max_length=200, help_text="For a scale: a sentence to agree with.")
    kind = models.CharField("answered", max_length=5, choices=Kind, default=Kind.SCALE)
    asked = models.BooleanField(default=True, help_text="No longer asked, it still shows where people answered it.")

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.text


class Evaluation(models.Model):
    """One person's answers about one session, before it or after it. Both carry the same pseudonym."""

    class Stage(models.TextChoices):
        """When it was filled in."""

        BEFORE = "before", "Before the session"
        AFTER = "after", "After the session"

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="evaluations")
    pseudonym = models.CharField(max_length=64, editable=False)
    stage = models.CharField(max_length=6, choices=Stage)
    is_forgotten = models.BooleanField(
        default=False, editable=False, help_text="Who it is of was erased: their words are gone."
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "pseudonym", "stage"], name="one_evaluation_of_each_stage")
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()}: {self.session}"


class EvaluationAnswer(models.Model):
    """One answer: how much somebody agrees, how confident they are of a learning outcome, or some words."""

    # What the scores from 1 to 5 are called: of a question, and of a learning outcome.
    AGREEMENT = ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree")
    CONFIDENCE = (
        "Not at all confident",
        "Slightly confident",
        "Fairly confident",
        "Very confident",
        "Fully confident",
    )

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(EvaluationQuestion, on_delete=models.PROTECT, null=True, related_name="answers")
    outcome = models.ForeignKey(LearningOutcome, on_delete=models.PROTECT, null=True, related_name="answers")
    score = models.PositiveSmallIntegerField(null=True)
    text = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(question__isnull=True) ^ models.Q(outcome__isnull=True),
                name="an_answer_is_to_one_thing",
            ),
            models.CheckConstraint(
                condition=models.Q(score__isnull=True) | models.Q(score__gte=1, score__lte=5),
                name="a_score_is_from_1_to_5",
            ),
            models.UniqueConstraint(
                fields=["evaluation", "question", "outcome"], name="one_answer_to_each", nulls_distinct=False
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["evaluation"], condition=~models.Q(text=""), name="answer_words_to_empty")
        ]

    def __str__(self) -> str:
        return f"Answer {self.pk}"

    @property
    def said(self) -> str:
        """Return what was answered in words: a score as its page called it."""
        if not self.score:
            return self.text
        labels = self.AGREEMENT if self.question_id else self.CONFIDENCE
        return f"{labels[self.score - 1]} ({self.score} of {len(labels)})"
