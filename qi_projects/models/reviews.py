"""A project sent for review, what was decided, and for whom an acceptance counts."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from cohorts.models import Evidence
from qi_projects.models.projects import Project
from qi_projects.models.teams import TeamPlace


class SubmissionQuerySet(models.QuerySet["Submission"]):
    """Reads of submissions."""

    def waiting(self) -> Self:
        """Submissions that wait for a reviewer."""
        return self.filter(state=Submission.State.WAITING)


class Submission(models.Model):
    """That a lead sent a project for review, and what became of it. One that was decided stays to be read.

    `version` is the project's as it was sent, so that everybody knows whether it has changed since.
    """

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", "Waits for review"
        WITHDRAWN = "withdrawn", "Taken back by the team"
        RETURNED = "returned", "Returned with reasons"
        ACCEPTED = "accepted", "Accepted"
        UNDONE = "undone", "Acceptance taken back"

    LIVE: ClassVar = frozenset({State.WAITING, State.ACCEPTED})
    LONGEST_NOTE: ClassVar = 2000

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="submissions")
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    version = models.PositiveIntegerField()
    note = models.TextField("what the team wrote beside it", blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reasons = models.TextField("what the reviewer wrote", blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_why = models.TextField("why the acceptance was taken back", blank=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        get_latest_by = "id"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project"],
                condition=models.Q(state__in=["waiting", "accepted"]),
                name="a_project_is_under_review_or_accepted_once",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "withdrawn"], decided_by__isnull=True, decided_at__isnull=True)
                | models.Q(
                    state__in=["returned", "accepted", "undone"], decided_by__isnull=False, decided_at__isnull=False
                ),
                name="a_decision_about_a_project_is_somebodys",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="returned", reasons=""), name="a_project_is_returned_with_reasons"
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(state="undone", undone_by__isnull=False, undone_at__isnull=False)
                    & ~models.Q(undone_why="")
                )
                | (~models.Q(state="undone") & models.Q(undone_by__isnull=True, undone_at__isnull=True, undone_why="")),
                name="an_acceptance_is_taken_back_with_why",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["submitted_at"], condition=models.Q(state="waiting"), name="submissions_that_wait_by_time"
            )
        ]

    def __str__(self) -> str:
        return f"Submission {self.pk}"


class Credit(models.Model):
    """That an acceptance counts for somebody in the team: the evidence that it wrote."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="credits")
    place = models.ForeignKey(TeamPlace, on_delete=models.CASCADE, related_name="credits")
    evidence = models.OneToOneField(Evidence, on_delete=models.PROTECT, related_name="project_credit")

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"Credit {self.pk}"
