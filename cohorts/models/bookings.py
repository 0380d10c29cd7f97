"""Bookings: a person's place, or place in the queue, on a session."""

import uuid
from typing import ClassVar, Final, Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.urls import reverse
from django.utils import timezone

from cohorts.models.memberships import Membership
from cohorts.models.programmes import Component
from cohorts.models.sessions import Session

MOST_GUESTS: Final = 4
"""How many people somebody can bring at the most, whatever they were invited with."""


class BookingQuerySet(models.QuerySet["Booking"]):
    """Reads of bookings."""

    def live(self) -> Self:
        """Bookings that still hold a place, a place in the queue, or an offer."""
        return self.filter(state__in=Booking.LIVE)

    def queue(self) -> Self:
        """Who waits, first come first."""
        return self.filter(state=Booking.State.WAITING).order_by("queued_at", "id")

    def with_session(self) -> Self:
        """Load what a page or a mail says of a booking's session, in the same statement."""
        return self.select_related("session__component__programme", "session__venue", "session__cohort")


class Booking(models.Model):
    """A person's place, or place in the queue, on a session.

    `component` and `during` repeat the session's, and `user` the membership's, so that PostgreSQL can hold what they
    must not break; composite foreign keys (migration 0002) keep the copies true, also when a session moves.
    """

    class State(models.TextChoices):
        """The states of DESIGN §2: before the session, then from its register."""

        BOOKED = "booked", "Booked"
        WAITING = "waiting", "On the waiting list"
        OFFERED = "offered", "Offered a place"
        CANCELLED = "cancelled", "Cancelled"
        ATTENDED = "attended", "Attended"
        DID_NOT_ATTEND = "did_not_attend", "Did not attend"
        APOLOGIES = "apologies", "Sent apologies"

    LIVE = (State.BOOKED, State.WAITING, State.OFFERED)
    REGISTERED = (State.ATTENDED, State.DID_NOT_ATTEND, State.APOLOGIES)

    uid = models.UUIDField(
        default=uuid.uuid4, unique=True, editable=False, help_text="Names it in addresses and calendars."
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="bookings", verbose_name="person"
    )
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="bookings", db_constraint=False)
    membership = models.ForeignKey(
        Membership,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="bookings",
        db_constraint=False,
    )
    component = models.ForeignKey(
        Component,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        db_constraint=False,
        db_index=False,
    )
    once = models.BooleanField(
        editable=False,
        help_text="The one date of its component that its member has; not once it is over and another is booked.",
    )
    during = DateTimeRangeField(editable=False)
    state = models.CharField(max_length=14, choices=State)
    guests = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text="How many people they bring, each of whom takes a place: where they were invited with guests.",
    )
    clashing = models.BooleanField(
        default=False, help_text="A session was moved onto another that this person has booked. They choose."
    )
    queued_at = models.DateTimeField(null=True, blank=True, help_text="When they joined the waiting list.")
    offer_expires_at = models.DateTimeField(null=True, blank=True, help_text="Until when an offered place is held.")
    next_reminder_at = models.DateTimeField(null=True, blank=True, editable=False)
    sequence = models.PositiveIntegerField(
        default=0,
        editable=False,
        help_text="Raised on each change: the SEQUENCE of its calendar entry (RFC 5545).",
    )
    cancel_reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = BookingQuerySet.as_manager()

    class Meta:
        ordering = ("during", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "session"],
                condition=~models.Q(state="cancelled"),
                name="one_live_booking_per_person_and_session",
            ),
            models.UniqueConstraint(
                fields=["membership", "component"],
                condition=models.Q(state="booked", once=True, membership__isnull=False),
                name="one_booked_date_per_component",
            ),
            ExclusionConstraint(
                name="no_overlapping_booked_sessions",
                expressions=[("user", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=models.Q(state="booked", clashing=False),
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "offered"], queued_at__isnull=False)
                | ~models.Q(state__in=["waiting", "offered"]),
                name="whoever_waits_has_a_place_in_the_queue",
            ),
            models.CheckConstraint(
                condition=models.Q(state="offered", offer_expires_at__isnull=False)
                | (~models.Q(state="offered") & models.Q(offer_expires_at__isnull=True)),
                name="an_offer_and_only_an_offer_expires",
            ),
            models.CheckConstraint(
                condition=models.Q(next_reminder_at__isnull=True) | models.Q(state="booked"),
                name="only_the_booked_are_reminded",
            ),
            models.CheckConstraint(
                condition=models.Q(clashing=False) | models.Q(state="booked"),
                name="only_a_booked_place_clashes",
            ),
            models.CheckConstraint(
                condition=models.Q(guests__lte=MOST_GUESTS, membership__isnull=True) | models.Q(guests=0),
                name="guests_are_few_and_come_by_invitation",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["session", "queued_at", "id"],
                condition=models.Q(state="waiting"),
                name="booking_queue",
            ),
            models.Index(
                fields=["next_reminder_at"],
                condition=models.Q(next_reminder_at__isnull=False),
                name="booking_reminder_due",
            ),
            models.Index(
                models.Func("during", function="lower"), condition=models.Q(state="waiting"), name="booking_queue_ends"
            ),
            models.Index(
                models.Func("during", function="upper"),
                "session",
                condition=models.Q(state="booked"),
                name="booking_register_to_take",
            ),
            models.Index(
                fields=["offer_expires_at"], condition=models.Q(state="offered"), name="booking_offer_expires"
            ),
            models.Index(
                models.Func("during", function="upper"),
                condition=~models.Q(cancel_reason=""),
                name="booking_reason_to_empty",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.session} ({self.get_state_display()})"

    def get_absolute_url(self) -> str:
        """Return the page on which its holder sees and changes it."""
        return reverse("booking", args=[self.uid])

    @property
    def party(self) -> int:
        """Return how many places it takes, or would take: one, and one for each guest."""
        return 1 + self.guests
