"""What people read or watch before a session, and what they take home from it."""

from typing import ClassVar

from django.db import models

from cohorts.models.programmes import Component
from cohorts.models.sessions import Session
from portal.attachments.models import HoldsFile


class Material(HoldsFile):
    """Something to read, watch or keep, for every date of a component or for one session alone.

    It is a page elsewhere, a file, words of its own, or more than one of these. People who have booked see it, and
    whoever leads the session. The files of one component count together, and so do those of one session.
    """

    class Shown(models.TextChoices):
        """From when people see it."""

        BEFORE = "before", "Before: as soon as they have booked"
        AFTER = "after", "Afterwards: once the session has ended"

    component = models.ForeignKey(
        Component,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="materials",
        help_text="For every date of it. Empty: for one session alone.",
    )
    session = models.ForeignKey(
        Session,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="materials",
        help_text="For this date alone, such as its recording. Empty: for every date of a component.",
    )
    shown = models.CharField("when it is shown", max_length=6, choices=Shown, default=Shown.BEFORE)
    position = models.PositiveSmallIntegerField(default=1, help_text="Its place in the list: 1 comes first.")
    title = models.CharField(max_length=150)
    link = models.URLField(
        blank=True, max_length=500, help_text="Where it can be read or watched, without an account of its own."
    )
    text = models.TextField(blank=True, help_text="What to do with it, or all that there is to read.")

    class Meta:
        ordering = ("position", "id")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(component__isnull=False, session__isnull=True)
                | models.Q(component__isnull=True, session__isnull=False),
                name="material_is_of_a_component_or_a_session",
                violation_error_message="Choose either a component or a session.",
            ),
            models.CheckConstraint(
                condition=~models.Q(link="", text="", file=None),
                name="material_says_something",
                violation_error_message="Enter a link or a text, or choose a file.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def counts_with(self) -> tuple[models.Model, "models.QuerySet[Material]"]:
        """Return what it goes with, and all materials of that."""
        goes_with = self.component or self.session
        if goes_with is None:
            raise ValueError("A material goes with a component or a session.")
        return goes_with, goes_with.materials.all()
