"""Certificates: what somebody can show of having completed a programme, or attended a session."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from cohorts.models.bookings import Booking
from cohorts.models.memberships import Membership
from cohorts.models.programmes import Programme


class CertificateQuerySet(models.QuerySet["Certificate"]):
    """Reads of certificates."""

    def standing(self) -> Self:
        """Certificates that hold: neither revoked nor replaced by a later one."""
        return self.filter(ended_at__isnull=True)


class Certificate(models.Model):
    """What was issued to one person, as it was printed then: it is replaced or revoked, and never edited.

    Its serial and code are random: a running number would tell how many people a programme has had. The serial names
    it in letters and lists; whoever has its code as well has the certificate before them.
    """

    class Kind(models.TextChoices):
        """What it certifies."""

        COMPLETION = "completion", "Completion of a programme"
        ATTENDANCE = "attendance", "Attendance of a session"

    kind = models.CharField(max_length=10, choices=Kind)
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="certificates")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="certificates")
    membership = models.ForeignKey(
        Membership,
        on_delete=models.PROTECT,
        null=True,
        related_name="certificates",
        help_text="What a certificate of completion stands on.",
    )
    booking = models.ForeignKey(
        Booking,
        on_delete=models.PROTECT,
        null=True,
        related_name="certificates",
        help_text="What a certificate of attendance stands on.",
    )
    serial = models.CharField(max_length=20, unique=True)
    code = models.CharField(max_length=20)
    name = models.CharField(
        "name as printed",
        max_length=200,
        blank=True,
        help_text="Empty once it no longer stands, or names nobody.",
    )
    programme_name = models.CharField("programme as printed", max_length=150)
    cohort_name = models.CharField("cohort", max_length=150, blank=True, help_text="Empty for an open session.")
    title = models.CharField("session", max_length=150, blank=True, help_text="What was attended.")
    issuer = models.CharField(max_length=200, help_text="The organisation in whose name it is issued.")
    first_day = models.DateField(help_text="UK date.")
    last_day = models.DateField(help_text="UK date: of a programme, when the last part of it was done.")
    cpd_points = models.DecimalField("CPD points", max_digits=6, decimal_places=1)
    minutes = models.PositiveIntegerField(help_text="How long the sessions took that were attended. 0: not known.")
    issued_at = models.DateTimeField(default=timezone.now)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    replaces = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="replaced_by",
        help_text="The one with the name that its holder had before.",
    )
    shows_name = models.BooleanField(
        default=False, help_text="Its holder lets whoever has the code see their name, and what else is printed."
    )
    ended_at = models.DateTimeField(null=True, help_text="When it was revoked or replaced.")
    reason = models.CharField(
        "why it was revoked", max_length=300, blank=True, help_text="For the programme team and its holder."
    )

    objects = CertificateQuerySet.as_manager()

    class Meta:
        ordering = ("-issued_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["membership", "kind"],
                condition=Q(ended_at__isnull=True),
                name="one_standing_certificate_of_a_membership",
            ),
            models.UniqueConstraint(
                fields=["booking", "kind"],
                condition=Q(ended_at__isnull=True),
                name="one_standing_certificate_of_a_booking",
            ),
            models.CheckConstraint(
                condition=Q(kind="completion", membership__isnull=False, booking__isnull=True)
                | Q(kind="attendance", membership__isnull=True, booking__isnull=False),
                name="a_certificate_stands_on_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, reason="") | Q(ended_at__isnull=False, name=""),
                name="what_no_longer_stands_names_nobody",
            ),
            models.CheckConstraint(
                condition=Q(shows_name=False) | (Q(ended_at__isnull=True) & ~Q(name="")),
                name="a_name_is_shown_while_it_stands",
            ),
            models.CheckConstraint(
                condition=Q(last_day__gte=models.F("first_day")), name="a_certificates_days_are_in_order"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["programme", "-id"], name="certificate_by_programme"),
        ]

    def __str__(self) -> str:
        return self.serial

    def get_absolute_url(self) -> str:
        """Return the page on which its holder sees it."""
        return reverse("certificate", args=[self.serial])

    @property
    def stands(self) -> bool:
        """Say whether it holds: neither revoked nor replaced."""
        return self.ended_at is None

    @property
    def heading(self) -> str:
        """Return what is written over it."""
        return f"Certificate of {self.kind}"

    @property
    def deed(self) -> str:
        """Return what its holder has done, as words to follow a name: "has completed …", "attended …"."""
        return f"has completed {self.programme_name}" if self.kind == self.Kind.COMPLETION else f"attended {self.title}"
