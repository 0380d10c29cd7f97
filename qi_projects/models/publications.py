"""What a team publishes of its project: a story of its own, the charts that go with it, and who agreed to be named.

It is no view of the project. It begins with the project's words, is written on for readers who were not there, and
stays as it was published whatever becomes of the project (ADR 0089).
"""

from typing import ClassVar, Final, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from qi_projects.models.governance import Approval
from qi_projects.models.projects import Project, Theme

SEARCHED_IN: Final = "english"
"""The language by whose words publications are searched: "interpreters" finds "interpreting"."""


class PublicationQuerySet(models.QuerySet["Publication"]):
    """Reads of publications."""

    def published(self) -> Self:
        """Publications that everybody reads."""
        return self.filter(state=Publication.State.PUBLISHED)

    def no_longer_approved(self) -> Self:
        """Publications that everybody reads, and of whose projects the organisation approves no longer.

        Each says since when that stands on record (`ended_on_record`).
        """
        latest = Approval.objects.filter(project=OuterRef("project")).order_by("-pk")
        answers = self.published().annotate(
            latest_answer=Subquery(latest.values("decision")[:1]),
            ended_on_record=Subquery(latest.values("recorded_at")[:1]),
        )
        return answers.filter(latest_answer=Approval.Decision.ENDED)

    def live(self) -> Self:
        """Publications that were not taken back, one of each project at most."""
        return self.exclude(state=Publication.State.TAKEN_BACK)


