"""Programmes and their components. A new programme is data, never code (SERVICE C4)."""

from datetime import date, timedelta
from typing import ClassVar, Final, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse

from portal.accounts.models import JobRole

# Two years: longer than any programme, so that a slip of the keyboard is noticed.
MOST_WEEKS: Final = 104


class EvidenceKind(models.TextChoices):
    """What shows that somebody has done a component."""

    ATTENDANCE = "attendance", "Attended a session"
    SELF_STUDY = "self_study", "Passed the self-study"
    PROJECT = "project", "Project accepted"
    IMPORT = "import", "Learning record imported"
    RECORD = "record", "Recorded by the programme team"


def attendance_alone() -> list[str]:
    """Return what fulfils a component unless the programme team says otherwise."""
    return [EvidenceKind.ATTENDANCE]


class ByWhen(models.Model):
    """What may be asked by a date, which is reckoned from the start of each cohort."""

    within_weeks = models.PositiveSmallIntegerField(
        "to be done within so many weeks",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_WEEKS)],
        help_text="Counted from the day the cohort starts. Empty: at any time.",
    )

    class Meta:
        abstract = True

    def due_on(self, starts_on: date) -> date | None:
        """Return the last day on which it is in time, for a cohort that starts on `starts_on`; both are UK dates."""
        if self.within_weeks is None:
            return None
        return starts_on + min(timedelta(weeks=self.within_weeks), date.max - starts_on)


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    """Reads of programmes."""

    def published(self) -> Self:
        """Programmes that the public may see."""
        return self.filter(published=True)


class Programme(models.Model):
    """A course of anti-racist training, with who it is for and the shape in which people go through it."""

    class Shape(models.TextChoices):
        """How people go through a programme (DESIGN §2)."""

        COHORT = "cohort", "Cohort: people join and go through together"
        PATHWAY = "pathway", "Pathway: booked together, walked in order"
        SERIES = "series", "Series: open sessions"
        COMMUNITY = "community", "Community: standing membership"
        INVITATION = "invitation", "By invitation: graduations"

    class Strand(models.TextChoices):
        """The three things that change needs (SERVICE D2)."""

        HEARTS_AND_MINDS = "hearts_and_minds", "Hearts and minds"
        CAPABILITY = "capability", "Confidence and capability to act"
        ACCOUNTABILITY = "accountability", "Taking accountability"

    name = models.CharField(max_length=150, unique=True)
    slug = models.SlugField(max_length=80, unique=True, help_text="The last part of the programme's web address.")
    shape = models.CharField(
        max_length=10,
        choices=Shape,
        default=Shape.COHORT,
        help_text="A pathway and a community go as a cohort does for now: people join, and book date by date.",
    )
    strand = models.CharField(max_length=20, choices=Strand, blank=True)
    summary = models.CharField(max_length=300, help_text="One or two sentences for the list of programmes.")
    description = models.TextField(help_text="What the programme is. An empty line starts a new paragraph.")
    audience = models.CharField(max_length=300, help_text="Who it is for, in a sentence.")
    job_roles = models.ManyToManyField(JobRole, blank=True, related_name="programmes")
    eligibility = models.TextField(blank=True, help_text="What somebody needs in order to take part.")
    asks = models.TextField(
        "what it asks of people",
        blank=True,
        help_text="For example: 3 days in person, 3 book club meetings, a project.",
    )
    delivery_partner = models.CharField(max_length=150, blank=True)
    length = models.CharField(max_length=100, blank=True, help_text="For example: 6 months.")
    published = models.BooleanField(default=False, help_text="Shown on the public pages.")
    admins = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="programmes_kept",
        help_text="Programme admins who keep this programme, beside those of all programmes.",
    )

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the programme's public page."""
        return reverse("programme", args=[self.slug])

    @property
    def is_open(self) -> bool:
        """Say whether its sessions may be booked without being a member."""
        return self.shape == self.Shape.SERIES

    @property
    def is_by_invitation(self) -> bool:
        """Say whether its sessions are booked by those who were invited to them, and by nobody else."""
        return self.shape == self.Shape.INVITATION


