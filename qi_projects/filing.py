"""Files that a team keeps with its project: added, called something else, replaced and taken out.

A file is looked into before any lock is taken (`portal.attachments.receiving`), and kept under the project's. The trail
has numbers, and neither what a file is called nor what it is about.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction

from portal import together
from portal.accounts.models import User
from portal.attachments import attaching
from portal.attachments.receiving import Received
from portal.together import Settled
from portal.trail import Detail
from portal.trail.recording import LONGEST_DETAIL
from qi_projects.holding import hold_going_on, save
from qi_projects.models import Project, ProjectFile
from qi_projects.refusals import FileGone, FileReplaced

WHICH: Final = ("file",)
"""What a page carries that is about the file itself, and not about what it is called; see `together.seen`."""


@transaction.atomic
def add(
    project: Project, received: Received, *, title: str, about: str, by: User, said_not_about_patients: bool = False
) -> ProjectFile:
    """Keep a file with a project. Raises CannotAttach where there is no room for it, or ProjectRefused."""
    held = hold_going_on(project)
    row = ProjectFile(project=held, title=title, about=about)
    attaching.keep(received, to=row, by=by)
    _save(held, row, "added", by=by, said=said_not_about_patients)
    return row


@transaction.atomic
def change(
    project: Project, file: int, given: Mapping[str, Any], *, seen: str, by: User, said_not_about_patients: bool = False
) -> Settled:
    """Call a file something else, or say otherwise what it is about.

    Raises ChangedMeanwhile, FileGone, or ProjectRefused.
    """
    held, row = _hold(project, file)
    settled = together.settle(row, given, seen)
    if settled.changes:
        for field, value in settled.changes.items():
            setattr(row, field, value)
        row.save(update_fields=settled.changes)
        fields = ",".join(sorted(settled.changes))[:LONGEST_DETAIL]
        _save(held, row, "changed", by=by, said=said_not_about_patients, fields=fields)
    return settled


@transaction.atomic
def replace(
    project: Project, file: int, received: Received, *, seen: str, by: User, said_not_about_patients: bool = False
) -> ProjectFile:
    """Put another file in the place of the one that a page showed; the one that was there is gone.

    Raises CannotAttach, FileReplaced where somebody was quicker, FileGone, or ProjectRefused.
    """
    held, row = _hold(project, file)
    if seen != together.seen(row, WHICH):
        raise FileReplaced
    attaching.keep(received, to=row, by=by)
    _save(held, row, "replaced", by=by, said=said_not_about_patients)
    return row


@transaction.atomic
def remove(project: Project, file: int, *, seen: str, by: User) -> None:
    """Take out a file for good, if it is the one that a page showed.

    Raises FileReplaced, FileGone, or ProjectRefused.
    """
    held, row = _hold(project, file)
    if seen != together.seen(row, WHICH):
        raise FileReplaced
    _save(held, row, "removed", by=by)
    attaching.remove(row, by=by)


def _hold(project: Project, file: int) -> tuple[Project, ProjectFile]:
    held = hold_going_on(project)
    row = held.files.select_related("file").filter(pk=file).first()
    if row is None:
        raise FileGone
    return held, row


def _save(held: Project, row: ProjectFile, deed: str, *, by: User, said: bool = False, **details: Detail) -> None:
    if said:
        details["said_not_about_patients"] = True
    save(held, f"project.file_{deed}", by=by, columns=(), file=row.pk, **details)
