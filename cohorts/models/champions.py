"""Whom a cohort nominates as its champion, who is asked and says yes, and who would like to be in touch with them."""

from typing import ClassVar, Self

from django.db import models
from django.utils import timezone

from cohorts.models.memberships import Cohort, Membership
from portal.accounts.models import Organisation


class ChampionNomination(models.Model):
    """Whom one member would like to have as champion: one at a time, theirs to change and to take back.

    It says who wrote it, so that it can be changed, and no page shows that to anybody else. It goes when the place is
    filled, or the cohort ends.
    """

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="+")
    by = models.OneToOneField(
        Membership, on_delete=models.PROTECT, related_name="champion_nomination", db_constraint=False
    )
    nominee = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="champion_nominations", db_constraint=False
    )

    def __str__(self) -> str:
        # Wherever Django names a row, it names nobody.
        return f"Nomination {self.pk}"


class ChampionQuerySet(models.QuerySet["Champion"]):
    """Reads of champions."""

    def live(self) -> Self:
        """Who is asked, has said yes, or is champion: of each place one at the most."""
        return self.filter(state__in=Champion.LIVE)

    def confirmed(self) -> Self:
        """Who is champion now."""
        return self.filter(state=Champion.State.CONFIRMED)


class Champion(models.Model):
    """Somebody who is asked to be champion of their cohort, or of their workplace in it, and what became of that."""

    class State(models.TextChoices):
        """From being asked to standing down."""

        ASKED = "asked", "Asked"
        AGREED = "agreed", "Said yes"
        CONFIRMED = "confirmed", "Champion"
        DECLINED = "declined", "Said no"
        ENDED = "ended", "Ended"

    LIVE = (State.ASKED, State.AGREED, State.CONFIRMED)

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="champions")
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="champion_places", db_constraint=False
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="The workplace that they are champion of. Empty: of the whole cohort.",
    )
    state = models.CharField(max_length=9, choices=State, default=State.ASKED)
    since = models.DateTimeField(default=timezone.now, help_text="When it came into its present state.")
    shown_name = models.CharField(max_length=200, blank=True, help_text="As they agreed to be shown.")
    shown_role = models.CharField(max_length=100, blank=True, help_text="As they agreed to be shown.")

    objects = ChampionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["cohort", "organisation"],
                condition=models.Q(state__in=["asked", "agreed", "confirmed"]),
                nulls_distinct=False,
                name="one_champion_of_each_place",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["agreed", "confirmed"]) | ~models.Q(shown_name=""),
                name="a_champion_says_how_they_are_shown",
            ),
        ]

    def __str__(self) -> str:
        return f"Champion {self.pk}"

    def serves(self, membership: Membership) -> bool:
        """Say whether somebody else of the cohort is one of those whom this champion is, or would be, there for."""
        return (
            membership.cohort_id == self.cohort_id
            and membership.pk != self.membership_id
            and self.organisation_id in {None, membership.organisation_id}
        )


class ChampionContact(models.Model):
    """That somebody would like their champion to be in touch. It is there for as long as they want it to be."""

    champion = models.ForeignKey(Champion, on_delete=models.PROTECT, related_name="contacts")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="champion_contacts")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["champion", "membership"], name="one_contact_of_each_member")
        ]

    def __str__(self) -> str:
        return f"Contact {self.pk}"
