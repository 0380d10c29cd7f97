"""What a cohort reads: its books in order, each with the meeting at which it is talked about."""

from typing import ClassVar, Self

from django.db import models
from django.utils import timezone

from bookclub.models.books import Book
from cohorts.models import Cohort, Session


class ListedBookQuerySet(models.QuerySet["ListedBook"]):
    """Reads of reading lists."""

    def live(self) -> Self:
        """Books that are on the list now, in their order."""
        return self.filter(taken_off_at__isnull=True).order_by("position")

    def called(self, title: str | models.OuterRef) -> Self:
        """Books of a title, whatever its letters."""
        return self.filter(book__title__iexact=title)


class ListedBook(models.Model):
    """A book on a cohort's list. One that was swapped for another, or taken off, stays with what was written of it.

    A trigger (migration 0001) holds that its meeting is a book club meeting that the cohort's members can come to.
    """

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="reading_list")
    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="listed")
    position = models.PositiveSmallIntegerField(
        null=True, help_text="Its place in the order: 1 is read first. Empty once it is off the list."
    )
    meeting = models.ForeignKey(
        Session, on_delete=models.PROTECT, null=True, blank=True, related_name="books_read", verbose_name="meeting"
    )
    why = models.TextField("why this book", blank=True, help_text="A sentence or two for the cohort's members.")
    chosen_at = models.DateTimeField(default=timezone.now, editable=False)
    taken_off_at = models.DateTimeField(null=True, editable=False)
    nudged_at = models.DateTimeField(
        null=True, editable=False, help_text="When the cohort's members were last written to before the meeting."
    )
    swapped_for = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="swapped_from",
        help_text="What took its place on the list.",
    )

    objects = ListedBookQuerySet.as_manager()

    class Meta:
        verbose_name = "book on a reading list"
        verbose_name_plural = "books on reading lists"
        ordering = ("cohort", "position", "id")
        constraints: ClassVar = [
            # Those off the list have no place, and no place clashes with none.
            models.UniqueConstraint(
                fields=["cohort", "position"],
                deferrable=models.Deferrable.DEFERRED,
                name="one_book_in_each_place_of_a_list",
            ),
            models.UniqueConstraint(
                fields=["cohort", "book"],
                condition=models.Q(taken_off_at__isnull=True),
                name="a_book_is_on_a_list_once",
                violation_error_message="This book is on the cohort's list already.",
            ),
            models.CheckConstraint(
                condition=models.Q(position__isnull=True, taken_off_at__isnull=False)
                | models.Q(position__gte=1, taken_off_at__isnull=True),
                name="a_book_on_a_list_has_its_place",
            ),
            models.CheckConstraint(
                condition=models.Q(swapped_for__isnull=True) | models.Q(taken_off_at__isnull=False),
                name="what_was_swapped_is_off_the_list",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["meeting"],
                condition=models.Q(taken_off_at__isnull=True),
                name="listed_books_of_a_meeting",
            )
        ]

    def __str__(self) -> str:
        return str(self.book)

    @property
    def is_on_list(self) -> bool:
        """Say whether the cohort reads it, or did, by its list of today."""
        return self.taken_off_at is None

    @property
    def stays(self) -> bool:
        """Say whether its meeting goes on, or is over: people have read it for that, and it stays there."""
        return bool(self.meeting and not self.meeting.is_cancelled and self.meeting.has_begun)
