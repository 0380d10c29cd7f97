"""What somebody writes who would like to take part. It is theirs alone until they send it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from cohorts.models.memberships import Cohort
from cohorts.models.programmes import Programme
from portal.accounts.models import JobRole, Organisation


class ApplicationQuestion(models.Model):
    """One thing that a programme asks of whoever applies, each on a page of its own."""

    class Kind(models.TextChoices):
        """How it is answered."""

        SHORT = "short", "A few words"
        LONG = "long", "Some lines"
        YES_NO = "yes_no", "Yes or no"

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField(default=1, help_text="Its place in the order: 1 comes first.")
    text = models.CharField("question", max_length=200)
    hint = models.CharField(max_length=300, blank=True)
    kind = models.CharField("answered by", max_length=6, choices=Kind, default=Kind.LONG)
    required = models.BooleanField(default=True)

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.text


class Application(models.Model):
    """One person's expression of interest in one cohort, kept from the first answer on so that they can come back.

    Once it is sent, the programme's admins read it; before that nobody does.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="applications", verbose_name="person"
    )
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="applications")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    job_role = models.ForeignKey(JobRole, on_delete=models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "cohort"], name="one_application_per_person_and_cohort")
        ]

    def __str__(self) -> str:
        return f"{self.user} to {self.cohort}"


class ApplicationAnswer(models.Model):
    """What somebody answered to one question, in the words in which it was asked then."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(ApplicationQuestion, on_delete=models.SET_NULL, null=True, related_name="answers")
    asked = models.CharField(max_length=200)
    text = models.TextField(blank=True)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["application", "question"], name="one_answer_to_each_question")
        ]

    def __str__(self) -> str:
        return self.asked
