"""Where members are in the books of their cohort's list."""

from typing import ClassVar, Final, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from bookclub.models.lists import ListedBook

LONGEST_PLACE: Final = 60


class ReadingQuerySet(models.QuerySet["Reading"]):
    """Reads of where people are."""

    def finished(self) -> Self:
        """Books that somebody has finished."""
        return self.filter(state=Reading.State.FINISHED)


class Reading(models.Model):
    """That somebody has begun a book, or finished it. Who has not begun has no row: so nothing is held of them."""

    class State(models.TextChoices):
        """How far they are."""

        BEGUN = "begun", "Begun"
        FINISHED = "finished", "Finished"

    listed = models.ForeignKey(ListedBook, on_delete=models.PROTECT, related_name="readings")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State)
    place = models.CharField("chapter or page", max_length=LONGEST_PLACE, blank=True)
    said_at = models.DateTimeField(db_default=Now())

    objects = ReadingQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reader", "listed"], name="a_reader_is_at_one_place_of_a_book"),
            models.CheckConstraint(
                condition=models.Q(state="begun") | models.Q(state="finished", place=""),
                name="who_has_finished_is_at_no_page",
            ),
        ]

    def __str__(self) -> str:
        return f"Reading {self.pk}"
