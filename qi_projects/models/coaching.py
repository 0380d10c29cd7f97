"""What coaches and teams say to one another beside a project, when a coach is away, and how far a project has come."""

from datetime import date
from decimal import Decimal
from typing import ClassVar, Final, Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.utils import timezone

from qi_projects.models.projects import Project

SCORES: Final = tuple(Decimal(half) / 2 for half in range(1, 11))
"""The steps of the scale: a half to five."""


class Side(models.TextChoices):
    """Who says something beside a project. Each side answers for the other to read."""

    TEAM = "team", "Team"
    COACH = "coach", "Coach"


class ThreadQuerySet(models.QuerySet["Thread"]):
    """Reads of threads."""

    def open(self) -> Self:
        """Threads that nobody has marked as dealt with."""
        return self.filter(settled_at__isnull=True)

    def waiting_for(self, side: str) -> Self:
        """Open threads in which this side has the next word."""
        return self.filter(waits_for=side)


class Thread(models.Model):
    """A short exchange of a team and its coaches: a coach's comment on a part of the project, or a call for help.

    `part` is a key of `qi_projects.commenting.PARTS`, or of a part that is no more. Whose turn it is, verbs keep under
    the project's lock.
    """

    class Kind(models.TextChoices):
        """Who began it, and why."""

        COMMENT = "comment", "Comment"
        HELP = "help", "Call for help"

    class Help(models.TextChoices):
        """With what a team would like help."""

        METHOD = "method", "The method: what to do next, and how"
        DATA = "data", "Data: what to measure, or what a chart says"
        PEOPLE = "people", "People: getting others on board"
        TIME = "time", "Time, or permission"
        OTHER = "other", "Something else"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="threads")
    kind = models.CharField(max_length=7, choices=Kind)
    help_with = models.CharField(max_length=6, choices=Help, blank=True)
    part = models.CharField(max_length=40, blank=True, help_text="What it is about. Empty: the whole project.")
    waits_for = models.CharField(max_length=5, choices=Side, blank=True, help_text="Whose turn it is.")
    waits_since = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, help_text="When somebody marked it as dealt with.")
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ThreadQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(settled_at__isnull=True, settled_by__isnull=True, waits_for__in=["team", "coach"])
                | models.Q(settled_at__isnull=False, settled_by__isnull=False, waits_for=""),
                name="a_thread_waits_until_it_is_dealt_with",
            ),
            models.CheckConstraint(
                condition=(models.Q(kind="help") & ~models.Q(help_with="")) | models.Q(kind="comment", help_with=""),
                name="a_call_for_help_says_with_what",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["project", "waits_for"], condition=~models.Q(waits_for=""), name="threads_that_somebody_awaits"
            )
        ]

    def __str__(self) -> str:
        return f"Thread {self.pk}"


class ThreadMessage(models.Model):
    """What somebody wrote in a thread. It is read by the team, its coaches, and who keeps the programme."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="messages")
    side = models.CharField(max_length=5, choices=Side)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="thread_messages")
    text = models.TextField()
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"Message {self.pk}"


class AbsenceQuerySet(models.QuerySet["CoachAbsence"]):
    """Reads of absences."""

    def on(self, day: date) -> Self:
        """Absences that fall on a day (UK)."""
        return self.filter(from_on__lte=day, to_on__gte=day)

    def not_over(self, day: date) -> Self:
        """Absences that have not ended before a day (UK)."""
        return self.filter(to_on__gte=day)


class CoachAbsence(models.Model):
    """The days (UK, both included) on which a coach is away, and which coach stands in for them in their projects."""

    coach = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="coach_absences")
    covered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="covers_for",
        help_text="Empty: nobody, since whoever was asked has said that they cannot.",
    )
    from_on = models.DateField("first day away")
    to_on = models.DateField("last day away")

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ("from_on", "id")
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(from_on__lte=models.F("to_on")), name="an_absence_begins_first"),
            models.CheckConstraint(
                condition=models.Q(covered_by__isnull=True) | ~models.Q(covered_by=models.F("coach")),
                name="nobody_stands_in_for_themselves",
            ),
            ExclusionConstraint(
                name="a_coach_is_away_once_at_a_time",
                expressions=[
                    ("coach", RangeOperators.EQUAL),
                    (
                        models.Func(models.F("from_on"), models.F("to_on"), models.Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"Absence {self.pk}"


class ProgressScore(models.Model):
    """Where on the scale of 0.5 to 5 somebody saw a project on a day, and what supports that. The latest counts.

    It is set by people, and never advances by itself; an earlier one stays to be read.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="scores")
    score = models.DecimalField(max_digits=2, decimal_places=1)
    supported_by = models.TextField("what supports it")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_by_side = models.CharField(max_length=5, choices=Side)
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-id",)
        get_latest_by = "id"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(score__in=SCORES), name="a_score_is_a_step_of_the_scale"),
            models.CheckConstraint(condition=~models.Q(supported_by=""), name="a_score_says_what_supports_it"),
        ]

    def __str__(self) -> str:
        return f"Score {self.pk}"
