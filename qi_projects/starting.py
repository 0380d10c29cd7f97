"""Beginning a project: with questions for somebody who has never done this, or with a title alone."""

from django.db import transaction

from cohorts.models import Membership
from portal import trail
from portal.accounts.models import User
from qi_projects.guide import QUESTIONS, after
from qi_projects.holding import hold_going_on, save
from qi_projects.models import Project, TeamPlace


@transaction.atomic
def begin(
    person: User, *, title: str = "", membership: Membership | None = None, started_from: Project | None = None
) -> Project:
    """Begin a draft of which somebody is the lead, in the organisation for which they work.

    Without a title it is begun by questions. `membership` is their own, of the cohort for which it counts.
    """
    project = Project.objects.create(
        title=title,
        organisation=person.organisation,
        started_from=started_from,
        guided_to="" if title else QUESTIONS[0].key,
    )
    TeamPlace.objects.create(project=project, user=person, role=TeamPlace.Role.LEAD, membership=membership)
    trail.record("project.begun", actor=person, subject=project)
    return project


def go_on_from(project: Project, key: str) -> str:
    """Let the guided start go on after a question, if it had come to that one; return to which it has come now."""
    Project.objects.filter(pk=project.pk, guided_to=key).update(guided_to=after(key))
    return Project.objects.filter(pk=project.pk).values_list("guided_to", flat=True).first() or ""


@transaction.atomic
def end_guide(project: Project, *, by: User) -> None:
    """End the guided start: its answers are the project's. Raises ProjectOver, ProjectGone."""
    held = hold_going_on(project)
    if held.guided_to:
        held.guided_to = ""
        save(held, "project.guided_start_ended", by=by, columns=["guided_to"])
