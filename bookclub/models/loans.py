"""Who has which copy until when, and who has asked for one."""

from typing import Any, ClassVar, Final, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from bookclub.models.books import Book
from bookclub.models.copies import HOW_TO_RETURN, Copy, LendingTerms
from cohorts.models import Cohort, Membership
from portal.accounts.models import User

LONGEST_ANSWER: Final = 500


class LoanQuerySet(models.QuerySet["Loan"]):
    """Reads of loans."""

    def out(self) -> Self:
        """Loans of copies that are not back."""
        return self.filter(outcome=Loan.Outcome.OUT)

    def of_leavers(self) -> Self:
        """Loans to people who take part in no cohort of the copy's programme any more."""
        return self.filter(_has_left())

    def of_members(self) -> Self:
        """Loans to people who take part still."""
        return self.filter(~_has_left())

    def with_return(self) -> "models.QuerySet[Any]":
        """Read with each how its copy comes back, and whether whoever has it has left."""
        terms = LendingTerms.objects.filter(programme=OuterRef("copy__programme"))
        return self.annotate(
            how_to_return=Coalesce(Subquery(terms.values("how_to_return")), Value(HOW_TO_RETURN, models.TextField())),
            has_left=_has_left(),
        )


def _has_left() -> Any:
    return ~Exists(
        Membership.objects.enrolled().filter(user=OuterRef("borrower"), cohort__programme=OuterRef("copy__programme"))
    )


class Loan(models.Model):
    """That somebody had, or has, a copy. Days are UK dates.

    The cohort is the one in which they took part as it was lent to them. A trigger (migration 0005) holds that it is of
    the copy's programme.
    """

    class Outcome(models.TextChoices):
        """What became of it."""

        OUT = "out", "Not back yet"
        RETURNED = "returned", "Given back"
        LOST = "lost", "Lost"

    copy = models.ForeignKey(Copy, on_delete=models.PROTECT, related_name="loans")
    borrower = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="who has it"
    )
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="loans")
    lent_on = models.DateField()
    due_on = models.DateField("due back on")
    lent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.OUT)
    ended_on = models.DateField(null=True, help_text="When it came back, or was counted as lost.")
    reminded_before_at = models.DateTimeField(
        null=True, help_text="When they were written to before the day on which it is due; once for each such day."
    )
    reminded_due_at = models.DateTimeField(null=True, help_text="Likewise, on that day or after it.")

    objects = LoanQuerySet.as_manager()

    class Meta:
        ordering = ("due_on", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["copy"], condition=Q(outcome="out"), name="a_copy_is_lent_once_at_a_time"),
            models.CheckConstraint(
                condition=Q(outcome="out", ended_on__isnull=True)
                | Q(outcome__in=["returned", "lost"], ended_on__isnull=False, ended_on__gte=F("lent_on")),
                name="a_loan_that_ended_says_when",
            ),
            models.CheckConstraint(condition=Q(due_on__gte=F("lent_on")), name="a_copy_is_due_after_it_is_lent"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["borrower"], name="loans_of_a_person"),
            models.Index(fields=["ended_on"], condition=~Q(outcome="out"), name="loans_that_ended"),
            models.Index(
                fields=["due_on"], condition=Q(outcome="out", reminded_before_at__isnull=True), name="loans_due_soon"
            ),
            models.Index(
                fields=["due_on"], condition=Q(outcome="out", reminded_due_at__isnull=True), name="loans_due_back"
            ),
        ]

    def __str__(self) -> str:
        return str(self.copy)

    @property
    def is_out(self) -> bool:
        """Say whether the copy is not back, and not given up."""
        return self.outcome == self.Outcome.OUT


class CopyRequestQuerySet(models.QuerySet["CopyRequest"]):
    """Reads of what members ask for."""

    def waiting(self) -> Self:
        """Requests of people who take part still, to which nobody has answered."""
        takes_part = Membership.objects.enrolled().filter(user=OuterRef("asked_by"), cohort=OuterRef("cohort"))
        return self.filter(Exists(takes_part), state=CopyRequest.State.OPEN)

    def settled_by(self, copy: Copy, borrower: User) -> Self:
        """Requests that a loan of a copy to somebody settles: of its book, in its programme, answered by nobody."""
        return self.filter(
            asked_by=borrower,
            book=copy.book_id,
            cohort__programme=copy.programme_id,
            state=CopyRequest.State.OPEN,
        )


class CopyRequest(models.Model):
    """That a member would like to borrow a book of their cohort's list. They and the programme team alone see it."""

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open", "Waiting"
        LENT = "lent", "Lent"
        DECLINED = "declined", "Not lent"
        WITHDRAWN = "withdrawn", "Taken back"

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="copy_requests")
    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="copy_requests")
    format = models.CharField(max_length=11, choices=Copy.Format, blank=True, help_text="Empty: any will do.")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    state_since = models.DateTimeField(default=timezone.now)
    answer = models.TextField(
        blank=True, max_length=LONGEST_ANSWER, help_text="What the programme team told whoever asked."
    )

    objects = CopyRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "request for a copy"
        verbose_name_plural = "requests for copies"
        ordering = ("-asked_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["asked_by", "cohort", "book"],
                condition=Q(state="open"),
                name="a_member_asks_for_a_book_once",
            ),
            models.CheckConstraint(condition=~Q(state="declined", answer=""), name="who_gets_no_copy_is_told_why"),
        ]

    def __str__(self) -> str:
        return str(self.book)

    @property
    def is_open(self) -> bool:
        """Say whether nobody has answered."""
        return self.state == self.State.OPEN

    @property
    def format_in_words(self) -> str:
        """Return what kind of thing they would like, as within a sentence: “large print”."""
        return self.get_format_display().lower() or "any"

    def is_met_by(self, copy: Copy) -> bool:
        """Say whether a copy is of the kind that they would like."""
        return self.format in {"", copy.format}
