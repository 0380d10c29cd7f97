"""Drawing up a driver diagram, box by box, as an outline is edited.

Each verb holds the project, so that two who work at one diagram come after one another, and finds its boxes in that
project alone. What hangs on a box that goes stays, and hangs on one less. The trail has numbers, and no words.
"""

from typing import Final

from django.db import transaction
from django.db.models import Max

from portal import together
from portal.accounts.models import User
from portal.together import Settled
from portal.trail import Detail
from qi_projects.diagram import Box, Diagram, Level, Measured, arrange
from qi_projects.holding import hold_going_on, save
from qi_projects.models import BoxMeasure, DiagramItem, DiagramLink, Project
from qi_projects.refusals import BoxGone, IdeaTried, ProjectRefused

MOST_BOXES: Final = 150
TOO_MANY: Final = (
    f"A diagram has at most {MOST_BOXES} boxes, so that people can read it. Delete what you can do without."
)
IDEAS_END: Final = "Nothing hangs on a change idea. Choose a driver."
NOT_NEIGHBOURS: Final = (
    "These cannot be linked: a secondary driver hangs on primary drivers, a change idea on secondary drivers, and "
    "nothing else."
)


def read(project: Project) -> Diagram:
    """Return a project's diagram, in three statements."""
    rows = DiagramItem.objects.filter(project=project).values_list("pk", "level", "text")
    links = DiagramLink.objects.filter(project=project).values_list("upper_id", "lower_id")
    measured: dict[int, list[Measured]] = {}
    told = BoxMeasure.objects.filter(project=project).order_by("measure")
    for box, key, name in told.values_list("box_id", "measure_id", "measure__name"):
        measured.setdefault(box, []).append(Measured(key, name))
    return arrange((Box(key, Level(level), text, measured.get(key, ())) for key, level, text in rows), links)


@transaction.atomic
def add(project: Project, text: str, level: Level, *, by: User, said_not_about_patients: bool = False) -> DiagramItem:
    """Add a box that hangs on no other: a primary driver, or something for which a driver is still to be found.

    Raises ProjectRefused.
    """
    held = hold_going_on(project)
    return _add(held, text, level, by=by, said_not_about_patients=said_not_about_patients)


@transaction.atomic
def add_under(
    project: Project, upper: int, text: str, *, by: User, said_not_about_patients: bool = False
) -> DiagramItem:
    """Add a box that hangs on another, after those that do already. Raises BoxGone, or ProjectRefused."""
    held = hold_going_on(project)
    above = _box(held, upper)
    level = Level(above.level).below
    if level is None:
        raise ProjectRefused(IDEAS_END)
    added = _add(held, text, level, by=by, said_not_about_patients=said_not_about_patients)
    _join(above, added)
    return added


@transaction.atomic
def rename(
    project: Project, item: int, text: str, *, seen: str, by: User, said_not_about_patients: bool = False
) -> Settled:
    """Let a box say something else. Raises ChangedMeanwhile, BoxGone, or ProjectRefused."""
    held = hold_going_on(project)
    box = _box(held, item)
    settled = together.settle(box, {"text": text}, seen)
    if settled.changes:
        box.text = text
        box.save(update_fields=["text"])
        _save(held, box, "renamed", by=by, said_not_about_patients=said_not_about_patients)
    return settled


@transaction.atomic
def move(project: Project, item: int, *, up: bool, under: int | None, by: User) -> None:
    """Move a box by one place among those that stand beside it under a driver; `under` None, under the aim or none.

    The first that is to go up, and the last that is to go down, stays. Raises BoxGone, or ProjectRefused.
    """
    held = hold_going_on(project)
    box = _box(held, item)
    diagram = read(held)
    level = Level(box.level)
    if under is not None and under in diagram.boxes:
        beside = [each.key for each in diagram.lowers[under]]
    else:
        beside = [each.key for each in diagram.of_level(level) if not diagram.uppers[each.key]]
    if item not in beside:
        raise ProjectRefused
    to = beside.index(item) + (-1 if up else 1)
    if not 0 <= to < len(beside):
        return
    order = [each.key for each in diagram.of_level(level) if each.key != item]
    order.insert(order.index(beside[to]) + (0 if up else 1), item)
    rows = {row.pk: row for row in DiagramItem.objects.filter(project=held, level=level)}
    for position, key in enumerate(order, 1):
        rows[key].position = position
    DiagramItem.objects.bulk_update(rows.values(), ["position"])
    _save(held, box, "moved", by=by)


@transaction.atomic
def link(project: Project, item: int, upper: int, *, by: User) -> None:
    """Let a box hang on one more driver. One that does already stays as it is. Raises BoxGone, or ProjectRefused."""
    held = hold_going_on(project)
    box, above = _box(held, item), _box(held, upper)
    if box.level != above.level + 1:
        raise ProjectRefused(NOT_NEIGHBOURS)
    if not DiagramLink.objects.filter(upper=above, lower=box).exists():
        _join(above, box)
        _save(held, box, "linked", by=by)


@transaction.atomic
def unlink(project: Project, item: int, upper: int, *, by: User) -> None:
    """Let a box hang on a driver no longer: it stays. Raises BoxGone, or ProjectRefused."""
    held = hold_going_on(project)
    box = _box(held, item)
    if DiagramLink.objects.filter(project=held, upper=upper, lower=box).delete()[0]:
        _save(held, box, "unlinked", by=by)


@transaction.atomic
def delete(project: Project, item: int, *, seen: str, by: User) -> None:
    """Delete a box that says what it said as its page was opened. What hung on it stays.

    Raises BoxGone, IdeaTried where PDSA cycles try it out, or ProjectRefused where it was renamed meanwhile.
    """
    held = hold_going_on(project)
    box = _box(held, item)
    if box.ramps.exists():
        raise IdeaTried
    if seen != together.seen(box, ["text"]):
        raise ProjectRefused
    _save(held, box, "deleted", by=by)
    box.delete()


def _add(held: Project, text: str, level: Level, *, by: User, said_not_about_patients: bool) -> DiagramItem:
    if held.diagram_items.count() >= MOST_BOXES:
        raise ProjectRefused(TOO_MANY)
    last = held.diagram_items.filter(level=level).aggregate(last=Max("position"))["last"] or 0
    added = DiagramItem.objects.create(project=held, level=level, text=text, position=last + 1)
    _save(held, added, "added", by=by, said_not_about_patients=said_not_about_patients)
    return added


def _join(above: DiagramItem, box: DiagramItem) -> None:
    DiagramLink.objects.create(project_id=above.project_id, upper=above, lower=box, upper_level=above.level)


def _box(held: Project, item: int) -> DiagramItem:
    found = held.diagram_items.filter(pk=item).first()
    if found is None:
        raise BoxGone
    return found


def _save(held: Project, box: DiagramItem, deed: str, *, by: User, said_not_about_patients: bool = False) -> None:
    details: dict[str, Detail] = {"box": box.pk, "level": box.level}
    if said_not_about_patients:
        details["said_not_about_patients"] = True
    what = "change_idea" if box.level == Level.IDEA else "driver"
    save(held, f"project.{what}_{deed}", by=by, columns=(), **details)
