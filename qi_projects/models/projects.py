"""A quality improvement project: what it wants to change, for whom, by how much and by when."""

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import Organisation


class Theme(models.Model):
    """What a project is about, as the programme team sorts projects: "Pain relief and being heard"."""

    name = models.CharField(max_length=100, unique=True)
    offered = models.BooleanField(
        default=True, help_text="Teams can choose it. Clear this for one that only earlier projects keep."
    )

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ProjectQuerySet(models.QuerySet["Project"]):
    """Reads of projects."""

    def going_on(self) -> Self:
        """Projects that have not ended, drafts among them."""
        return self.filter(state__in=Project.GOING_ON)

    def once_active(self) -> Self:
        """Projects that are, or once were, active: of which more people know than their team (ADR 0085)."""
        return self.filter(active_since__isnull=False)


class Project(models.Model):
    """A project of a team, from first idea to its end. What belongs to it points at it, and goes with a draft.

    `latest_score`, `measures_show` and `cohort_keys` are what thousands of projects are counted and filtered by. They
    follow from its scores, measures and team, and PostgreSQL alone writes them (migration 0009, ADR 0096).
    """

    class State(models.TextChoices):
        """How far it is. A draft is its team's alone."""

        DRAFT = "draft", "Draft"
        ACTIVE = "active", "Active"
        FINISHED = "finished", "Finished"
        ABANDONED = "abandoned", "Stopped early"

    class Setting(models.TextChoices):
        """Where the change is tried."""

        MATERNITY = "maternity", "Maternity unit"
        COMMUNITY = "community", "Community"
        NEONATAL = "neonatal", "Neonatal unit"
        PRIMARY_CARE = "primary_care", "Primary care"
        MENTAL_HEALTH = "mental_health", "Mental health"
        TRUST_WIDE = "trust_wide", "Across the trust"
        BOARD = "board", "Board"
        OTHER = "other", "Somewhere else"

    GOING_ON: ClassVar = frozenset({State.DRAFT, State.ACTIVE})

    title = models.CharField(max_length=150, blank=True, help_text="Empty until somebody has found one, as a draft.")
    noticed = models.TextField("what you noticed", blank=True)
    why_it_matters = models.TextField("why it matters", blank=True)
    aim_what = models.TextField("what you want to change", blank=True)
    aim_how_much = models.CharField("by how much", max_length=300, blank=True)
    aim_by_when = models.DateField("by when", null=True, blank=True)
    aim_for_whom = models.CharField("for whom", max_length=300, blank=True)
    who_could_help = models.TextField("who could help", blank=True)
    first_change = models.TextField("what you could change first", blank=True)
    setting = models.CharField(max_length=13, choices=Setting, blank=True)
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, null=True, blank=True, related_name="projects")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="projects"
    )
    started_from = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="led_to",
        help_text="The project on which it builds.",
    )
    guided_to = models.CharField(
        max_length=20,
        blank=True,
        editable=False,
        help_text="The question of the guided start that comes next. Empty: it is over, or was not used.",
    )
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    state_since = models.DateTimeField(default=timezone.now)
    active_since = models.DateTimeField(null=True, help_text="When it first became active.")
    ended_why = models.TextField(
        "how it ended", blank=True, help_text="What came of it, or why it stopped. Kept where it is taken up again."
    )
    begun_at = models.DateTimeField(default=timezone.now, editable=False)
    last_activity_at = models.DateTimeField(
        default=timezone.now, db_index=True, help_text="When its team last changed something of it. Kept by verbs."
    )
    version = models.PositiveIntegerField(default=1, help_text="Raised by each change.")
    latest_score = models.DecimalField(
        max_digits=2, decimal_places=1, null=True, editable=False, help_text="Kept by PostgreSQL. Empty: never scored."
    )
    measures_show = ArrayField(
        models.CharField(max_length=9),
        default=list,
        editable=False,
        help_text="Kept by PostgreSQL: each signal in what is still measured. Without one: steady, or too_few.",
    )
    cohort_keys = ArrayField(
        models.BigIntegerField(),
        default=list,
        editable=False,
        help_text="Kept by PostgreSQL: the cohorts for which it counts, of whoever is or was in the team.",
    )

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = "QI project"
        verbose_name_plural = "QI projects"
        ordering = ("-last_activity_at", "-id")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state="draft", active_since__isnull=True)
                | models.Q(state__in=["active", "finished"], active_since__isnull=False)
                | models.Q(state="abandoned"),
                name="a_project_is_a_draft_until_it_is_active",
            ),
            models.CheckConstraint(
                condition=models.Q(active_since__isnull=True) | ~models.Q(title=""),
                name="a_project_that_others_see_has_a_title",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "active"]) | ~models.Q(ended_why=""),
                name="a_project_that_ended_says_how",
            ),
            models.CheckConstraint(
                condition=~models.Q(started_from=models.F("id")), name="a_project_does_not_start_from_itself"
            ),
        ]
        indexes: ClassVar = [
            # All that `portfolio.at_a_glance` reads: a project's row is mostly what its team has written.
            models.Index(
                fields=["state"],
                include=[
                    *("latest_score", "measures_show", "cohort_keys"),
                    *("theme", "organisation", "last_activity_at"),
                ],
                condition=models.Q(active_since__isnull=False),
                name="projects_as_they_are_counted",
            )
        ]

    def __str__(self) -> str:
        return self.title or "A project without a name yet"

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("project", args=[self.pk])

    @property
    def is_going_on(self) -> bool:
        """Say whether its team still works on it."""
        return self.state in self.GOING_ON

    @property
    def is_private(self) -> bool:
        """Say whether nobody but its team knows of it: it has never been active."""
        return self.active_since is None
