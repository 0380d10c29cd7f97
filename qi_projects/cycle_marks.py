"""The days of PDSA cycles as marks on the charts of a project's measures."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from portal.prepared import Given, Prepared
from qi_projects.charts import Mark, MarkKind
from qi_projects.models import Cycle, Measure


def marks(measures: Sequence[Measure]) -> Iterator[tuple[int, Mark]]:
    """Yield a mark for each cycle of which Do has begun: abandoned ones too, since they were tried.

    A cycle is marked on the charts of the measures by which it is studied; on all, where none is chosen.
    """
    shown = [measure.pk for measure in measures]
    for day, number, ramp, studied_by in _BEGUN.all(project=measures[0].project_id):
        mark = Mark(day, f"PDSA cycle {number} of “{ramp}” began", MarkKind.CYCLE)
        yield from ((key, mark) for key in shown if studied_by in {None, key})


def _begun() -> QuerySet[Cycle, tuple[Any, ...]]:
    """Return a row for each measure by which a cycle is studied, and one for a cycle that has none."""
    rows = Cycle.objects.filter(ramp__project=Given("project"), began_on__isnull=False)
    return rows.order_by("began_on", "pk").values_list("began_on", "number", "ramp__name", "measure_links__measure")


_BEGUN = Prepared(_begun)
