"""How somebody stands to the champions of the cohorts that they take part in: for their own page, in one statement.

Whether they write to one, or would like to be in touch, is not among it: that is on the pages on which they do, so that
whoever looks over their shoulder, or helps them with their own page, does not learn it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import F, Q

from cohorts.models import Champion, Membership
from portal.accounts.models import User
from portal.prepared import Given, Prepared

State = Champion.State


class Standing(NamedTuple):
    """The champion of one's place in a cohort, or oneself as one who is asked to be."""

    membership_id: int
    champion_id: int
    state: str
    champions_membership_id: int
    shown_name: str
    shown_role: str

    @property
    def is_oneself(self) -> bool:
        """Say whether it is the reader's own."""
        return self.membership_id == self.champions_membership_id

    @property
    def is_confirmed(self) -> bool:
        """Say whether they are champion, and not only asked."""
        return self.state == State.CONFIRMED


@dataclass(frozen=True, slots=True)
class Standings:
    """How somebody stands, by the key of each membership of a cohort with somebody to tell of.

    `may_have_written` says whether there is, or was, a champion with whom they could have written.
    """

    of: Mapping[int, Standing]
    may_have_written: bool


# What others are asked, and have answered, is theirs alone until they are confirmed.
_STANDINGS = Prepared(
    lambda: Champion.objects.filter(
        Q(organisation__isnull=True) | Q(organisation=F("cohort__memberships__organisation")),
        Q(state__in=(State.CONFIRMED, State.ENDED)) | Q(membership=F("cohort__memberships__pk")),
        cohort__memberships__user=Given("person"),
        cohort__memberships__state=Membership.State.ENROLLED,
    ).values_list("cohort__memberships__pk", "pk", "state", "membership_id", "shown_name", "shown_role")
)


def standings(person: User) -> Standings:
    """Return how somebody stands to the champions of their cohorts."""
    rows = [Standing(*row) for row in _STANDINGS.all(person=person.pk)]
    live = {row.membership_id: row for row in rows if row.state in Champion.LIVE}
    return Standings(live, any(row.state in {State.CONFIRMED, State.ENDED} for row in rows))
