"""What becomes of somebody's places in projects' teams when two accounts of theirs are put together."""

from collections.abc import Iterator
from typing import Final

from django.utils import timezone

from cohorts.models import Membership
from portal.accounts.merging import Merging, keeps_where_it_is, merges_people
from portal.accounts.models import User
from portal.accounts.moving import MOVES, Line
from qi_projects.models import Project, TeamPlace
from qi_projects.models.teams import Role

FROM_THE_HIGHEST: Final = tuple(Role)

keeps_where_it_is(
    {
        "qi_projects.teaminvitation.invited_by": "what they did: nobody's to change",
        "qi_projects.approval.recorded_by": "what they did: nobody's to change",
        "qi_projects.statement.said_by": "what they did: nobody's to change",
    }
)


def hold(leaving: User, staying: User) -> None:
    """Lock the projects in whose teams either is, as every verb of this app does first."""
    theirs = TeamPlace.objects.filter(user__in=[leaving, staying])
    projects = Project.objects.filter(pk__in=theirs.values("project"))
    list(projects.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))


@merges_people("qi_projects.teamplace.user", hold=hold)
def move(merging: Merging) -> Iterator[Line]:
    """Move somebody's places. In a team in which both are, the higher of the two roles stays.

    Projects are named by number: what a draft is called is for its team alone. Memberships have moved before.
    """
    for place in TeamPlace.objects.filter(user=merging.leaving).select_related("membership").order_by("pk"):
        place.user = merging.staying
        place.membership = _own(place.membership, merging.staying)
        both = TeamPlace.objects.live().filter(project=place.project_id, user=merging.staying).first()
        clashes = place.left_at is None and both is not None
        if both and clashes:
            both.role = min(Role(both.role), Role(place.role), key=FROM_THE_HIGHEST.index)
            both.membership = both.membership or place.membership
            both.save(update_fields=["role", "membership"])
            place.left_at = timezone.now()
        place.save(update_fields=["user", "membership", "left_at"])
        becomes = "Both are in it: the one who may do more stays" if clashes else MOVES
        yield Line("Place in a project's team", f"Project {place.project_id}", becomes, clashes=clashes)


def _own(membership: Membership | None, staying: User) -> Membership | None:
    """Return for what a project counts: where both were in a cohort, the membership of the account that stays."""
    if membership is None or membership.user_id == staying.pk:
        return membership
    return Membership.objects.filter(user=staying, cohort=membership.cohort_id).first()
