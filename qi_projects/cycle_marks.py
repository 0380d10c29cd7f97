"""The days of PDSA cycles as marks on the charts of a project's measures."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from portal.prepared import Given, Prepared
from qi_projects.charts import Mark, MarkKind
from qi_projects.models import Cycle, CycleMeasure, Measure


def marks(measure: Measure) -> list[Mark]:
    """Return a mark for each cycle of which Do has begun: abandoned ones too, since they were tried.

    Those are the cycles that are studied by the measure, and those for which no measure is chosen.
    """
    return [
        Mark(day, f"PDSA cycle {number} of “{ramp}” began", MarkKind.CYCLE)
        for day, number, ramp in _BEGUN.all(measure=measure.pk, project=measure.project_id)
    ]


def _begun() -> QuerySet[Cycle, tuple[Any, ...]]:
    links = CycleMeasure.objects.filter(cycle=OuterRef("pk"))
    rows = Cycle.objects.filter(
        Exists(links.filter(measure=Given("measure"))) | ~Exists(links),
        ramp__project=Given("project"),
        began_on__isnull=False,
    )
    return rows.order_by("began_on", "pk").values_list("began_on", "number", "ramp__name")


_BEGUN = Prepared(_begun)
