"""What each measure shows, kept on its row: thousands of projects are listed and filtered by it, and no chart reckoned.

Every verb that writes anything of a measure ends with `measuring.save_measure`, which keeps this anew, in the same
transaction and under the project's lock. It is read off the chart that the measure's own page shows. Once the rules
themselves have changed, `keep_all` brings every measure up to date.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Final

from django.db import transaction

from portal.trail import SYSTEM
from qi_projects.charting import charts_of
from qi_projects.holding import hold, note
from qi_projects.models import Measure, Project
from qi_projects.refusals import ProjectGone

AT_ONCE: Final = 200
"""So many measures are reckoned together, by two statements."""


def keep(measure: Measure) -> None:
    """Keep what a measure shows, whose project is held."""
    _keep([measure])


def keep_all() -> int:
    """Keep what every measure shows, by the rules as they are now; return of how many that is something else.

    No project is held meanwhile but those of which something changes, each by itself.
    """
    changed = 0
    for batch in _batches():
        stale = {measure.project_id for measure, shows in _reckoned(batch) if shows != measure.shows}
        for project in Project.objects.filter(pk__in=stale):
            with suppress(ProjectGone):
                changed += _keep_in(project)
    return changed


@transaction.atomic
def _keep_in(project: Project) -> int:
    held = hold(project)
    were = _keep(list(held.measures.all()))
    if any(were):
        note(held, "project.measures_reckoned_anew", by=SYSTEM, measures=len(were))
    return len(were)


def _keep(measures: Sequence[Measure]) -> list[str]:
    """Keep what measures show, and return what was kept of those that show something else now."""
    were = []
    for measure, shows in _reckoned(measures):
        if shows != measure.shows:
            were.append(measure.shows)
            measure.shows = shows
            measure.save(update_fields=["shows"])
    return were


def _reckoned(measures: Sequence[Measure]) -> list[tuple[Measure, str]]:
    return [(charted.measure, charted.shows.value) for charted in charts_of(measures)]


def _batches() -> Iterator[list[Measure]]:
    measures = Measure.objects.order_by("pk").iterator(chunk_size=AT_ONCE)
    while batch := list(islice(measures, AT_ONCE)):
        yield batch
