"""Lists of projects, read in a constant number of statements."""

from django.db.models import CharField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from portal.accounts.models import User
from qi_projects.models import Project, TeamPlace
from qi_projects.rules import projects_of


def own_projects(person: User) -> QuerySet[Project]:
    """Return the projects in whose team somebody is, those that go on first, each with the `role` that they have."""
    place = TeamPlace.objects.live().filter(user=person, project=OuterRef("pk")).order_by()
    role = Coalesce(Subquery(place.values("role")[:1], output_field=CharField()), Value(""))
    return projects_of(person).select_related("theme").annotate(role=role).order_by("-last_activity_at", "-pk")
