"""How every verb begins and ends: with the project's row locked, and with the time of its last activity.

Whatever belongs to a project is written under its project's lock, which comes before any other lock of this app.
"""

from collections.abc import Collection

from django.utils import timezone

from portal import trail
from portal.accounts.models import User
from portal.accounts.people import Actor
from portal.trail import Detail
from qi_projects.models import Project
from qi_projects.refusals import ProjectGone, ProjectOver


def hold(project: Project) -> Project:
    """Lock a project until the transaction ends, and return it as it is now. Raises ProjectGone."""
    rows = Project.objects.select_for_update(of=("self",), no_key=True)
    held = rows.select_related("theme", "organisation").filter(pk=project.pk).first()
    if held is None:
        raise ProjectGone
    return held


def hold_going_on(project: Project) -> Project:
    """Lock a project that its team can change. Raises ProjectGone, or ProjectOver."""
    held = hold(project)
    if not held.is_going_on:
        raise ProjectOver
    return held


def save(held: Project, verb: str, *, by: Actor, columns: Collection[str] = (), **details: Detail) -> None:
    """Save what changed of a project that is held, as its last activity, and record `verb`; details name no content.

    Only what people do is activity: what the portal does by itself leaves the time as it was.
    """
    held.version += 1
    kept = {"version"}
    if isinstance(by, User):
        held.last_activity_at = timezone.now()
        kept.add("last_activity_at")
    held.save(update_fields=[*columns, *kept])
    trail.record(verb, actor=by, subject=held, **details)


def note(held: Project, verb: str, *, by: Actor, is_activity: bool = False, **details: Detail) -> None:
    """Record what was said or decided beside a project that is held, of which it changes nothing itself.

    So its version stays. It `is_activity` of the project where its own team does it.
    """
    if is_activity:
        held.last_activity_at = timezone.now()
        held.save(update_fields=["last_activity_at"])
    trail.record(verb, actor=by, subject=held, **details)
