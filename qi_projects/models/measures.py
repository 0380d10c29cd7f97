"""What a project measures: the definition of each measure, its points with their history, new limits, and notes.

What each point is (`Counted`) and how it is drawn (`Chart`) are two things: a team begins with a run chart and goes on
with another one without typing anything again (ADR 0086).
"""

from collections.abc import Mapping
from decimal import Context, Decimal
from typing import Any, ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Floor
from django.utils import timezone

from qi_projects.models.projects import Project

DIGITS: Final = 30
DECIMALS: Final = 15
"""Whatever a spreadsheet holds is kept to the digit: it has 15 of them."""
_LAST_DECIMAL: Final = Decimal(1).scaleb(-DECIMALS)
LEAST_BASELINE: Final = 2
MOST_BASELINE: Final = 1_000


def as_kept(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return values with their numbers as PostgreSQL gives them back, so that 12.5 is no change of 12.50."""
    return {
        name: value.quantize(_LAST_DECIMAL, context=Context(prec=DIGITS)) if isinstance(value, Decimal) else value
        for name, value in given.items()
    }


class Measure(models.Model):
    """Something that a team counts or measures again and again, said so that two people would count the same."""

    class Kind(models.TextChoices):
        """What it is for."""

        OUTCOME = "outcome", "Outcome"
        PROCESS = "process", "Process"
        BALANCING = "balancing", "Balancing"

    class Counted(models.TextChoices):
        """What each point is."""

        VALUE = "value", "One figure"
        COUNT = "count", "How many times something happened"
        PROPORTION = "proportion", "How many out of how many"
        RATE = "rate", "How many times in so many days, births or visits"

    class Direction(models.TextChoices):
        """Which way is better."""

        HIGHER = "higher", "Higher is better"
        LOWER = "lower", "Lower is better"
        NEITHER = "neither", "Neither is better"

    class Often(models.TextChoices):
        """How often there is to be a point; a period without one is missing."""

        DAY = "day", "Every day"
        WEEKDAY = "weekday", "Every day from Monday to Friday"
        WEEK = "week", "Every week"
        FORTNIGHT = "fortnight", "Every 2 weeks"
        MONTH = "month", "Every month"
        QUARTER = "quarter", "Every 3 months"

    class Chart(models.TextChoices):
        """How it is drawn; the values are those of `charts.Kind`."""

        RUN = "run", "Run chart"
        XMR = "xmr", "XmR chart"
        P = "p", "P chart"
        C = "c", "C chart"
        U = "u", "U chart"

    class Rules(models.TextChoices):
        """By which rules signals are found; the values are the names of `spc`."""

        NHS_MDC = "nhs_mdc", "Making Data Count (NHS England)"
        IHI = "ihi", "Institute for Healthcare Improvement"

    class Shows(models.TextChoices):
        """What it shows now; the values are those of `spc_shows.Shows`."""

        IMPROVING = "improving", "Improving"
        WORSENING = "worsening", "Getting worse"
        CHANGED = "changed", "Changed, not known whether for the better"
        STEADY = "steady", "No signal"
        TOO_FEW = "too_few", "Too few points"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="measures")
    name = models.CharField(max_length=150)
    kind = models.CharField("what it is for", max_length=9, choices=Kind)
    definition = models.TextField("how it is measured", blank=True)
    counted = models.CharField("what each point is", max_length=10, choices=Counted)
    numerator = models.CharField("what is counted", max_length=200, blank=True)
    denominator = models.CharField("out of what", max_length=200, blank=True)
    unit = models.CharField(max_length=30, blank=True)
    per = models.PositiveIntegerField("for every", default=1, help_text="A rate is told for so many of what it is of.")
    direction = models.CharField("which way is better", max_length=7, choices=Direction)
    target = models.DecimalField(max_digits=DIGITS, decimal_places=DECIMALS, null=True, blank=True)
    sampling = models.TextField("who or what is counted", blank=True)
    often = models.CharField("how often", max_length=9, choices=Often)
    chart = models.CharField(max_length=3, choices=Chart, default=Chart.RUN)
    rules = models.CharField(max_length=7, choices=Rules, default=Rules.NHS_MDC)
    baseline = models.PositiveSmallIntegerField(
        "points in the baseline", null=True, blank=True, help_text="Empty: limits rest on all points of a phase."
    )
    screen = models.BooleanField("leave out very large moving ranges", default=True)
    begun_at = models.DateTimeField(default=timezone.now, editable=False)
    put_away_at = models.DateTimeField(null=True, editable=False, help_text="Since when it is no longer measured.")
    shows = models.CharField(
        "what it shows",
        max_length=9,
        choices=Shows,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="Kept by `showing`. Empty: not reckoned yet.",
    )

    class Meta:
        ordering = ("id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name=""), name="a_measure_has_a_name"),
            models.CheckConstraint(
                condition=Q(chart__in=["run", "xmr"])
                | Q(chart="p", counted="proportion")
                | Q(chart="c", counted="count")
                | Q(chart="u", counted="rate"),
                name="a_chart_fits_what_is_counted",
            ),
            models.CheckConstraint(
                condition=Q(baseline__isnull=True) | Q(baseline__range=(LEAST_BASELINE, MOST_BASELINE)),
                name="a_baseline_has_some_points",
            ),
            models.CheckConstraint(condition=Q(per__gte=1), name="a_rate_is_for_one_or_more"),
            # What composite foreign keys refer to (migrations 0002 and 0005).
            models.UniqueConstraint(fields=["id", "counted"], name="what_a_measure_counts"),
            models.UniqueConstraint(fields=["id", "project"], name="a_measure_has_one_project"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def counts_pairs(self) -> bool:
        """Say whether each point is a numerator with its denominator."""
        return self.counted in {self.Counted.PROPORTION, self.Counted.RATE}

    @property
    def shown_unit(self) -> str:
        """Return what a value is in: a proportion is in per cent."""
        return "%" if self.counted == self.Counted.PROPORTION else self.unit


_WHOLE_NUMERATOR: Final = Q(numerator__gte=0, numerator=Floor("numerator"))
_NO_PAIR: Final = Q(numerator__isnull=True, denominator__isnull=True)
# Both are there: a comparison with NULL is no refusal to PostgreSQL.
_A_PAIR: Final = (
    Q(value__isnull=True, numerator__isnull=False, denominator__isnull=False, denominator__gt=0) & _WHOLE_NUMERATOR
)


class Point(models.Model):
    """What was found of a measure for one day, or for the period in which it lies. Without numbers: nothing was."""

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="points")
    counted = models.CharField(max_length=10, choices=Measure.Counted, editable=False, help_text="As its measure has.")
    day = models.DateField("date")
    value = models.DecimalField(max_digits=DIGITS, decimal_places=DECIMALS, null=True, blank=True)
    numerator = models.DecimalField(max_digits=DIGITS, decimal_places=DECIMALS, null=True, blank=True)
    denominator = models.DecimalField(max_digits=DIGITS, decimal_places=DECIMALS, null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("day",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["measure", "day"], name="one_point_of_a_measure_for_each_day"),
            models.CheckConstraint(
                condition=(Q(counted="value") & _NO_PAIR)
                | (Q(counted="count", value__isnull=True) & _NO_PAIR)
                | (Q(counted="count", value__gte=0, value=Floor("value")) & _NO_PAIR)
                | (Q(counted__in=["proportion", "rate"], value__isnull=True) & _NO_PAIR)
                | (Q(counted="rate") & _A_PAIR)
                | (
                    Q(counted="proportion", numerator__lte=F("denominator"), denominator=Floor("denominator")) & _A_PAIR
                ),
                name="a_point_is_what_its_measure_counts",
            ),
        ]

    def __str__(self) -> str:
        return f"Point {self.pk}"


class EarlierPoint(models.Model):
    """What a point said before somebody changed it or took it out. It is never changed."""

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="earlier_points")
    day = models.DateField()
    value = models.DecimalField(max_digits=DIGITS, decimal_places=DECIMALS, null=True)
    numerator = models.DecimalField(max_digits=DIGITS, decimal_places=DECIMALS, null=True)
    denominator = models.DecimalField(max_digits=DIGITS, decimal_places=DECIMALS, null=True)
    note = models.CharField(max_length=200, blank=True)
    taken_out = models.BooleanField(default=False, help_text="It was taken out. Otherwise another took its place.")
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"Earlier point {self.pk}"


class RebaseDecision(models.Model):
    """That somebody decided that new limits begin with the point of a day, or do no longer. The latest counts."""

    class Decision(models.TextChoices):
        """What was decided."""

        BEGINS = "begins", "New limits begin"
        ENDED = "ended", "Taken back"

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="rebases")
    day = models.DateField("first point")
    decision = models.CharField(max_length=6, choices=Decision, default=Decision.BEGINS)
    reason = models.CharField(max_length=300)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="new_limits_have_a_reason"),
        ]

    def __str__(self) -> str:
        return f"Decision {self.pk} about limits"


class Annotation(models.Model):
    """Something that happened on a day, to be read on the chart."""

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="annotations")
    day = models.DateField()
    text = models.CharField(max_length=200)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("day", "id")
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(text=""), name="an_annotation_says_something")]

    def __str__(self) -> str:
        return f"Annotation {self.pk}"
