"""Who may do what about publishing a project. Whoever sees a project sees how that stands; everybody reads the rest."""

from portal.accounts.models import User
from qi_projects import naming, publishing
from qi_projects.models import Project, Publication
from qi_projects.models.publications import PublicationQuerySet
from qi_projects.models.teams import Role
from qi_projects.rules import Seat, projects_kept


def may_write(seat: Seat) -> bool:
    """Leads and members write what is published, and send it; also once the project has ended."""
    return seat.is_one_of(Role.LEAD, Role.MEMBER)


def may_take_back(seat: Seat) -> bool:
    """Leads take a publication out of the gallery."""
    return seat.is_one_of(Role.LEAD)


def publications_kept(person: User) -> PublicationQuerySet:
    """Return the publications that somebody reads as an editor: of projects that count for a programme they keep.

    What was never sent is none of their business yet.
    """
    kept = projects_kept(person).order_by().values("pk")
    return Publication.objects.filter(project__in=kept, sent_at__isnull=False)


def asked_about(person: User, pk: int) -> Publication | None:
    """Return the publication of a project about which somebody is asked whether to be named, or None.

    Who has left the team is asked as well, and reads what they would be named under, and nothing else of the project:
    no draft about which nobody has asked them yet.
    """
    project = Project.objects.filter(pk=pk).first()
    publication = publishing.live_publication(project) if project else None
    if publication is None or not naming.asked(publication.project).filter(pk=person.pk).exists():
        return None
    is_in_the_team = publication.project.team.live().filter(user=person).exists()
    return publication if is_in_the_team or naming.was_asked(publication, person) else None
