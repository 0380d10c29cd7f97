"""What is held about a person's part in projects; see `portal.subject_access`."""

from collections.abc import Iterable

from portal.accounts.models import User
from portal.subject_access import Row, holds_about_people
from qi_projects.inviting import addresses_of, invitations_to
from qi_projects.models import Statement, TeamPlace


@holds_about_people("Quality improvement projects")
def places(person: User) -> Iterable[Row]:
    """Tell in which teams they are or were. What a team has written together is read on the project's page."""
    found = TeamPlace.objects.filter(user=person).order_by("pk")
    for place in found.select_related("project", "membership__cohort"):
        yield {
            "project": str(place.project),
            "state": place.project.get_state_display(),
            "in the team as": place.get_role_display(),
            "counts for": place.membership and place.membership.cohort.name,
            "joined": place.joined_at,
            "left": place.left_at,
        }


@holds_about_people("Invitations to projects")
def invitations(person: User) -> Iterable[Row]:
    """Tell which teams have asked them to join."""
    for invitation in invitations_to(addresses_of(person)).select_related("project").order_by("pk"):
        yield {
            "project": str(invitation.project),
            "as": invitation.get_role_display(),
            "sent": invitation.sent_at,
            "state": invitation.get_state_display(),
        }


@holds_about_people("Statements about projects")
def statements(person: User) -> Iterable[Row]:
    """Tell of which projects they said on record that nothing there identifies a patient."""
    for said in Statement.objects.filter(said_by=person).select_related("project").order_by("pk"):
        yield {
            "project": str(said.project),
            "what": said.get_basis_display(),
            "reference": said.reference,
            "said": said.said_at,
        }
