"""What is told of an organisation's people as numbers, to those who lead this work there."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Mod
from django.db.models.lookups import Exact

from cohorts.models.programmes import Programme
from portal.accounts.models import Organisation
from portal.small_numbers import FIVE, LEAST


def _in_fives(field: str) -> models.Q:
    return models.Q((f"{field}__gte", LEAST)) & models.Q(Exact(Mod(models.F(field), FIVE), 0))


class Figure(models.Model):
    """A line of an organisation's figures: of a programme, of one of its years, or of all programmes together.

    Only what may be told is stored (`portal.small_numbers`), and PostgreSQL takes no number under ten, nor an exact
    one. Every organisation has every line, whether anybody of it takes part or not: that there is one tells nothing.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    programme = models.ForeignKey(
        Programme, on_delete=models.CASCADE, null=True, related_name="+", help_text="Empty: all programmes together."
    )
    year = models.PositiveSmallIntegerField(
        null=True, help_text="In which people's first cohort of the programme began. Empty: all years."
    )
    people = models.PositiveIntegerField(null=True, help_text="So many or more took part. Empty: it is not told.")
    completed = models.PositiveIntegerField(null=True, help_text="So many or more completed it. Empty: not told.")
    drawn_on = models.DateField(help_text="As of which day (UK) it is.")

    class Meta:
        ordering = ("organisation", "programme__name", "year")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "programme", "year"], name="one_figure_of_a_kind", nulls_distinct=False
            ),
            models.CheckConstraint(condition=_in_fives("people"), name="figure_tells_no_small_number_of_people"),
            models.CheckConstraint(
                condition=models.Q(completed__isnull=True)
                | (_in_fives("completed") & models.Q(people__isnull=False, completed__lte=models.F("people") - LEAST)),
                name="figure_tells_no_small_number_who_completed",
            ),
            # Numbers of completion for each year beside those of all years would let small ones be worked out.
            models.CheckConstraint(
                condition=models.Q(completed__isnull=True) | models.Q(programme__isnull=False, year__isnull=True),
                name="figure_tells_who_completed_of_a_whole_programme",
            ),
            models.CheckConstraint(
                condition=models.Q(year__isnull=True) | models.Q(programme__isnull=False),
                name="figure_of_a_year_is_of_a_programme",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}, {self.programme or 'all programmes'}, {self.year or 'all years'}"
