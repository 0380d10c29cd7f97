"""Which measures tell of a driver or a change idea, and by which a PDSA cycle is studied.

PostgreSQL holds that both are of one project: the composite foreign keys of migration `files_and_links` name the
project of each, of a cycle by way of its ramp.
"""

from typing import ClassVar

from django.db import models

from qi_projects.models.cycles import Cycle, Ramp
from qi_projects.models.diagram import DiagramItem
from qi_projects.models.measures import Measure
from qi_projects.models.projects import Project


class BoxMeasure(models.Model):
    """That a measure tells of a box of the driver diagram."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    box = models.ForeignKey(DiagramItem, on_delete=models.CASCADE, related_name="measure_links")
    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="box_links")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["box", "measure"], name="a_measure_tells_of_a_box_once"),
        ]

    def __str__(self) -> str:
        return f"Link {self.pk}"


class CycleMeasure(models.Model):
    """That a cycle is studied by a measure."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    ramp = models.ForeignKey(Ramp, on_delete=models.CASCADE, related_name="+")
    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="measure_links")
    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="cycle_links")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cycle", "measure"], name="a_cycle_is_studied_by_a_measure_once"),
        ]

    def __str__(self) -> str:
        return f"Link {self.pk}"
