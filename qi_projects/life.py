"""A project's life: from draft to active, and to its end; back, where a team takes it up again; or a draft deleted."""

from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.people import Actor
from portal.trail import record
from qi_projects.holding import hold, save
from qi_projects.models import Project
from qi_projects.models.teams import Role
from qi_projects.refusals import NotReady, ProjectRefused

State = Project.State
NO_TITLE: Final = "Give the project a name first. The programme team reads it once the project is active."
NO_STATEMENT: Final = "Say first that it is improvement work and holds no patient data, or give its reference."


def what_is_missing(project: Project) -> list[str]:
    """Say what a draft lacks to become active: nothing, if it lacks nothing. An aim and an approval are not asked for.

    Nothing holds up a team that knows what it is doing, but for what protects patients.
    """
    has_statement = project.statements.exists()
    return [*([] if project.title else [NO_TITLE]), *([] if has_statement else [NO_STATEMENT])]


@transaction.atomic
def activate(project: Project, *, by: User) -> Project:
    """Let a draft be active: from then on the programme team of its members' cohorts can read it.

    Raises NotReady, ProjectGone, or ProjectRefused for one that has ended. An active one stays as it is.
    """
    held = hold(project)
    if held.state == State.ACTIVE:
        return held
    if held.state != State.DRAFT:
        raise ProjectRefused
    if missing := what_is_missing(held):
        raise NotReady(" ".join(missing))
    return _move(held, State.ACTIVE, "project.activated", by=by)


@transaction.atomic
def finish(project: Project, what_came_of_it: str, *, by: User) -> Project:
    """Finish an active project, with what came of it. Raises ProjectRefused."""
    held = hold(project)
    if held.state != State.ACTIVE:
        raise ProjectRefused
    held.ended_why = what_came_of_it
    return _move(held, State.FINISHED, "project.finished", by=by)


@transaction.atomic
def abandon(project: Project, why: str, *, by: Actor) -> Project:
    """Stop a project early, with why: others learn from that, too. Raises ProjectRefused for one that has ended."""
    held = hold(project)
    if not held.is_going_on:
        raise ProjectRefused
    held.ended_why = why
    return _move(held, State.ABANDONED, "project.abandoned", by=by)


@transaction.atomic
def resume(project: Project, *, by: User) -> Project:
    """Take up a project that has ended, as what it was before. One that goes on stays as it is.

    Raises ProjectRefused where nobody leads it any more.
    """
    held = hold(project)
    if held.is_going_on:
        return held
    if not held.team.filter(role=Role.LEAD, left_at__isnull=True).exists():
        raise ProjectRefused
    return _move(held, State.DRAFT if held.is_private else State.ACTIVE, "project.resumed", by=by)


@transaction.atomic
def discard(project: Project, *, by: Actor) -> None:
    """Delete a project that was never active, with all that belongs to it.

    Raises ProjectRefused for one that others have come to know: it is stopped early instead.
    """
    held = hold(project)
    if not held.is_private:
        raise ProjectRefused
    record("project.discarded", actor=by, subject=held)
    delete_drafts([held.pk])


def delete_drafts(keys: Sequence[int]) -> int:
    """Delete projects that were never active, which the caller has locked, with what belongs to them; say how many."""
    drafts = Project.objects.filter(pk__in=keys, active_since__isnull=True)
    number = len(drafts)
    drafts.delete()
    return number


def _move(held: Project, state: str, verb: str, *, by: Actor) -> Project:
    held.state, held.state_since = state, timezone.now()
    if state == State.ACTIVE:
        held.active_since = held.active_since or held.state_since
        held.guided_to = ""
    save(held, verb, by=by, columns=["state", "state_since", "active_since", "guided_to", "ended_why"])
    return held
