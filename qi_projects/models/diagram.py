"""A project's driver diagram: drivers and change ideas under its aim, and what hangs on what.

PostgreSQL holds that a link joins two neighbouring levels of one project: its level below is one more than its level
above, and both are those of the boxes that it names (composite foreign keys of migration `diagram_and_cycles`). So
there is no way round in a circle, whoever asks.
"""

from typing import ClassVar

from django.db import models

from qi_projects.diagram import Level
from qi_projects.models.projects import Project


class DiagramItem(models.Model):
    """A box of a driver diagram. Each has a place in the order of its level, wherever it hangs."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="diagram_items")
    level = models.PositiveSmallIntegerField(choices=[(level.value, level.label) for level in Level])
    text = models.CharField("what it says", max_length=200)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ("level", "position")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(level__in=[level.value for level in Level]),
                name="a_diagram_has_two_levels_of_drivers_and_ideas",
            ),
            models.CheckConstraint(condition=~models.Q(text=""), name="a_box_of_a_diagram_says_something"),
            models.UniqueConstraint(
                fields=["project", "level", "position"],
                deferrable=models.Deferrable.DEFERRED,
                name="one_box_of_a_diagram_in_each_place",
            ),
            # What composite foreign keys refer to.
            models.UniqueConstraint(fields=["id", "project", "level"], name="a_box_of_a_diagram_has_one_level"),
            models.UniqueConstraint(fields=["id", "project"], name="a_box_of_a_diagram_has_one_project"),
        ]

    def __str__(self) -> str:
        return self.text


class DiagramLink(models.Model):
    """That a box hangs on one of the level above."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="diagram_links")
    upper = models.ForeignKey(DiagramItem, on_delete=models.CASCADE, related_name="links_down")
    lower = models.ForeignKey(DiagramItem, on_delete=models.CASCADE, related_name="links_up")
    upper_level = models.PositiveSmallIntegerField()
    lower_level = models.GeneratedField(
        expression=models.F("upper_level") + 1, output_field=models.PositiveSmallIntegerField(), db_persist=True
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["upper", "lower"], name="a_box_hangs_on_another_once"),
        ]

    def __str__(self) -> str:
        return f"Link {self.pk}"
