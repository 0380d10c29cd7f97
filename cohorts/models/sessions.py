"""Sessions: one dated occurrence of a component, its place, its people and its places."""

from datetime import timedelta
from typing import ClassVar, Final, Self

from django.conf import settings
from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from cohorts.models.memberships import Cohort
from cohorts.models.programmes import Component


class Venue(models.Model):
    """A place where sessions are held."""

    name = models.CharField(max_length=150, unique=True)
    address = models.TextField()
    directions = models.TextField(blank=True, help_text="How to get there, and where to go on arrival.")
    access = models.TextField(
        blank=True, help_text="Step-free ways, hearing loop, quiet and prayer rooms, feeding room."
    )

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Facilitator(models.Model):
    """Who leads sessions, with the biography that stands on each of them (SERVICE B3)."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="facilitator",
        help_text="Their account, for the register. Empty for a guest without one.",
        verbose_name="person",
    )
    name = models.CharField(max_length=200)
    biography = models.TextField(blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


# What keeps a session from saying where it is held. The formats are those of Session.Format, which is not there yet.
LACKS_VENUE = models.Q(venue__isnull=True) & ~models.Q(format="online")
LACKS_LINK = models.Q(join_link="") & ~models.Q(format="in_person")


NEEDS_TOLD_FOR: Final = timedelta(days=7)
"""How long after its end whoever takes a session's register still reads what people need who came."""


class SessionQuerySet(models.QuerySet["Session"]):
    """Reads of sessions."""

    def scheduled(self) -> Self:
        """Sessions that have not been cancelled."""
        return self.filter(cancelled_at__isnull=True)

    def telling_needs(self) -> Self:
        """Sessions at which what people need is read: those with a room, until NEEDS_TOLD_FOR after their end."""
        return self.scheduled().exclude(format=Session.Format.ONLINE).filter(ends_at__gt=Now() - NEEDS_TOLD_FOR)

    def upcoming(self) -> Self:
        """Sessions that have not begun and are not cancelled."""
        return self.scheduled().filter(starts_at__gt=Now())

    def of_cohort(self, cohort: int | models.OuterRef, programme: int | models.OuterRef) -> Self:
        """Sessions that a cohort's members may book: its own, and those for every cohort of its programme (keys)."""
        return self.filter(
            models.Q(cohort=cohort) | models.Q(cohort__isnull=True, component__programme=programme),
        )


class Session(models.Model):
    """One dated occurrence of a component, for a cohort or (with no cohort) for whoever may book a series."""

    class Format(models.TextChoices):
        """Where it is held."""

        IN_PERSON = "in_person", "In person"
        ONLINE = "online", "Online"
        HYBRID = "hybrid", "In person and online"

    component = models.ForeignKey(Component, on_delete=models.PROTECT, related_name="sessions")
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, null=True, blank=True, related_name="sessions")
    starts_at = models.DateTimeField(help_text="UK time.")
    ends_at = models.DateTimeField(help_text="UK time.")
    during = models.GeneratedField(
        expression=models.Func(
            "starts_at",
            "ends_at",
            models.Value("[)"),
            function="TSTZRANGE",
            output_field=DateTimeRangeField(),
        ),
        output_field=DateTimeRangeField(),
        db_persist=True,
        editable=False,
    )
    format = models.CharField(max_length=10, choices=Format, default=Format.IN_PERSON)
    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, null=True, blank=True, related_name="sessions")
    join_link = models.URLField(
        blank=True, max_length=500, help_text="Shown only to people who have booked, from the day before."
    )
    what_to_bring = models.TextField(blank=True)
    joining_instructions = models.TextField(
        blank=True,
        db_default="",
        help_text="Where to report, whom to ask for, a passcode. Shown, and written, only to people who have booked.",
    )
    facilitators = models.ManyToManyField(Facilitator, blank=True, related_name="sessions")
    places = models.PositiveSmallIntegerField()
    taken = models.PositiveSmallIntegerField(
        default=0,
        editable=False,
        help_text="Places held by bookings, with their guests, and offers. A trigger on bookings keeps it.",
    )
    open_to_alumni = models.BooleanField(
        "open to alumni of the programme",
        default=False,
        db_default=False,
        help_text="Whoever has completed the programme, or whose cohort has ended, may book it as well.",
    )
    booking_opens_at = models.DateTimeField(null=True, blank=True, help_text="Empty: open as soon as it is listed.")
    booking_closes_at = models.DateTimeField(null=True, blank=True, help_text="Empty: when the session starts.")
    sequence = models.PositiveIntegerField(default=0, editable=False, help_text="How often it has been moved.")
    move_reason = models.CharField(
        max_length=300, blank=True, db_default="", editable=False, help_text="Why it was moved the last time."
    )
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)
    cancel_reason = models.CharField(
        max_length=300, blank=True, editable=False, help_text="Why it was cancelled. It is on the session's page."
    )

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ("starts_at", "id")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="session_ends_after_it_starts",
                violation_error_message="The end must be after the start.",
            ),
            models.CheckConstraint(
                condition=models.Q(taken__lte=models.F("places")),
                name="session_is_never_overbooked",
                violation_error_message="More places than this are already taken.",
            ),
            # What a booking's composite foreign key points at: a booking has its session's time and component.
            models.UniqueConstraint(fields=["id", "component", "during"], name="session_with_its_component_and_time"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["component", "cohort", "starts_at"], name="session_dates_of_a_component"),
            models.Index(fields=["starts_at"], name="session_by_start"),
            models.Index(
                fields=["starts_at"],
                condition=models.Q(LACKS_VENUE | LACKS_LINK, cancelled_at__isnull=True),
                name="session_without_a_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.component} on {timezone.localtime(self.starts_at):%-d %B %Y}"

    def get_absolute_url(self) -> str:
        """Return the session's page."""
        return reverse("session", args=[self.pk])

    @property
    def place(self) -> str:
        """Return where it is held, in a few words."""
        return place_of(self.format, self.venue.name if self.venue else None)

    @property
    def places_left(self) -> int:
        """Return how many places nobody holds."""
        return self.places - self.taken

    @property
    def is_cancelled(self) -> bool:
        """Say whether it will not take place."""
        return self.cancelled_at is not None

    @property
    def has_begun(self) -> bool:
        """Say whether its start has passed."""
        return self.starts_at <= timezone.now()

    @property
    def has_ended(self) -> bool:
        """Say whether its end has passed."""
        return self.ends_at <= timezone.now()

    @property
    def tells_needs(self) -> bool:
        """Say whether what people need is read at it now: see `telling_needs`."""
        has_room = self.format != self.Format.ONLINE
        return has_room and not self.is_cancelled and timezone.now() < self.ends_at + NEEDS_TOLD_FOR

    @property
    def booking_is_open(self) -> bool:
        """Say whether it can be booked now, as far as its dates decide."""
        now = timezone.now()
        opens = self.booking_opens_at or now
        closes = min(self.booking_closes_at or self.starts_at, self.starts_at)
        return not self.is_cancelled and opens <= now < closes


def place_of(held: str, venue: str | None) -> str:
    """Return where a session of this format is held; `venue` is its venue as the reader needs it, or None."""
    if venue is None or held == Session.Format.ONLINE:
        return Session.Format(held).label
    return f"{venue}, or online" if held == Session.Format.HYBRID else venue
