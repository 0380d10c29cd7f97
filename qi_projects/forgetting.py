"""What an erased person leaves behind in projects: what a team has written together, and nothing of who they were."""

from portal.accounts.erasure import NAME, forgets_people
from portal.accounts.models import User
from portal.accounts.people import Actor
from qi_projects import beside_projects, naming, teams
from qi_projects.inviting import addresses_of, invitations_to
from qi_projects.models import Approval, TeamPlace


@forgets_people(
    goes=(
        "your place in the teams of projects, and invitations to your address",
        "draft projects in which nobody else could go on",
        "your name where a project that you took part in has it as who approved",
        "your name under what projects have published",
        "what you wrote to teams, coaches and reviewers of projects, and the days on which you were away as a coach",
    ),
    stays=("what your teams have written together in projects, because others work on it, too",),
)
def forget(person: User, by: Actor) -> None:
    """Let others go on with what was written together. What was done stays in the trail, under their number."""
    were_in = TeamPlace.objects.filter(user=person)
    Approval.objects.filter(project__in=were_in.values("project"), approver_name__iexact=person.name).update(
        approver_name=NAME
    )
    for place in were_in.filter(left_at__isnull=True).select_related("project").order_by("project", "pk"):
        teams.let_go(place)
    beside_projects.forget(person)
    naming.forget(person)
    invitations_to({*addresses_of(person), person.email.lower()}).delete()
