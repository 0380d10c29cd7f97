"""Who works on a project, and who is asked to."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from cohorts.models import Membership
from qi_projects.models.projects import Project


class Role(models.TextChoices):
    """What somebody is in a project's team, from whoever may do most; what each may do, `rules` says."""

    LEAD = "lead", "Lead"
    MEMBER = "member", "Member"
    SPONSOR = "sponsor", "Sponsor"
    COACH = "coach", "Coach"
    VIEWER = "viewer", "Viewer"


class TeamPlaceQuerySet(models.QuerySet["TeamPlace"]):
    """Reads of places in teams."""

    def live(self) -> Self:
        """Places of people who have not left."""
        return self.filter(left_at__isnull=True)


class TeamPlace(models.Model):
    """Somebody's place in a project's team. One that ended stays: who worked on it then is part of its history."""

    Role = Role

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="team")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="project_places", verbose_name="person"
    )
    role = models.CharField(max_length=7, choices=Role)
    membership = models.ForeignKey(
        Membership,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="project_places",
        verbose_name="counts for",
        help_text="The person's own place in a cohort, for which the project counts. Empty: for none.",
    )
    joined_at = models.DateTimeField(default=timezone.now)
    left_at = models.DateTimeField(null=True)

    objects = TeamPlaceQuerySet.as_manager()

    class Meta:
        ordering = ("joined_at", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project", "user"],
                condition=models.Q(left_at__isnull=True),
                name="one_place_of_each_person_in_a_team",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user"], condition=models.Q(left_at__isnull=True), name="team_places_of_a_person")
        ]

    def __str__(self) -> str:
        return f"Place {self.pk} in a team"

    @property
    def is_lead(self) -> bool:
        """Say whether it is a lead's."""
        return self.role == Role.LEAD


class TeamInvitation(models.Model):
    """That a lead asks whoever uses an address to join. Whether anybody does, the lead learns from their answer alone.

    It opens no account, and is there for whoever has shown that the address is theirs: no link is a key.
    """

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open", "Waiting for an answer"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Said no"
        WITHDRAWN = "withdrawn", "Taken back"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField("email address", max_length=254)
    role = models.CharField(max_length=7, choices=Role)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-sent_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                "project",
                Lower("email"),
                condition=models.Q(state="open"),
                name="one_open_invitation_to_a_team_of_each_address",
            ),
        ]
        indexes: ClassVar = [
            models.Index(Lower("email"), name="team_invitations_by_address"),
            models.Index(fields=["sent_at"], name="team_invitations_by_time"),
        ]

    def __str__(self) -> str:
        return f"Invitation {self.pk} to a team"
