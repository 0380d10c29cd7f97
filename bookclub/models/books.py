"""The catalogue: books that cohorts can read, shared by all programmes."""

from typing import ClassVar, Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower

from bookclub import isbn

LONGEST_TITLE: Final = 200
LONGEST_AUTHORS: Final = 300
LONGEST_EDITION: Final = 100


class BookQuerySet(models.QuerySet["Book"]):
    """Reads of the catalogue."""

    def offered(self) -> "BookQuerySet":
        """Books that a cohort's list can take up."""
        return self.filter(offered=True)

    def called(self, title: str | models.OuterRef) -> "BookQuerySet":
        """Books of a title, whatever its letters: of all authors, and in all editions."""
        return self.filter(title__iexact=title)


class Book(models.Model):
    """One edition of a book. Of another edition pages and publisher differ, so it is a row of its own."""

    class Format(models.TextChoices):
        """In what form people can have it."""

        PRINT = "print", "Print"
        LARGE_PRINT = "large_print", "Large print"
        EBOOK = "ebook", "E-book"
        AUDIO = "audio", "Audiobook"
        LIBRARY = "library", "From a trust library"

    title = models.CharField(max_length=LONGEST_TITLE)
    authors = models.CharField(
        max_length=LONGEST_AUTHORS, help_text="As on the cover, for example: Ama Adeyemi and Bryony Lark."
    )
    edition = models.CharField(
        max_length=100, blank=True, help_text="For example: 2nd edition, 2019. Empty: there is one alone."
    )
    isbn = models.CharField(
        "ISBN",
        max_length=13,
        blank=True,
        help_text="10 or 13 digits, with or without hyphens: on the back of the book. It is kept with 13.",
    )
    description = models.TextField(blank=True, help_text="What it is about, in a few sentences of your own.")
    content_warnings = models.TextField(
        blank=True,
        help_text="What in it may be hard to read, such as the death of a baby, or racist violence. Readers see this "
        "before anything else.",
    )
    formats = ArrayField(models.CharField(max_length=11, choices=Format), default=list, blank=True)
    how_to_get = models.TextField(
        "how to get a copy",
        blank=True,
        help_text="For example: ask your trust's library. Pages say by themselves which copies you lend.",
    )
    offered = models.BooleanField(
        default=True, help_text="Cohorts can read it. Clear this for one that only earlier lists keep."
    )

    objects = BookQuerySet.as_manager()

    class Meta:
        ordering = ("title", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("title"),
                Lower("authors"),
                Lower("edition"),
                name="one_book_of_each_edition",
                violation_error_message="This edition is in the catalogue already. If yours is another one, say which "
                "under “Edition”.",
            ),
            models.UniqueConstraint(
                fields=["isbn"],
                condition=~models.Q(isbn=""),
                name="one_book_of_each_isbn",
                violation_error_message="Another book in the catalogue has this ISBN.",
            ),
            # That its check digit is right as well, migration 0001 says.
            models.CheckConstraint(
                condition=models.Q(isbn="") | models.Q(isbn__regex=r"^97[89][0-9]{10}$"), name="an_isbn_has_13_digits"
            ),
            models.CheckConstraint(
                condition=~models.Q(title="") & ~models.Q(authors=""), name="a_book_says_what_it_is"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.edition})" if self.edition else self.title

    @property
    def isbn_as_shown(self) -> str:
        """Return the ISBN with its hyphens."""
        return isbn.show(self.isbn)

    @property
    def formats_in_words(self) -> str:
        """Return in what forms people can have it: "Print, e-book"."""
        return ", ".join(label for value, label in self.Format.choices if value in self.formats).capitalize()