class LearningOutcome(models.Model):
    """What a participant can do after a programme, or after one of its components (SERVICE B2)."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="learning_outcomes")
    component = models.ForeignKey(
        "Component", on_delete=models.CASCADE, null=True, blank=True, related_name="learning_outcomes"
    )
    position = models.PositiveSmallIntegerField(default=1)
    text = models.CharField(max_length=300)

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.text


class Choice(ByWhen):
    """Components of which a programme asks some: at least so many of them, and people choose which."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="choices")
    title = models.CharField(max_length=150, help_text="As people read it, for example: Workshops.")
    at_least = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1)], help_text="How many of its components somebody has to do."
    )

    class Meta:
        verbose_name = "choice of components"
        verbose_name_plural = "choices of components"
        ordering = ("id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(at_least__gte=1), name="a_choice_asks_for_something"),
            models.CheckConstraint(condition=models.Q(within_weeks__gte=1), name="a_choice_gives_a_week_or_more"),
            # What a component's composite foreign key points at: it belongs to a choice of its own programme.
            models.UniqueConstraint(fields=["id", "programme"], name="choice_and_its_programme"),
        ]

    def __str__(self) -> str:
        return self.title


class Component(ByWhen):
    """One thing that a programme asks of people, in its place among the others.

    It is asked for by itself (`required`), or by a choice of which it is a part, or it is an extra.
    """

    class Kind(models.TextChoices):
        """What sort of thing is asked (DESIGN §2)."""

        TRAINING = "training", "Training session"
        BOOK_CLUB = "book_club", "Book club meeting"
        WORKSHOP = "workshop", "Workshop"
        SELF_STUDY = "self_study", "Self-study"
        ELEARNING = "elearning", "eLearning module"
        PROJECT = "project", "Quality improvement project"
        REFLECTIVE_PRACTICE = "reflective_practice", "Reflective practice session"

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="components")
    position = models.PositiveSmallIntegerField(help_text="Its place in the order: 1 comes first.")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.TRAINING)
    title = models.CharField(max_length=150)
    slug = models.SlugField(max_length=80)
    summary = models.TextField(blank=True, help_text="What happens, in a few sentences.")
    required = models.BooleanField(default=True, help_text="Needed to complete the programme.")
    choice = models.ForeignKey(
        Choice, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="components"
    )
    fulfilled_by = ArrayField(
        models.CharField(max_length=10, choices=EvidenceKind),
        default=attendance_alone,
        help_text="Any one of these fulfils it. What shows it in another way is kept, and does not count.",
    )
    follows = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="followed_by",
        help_text="The component that comes before it. People are reminded of the order, never barred by it.",
    )
    once = models.BooleanField(
        "one date each",
        default=True,
        help_text="A member books one of its dates. Clear it for meetings that people come to again and again. "
        "In an open series everybody books as many dates as they like.",
    )
    cpd_points = models.DecimalField(
        "CPD points", max_digits=4, decimal_places=1, default=0, validators=[MinValueValidator(0)]
    )

    class Meta:
        ordering = ("programme", "position")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["programme", "position"],
                name="one_component_in_each_place",
                deferrable=models.Deferrable.DEFERRED,
                violation_error_message="Another component already has this place in the order.",
            ),
            models.UniqueConstraint(fields=["programme", "slug"], name="one_component_at_each_address"),
            models.CheckConstraint(condition=models.Q(position__gte=1), name="component_positions_count_from_1"),
            models.CheckConstraint(condition=models.Q(cpd_points__gte=0), name="component_cpd_points_are_not_negative"),
            models.CheckConstraint(condition=models.Q(within_weeks__gte=1), name="component_gives_a_week_or_more"),
            models.CheckConstraint(
                condition=models.Q(fulfilled_by__len__gt=0), name="component_is_fulfilled_by_something"
            ),
            models.CheckConstraint(
                condition=models.Q(choice__isnull=True) | models.Q(required=False, within_weeks__isnull=True),
                name="a_choice_speaks_for_its_components",
                violation_error_message="This is part of a choice, which says how many are needed and by when. "
                "Clear “required” and the weeks, or take it out of the choice first.",
            ),
            models.CheckConstraint(
                condition=~models.Q(follows=models.F("id")),
                name="component_does_not_follow_itself",
                violation_error_message="A component cannot follow itself.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_booked(self) -> bool:
        """Say whether people fulfil it, or can, by coming to one of its dates."""
        return EvidenceKind.ATTENDANCE in self.fulfilled_by
