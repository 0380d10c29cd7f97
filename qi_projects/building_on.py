"""Starting a project from what another team has published: its words to begin with, its diagram and its definitions.

What goes along is what everybody reads. Of points, names and whatever the other team keeps for itself there is nothing.
"""

from typing import Any, Final

from django.db import transaction

from cohorts.models import Membership
from portal.accounts.models import User
from qi_projects import measuring, starting
from qi_projects.diagram import Diagram
from qi_projects.freezing import definition_of, diagram_of
from qi_projects.holding import hold_going_on, save
from qi_projects.models import DiagramItem, DiagramLink, Project, Publication
from qi_projects.parts import read_aim
from qi_projects.refusals import PublicationMoved

LONGEST_AIM: Final = 3000
"""So much of it its form takes."""


@transaction.atomic
def begin_from(publication: Publication, person: User, *, membership: Membership | None = None) -> Project:
    """Begin a draft of somebody's own that builds on what is published. Raises PublicationMoved once it is not.

    Its title and aim are to be adapted; the driver diagram, where it is shown, and what its charts measure are theirs
    to change. `membership` is their own, of the cohort for which the project counts.
    """
    current = Publication.objects.published().select_related("project").filter(pk=publication.pk).first()
    if current is None:
        raise PublicationMoved("This is no longer published, so nothing was started from it.")
    project = starting.begin(person, title=current.title, membership=membership, started_from=current.project)
    held = hold_going_on(project)
    words = _words_of(current)
    for name, value in words.items():
        setattr(held, name, value)
    save(held, "project.started_from_another", by=person, columns=words, of=current.pk)
    if current.diagram:
        _draw_up(held, diagram_of(current.diagram))
    for chart in current.charts.all():
        measuring.begin(held, definition_of(chart.shown), by=person)
    return held


def _words_of(current: Publication) -> dict[str, Any]:
    """Return what a project begins with, by its fields. Of an aim too long for its own, the rest is why it matters."""
    words = read_aim(current.aim)
    what = words["aim_what"]
    if len(what) > LONGEST_AIM:
        end = max(what.rfind(between, 0, LONGEST_AIM) for between in ("\n", " ")) + 1 or LONGEST_AIM
        words |= {"aim_what": what[:end].rstrip(), "why_it_matters": what[end:].lstrip()}
    return {**words, "setting": current.setting, "theme": current.theme}


def _draw_up(held: Project, diagram: Diagram) -> None:
    """Put the boxes and links of a diagram into a project that has none."""
    last: dict[int, int] = {}
    rows: dict[int, Any] = {}
    for box in diagram.boxes.values():
        last[box.level] = last.get(box.level, 0) + 1
        rows[box.key] = DiagramItem(project=held, level=box.level, text=box.text, position=last[box.level])
    DiagramItem.objects.bulk_create(rows.values())
    DiagramLink.objects.bulk_create(
        DiagramLink(project=held, upper=rows[upper], lower=rows[lower], upper_level=rows[upper].level)
        for upper, lower in sorted(diagram.links)
    )
