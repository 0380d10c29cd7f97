"""PDSA cycles (plan, do, study, act) in ramps: a change idea is tried out at growing scale, one cycle after the other.

Triggers of migration `diagram_and_cycles` hold, whoever asks: questions and their predictions are as they were once Do
has begun; it begins with at least one question, and each with its prediction; and there is no way back to the plan. So
nobody can have predicted afterwards what they found.
"""

from typing import ClassVar, Self

from django.db import models
from django.urls import reverse
from django.utils import timezone

from qi_projects.diagram import Level
from qi_projects.models.diagram import DiagramItem
from qi_projects.models.projects import Project


class Ramp(models.Model):
    """A line of cycles that try out one change idea. The idea is kept as long as they are."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="ramps")
    idea = models.ForeignKey(DiagramItem, on_delete=models.RESTRICT, related_name="ramps", verbose_name="change idea")
    idea_level = models.GeneratedField(
        expression=models.Value(Level.IDEA.value), output_field=models.PositiveSmallIntegerField(), db_persist=True
    )
    name = models.CharField("name of the ramp", max_length=100)
    begun_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("begun_at", "id")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(name=""), name="a_ramp_has_a_name"),
            # What composite foreign keys refer to.
            models.UniqueConstraint(fields=["id", "project"], name="a_ramp_has_one_project"),
        ]

    def __str__(self) -> str:
        return self.name


class CycleQuerySet(models.QuerySet["Cycle"]):
    """Reads of cycles."""

    def going_on(self) -> Self:
        """Cycles that are neither closed nor abandoned."""
        return self.filter(state__in=Cycle.GOING_ON)


class Cycle(models.Model):
    """One cycle of a ramp. Its days are of UK time, and come one after the other."""

    class State(models.TextChoices):
        """Which step it has come to."""

        PLAN = "plan", "Plan"
        DO = "do", "Do"
        STUDY = "study", "Study"
        CLOSED = "closed", "Closed"
        ABANDONED = "abandoned", "Abandoned"

    class Decision(models.TextChoices):
        """What becomes of the change."""

        ADOPT = "adopt", "Adopt it"
        ADAPT = "adapt", "Adapt it"
        ABANDON = "abandon", "Abandon it"

    GOING_ON: ClassVar = frozenset({State.PLAN, State.DO, State.STUDY})

    ramp = models.ForeignKey(Ramp, on_delete=models.CASCADE, related_name="cycles")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=9, choices=State, default=State.PLAN)
    objective = models.TextField(blank=True)
    plan_what = models.TextField("what will be done", blank=True)
    plan_who = models.CharField("who will do it", max_length=300, blank=True)
    plan_where = models.CharField("where", max_length=300, blank=True)
    plan_when = models.CharField("when", max_length=300, blank=True)
    began_on = models.DateField("Do began on", null=True, blank=True)
    ended_on = models.DateField("Do ended on", null=True, blank=True)
    happened = models.TextField("what happened", blank=True)
    unexpected = models.TextField("what was unexpected", blank=True)
    learnt = models.TextField("what you learnt", blank=True)
    decision = models.CharField(max_length=7, choices=Decision, blank=True)
    decided_why = models.TextField("why", blank=True, help_text="Of a cycle that was abandoned: why it was.")
    next_step = models.TextField("what comes next", blank=True)
    decided_on = models.DateField("decided on", null=True, blank=True)

    objects = CycleQuerySet.as_manager()

    class Meta:
        ordering = ("ramp", "number")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ramp", "number"], name="one_cycle_of_a_ramp_with_each_number"),
            # What composite foreign keys refer to.
            models.UniqueConstraint(fields=["id", "ramp"], name="a_cycle_has_one_ramp"),
            models.UniqueConstraint(
                fields=["ramp"],
                condition=models.Q(state__in=["plan", "do", "study"]),
                name="one_cycle_of_a_ramp_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state="plan", began_on__isnull=True, ended_on__isnull=True, decided_on__isnull=True)
                | models.Q(state="do", began_on__isnull=False, ended_on__isnull=True, decided_on__isnull=True)
                | models.Q(state="study", began_on__isnull=False, ended_on__isnull=False, decided_on__isnull=True)
                | models.Q(state="closed", began_on__isnull=False, ended_on__isnull=False, decided_on__isnull=False)
                | (
                    models.Q(state="abandoned", decided_on__isnull=False)
                    & (models.Q(ended_on__isnull=True) | models.Q(began_on__isnull=False))
                ),
                name="a_cycle_has_the_days_of_its_step",
            ),
            models.CheckConstraint(
                condition=(models.Q(began_on__isnull=True) | models.Q(ended_on__isnull=True))
                | models.Q(ended_on__gte=models.F("began_on")),
                name="do_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_on__isnull=True)
                | (
                    (models.Q(began_on__isnull=True) | models.Q(decided_on__gte=models.F("began_on")))
                    & (models.Q(ended_on__isnull=True) | models.Q(decided_on__gte=models.F("ended_on")))
                ),
                name="a_cycle_is_decided_after_do",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["plan", "do", "study"], decision="")
                | (models.Q(state="closed") & ~models.Q(decision="") & ~models.Q(decided_why=""))
                | (models.Q(state="abandoned", decision="") & ~models.Q(decided_why="")),
                name="a_cycle_that_is_over_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"PDSA cycle {self.number}"

    def get_absolute_url(self) -> str:
        """Return the address of its page; its ramp has to be at hand."""
        return reverse("cycle", args=[self.ramp.project_id, self.pk])

    @property
    def is_going_on(self) -> bool:
        """Say whether it is neither closed nor abandoned."""
        return self.state in self.GOING_ON


class CycleQuestion(models.Model):
    """What a cycle is to find out, what the team predicted, and what they found."""

    class Outcome(models.TextChoices):
        """How what was found compares with the prediction."""

        AS_PREDICTED = "as", "As predicted"
        PARTLY = "partly", "In part as predicted"
        OTHERWISE = "otherwise", "Not as predicted"

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="questions")
    text = models.CharField("question", max_length=300)
    prediction = models.TextField(blank=True)
    answer = models.TextField("what you found", blank=True)
    outcome = models.CharField("beside the prediction", max_length=9, choices=Outcome, blank=True)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(text=""), name="a_question_of_a_cycle_asks_something"),
        ]

    def __str__(self) -> str:
        return self.text
