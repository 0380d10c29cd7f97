"""Lists of projects and of what was done in one, read in a constant number of statements."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import CharField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from portal.accounts.models import User
from portal.names_in_words import in_words
from portal.trail import subject_key
from portal.trail.models import Entry
from qi_projects.models import Project, TeamPlace
from qi_projects.rules import projects_of


def own_projects(person: User) -> QuerySet[Project]:
    """Return the projects in whose team somebody is, those that go on first, each with the `role` that they have."""
    place = TeamPlace.objects.live().filter(user=person, project=OuterRef("pk")).order_by()
    role = Coalesce(Subquery(place.values("role")[:1], output_field=CharField()), Value(""))
    return projects_of(person).select_related("theme").annotate(role=role).order_by("-last_activity_at", "-pk")


MOST_DEEDS: Final = 200


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that was done to a project. `who` is None where the portal did it."""

    at: datetime
    who: str | None
    what: str


def history(project: Project) -> Iterator[Deed]:
    """Return what was done to a project, the latest first, as the trail has it: fields, and never what they say."""
    labels = {field.name: str(getattr(field, "verbose_name", field.name)) for field in Project._meta.get_fields()}
    entries = Entry.objects.filter(subject=subject_key(project)).select_related("actor")
    for entry in entries[:MOST_DEEDS]:
        fields = [labels.get(name, in_words(name)) for name in filter(None, entry.details.get("fields", "").split(","))]
        what = f"{entry.deed}: {', '.join(fields)}" if fields else entry.deed
        yield Deed(entry.at, entry.actor.name if entry.actor else None, what)
