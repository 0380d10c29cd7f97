"""What stands on record about a project: that its organisation has said yes, and that it is improvement work.

Neither is changed: a later record takes the place of an earlier one, which stays to be read.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from qi_projects.models.projects import Project


class Approval(models.Model):
    """That somebody answered for their organisation: they approve of a project, or no longer. The latest counts.

    Who approves may have no account: it is a name and a role.
    """

    class Decision(models.TextChoices):
        """What they said."""

        APPROVED = "approved", "Approved"
        ENDED = "ended", "Approval ended"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="approvals")
    decision = models.CharField(max_length=8, choices=Decision)
    approver_name = models.CharField("who", max_length=200)
    approver_role = models.CharField("their role", max_length=150)
    decided_on = models.DateField("on which day")
    note = models.TextField(blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-id",)
        get_latest_by = "id"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(approver_name="") & ~models.Q(approver_role=""),
                name="an_approval_names_who_gave_it",
            ),
        ]

    def __str__(self) -> str:
        return f"Approval {self.pk}"


class Statement(models.Model):
    """That somebody of the team said that a project needs no ethics review, or has one, and holds no patient data."""

    class Basis(models.TextChoices):
        """On what it rests."""

        IMPROVEMENT = "improvement", "It is improvement work, and not research"
        REVIEWED = "reviewed", "It has an ethics or governance reference"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="statements")
    basis = models.CharField(max_length=11, choices=Basis)
    reference = models.CharField(max_length=100, blank=True)
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="project_statements")
    said_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-id",)
        get_latest_by = "id"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(basis="improvement", reference="")
                | (models.Q(basis="reviewed") & ~models.Q(reference="")),
                name="a_statement_has_a_reference_where_it_says_so",
            ),
        ]

    def __str__(self) -> str:
        return f"Statement {self.pk}"
