"""Graduations: a session to which those are invited who have completed a programme in one of some cohorts."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone

from cohorts.models.bookings import MOST_GUESTS, Booking
from cohorts.models.memberships import Cohort
from cohorts.models.sessions import Session


class Graduation(models.Model):
    """A celebration across cohorts. When and where it is, its places and until when people answer, is its session's.

    Who is eligible is computed from what people have done, each time it is asked, and stored nowhere.
    """

    name = models.CharField(max_length=150, help_text="As people know it, for example: Graduation 2026.")
    session = models.OneToOneField(
        Session,
        on_delete=models.PROTECT,
        related_name="graduation",
        help_text="A session of a programme by invitation. People answer until its booking closes.",
    )
    cohorts = models.ManyToManyField(
        Cohort, related_name="graduations", help_text="Whoever has completed the programme in one of these is invited."
    )
    guests_each = models.PositiveSmallIntegerField(
        "guests each",
        default=0,
        validators=[MaxValueValidator(MOST_GUESTS)],
        help_text="How many people each graduate may bring, 0 to 4. Each takes a place.",
    )

    class Meta:
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(guests_each__lte=MOST_GUESTS), name="a_graduate_brings_few_guests"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the page on which whoever is invited answers."""
        return reverse("graduation", args=[self.pk])


class GraduationInvitationQuerySet(models.QuerySet["GraduationInvitation"]):
    """Reads of invitations."""

    def with_answers(self) -> Self:
        """Annotate each with `booked_as` and `guests`: the state and the guests of the latest booking, if any."""
        made = Booking.objects.filter(user=models.OuterRef("user"), session=models.OuterRef("graduation__session"))
        latest = made.order_by("-id")
        return self.annotate(
            booked_as=models.Subquery(latest.values("state")[:1]),
            guests=models.Subquery(latest.values("guests")[:1]),
        )

    def unanswered(self) -> Self:
        """Invitations to which nothing was ever said. Needs `with_answers`."""
        return self.filter(booked_as__isnull=True, declined_at__isnull=True)


class GraduationInvitation(models.Model):
    """That somebody was invited to a graduation. To say yes is to book its session; nothing of it is repeated here."""

    class Answer(models.TextChoices):
        """What came of it, read off the booking."""

        COMING = "coming", "Coming"
        WAITING = "waiting", "On the waiting list"
        OFFERED = "offered", "Offered a place"
        NOT_COMING = "not_coming", "Not coming"
        NONE = "none", "Not answered"

    graduation = models.ForeignKey(Graduation, on_delete=models.PROTECT, related_name="invitations")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="graduation_invitations",
        verbose_name="person",
    )
    invited_at = models.DateTimeField(default=timezone.now)
    reminded_at = models.DateTimeField(null=True, help_text="When they were reminded to answer.")
    declined_at = models.DateTimeField(null=True, help_text="When they said no without having booked.")

    objects = GraduationInvitationQuerySet.as_manager()

    class Meta:
        ordering = ("graduation", "user")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["graduation", "user"], name="one_invitation_of_each_graduate"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["graduation"],
                condition=models.Q(reminded_at__isnull=True, declined_at__isnull=True),
                name="invitation_to_remind_of",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.graduation}"


def answer_of(booked_as: str | None, declined_at: Any) -> GraduationInvitation.Answer:
    """Return the answer that a booking's state, or that they said no, comes to: a booking says more."""
    answers = GraduationInvitation.Answer
    match booked_as:
        case None:
            return answers.NOT_COMING if declined_at else answers.NONE
        case Booking.State.WAITING:
            return answers.WAITING
        case Booking.State.OFFERED:
            return answers.OFFERED
        case Booking.State.BOOKED | Booking.State.ATTENDED:
            return answers.COMING
        case _:
            return answers.NOT_COMING
