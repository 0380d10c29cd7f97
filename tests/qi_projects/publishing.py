"""What the tests of publication are made of: projects that can be published, and what became of them."""

from typing import Any

from django.test import Client

from portal import together
from portal.accounts.models import User
from qi_projects import life, naming, publishing
from qi_projects.models import Project, Publication
from tests.cohorts.pages import address
from tests.factories import make_admin
from tests.qi_projects.making import approve, browser_of, lead_of, make_active

STORY: dict[str, Any] = {
    "title": "Heard within 15 minutes",
    "setting": Project.Setting.MATERNITY,
    "organisation_name": "A labour ward",
    "noticed": "People wait, and nobody counts how long.",
    "aim": "Everybody is answered within 15 minutes.",
    "what_changed": "The time of each request stands on a board.",
    "result": Publication.Result.MIXED,
    "what_came_of_it": "By day people wait less. By night nothing changed.",
    "tell_next": "Begin with the nights.",
}


def make_ended(lead: User | None = None, **fields: Any) -> Project:
    """Make a project that has ended, with all that has to stand on record before it is published."""
    project = make_active(lead, **fields)
    approve(project)
    return life.finish(project, "By day people wait less.", by=lead_of(project))


def write(publication: Publication, by: User | None = None, **says: Any) -> Publication:
    """Write something of a publication, as it stands now."""
    current = Publication.objects.select_related("project").get(pk=publication.pk)
    seen = together.seen(current, says)
    publishing.change(current, says, seen=seen, by=by or lead_of(current.project))
    return Publication.objects.select_related("project").get(pk=publication.pk)


def make_written(project: Project | None = None, **says: Any) -> Publication:
    """Make a publication that can be sent."""
    project = project or make_ended()
    return write(publishing.begin(project, by=lead_of(project)), **{**STORY, **says})


def make_sent(project: Project | None = None, **says: Any) -> Publication:
    """Make one that waits for an editor."""
    written = make_written(project, **says)
    return publishing.send(written, by=lead_of(written.project))


def make_published(project: Project | None = None, editor: User | None = None, **says: Any) -> Publication:
    """Make one that everybody reads."""
    sent = make_sent(project, **says)
    publishing.publish(sent, read=sent.version, by=editor or make_admin())
    return again(sent)


def again(publication: Publication) -> Publication:
    """Return a publication as it stands now."""
    return Publication.objects.select_related("project").get(pk=publication.pk)


def agree(publication: Publication, person: User, number: int = 0) -> str:
    """Let somebody agree to be named, as fully as they can unless a number says otherwise; return how."""
    byline = naming.bylines(person)[number]
    naming.answer(publication, byline, by=person)
    return byline


def end(project: Project) -> Project:
    """End a project, so that it can be published once it is approved of."""
    return life.finish(project, "By day people wait less.", by=lead_of(project))


def at(publication: Publication, name: str, *more: str) -> str:
    """Return the address of a page of the project of a publication."""
    return address(name, publication.project_id, *more)


def lead_browser(publication: Publication) -> Client:
    """Return the browser of who leads the project of a publication."""
    return browser_of(lead_of(publication.project))
