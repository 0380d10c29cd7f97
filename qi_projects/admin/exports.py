"""The portfolio as files: its projects, and what each measures, as the list is filtered. No column names a person."""

from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Max, Min, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponseBase

from portal.administration import CHUNK, RuledAdmin
from portal.lists_as_files import List, download_page
from portal.nhsuk.dates import uk_time
from portal.questions import count_of
from portal.spreadsheets import Cell
from qi_projects.models import Measure, Point, Project, Submission
from qi_projects.portfolio import cohorts_told, names_by_shows

Shows = Measure.Shows
PROJECTS: Final = (
    "Project",
    "Number",
    "Counts for",
    "Organisation",
    "Theme",
    "Setting",
    "State",
    "Active since",
    "Last activity",
    "Latest score",
    "Scored on",
    "Review",
    "Measures",
    "Improving",
    "Which improve",
    "Getting worse",
    "Which get worse",
    "Changed, neither better nor worse",
    "No signal",
    "Too few points",
)
MEASURES: Final = (
    "Project",
    "Number",
    "Organisation",
    "Measure",
    "What it is for",
    "Which way is better",
    "Chart",
    "What it shows now",
    "Points with a figure",
    "First point",
    "Last point",
)
OF_A_PROJECT: Final = (
    *("title", "setting", "state", "active_since", "last_activity_at", "latest_score"),
    *("organisation__name", "theme__name"),
)


def download_projects(model_admin: RuledAdmin[Project], request: HttpRequest) -> HttpResponseBase:
    """Give the list of projects, as it is filtered, with what it says of each."""
    rows = model_admin.rows_of_list(request).select_related("organisation", "theme").only(*OF_A_PROJECT)
    number = rows.count()
    listed = List(
        name="qi-projects",
        deed="project.portfolio_exported",
        subject="project:list",
        headings=PROJECTS,
        rows=map(_project, model_admin.each_with_figures(rows)),
        number=number,
        holds=f"the names of {count_of(number, 'project')}, how far each is, and what its measures show",
    )
    return download_page(model_admin, request, listed)


def download_measures(model_admin: RuledAdmin[Project], request: HttpRequest) -> HttpResponseBase:
    """Give what is still measured in the projects of the list, as it is filtered: a row for each measure."""
    rows = _measured_in(model_admin.rows_of_list(request))
    number = rows.count()
    listed = List(
        name="qi-measures",
        deed="project.measures_exported",
        subject="project:list",
        headings=MEASURES,
        rows=map(_measure, rows.iterator(chunk_size=CHUNK)),
        number=number,
        holds=f"the names of {count_of(number, 'measure')}, and what each shows",
        title="Download its measures",
    )
    return download_page(model_admin, request, listed)


def _project(project: Any) -> list[Cell]:
    names = names_by_shows(project)
    numbers = {shows: len(names.get(shows, ())) for shows in Shows.values}
    return [
        project.title,
        project.pk,
        "; ".join(cohorts_told(project)),
        str(project.organisation or ""),
        str(project.theme or ""),
        project.get_setting_display(),
        project.get_state_display(),
        _day(project.active_since),
        _day(project.last_activity_at),
        "" if project.latest_score is None else str(project.latest_score),
        _day(project.scored_at),
        Submission.State(project.review).label if project.review else "",
        len(project.measures_now),
        numbers[Shows.IMPROVING],
        "; ".join(names.get(Shows.IMPROVING, ())),
        numbers[Shows.WORSENING],
        "; ".join(names.get(Shows.WORSENING, ())),
        numbers[Shows.CHANGED],
        numbers[Shows.STEADY],
        numbers[Shows.TOO_FEW],
    ]


def _measured_in(projects: QuerySet[Project]) -> QuerySet[Any]:
    points = Point.objects.filter(measure=OuterRef("pk")).exclude(value=None, numerator=None).order_by()
    told = points.values("measure")
    return (
        Measure.objects.filter(project__in=projects.order_by().values("pk"), put_away_at=None)
        .select_related("project__organisation")
        .order_by("project__title", "project", "pk")
        .annotate(
            number_of_points=Subquery(told.annotate(number=Count("pk")).values("number")),
            first_day=Subquery(told.annotate(day_of_it=Min("day")).values("day_of_it")),
            last_day=Subquery(told.annotate(day_of_it=Max("day")).values("day_of_it")),
        )
    )


def _measure(measure: Any) -> list[Cell]:
    return [
        measure.project.title,
        measure.project_id,
        str(measure.project.organisation or ""),
        measure.name,
        measure.get_kind_display(),
        measure.get_direction_display(),
        measure.get_chart_display(),
        measure.get_shows_display(),
        measure.number_of_points or 0,
        measure.first_day.isoformat() if measure.first_day else "",
        measure.last_day.isoformat() if measure.last_day else "",
    ]


def _day(moment: datetime | None) -> str:
    """Return the day of a moment (UK), as files have days."""
    return uk_time(moment).date().isoformat() if moment else ""
