"""What these tests are made of: projects by their verbs, and browsers of the people around them."""

from typing import Any

from django.test import Client
from django.utils import timezone

from cohorts.models import Component, EvidenceKind, Membership
from portal import together
from portal.accounts.models import User
from qi_projects import editing, inviting, life, starting, vouching
from qi_projects.models import Approval, Project, Statement, TeamPlace
from qi_projects.models.teams import Role
from tests.factories import make_cohort, make_component, make_membership, make_programme, make_user


def make_draft(lead: User | None = None, **fields: Any) -> Project:
    """Begin a project with a title, for somebody's own membership where one is given, and write `fields`."""
    membership = fields.pop("membership", None)
    lead = lead or make_user()
    project = starting.begin(lead, title=fields.pop("title", "Heard within 15 minutes"), membership=membership)
    if fields:
        editing.change(project, fields, seen=together.seen(project, fields), by=lead)
        project.refresh_from_db()
    return project


def make_active(lead: User | None = None, **fields: Any) -> Project:
    """Make a project that is active."""
    project = make_draft(lead, **fields)
    somebody = lead_of(project)
    vouching.state(project, basis=Statement.Basis.IMPROVEMENT, reference="", by=somebody)
    return life.activate(project, by=somebody)


def lead_of(project: Project) -> User:
    """Return who leads a project, the first of them."""
    return project.team.live().filter(role=Role.LEAD).select_related("user")[0].user


def join(project: Project, role: Role = Role.MEMBER, person: User | None = None, **fields: Any) -> TeamPlace:
    """Let somebody be asked into a team, and say yes."""
    person = person or make_user()
    invitation = inviting.invite(project, person.email, role, by=lead_of(project))
    return inviting.accept(invitation, person, membership=fields.get("membership"))


def approve(project: Project, name: str = "Demo Director") -> Approval:
    """Record that somebody approves of a project."""
    decided: dict[str, Any] = {"decision": Approval.Decision.APPROVED, "decided_on": timezone.localdate(), "note": ""}
    return vouching.record_approval(project, name=name, role="Director", by=lead_of(project), **decided)


def place_of(project: Project, person: User) -> TeamPlace:
    """Return somebody's place in a team."""
    return project.team.live().get(user=person)


def member_of_a_programme_with_a_project(user: User | None = None) -> Membership:
    """Enrol somebody in a cohort whose programme asks for a project."""
    programme = make_programme()
    make_component(programme, kind=Component.Kind.PROJECT, fulfilled_by=[EvidenceKind.PROJECT], slug="project")
    return make_membership(user, make_cohort(programme))


def browser_of(user: User) -> Client:
    """Return the browser of somebody who is signed in."""
    client = Client()
    client.force_login(user)
    return client
