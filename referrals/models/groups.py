"""Group reflective practice: its dates, and who comes to them, sealed."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.db import models
from django.utils import timezone

from referrals.models.keys import Epoch
from referrals.models.providers import Provider, Triager

LASTS = timedelta(minutes=75)


class GroupSessionQuerySet(models.QuerySet["GroupSession"]):
    """Reads of group sessions."""

    def to_come(self) -> Self:
        """Sessions that have not begun and are not called off, the next one first."""
        return self.filter(starts_at__gt=timezone.now(), cancelled_on__isnull=True).order_by("starts_at", "id")


class GroupSession(models.Model):
    """A session of group reflective practice: online, an hour and a quarter, with a theme or open.

    When it is stands here in the clear, since it is announced to everybody. The link by which people join is sealed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="group_sessions")
    theme = models.CharField(max_length=150, blank=True, help_text="Empty for an open session.")
    starts_at = models.DateTimeField()
    places = models.PositiveSmallIntegerField()
    taken = models.PositiveSmallIntegerField(default=0, editable=False, help_text="Kept by PostgreSQL.")
    facilitators = models.ManyToManyField(Triager, related_name="group_sessions")
    epoch = models.ForeignKey(Epoch, on_delete=models.PROTECT, null=True, editable=False, related_name="+")
    suite = models.PositiveSmallIntegerField(default=1, editable=False)
    sealed = models.BinaryField(null=True, editable=False, help_text="The link to join.")
    key = models.BinaryField(null=True, editable=False, help_text="Its key, sealed to the epoch.")
    code = models.BinaryField(
        default=b"", db_default=b"", editable=False, help_text="That the link is ours: `referrals.provenance`."
    )
    version = models.PositiveIntegerField(default=0, editable=False, help_text="How often its time was changed.")
    cancelled_on = models.DateField(null=True, editable=False)
    erased_on = models.DateField(null=True, editable=False, help_text="When its bookings were erased.")

    objects = GroupSessionQuerySet.as_manager()

    class Meta:
        ordering = ("starts_at", "id")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(taken__lte=models.F("places")), name="a_group_is_never_overbooked"
            ),
            models.CheckConstraint(condition=models.Q(places__gte=1), name="a_group_has_places"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["provider", "starts_at"], name="group_by_provider"),
            models.Index(fields=["starts_at"], name="group_by_time"),
            models.Index(fields=["starts_at"], condition=models.Q(erased_on__isnull=True), name="group_to_be_erased"),
        ]

    def __str__(self) -> str:
        return f"Group session {self.pk}"

    @property
    def title(self) -> str:
        """Return the theme, or that it is open."""
        return self.theme or "Open session"

    @property
    def ends_at(self) -> datetime:
        """Return when it ends."""
        return self.starts_at + LASTS

    @property
    def is_to_come(self) -> bool:
        """Say whether it has not begun, and is not called off."""
        return self.cancelled_on is None and self.starts_at > timezone.now()

    @property
    def is_full(self) -> bool:
        """Say whether every place is taken. How many are is not told."""
        return self.taken >= self.places


class GroupBooking(models.Model):
    """Somebody's place in a group session. Who it is, and how to reach them, is sealed to the provider's team.

    In the clear are a day, a hash of the receipt's code, and whether they came. It is erased some time after the
    session, and its content at once when it is cancelled.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(GroupSession, on_delete=models.PROTECT, related_name="bookings")
    epoch = models.ForeignKey(Epoch, on_delete=models.PROTECT, editable=False, related_name="+")
    suite = models.PositiveSmallIntegerField(default=1, editable=False)
    sealed = models.BinaryField(editable=False)
    key = models.BinaryField(editable=False, help_text="The content's key, sealed to the epoch.")
    receipt = models.BinaryField(unique=True, editable=False, help_text="A hash of the receipt's code.")
    public_key = models.BinaryField(editable=False, help_text="Of a key that the receipt's code stands for.")
    link = models.BinaryField(null=True, editable=False, help_text="The link to join, sealed to that key.")
    code = models.BinaryField(
        default=b"", db_default=b"", editable=False, help_text="That the link is ours: `referrals.provenance`."
    )
    booked_on = models.DateField(default=timezone.localdate)
    cancelled_on = models.DateField(null=True)
    attended = models.BooleanField(null=True)

    class Meta:
        ordering = ("session", "id")

    def __str__(self) -> str:
        return f"Booking {self.pk}"
