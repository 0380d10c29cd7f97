"""By what the list of projects is filtered. What an address chooses that is no choice, the list refuses."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest

from cohorts.admin.keeping import MOST_CHOICES
from portal import access
from portal.accounts.models import Organisation
from portal.admin_fields import KEY
from qi_projects import portfolio
from qi_projects.coaches import without_a_coach
from qi_projects.models import Project, Submission
from qi_projects.rules import projects_kept


class Choices(admin.SimpleListFilter):
    """A filter with choices that are the same for everybody."""

    offered: ClassVar[Mapping[str, str]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the choices."""
        return list(self.offered.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return what was chosen. Raises IncorrectLookupParameters."""
        chosen = self.value()
        if chosen is None:
            return queryset
        if chosen not in self.offered:
            raise IncorrectLookupParameters
        return self.narrowed(queryset, chosen)

    def narrowed(self, projects: QuerySet[Project], chosen: str) -> QuerySet[Project]:
        """Return those of the projects that are of the chosen kind."""
        raise NotImplementedError


class States(Choices):
    """Filter by how far a project is. Drafts are no choice: nobody reads them here."""

    title = "state"
    parameter_name = "state"
    offered = portfolio.STATES

    def narrowed(self, projects: QuerySet[Project], chosen: str) -> QuerySet[Project]:
        """Return the projects in that state."""
        return projects.filter(state=chosen)


class Scores(Choices):
    """Filter by the latest score."""

    title = "latest score"
    parameter_name = "score"
    offered = portfolio.SCORES

    def narrowed(self, projects: QuerySet[Project], chosen: str) -> QuerySet[Project]:
        """Return the projects whose latest score is one of those."""
        return portfolio.scored(projects, chosen)


class WhatMeasuresShow(Choices):
    """Filter by what the measures of a project show now."""

    title = "what its measures show"
    parameter_name = "shows"
    offered = portfolio.SHOWN

    def narrowed(self, projects: QuerySet[Project], chosen: str) -> QuerySet[Project]:
        """Return the projects of which that is true."""
        return portfolio.whose_measures_show(projects, chosen)


class Quiet(Choices):
    """Filter active projects by for how long nobody in the team has changed anything."""

    title = "activity"
    parameter_name = "quiet"
    offered: ClassVar = {str(weeks): portfolio.quiet_label(weeks) for weeks in portfolio.QUIET_WEEKS}

    def narrowed(self, projects: QuerySet[Project], chosen: str) -> QuerySet[Project]:
        """Return the active projects that were quiet for so long."""
        return portfolio.quiet_for(projects, int(chosen))


class Reviews(Choices):
    """Filter by how a project stands with its review."""

    title = "review"
    parameter_name = "review"
    offered: ClassVar = {state.value: str(state.label) for state in Submission.State}

    def narrowed(self, projects: QuerySet[Project], chosen: str) -> QuerySet[Project]:
        """Return the projects whose latest submission stands there."""
        latest = Submission.objects.filter(project=OuterRef("pk")).order_by("-id")
        return projects.alias(stands=Subquery(latest.values("state")[:1])).filter(stands=chosen)


class Coached(Choices):
    """Filter by whether a QI coach of the portal is beside a project that is active."""

    title = "coach"
    parameter_name = "coach"
    offered: ClassVar = {"none": "Active without a coach"}

    def narrowed(self, projects: QuerySet[Project], chosen: str) -> QuerySet[Project]:
        """Return those that wait for a coach."""
        return projects.filter(pk__in=without_a_coach().values("pk"))


class Rows(admin.SimpleListFilter):
    """A filter whose choices are rows, the first of them; the page of the portfolio at a glance leads to each."""

    def has_output(self) -> bool:
        """Say whether there is something to choose. What an address has chosen is followed in any case."""
        return self.value() is not None or super().has_output()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Project]) -> QuerySet[Project]:
        """Return the projects of the row that was chosen. Raises IncorrectLookupParameters."""
        chosen = self.value()
        if chosen is None:
            return queryset
        if not KEY.fullmatch(chosen) and chosen != portfolio.NONE:
            raise IncorrectLookupParameters
        return self.of_row(request, queryset, chosen)

    def of_row(self, request: HttpRequest, projects: QuerySet[Project], chosen: str) -> QuerySet[Project]:
        """Return those of the projects that belong to it."""
        raise NotImplementedError


class Cohorts(Rows):
    """Filter by a cohort for which a project counts, of those that the admin keeps."""

    title = "cohort"
    parameter_name = "cohort"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the latest cohorts."""
        return [(str(row.pk), row.name) for row in portfolio.cohorts_kept(access.person(request))[:MOST_CHOICES]]

    def of_row(self, request: HttpRequest, projects: QuerySet[Project], chosen: str) -> QuerySet[Project]:
        """Return the projects that count for it."""
        if chosen == portfolio.NONE:
            raise IncorrectLookupParameters
        return portfolio.counting_for(projects, int(chosen), user=access.person(request))


class Organisations(Rows):
    """Filter by the organisation where a project is done, of those that have one."""

    title = "organisation"
    parameter_name = "organisation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the first of them by name."""
        kept = projects_kept(access.person(request), counted=True).order_by()
        rows = Organisation.objects.filter(Exists(kept.filter(organisation=OuterRef("pk")))).order_by("name")
        return [*((str(row.pk), row.name) for row in rows[:MOST_CHOICES]), (portfolio.NONE, "None")]

    def of_row(self, request: HttpRequest, projects: QuerySet[Project], chosen: str) -> QuerySet[Project]:
        """Return the projects of it."""
        return projects.filter(organisation=None if chosen == portfolio.NONE else int(chosen))
