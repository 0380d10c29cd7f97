"""Self-study: courses that fulfil a component without coming to a date, and where somebody is in one.

Of a learner it is kept which pages they have done, and where to go on. What they answered, how often they tried, and
when they did which page is kept nowhere (docs/decisions/0083-what-is-stored-of-a-learner.md).
"""

from typing import ClassVar, Final, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from cohorts.models.evidence import Evidence
from cohorts.models.memberships import Membership
from cohorts.models.programmes import Component, EvidenceKind

# Two working days: what takes longer is several courses.
MOST_MINUTES: Final = 960


class CourseQuerySet(models.QuerySet["Course"]):
    """Reads of courses."""

    def offered(self) -> Self:
        """Courses that people can do: published, of a component that is fulfilled by self-study."""
        return self.filter(published=True, component__fulfilled_by__contains=[EvidenceKind.SELF_STUDY])


class Course(models.Model):
    """The self-study of one component: modules of pages, in order. Its title and CPD points are the component's."""

    component = models.OneToOneField(Component, on_delete=models.PROTECT, related_name="course")
    introduction = models.TextField(
        blank=True, help_text="What it is about, for whoever is about to begin. An empty line starts a new paragraph."
    )
    minutes = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(MOST_MINUTES)],
        help_text="How long all of it takes, about.",
    )
    published = models.BooleanField(default=False, editable=False)

    objects = CourseQuerySet.as_manager()

    class Meta:
        verbose_name = "self-study course"
        ordering = ("component__programme", "component__position")
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(minutes__gte=1), name="a_course_takes_some_minutes")
        ]

    def __str__(self) -> str:
        return f"{self.component.programme}: {self.component}"


class CourseModule(models.Model):
    """A part of a course: some pages about one thing. Without a page nobody sees it."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="modules")
    position = models.PositiveSmallIntegerField(default=1, help_text="Its place in the course: 1 comes first.")
    title = models.CharField(max_length=150)

    class Meta:
        verbose_name = "module"
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.title


class CoursePage(models.Model):
    """One page: something to read, something to watch or both, and at the end of it an exercise, or none."""

    class Exercise(models.TextChoices):
        """What somebody is asked to do at the end of a page."""

        NONE = "", "None: a page to read"
        ONE = "one", "Choose one answer"
        SEVERAL = "several", "Choose all that apply"
        ORDER = "order", "Put in order"
        NUMBER = "number", "Work out a number"
        REFLECTION = "reflection", "Think about it: nothing is asked, nothing is kept"

    module = models.ForeignKey(CourseModule, on_delete=models.CASCADE, related_name="pages")
    position = models.PositiveSmallIntegerField(default=1, help_text="Its place in the module: 1 comes first.")
    title = models.CharField(max_length=150)
    text = models.TextField(blank=True, help_text="An empty line starts a new paragraph.")
    video_link = models.URLField(
        blank=True, max_length=500, help_text="Where a video can be watched, without an account: https:// alone."
    )
    transcript = models.TextField(
        blank=True, help_text="All that is said and shown in the video. A video without it cannot be saved."
    )
    exercise = models.CharField(max_length=10, choices=Exercise, blank=True, default=Exercise.NONE)
    question = models.CharField(max_length=300, blank=True, help_text="What the exercise asks.")
    number = models.DecimalField(
        "right number", max_digits=12, decimal_places=4, null=True, blank=True, help_text="Of a number to work out."
    )
    tolerance = models.DecimalField(
        max_digits=12,
        decimal_places=4,
        default=0,
        validators=[MinValueValidator(0)],
        help_text="How far from the right number is right, too. For example: 0.5",
    )
    unit = models.CharField(max_length=20, blank=True, help_text="Stands behind the number, for example: %")
    hint = models.TextField(
        blank=True,
        help_text="Helps whoever has not found it yet: for an order and for a number, what to look at again.",
    )
    explanation = models.TextField(
        blank=True, help_text="Shown with the right answer: why it is so. An empty line starts a new paragraph."
    )

    class Meta:
        verbose_name = "self-study page"
        ordering = ("module__course", "module__position", "module", "position", "id")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(text="", video_link=""),
                name="a_page_has_something_on_it",
                violation_error_message="Enter a text, or a link to a video, or both.",
            ),
            models.CheckConstraint(
                condition=models.Q(video_link="") | (models.Q(video_link__startswith="https://")),
                name="a_video_goes_over_https",
                violation_error_message="Enter a link to the video that begins with https://",
            ),
            models.CheckConstraint(
                condition=models.Q(video_link="") | ~models.Q(transcript=""),
                name="a_video_has_its_transcript",
                violation_error_message="Enter the transcript of the video: not everybody can watch or hear it.",
            ),
            models.CheckConstraint(
                condition=models.Q(exercise="", question="") | (~models.Q(exercise="") & ~models.Q(question="")),
                name="an_exercise_asks_something",
                violation_error_message="An exercise needs its question, and a question needs its kind of exercise.",
            ),
            models.CheckConstraint(
                condition=(models.Q(exercise="number") & models.Q(number__isnull=False))
                | (~models.Q(exercise="number") & models.Q(number__isnull=True)),
                name="a_number_to_work_out_is_known",
                violation_error_message="Enter the right number, for “Work out a number” and for nothing else.",
            ),
            models.CheckConstraint(condition=models.Q(tolerance__gte=0), name="a_tolerance_is_not_negative"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_checked(self) -> bool:
        """Say whether there is an exercise that somebody gets right before the page counts as done."""
        return self.exercise not in {self.Exercise.NONE, self.Exercise.REFLECTION}


class PageOption(models.Model):
    """One answer to choose on a page, or one of the things to put in order: their own order is the right one."""

    page = models.ForeignKey(CoursePage, on_delete=models.CASCADE, related_name="options")
    position = models.PositiveSmallIntegerField(
        default=1, help_text="Its place in the list. Of things to put in order: its right place."
    )
    text = models.CharField(max_length=200)
    is_right = models.BooleanField("right", default=False, help_text="Not needed for things to put in order.")
    feedback = models.CharField(
        max_length=500, blank=True, help_text="Why this is right, or what speaks against it. For whoever chose it."
    )

    class Meta:
        verbose_name = "answer"
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.text


class Study(models.Model):
    """Somebody's way through a course, by the membership for which it counts. It is there once they have done a page.

    `evidence` is what was recorded when they had done all of it; it is never replaced (a trigger refuses it).
    """

    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="studies")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="studies")
    place = models.ForeignKey(CoursePage, on_delete=models.SET_NULL, null=True, related_name="+")
    last_on = models.DateField(
        default=timezone.localdate, help_text="The last day (a UK date) on which they did something."
    )
    evidence = models.OneToOneField(Evidence, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name_plural = "studies"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["membership", "course"], name="one_study_of_each_course")
        ]

    def __str__(self) -> str:
        return f"Study {self.pk}"


class PageDone(models.Model):
    """That somebody has done a page: read it, and found what its exercise asks."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="done")
    page = models.ForeignKey(CoursePage, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name_plural = "pages done"
        constraints: ClassVar = [models.UniqueConstraint(fields=["study", "page"], name="a_page_is_done_once")]

    def __str__(self) -> str:
        return f"Page done {self.pk}"
