"""For what a cohort waits: one rule for the start page and for the filter of the list to which it leads."""

from typing import Final

from django.contrib import admin
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest

from cohorts.models import Champion, Cohort, Membership, Session
from cohorts.offering import WAITS_FOR_THE_TEAM

_SOMEBODY_WAITS: Final = Q(Exists(Membership.objects.filter(state__in=WAITS_FOR_THE_TEAM, cohort=OuterRef("pk"))))
_HAS_A_DATE: Final = Exists(Session.objects.scheduled().filter(cohort=OuterRef("pk")))
_SAID_YES: Final = Exists(Champion.objects.filter(state=Champion.State.AGREED, cohort=OuterRef("pk")))

COHORT_WAITS: Final = {
    "decision": Q(_SOMEBODY_WAITS, taken__lt=F("places")),
    "full": Q(_SOMEBODY_WAITS, taken__gte=F("places")),
    "dates": ~Q(_HAS_A_DATE),
    "champion": Q(_SAID_YES),
}


class CohortWaits(admin.SimpleListFilter):
    """Filter by what a cohort waits for."""

    title = "what waits"
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: "admin.ModelAdmin[Cohort]") -> list[tuple[str, str]]:
        """Return what can wait."""
        return [
            ("decision", "People, and there are places"),
            ("full", "People, and it is full"),
            ("dates", "It has no dates"),
            ("champion", "A champion to confirm"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Cohort]) -> QuerySet[Cohort]:
        """Return the cohorts that wait for what was chosen."""
        return queryset.filter(COHORT_WAITS.get(self.value() or "", Q()))
