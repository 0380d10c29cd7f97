"""Changing what a project says."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from portal import together
from portal.accounts.models import User
from portal.together import Settled
from portal.trail.recording import LONGEST_DETAIL
from qi_projects.holding import hold_going_on, save
from qi_projects.models import Project
from qi_projects.refusals import ProjectRefused


@transaction.atomic
def change(
    project: Project, given: Mapping[str, Any], *, seen: str, by: User, said_not_about_patients: bool = False
) -> Settled:
    """Put down what somebody wrote in some of a project's fields, beside what others have changed meanwhile.

    `seen` is what their page carried (`together.seen`). The trail has the names of the fields, never what they hold.
    Raises ChangedMeanwhile, ProjectOver or ProjectGone, or ProjectRefused where one that others read would lose its
    title, with nothing changed.
    """
    held = hold_going_on(project)
    settled = together.settle(held, given, seen)
    if settled.changes.get("title") == "" and not held.is_private:
        raise ProjectRefused
    if settled.changes:
        for field, value in settled.changes.items():
            setattr(held, field, value)
        details: dict[str, str | bool] = {"fields": ",".join(sorted(settled.changes))[:LONGEST_DETAIL]}
        if said_not_about_patients:
            details["said_not_about_patients"] = True
        save(held, "project.changed", by=by, columns=[*settled.changes], **details)
    return settled
