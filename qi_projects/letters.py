"""What people are told by letter about a project's team. No subject names a project, nor anybody."""

from collections.abc import Mapping, Sequence
from typing import Final

from django.urls import reverse

from portal import outbox
from portal.accounts.models import User
from qi_projects.models import TeamInvitation, TeamPlace

TEMPLATE: Final = "qi_projects/team"
ANSWERS: Final = {
    TeamInvitation.State.ACCEPTED: "{email} has accepted your invitation to the project “{project}”.",
    TeamInvitation.State.DECLINED: "{email} has said no to your invitation to the project “{project}”. You need do "
    "nothing.",
}
TAKEN_OFF: Final = (
    "You are no longer in the team of the project “{project}”: a lead of it has taken you off. What you wrote there "
    "stays with the team. If you did not expect this, ask them."
)
LEAD_PASSED: Final = (
    "You lead the project “{project}” now: whoever led it has left, and you have been in its team longest. You can "
    "make somebody else a lead, or end it."
)


def register() -> None:
    """Make these letters known to the outbox."""
    outbox.register(outbox.Rule("project.answered", load=load_invitations, compose=compose_answer, private=True))
    outbox.register(outbox.Rule("project.taken_off", load=load_places, compose=compose_taken_off, private=True))
    outbox.register(outbox.Rule("project.lead_passed", load=load_places, compose=compose_lead_passed, private=True))


def load_invitations(subjects: Sequence[str]) -> Mapping[str, TeamInvitation]:
    """Read the invitations of a batch of messages in one statement."""
    keys = _keys(subjects)
    rows = TeamInvitation.objects.select_related("project").in_bulk(keys.values())
    return {subject: rows[pk] for subject, pk in keys.items() if pk in rows}


def load_places(subjects: Sequence[str]) -> Mapping[str, TeamPlace]:
    """Read the places in teams of a batch of messages in one statement."""
    keys = _keys(subjects)
    rows = TeamPlace.objects.select_related("project").in_bulk(keys.values())
    return {subject: rows[pk] for subject, pk in keys.items() if pk in rows}


def compose_answer(invitation: TeamInvitation, person: User) -> outbox.Mail | None:
    """Tell a lead what was answered at the address to which they wrote."""
    said = ANSWERS.get(TeamInvitation.State(invitation.state))
    if said is None:
        return None
    lead = said.format(email=invitation.email, project=invitation.project)
    return _mail("Your invitation was answered", lead, reverse("project_team", args=[invitation.project_id]))


def compose_taken_off(place: TeamPlace, person: User) -> outbox.Mail | None:
    """Tell somebody that they are no longer in a team."""
    return _mail("You are no longer in a project's team", TAKEN_OFF.format(project=place.project), "")


def compose_lead_passed(place: TeamPlace, person: User) -> outbox.Mail | None:
    """Tell somebody that they lead a project now; nothing, once they do not."""
    if not place.is_lead or place.left_at:
        return None
    lead = LEAD_PASSED.format(project=place.project)
    return _mail("You lead a project now", lead, reverse("project_team", args=[place.project_id]))


def _mail(subject: str, lead: str, address: str) -> outbox.Mail:
    link = outbox.Link("See the team", address) if address else None
    return outbox.Mail(subject=subject, template=TEMPLATE, context={"lead": lead}, link=link)


def _keys(subjects: Sequence[str]) -> dict[str, int]:
    return {subject: int(subject.partition(":")[2]) for subject in subjects}
