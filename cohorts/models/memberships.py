"""Cohorts, and the people who are in them."""

from typing import ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from cohorts.models.programmes import Programme
from portal.accounts.models import JobRole, Organisation


class CohortQuerySet(models.QuerySet["Cohort"]):
    """Reads of cohorts."""

    def taking_applications(self) -> Self:
        """Cohorts of published programmes to which people may apply today (a UK date)."""
        today = timezone.localdate()
        return self.filter(programme__published=True, opens_on__lte=today, closes_on__gte=today)

    def opened(self) -> Self:
        """Cohorts of published programmes to which people may apply today (a UK date), or could."""
        return self.filter(programme__published=True, opens_on__lte=timezone.localdate(), closes_on__isnull=False)


class Cohort(models.Model):
    """A group that goes through a programme together: cohort 1, cohort 2 and so on."""

    class ChampionFor(models.TextChoices):
        """Whom a champion is there for."""

        COHORT = "cohort", "One for the whole cohort"
        WORKPLACE = "workplace", "One for each workplace"

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="cohorts")
    number = models.PositiveSmallIntegerField(help_text="1 for the programme's first cohort.")
    name = models.CharField(max_length=150, help_text="As people know it, for example: Perinatal cohort 4.")
    starts_on = models.DateField()
    ends_on = models.DateField()
    places = models.PositiveSmallIntegerField(help_text="How many people the cohort can hold.")
    taken = models.PositiveIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text="Places of people enrolled, or offered one. PostgreSQL keeps it.",
    )
    opens_on = models.DateField(
        "applications open on", null=True, blank=True, help_text="Empty: people do not apply, the team enrols them."
    )
    closes_on = models.DateField("applications close on", null=True, blank=True, help_text="The last day to apply.")
    offer_days = models.PositiveSmallIntegerField(
        "days to answer an offer", default=14, db_default=14, validators=[MinValueValidator(1), MaxValueValidator(90)]
    )
    champion_for = models.CharField(
        "champions",
        max_length=9,
        choices=ChampionFor,
        default=ChampionFor.COHORT,
        db_default=ChampionFor.COHORT,
        help_text="It stays as it is once somebody is nominated or asked.",
    )
    champion_opens_on = models.DateField(
        "nominations of champions open on",
        null=True,
        blank=True,
        help_text="Empty: members do not nominate, the team asks somebody.",
    )
    champion_closes_on = models.DateField(
        "nominations of champions close on", null=True, blank=True, help_text="The last day to nominate."
    )

    objects = CohortQuerySet.as_manager()

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
            models.CheckConstraint(
                condition=models.Q(opens_on__isnull=True, closes_on__isnull=True)
                # A comparison with nothing is neither true nor false, and PostgreSQL takes what is not false.
                | models.Q(opens_on__isnull=False, closes_on__isnull=False, closes_on__gte=models.F("opens_on")),
                name="cohort_closes_after_it_opens",
                violation_error_message="Enter both days for applications, the last one not before the first, "
                "or neither.",
            ),
            models.CheckConstraint(
                condition=models.Q(champion_opens_on__isnull=True, champion_closes_on__isnull=True)
                | models.Q(champion_opens_on__isnull=False, champion_closes_on__gte=models.F("champion_opens_on")),
                name="nominations_of_champions_close_after_they_open",
                violation_error_message="Enter both days for nominations of champions, the last one not before the "
                "first, or neither.",
            ),
            models.CheckConstraint(
                condition=models.Q(taken__lte=models.F("places")),
                name="cohort_takes_no_more_than_it_holds",
                violation_error_message="More people than that are enrolled, or offered a place.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def takes_applications(self) -> bool:
        """Say whether people may apply, or be nominated, today (a UK date): see `taking_applications`."""
        if self.opens_on is None or self.closes_on is None or not self.programme.published:
            return False
        return self.opens_on <= timezone.localdate() <= self.closes_on

    @property
    def nominates_champions(self) -> bool:
        """Say whether its members may nominate a champion today (a UK date)."""
        if self.champion_opens_on is None or self.champion_closes_on is None:
            return False
        return self.champion_opens_on <= timezone.localdate() <= self.champion_closes_on

    @property
    def is_closed(self) -> bool:
        """Say whether people could apply, or be nominated, and their last day (a UK date) is over."""
        return self.programme.published and self.closes_on is not None and self.closes_on < timezone.localdate()

    @property
    def has_ended(self) -> bool:
        """Say whether its last day (a UK date) is over."""
        return self.ends_on < timezone.localdate()

    @property
    def places_left(self) -> int:
        """Return how many places are neither taken nor held for somebody who was offered one."""
        return max(0, self.places - self.taken)


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

    class Reason(models.TextChoices):
        """Why somebody does not, or no longer, take part: broad enough to tell nothing of their health or family."""

        NO_TIME = "no_time", "Time could not be released for it"
        NEW_JOB = "new_job", "A new job or organisation"
        ANOTHER_PROGRAMME = "another_programme", "Another programme suits better"
        NOT_CHOSEN = "not_chosen", "The team could not offer a place"
        PERSONAL = "personal", "Personal reasons"
        OTHER = "other", "Another reason, or none given"

    LEFT = frozenset({State.WITHDRAWN, State.DECLINED})
    """Who had a place, or could have had one, and does not take part."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships", verbose_name="person"
    )
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="memberships")
    state = models.CharField(max_length=10, choices=State, default=State.ENROLLED)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    job_role = models.ForeignKey(JobRole, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    since = models.DateTimeField(default=timezone.now, editable=False, help_text="When it came into its present state.")
    sequence = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, help_text="Raised by each change that is told."
    )
    nominated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="nominations"
    )
    offer_expires_at = models.DateTimeField(null=True, editable=False, help_text="Until when a place is held.")
    reminder_at = models.DateTimeField(null=True, editable=False, help_text="When they are reminded of an offer.")
    reason = models.CharField(max_length=20, choices=Reason, blank=True, db_default="", editable=False)
    deferred_from = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, editable=False, related_name="deferred_to"
    )

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
            # And a nomination's, and a champion's: both are of the membership's own cohort.
            models.UniqueConstraint(fields=["id", "cohort"], name="membership_and_its_cohort"),
            models.CheckConstraint(
                condition=models.Q(state="offered", offer_expires_at__isnull=False)
                | (~models.Q(state="offered") & models.Q(offer_expires_at__isnull=True, reminder_at__isnull=True)),
                name="what_is_offered_says_until_when",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="nominated") | models.Q(nominated_by__isnull=False),
                name="a_nomination_says_whose_it_is",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["cohort", "state"], name="membership_by_cohort_and_state"),
            models.Index(
                fields=["offer_expires_at"], condition=models.Q(offer_expires_at__isnull=False), name="offer_of_a_place"
            ),
            models.Index(
                fields=["reminder_at"], condition=models.Q(reminder_at__isnull=False), name="offer_to_remind_of"
            ),
            models.Index(
                fields=["nominated_by", "cohort"],
                condition=models.Q(nominated_by__isnull=False),
                name="membership_by_nomination",
            ),
            models.Index(fields=["since"], condition=~models.Q(reason=""), name="membership_reason_to_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.cohort}"

    @property
    def may_apply_again(self) -> bool:
        """Say whether somebody said no, or left, of their own accord, and may change their mind."""
        return self.state in self.LEFT and self.reason != self.Reason.NOT_CHOSEN

    @property
    def may_be_deferred(self) -> bool:
        """Say whether somebody may take part later instead, or waits to be told in which later cohort."""
        if self.state == self.State.DEFERRED:
            return not hasattr(self, "deferred_to")
        return self.state in {self.State.ENROLLED, self.State.OFFERED}
