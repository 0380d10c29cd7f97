"""What is set for a book club meeting: what to have read, what to talk about, and how to lead it."""

from typing import ClassVar, Final, Self

from django.db import models
from django.utils.text import Truncator

from cohorts.models import Session

LONGEST_CHAPTERS: Final = 1_000
LONGEST_GUIDE: Final = 20_000
LONGEST_PROMPT: Final = 1_000
WORDS_OF_A_PROMPT: Final = 12
"""So many name it; the pages show all of it beside."""


class MeetingPlan(models.Model):
    """What is set for one meeting. Members read chapters and prompts, and never the guide.

    A trigger (migration 0002) holds that it is of a book club meeting.
    """

    session = models.OneToOneField(
        Session, on_delete=models.PROTECT, related_name="book_club_plan", verbose_name="meeting"
    )
    chapters = models.TextField(
        "chapters to have read",
        blank=True,
        max_length=LONGEST_CHAPTERS,
        help_text="For example: chapters 1 to 4. Members see this.",
    )
    guide = models.TextField(
        "guide for facilitators",
        blank=True,
        max_length=LONGEST_GUIDE,
        help_text="How to lead the meeting. Members never see this.",
    )

    class Meta:
        verbose_name = "plan of a book club meeting"
        verbose_name_plural = "plans of book club meetings"
        ordering = ("-session__starts_at", "-id")

    def __str__(self) -> str:
        return str(self.session)


class PromptQuerySet(models.QuerySet["Prompt"]):
    """Reads of prompts."""

    def live(self) -> Self:
        """Prompts that are set now, in their order."""
        return self.filter(position__isnull=False).order_by("position")


class Prompt(models.Model):
    """A question to think about before a meeting, and to talk about there.

    One that was taken off, or put in other words, stays in the table: what people wrote to it was written to those
    words.
    """

    plan = models.ForeignKey(MeetingPlan, on_delete=models.PROTECT, related_name="prompts")
    position = models.PositiveSmallIntegerField(null=True, help_text="From 1. Empty once it is taken off.")
    text = models.TextField("prompt", max_length=LONGEST_PROMPT)
    reworded_as = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="reworded_from",
        help_text="What took its place, in other words.",
    )

    objects = PromptQuerySet.as_manager()

    class Meta:
        ordering = ("plan", "position", "id")
        constraints: ClassVar = [
            # Those taken off have no place, and no place clashes with none.
            models.UniqueConstraint(
                fields=["plan", "position"],
                deferrable=models.Deferrable.DEFERRED,
                name="one_prompt_in_each_place_of_a_meeting",
            ),
            models.CheckConstraint(
                condition=models.Q(position__isnull=True) | models.Q(position__gte=1), name="prompts_are_counted_from_1"
            ),
            models.CheckConstraint(condition=~models.Q(text=""), name="a_prompt_says_something"),
            models.CheckConstraint(
                condition=models.Q(reworded_as__isnull=True) | models.Q(position__isnull=True),
                name="what_was_reworded_is_taken_off",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def name(self) -> str:
        """Return its first words, by which it is named where it does not stand whole."""
        return Truncator(self.text).words(WORDS_OF_A_PROMPT)

    @property
    def as_it_stands(self) -> "Prompt":
        """Return what it reads by now, however often it was put in other words."""
        prompt = self
        while prompt.reworded_as:
            prompt = prompt.reworded_as
        return prompt
