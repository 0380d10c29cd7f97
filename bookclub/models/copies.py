"""Copies of books that a programme lends to its members, and on what terms it does."""

from typing import ClassVar, Final, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower

from bookclub.models.books import Book
from cohorts.models import Programme

LONGEST_LABEL: Final = 40
LONGEST_TERMS: Final = 1_000
WEEKS: Final = 6
"""For how long a copy is lent where a programme has not said it."""
HOW_TO_RETURN: Final = "Bring it to one of your programme's sessions or meetings."
"""How a copy comes back where a programme has not said it."""


class CopyQuerySet(models.QuerySet["Copy"]):
    """Reads of copies."""

    def in_use(self) -> Self:
        """Copies that the programme has, in or lent."""
        return self.filter(state=Copy.State.IN_USE)

    def lent(self) -> Self:
        """Copies that somebody has. Each has one open loan at most."""
        return self.filter(loans__outcome="out")

    def at_hand(self) -> Self:
        """Copies that can be lent now."""
        return self.in_use().exclude(loans__outcome="out")


class Copy(models.Model):
    """One copy of a book, with what is written on it to know it by.

    Whether it is in or lent is not kept here: it is lent while a loan of it is open. A trigger (migration 0005) holds
    that what is lost or withdrawn is not lent.
    """

    class Format(models.TextChoices):
        """What kind of thing it is."""

        PRINT = "print", "Print"
        LARGE_PRINT = "large_print", "Large print"
        AUDIO = "audio", "Audiobook"

    class State(models.TextChoices):
        """Whether the programme has it."""

        IN_USE = "in_use", "To be lent"
        LOST = "lost", "Lost"
        WITHDRAWN = "withdrawn", "Withdrawn"

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="copies", help_text="Whose members it is lent to."
    )
    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="copies")
    label = models.CharField(
        max_length=LONGEST_LABEL, help_text="What is written on it, for example: Names 3. Each has its own."
    )
    format = models.CharField(max_length=11, choices=Format, default=Format.PRINT)
    state = models.CharField(max_length=9, choices=State, default=State.IN_USE, editable=False)

    objects = CopyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "copies"
        ordering = ("book__title", "label", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                "programme",
                Lower("label"),
                name="one_copy_of_each_label",
                violation_error_message="Another copy of this programme has this label.",
            ),
            models.CheckConstraint(condition=~models.Q(label=""), name="a_copy_has_a_label"),
        ]

    def __str__(self) -> str:
        return f"{self.book} ({self.label})"

    @property
    def format_in_words(self) -> str:
        """Return what kind of thing it is, as within a sentence: “large print”."""
        return self.get_format_display().lower()


class LendingTerms(models.Model):
    """How a programme lends: for how long, and how a copy comes back."""

    programme = models.OneToOneField(Programme, on_delete=models.PROTECT, related_name="lending_terms")
    weeks = models.PositiveSmallIntegerField(
        "for how many weeks",
        default=WEEKS,
        validators=[MinValueValidator(1), MaxValueValidator(52)],
        help_text="The day that is offered when you lend a copy. You can choose another each time.",
    )
    how_to_return = models.TextField(
        "how to give a copy back",
        max_length=LONGEST_TERMS,
        help_text="For example: bring it to a session, or send it to the library of Demo Trust. It stands in the "
        "emails, also in those to somebody who no longer takes part.",
    )

    class Meta:
        verbose_name = "set of lending terms"
        verbose_name_plural = "sets of lending terms"
        ordering = ("programme__name", "id")
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(weeks__gte=1, weeks__lte=52), name="lent_for_a_year_at_most")
        ]

    def __str__(self) -> str:
        return str(self.programme)
