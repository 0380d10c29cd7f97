"""Cohorts, and the people who are in them."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from cohorts.models.programmes import Programme
from portal.accounts.models import JobRole, Organisation


class Cohort(models.Model):
    """A group that goes through a programme together: cohort 1, cohort 2 and so on."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="cohorts")
    number = models.PositiveSmallIntegerField(help_text="1 for the programme's first cohort.")
    name = models.CharField(max_length=150, help_text="As people know it, for example: Perinatal cohort 4.")
    starts_on = models.DateField()
    ends_on = models.DateField()
    places = models.PositiveSmallIntegerField(help_text="How many people the cohort can hold.")

    class Meta:
        ordering = ("-starts_on", "name")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["programme", "number"],
                name="one_cohort_of_each_number",
                violation_error_message="This programme already has a cohort with this number.",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")),
                name="cohort_ends_after_it_starts",
                violation_error_message="The end date must be the same as or after the start date.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Reads of memberships."""

    def enrolled(self) -> Self:
        """Memberships of people who are taking part."""
        return self.filter(state=Membership.State.ENROLLED)


class Membership(models.Model):
    """A person's place in a cohort, with where they worked and as what when they got it.

    Whether it is complete is computed from evidence (`cohorts.progress`), never stored.
    """

    class State(models.TextChoices):
        """From asking to taking part (DESIGN §2)."""

        APPLIED = "applied", "Applied"
        NOMINATED = "nominated", "Nominated"
        OFFERED = "offered", "Offered a place"
        ENROLLED = "enrolled", "Enrolled"
        DECLINED = "declined", "Declined"
        RESERVE = "reserve", "On the reserve list"
        WITHDRAWN = "withdrawn", "Withdrawn"
        DEFERRED = "deferred", "Deferred to a later cohort"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships", verbose_name="person"
    )
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="memberships")
    state = models.CharField(max_length=10, choices=State, default=State.ENROLLED)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    job_role = models.ForeignKey(JobRole, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    since = models.DateTimeField(default=timezone.now, editable=False, help_text="When it came into its present state.")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ("cohort", "user")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "cohort"],
                name="one_membership_per_person_and_cohort",
                violation_error_message="This person is already in this cohort.",
            ),
            # What a booking's composite foreign key points at: a booking's membership is the booker's own.
            models.UniqueConstraint(fields=["id", "user"], name="membership_and_its_person"),
        ]
        indexes: ClassVar = [models.Index(fields=["cohort", "state"], name="membership_by_cohort_and_state")]

    def __str__(self) -> str:
        return f"{self.user} in {self.cohort}"
