"""The days of PDSA cycles as marks on the charts of a project's measures."""

from qi_projects.charts import Mark, MarkKind
from qi_projects.models import Cycle, Measure


def marks(measure: Measure) -> list[Mark]:
    """Return a mark for each cycle of the project of which Do has begun: abandoned ones too, since they were tried."""
    cycles = Cycle.objects.filter(ramp__project=measure.project_id).order_by("began_on", "pk")
    return [
        Mark(day, f"PDSA cycle {number} of “{ramp}” began", MarkKind.CYCLE)
        for day, number, ramp in cycles.values_list("began_on", "number", "ramp__name")
        if day
    ]
