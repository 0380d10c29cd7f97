"""What somebody says of a programme in public, as they agreed to it. It knows nothing of any evaluation (ADR 0070)."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from cohorts.models.programmes import Component, Programme


class TestimonyQuerySet(models.QuerySet["Testimony"]):
    """Reads of testimonies."""

    def published(self) -> Self:
        """Those that the public reads where their programme is published, the newest first."""
        return self.filter(state=Testimony.State.PUBLISHED).order_by("-published_at", "-id")

    def live(self) -> Self:
        """Those that their authors have not taken back."""
        return self.exclude(state=Testimony.State.TAKEN_BACK)


class Testimony(models.Model):
    """One person's words about a programme, and the name, role or neither that stands under them.

    A row begins when its author has seen both as they would be read and has agreed to them: there are no drafts.
    """

    class State(models.TextChoices):
        """From being offered to being read, or not."""

        OFFERED = "offered", "Offered"
        ASKED = "asked", "Its author is asked about a shorter form"
        PUBLISHED = "published", "Published"
        NOT_USED = "not_used", "Not used"
        TAKEN_BACK = "taken_back", "Taken back"

    class ShownAs(models.TextChoices):
        """Who it says that its author is."""

        NAMED = "named", "With my name"
        BY_ROLE = "by_role", "By my job role, without my name"
        ANONYMOUS = "anonymous", "Without my name and my job role"

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="testimonies", editable=False
    )
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="testimonies")
    component = models.ForeignKey(
        Component,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="about",
        help_text="The part of the programme that it is about; empty for all of it.",
    )
    text = models.TextField("words", blank=True, help_text="As the author wrote them. Empty once taken back.")
    shorter = models.TextField("shorter form", blank=True, help_text="An editor's. Its author has agreed, or is asked.")
    shown_as = models.CharField(max_length=9, choices=ShownAs)
    byline = models.CharField(max_length=320, blank=True, help_text="What stands under the words, as it was agreed to.")
    state = models.CharField(max_length=10, choices=State, default=State.OFFERED)
    since = models.DateTimeField(default=timezone.now, help_text="When it came into its present state.")
    agreed_at = models.DateTimeField(
        default=timezone.now, help_text="When its author last agreed to words and byline as they stand."
    )
    published_at = models.DateTimeField(null=True)
    editor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="Who published it, asked about a shorter form, or did not use it.",
    )
    sequence = models.PositiveIntegerField(default=0, help_text="Raised by each change.")

    objects = TestimonyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "testimonies"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["author", "programme"],
                condition=~models.Q(state="taken_back"),
                name="one_testimony_of_each_person_and_programme",
            ),
            models.CheckConstraint(
                condition=models.Q(state="taken_back", text="", shorter="", byline="")
                | (~models.Q(state="taken_back") & ~models.Q(text="") & ~models.Q(byline="")),
                name="a_testimony_taken_back_has_no_words",
            ),
            models.CheckConstraint(
                condition=models.Q(state="published", published_at__isnull=False, editor__isnull=False)
                | (~models.Q(state="published") & models.Q(published_at__isnull=True)),
                name="a_published_testimony_has_an_editor",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="asked") | ~models.Q(shorter=""),
                name="an_author_is_asked_about_some_words",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["programme", "-published_at", "-id"],
                condition=models.Q(state="published"),
                name="testimony_published",
            ),
            models.Index(fields=["since"], condition=models.Q(state="offered"), name="testimony_offered"),
        ]

    def __str__(self) -> str:
        """Name it by a number: whose it is, those who keep the programme may not know."""
        return f"Testimony {self.pk}"

    @property
    def about(self) -> str | None:
        """Return the title of the part that it is about, or None: it is about the whole programme."""
        return self.component.title if self.component else None

    @property
    def words(self) -> str:
        """Return the words that its author has agreed to: a shorter form of them, where they did."""
        return self.text if self.state == self.State.ASKED else self.shorter or self.text