class Publication(models.Model):
    """What a team tells others of its project. Who is named under it is for each person to say (`NamingConsent`).

    Words are changed as long as it is written; what an editor has read is what is published. How it moves from state
    to state stands in `qi_projects.publishing.STEPS`.
    """

    class State(models.TextChoices):
        """Where it stands."""

        DRAFT = "draft", "Being written"
        SENT = "sent", "With an editor"
        RETURNED = "returned", "Returned with reasons"
        PUBLISHED = "published", "Published"
        TAKEN_BACK = "taken_back", "Taken back"

    class Result(models.TextChoices):
        """What came of the project, each as welcome as the others."""

        IMPROVED = "improved", "It got better"
        MIXED = "mixed", "Some of it got better, and some did not"
        NO_CHANGE = "no_change", "Nothing changed that we can see"
        WORSE = "worse", "It got worse"
        CANNOT_TELL = "cannot_tell", "We cannot tell"

    WRITTEN: ClassVar = frozenset({State.DRAFT, State.RETURNED})
    """As it stands while its team can change it."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="publications")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    title = models.CharField("title", max_length=150, blank=True)
    setting = models.CharField("setting", max_length=13, choices=Project.Setting, blank=True)
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, null=True, blank=True, related_name="publications")
    organisation_name = models.CharField(
        "where it took place", max_length=200, blank=True, help_text="As others are to read it. It can be left general."
    )
    noticed = models.TextField("what you noticed, and why it matters", blank=True)
    aim = models.TextField("the aim", blank=True)
    what_changed = models.TextField("what you changed", blank=True)
    result = models.CharField("whether it got better", max_length=11, choices=Result, blank=True)
    what_came_of_it = models.TextField("what came of it", blank=True)
    tell_next = models.TextField("what you would tell the next team", blank=True)
    measures_shown = ArrayField(
        models.BigIntegerField(), verbose_name="charts", default=list, help_text="The measures whose charts it shows."
    )
    shows_diagram = models.BooleanField("the driver diagram", default=False)
    diagram = models.JSONField(null=True, editable=False, help_text="The driver diagram as it was sent to an editor.")
    version = models.PositiveIntegerField(default=1, help_text="Raised by each change.")
    begun_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_at = models.DateTimeField(null=True)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="The editor who published it, or returned it last.",
    )
    reasons = models.TextField("what the editor wrote", blank=True)
    published_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    ended_why = models.TextField("why it was taken down", blank=True)
    taken_down = models.BooleanField(default=False, help_text="By an editor. Otherwise by its own team.")
    search = models.GeneratedField(
        expression=SearchVector("title", weight="A", config=SEARCHED_IN)
        + SearchVector(
            *("organisation_name", "noticed", "aim", "what_changed", "what_came_of_it", "tell_next"),
            weight="B",
            config=SEARCHED_IN,
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = PublicationQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        get_latest_by = "id"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project"], condition=~Q(state="taken_back"), name="one_live_publication_of_each_project"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "returned", "taken_back"])
                | (
                    ~Q(title="")
                    & ~Q(setting="")
                    & ~Q(aim="")
                    & ~Q(what_changed="")
                    & ~Q(result="")
                    & ~Q(what_came_of_it="")
                    & Q(sent_by__isnull=False, sent_at__isnull=False)
                ),
                name="a_publication_is_sent_whole",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "sent", "returned"], published_at__isnull=True)
                | Q(
                    state__in=["published", "taken_back"],
                    published_at__isnull=False,
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                name="a_publication_is_published_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | (~Q(reasons="") & Q(decided_by__isnull=False)),
                name="a_publication_is_returned_with_reasons",
            ),
            models.CheckConstraint(
                condition=Q(state="taken_back", ended_at__isnull=False, ended_by__isnull=False)
                | (~Q(state="taken_back") & Q(ended_at__isnull=True, ended_by__isnull=True, taken_down=False)),
                name="a_publication_is_taken_back_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(taken_down=True, ended_why=""), name="a_publication_is_taken_down_with_why"
            ),
        ]
        indexes: ClassVar = [
            GinIndex(fields=["search"], name="publications_by_words"),
            models.Index(
                fields=["-published_at", "-id"], condition=Q(state="published"), name="publications_in_the_gallery"
            ),
            # What did not work is rare, and looked for: without this it was sought among all others.
            models.Index(
                fields=["result", "-published_at", "-id"], condition=Q(state="published"), name="publications_by_result"
            ),
            models.Index(fields=["sent_at"], condition=Q(state="sent"), name="publications_with_an_editor"),
            models.Index(fields=["ended_at"], condition=Q(state="taken_back"), name="publications_taken_back"),
        ]

    def __str__(self) -> str:
        return self.title or "A publication without a title yet"

    def get_absolute_url(self) -> str:
        """Return the address at which everybody reads it, once it is published."""
        return reverse("gallery_publication", args=[self.pk])

    @property
    def is_written(self) -> bool:
        """Say whether its team can change it as it stands."""
        return self.state in self.WRITTEN


class PublishedChart(models.Model):
    """A measure's chart as the public is shown it, with all that it is drawn from. It is made as its story is sent.

    It holds figures that may be told to anybody, and nothing from which numbers of few people follow
    (`qi_projects.freezing`). What the team measures later does not change it.
    """

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="charts")
    position = models.PositiveSmallIntegerField()
    shown = models.JSONField(help_text="What is measured, and the series that is drawn.")

    class Meta:
        ordering = ("position",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["publication", "position"], name="one_published_chart_in_each_place"),
        ]

    def __str__(self) -> str:
        return f"Chart {self.pk} of a publication"


class NamingConsent(models.Model):
    """What somebody answered who was asked whether to be named under one publication. Without a row: nothing yet.

    `byline` is what stands there, as they saw it when they agreed; it is deleted once they take it back.
    """

    class Answer(models.TextChoices):
        """What they said."""

        NAMED = "named", "Named"
        NOT_NAMED = "not_named", "Not named"
        TAKEN_BACK = "taken_back", "Name taken back"

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="consents")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="naming_consents")
    answer = models.CharField(max_length=10, choices=Answer)
    byline = models.CharField(max_length=600, blank=True)
    answered_at = models.DateTimeField(default=timezone.now)
    of_words = models.CharField(max_length=64, editable=False, help_text="A hash of the story that they could read.")

    class Meta:
        ordering = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["publication", "person"], name="one_answer_of_each_person_and_publication"),
            models.CheckConstraint(
                condition=(Q(answer="named") & ~Q(byline="")) | (~Q(answer="named") & Q(byline="")),
                name="a_name_stands_where_its_person_agreed",
            ),
        ]

    def __str__(self) -> str:
        return f"Answer {self.pk} about being named"
