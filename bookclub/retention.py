"""How long what members suggest to read is kept. Reading lists stay: every cohort can look up what others read."""

from collections.abc import Sequence
from datetime import date

from django.db.models import QuerySet

from bookclub.models import Suggestion
from portal.retention import holds
from portal.retention.categories import Category, register
from portal.retention.periods import months


def _of_cohorts_that_ended(by: date) -> QuerySet[Suggestion]:
    return Suggestion.objects.filter(cohort__ends_on__lte=by)


def _delete(keys: Sequence[int]) -> int:
    Suggestion.objects.filter(pk__in=keys).delete()
    return len(keys)


register(
    Category(
        name="book-suggestions",
        heading="Books that members suggest",
        holds="Which book somebody suggested to their cohort, why, and who backs it",
        why="So that the cohort and the programme team can choose what to read",
        counted_from="the day on which the cohort ended",
        period=months(12),
        least=months(1),
        due=_of_cohorts_that_ended,
        kept=holds.keeps("suggested_by"),
        dated="cohort__ends_on",
        dispose=_delete,
    )
)
