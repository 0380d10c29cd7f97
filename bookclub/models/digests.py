"""That those who talk in a cohort's threads were told of what is new there. It names nobody."""

from typing import ClassVar

from django.db import models

from cohorts.models import Cohort


class Digest(models.Model):
    """One day's letter about a cohort's threads: each post says in which its readers are told of it (`Post.digest`)."""

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="book_club_digests", db_index=False)
    day = models.DateField(help_text="On the UK clock.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cohort", "day"], name="one_digest_of_a_cohort_a_day"),
        ]

    def __str__(self) -> str:
        return f"Digest {self.pk}"
