"""What members write of what they read: theirs alone, until they share it.

The words are sealed under SECRET_KEY (`bookclub.sealed_words`). No model here is ever registered in the admin pages.
"""

from typing import ClassVar, Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from bookclub.models.lists import ListedBook
from bookclub.models.meetings import Prompt
from cohorts.models import Cohort, Membership, Session


class ReflectionQuerySet(models.QuerySet["Reflection"]):
    """Reads of reflections."""

    def with_target(self) -> Self:
        """Read what each was written for along with it; see `bookclub.targets.of`."""
        return self.select_related("cohort", "listed__book", "meeting__component", "prompt")

    def shown(self) -> Self:
        """Return those that are shared by somebody who has taken part in the cohort ever since.

        Who leaves and comes back shares anew what they want to be read.
        """
        enrolled = Membership.objects.enrolled().filter(user=OuterRef("author"), cohort=OuterRef("cohort"))
        ever_since = enrolled.filter(since__lte=OuterRef("shared_at"))
        return self.filter(Exists(ever_since), audience__in=["facilitators", "cohort"])


class Reflection(models.Model):
    """What somebody wrote for a book of their cohort, for a meeting or one of its prompts, or for the whole book club.

    Beside what they saved stands what they are writing now, their draft. Others read what was saved, where it is
    shared, and never a draft. One that was never saved is a draft alone.
    """

    class Audience(models.TextChoices):
        """Who reads it beside its author."""

        NOBODY = "nobody", "Only you"
        FACILITATORS = "facilitators", "The facilitators"
        COHORT = "cohort", "Your cohort and the facilitators"

    uid = models.UUIDField(default=uuid4, help_text="By which its author's pages know it, before it is saved too.")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="reflections")
    listed = models.ForeignKey(ListedBook, on_delete=models.PROTECT, null=True, related_name="reflections")
    meeting = models.ForeignKey(Session, on_delete=models.PROTECT, null=True, related_name="reflections")
    prompt = models.ForeignKey(
        Prompt,
        on_delete=models.PROTECT,
        null=True,
        related_name="reflections",
        help_text="Of the meeting that stands beside it.",
    )
    begun_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now, help_text="When its author last wrote in it or shared it.")

    sealed = models.BinaryField(null=True)
    saved_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(
        default=0, help_text="One more whenever what is saved changes, or who reads it: by which two tabs are told."
    )
    audience = models.CharField(max_length=12, choices=Audience, default=Audience.NOBODY)
    shared_at = models.DateTimeField(null=True)

    draft_sealed = models.BinaryField(null=True)
    draft_at = models.DateTimeField(null=True)
    draft_of = models.PositiveIntegerField(default=0, help_text="The version on which the draft was begun.")
    draft_turn = models.PositiveIntegerField(
        default=0, help_text="One more whenever a draft is kept or goes, so that one tab does not write over another."
    )

    objects = ReflectionQuerySet.as_manager()

    class Meta:
        ordering = ("-begun_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["author", "uid"], name="one_reflection_of_each_uid"),
            models.UniqueConstraint(
                fields=["author", "cohort", "listed", "meeting", "prompt"],
                condition=Q(sealed__isnull=True),
                nulls_distinct=False,
                name="one_unsaved_reflection_of_each_target",
            ),
            models.CheckConstraint(
                condition=Q(sealed__isnull=False) | Q(draft_sealed__isnull=False), name="a_reflection_says_something"
            ),
            models.CheckConstraint(
                condition=Q(sealed__isnull=True, saved_at__isnull=True, version=0)
                | Q(sealed__isnull=False, saved_at__isnull=False, version__gte=1),
                name="a_saved_reflection_says_when",
            ),
            models.CheckConstraint(
                condition=Q(draft_sealed__isnull=True, draft_at__isnull=True)
                | Q(draft_sealed__isnull=False, draft_at__isnull=False),
                name="a_draft_says_when",
            ),
            models.CheckConstraint(
                condition=Q(audience="nobody", shared_at__isnull=True)
                | Q(audience__in=["facilitators", "cohort"], shared_at__isnull=False, sealed__isnull=False),
                name="what_is_shared_is_saved_and_says_since_when",
            ),
            models.CheckConstraint(
                condition=Q(listed__isnull=True) | Q(meeting__isnull=True), name="a_reflection_has_one_target"
            ),
            models.CheckConstraint(
                condition=Q(prompt__isnull=True) | Q(meeting__isnull=False), name="a_prompt_comes_with_its_meeting"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["author", "cohort", "begun_at"], name="reflections_of_a_person"),
            models.Index(
                fields=["cohort", "shared_at", "id"],
                condition=Q(audience__in=["facilitators", "cohort"]),
                name="reflections_that_are_shared",
            ),
        ]

    def __str__(self) -> str:
        return f"Reflection {self.pk}"

    @property
    def is_saved(self) -> bool:
        """Say whether there is more than a draft."""
        return self.sealed is not None

    @property
    def is_shared(self) -> bool:
        """Say whether somebody beside its author reads it."""
        return self.audience != self.Audience.NOBODY

    def is_shown(self, place: Membership | None) -> bool:
        """Say whether they read it at present, given its author's place in the cohort; see `shown`."""
        return place is not None and self.shared_at is not None and self.shared_at >= place.since

    @property
    def has_draft(self) -> bool:
        """Say whether somebody was writing and has not saved it."""
        return self.draft_sealed is not None
