"""Books that members would like their cohort to read, and who backs them."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from bookclub.models.books import LONGEST_AUTHORS, LONGEST_TITLE
from cohorts.models import Cohort


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    """Reads of suggestions."""

    def waiting(self) -> Self:
        """Suggestions about which the programme team has not decided."""
        return self.filter(state=Suggestion.State.OPEN)

    def decided(self) -> Self:
        """Suggestions about which the programme team has decided."""
        return self.filter(state__in=[Suggestion.State.TAKEN_UP, Suggestion.State.SET_ASIDE])


class Suggestion(models.Model):
    """That a member suggests a book. Members see it without a name: a book is judged, and not who likes it."""

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open", "Waiting"
        TAKEN_UP = "taken_up", "Taken up"
        SET_ASIDE = "set_aside", "Not this time"
        WITHDRAWN = "withdrawn", "Taken back"

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="suggested_books")
    title = models.CharField(max_length=LONGEST_TITLE)
    authors = models.CharField(max_length=LONGEST_AUTHORS)
    why = models.TextField("why they suggest it", blank=True)
    suggested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    suggested_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    state_since = models.DateTimeField(default=timezone.now)

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        ordering = ("-suggested_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                "cohort",
                Lower("title"),
                Lower("authors"),
                condition=models.Q(state="open"),
                name="a_book_waits_once_in_each_cohort",
            ),
            models.CheckConstraint(
                condition=~models.Q(title="") & ~models.Q(authors=""), name="a_suggestion_says_which_book"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["suggested_by"], name="suggestions_of_a_person")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Say whether nobody has decided about it, and it was not taken back."""
        return self.state == self.State.OPEN


class Backing(models.Model):
    """That a member would like to read a book that was suggested. Who suggests it backs it by that."""

    suggestion = models.ForeignKey(Suggestion, on_delete=models.CASCADE, related_name="backings")
    backed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    backed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["suggestion", "backed_by"], name="a_member_backs_a_book_once")
        ]

    def __str__(self) -> str:
        return f"Backing {self.pk}"
