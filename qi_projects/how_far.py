"""How far a project is in each of its pieces, in figures that are read in one statement."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from portal.prepared import Given, Prepared
from qi_projects.diagram import Level
from qi_projects.models import (
    Approval,
    Cycle,
    DiagramItem,
    Measure,
    ProgressScore,
    Project,
    ProjectFile,
    Publication,
    Statement,
    Submission,
    TeamPlace,
    Thread,
)


class HowFar(NamedTuple):
    """Where a project stands. What was never said, set or sent is None."""

    drivers: int
    ideas: int
    measures: int
    without_points: int
    cycles_going_on: int
    cycles_closed: int
    files: int
    people: int
    decision: str | None
    decided_on: date | None
    approver_role: str | None
    statements: int
    waiting: int
    open_threads: int
    score: Decimal | None
    scored_at: datetime | None
    review: str | None
    publication: str | None


def read(project: Project, side: str) -> HowFar:
    """Return where a project stands; `waiting` are the open threads in which this side has the next word."""
    (row,) = _HOW_FAR.all(project=project.pk, side=side)
    return HowFar(*row)


def _how_far() -> QuerySet[Project, tuple[Any, ...]]:
    items = DiagramItem.objects.filter(project=OuterRef("pk"))
    measures = Measure.objects.filter(project=OuterRef("pk"), put_away_at=None)
    cycles = Cycle.objects.filter(ramp__project=OuterRef("pk"))
    approval, score = _latest(Approval), _latest(ProgressScore)
    figures = {
        "drivers": _number(items.filter(~Q(level=Level.IDEA))),
        "ideas": _number(items.filter(level=Level.IDEA)),
        "measures_now": _number(measures),
        "without_points": _number(measures.filter(points=None)),
        "cycles_going_on": _number(cycles.filter(state__in=Cycle.GOING_ON), by="ramp__project"),
        "cycles_closed": _number(cycles.filter(state=Cycle.State.CLOSED), by="ramp__project"),
        "files_kept": _number(ProjectFile.objects.filter(project=OuterRef("pk"))),
        "people": _number(TeamPlace.objects.live().filter(project=OuterRef("pk"))),
        "decision": Subquery(approval.values("decision")[:1]),
        "decided_on": Subquery(approval.values("decided_on")[:1]),
        "approver_role": Subquery(approval.values("approver_role")[:1]),
        "statements_made": _number(Statement.objects.filter(project=OuterRef("pk"))),
        "waiting": _number(Thread.objects.filter(project=OuterRef("pk"), waits_for=Given("side"))),
        "open_threads": _number(Thread.objects.filter(project=OuterRef("pk"), settled_at=None)),
        "score": Subquery(score.values("score")[:1]),
        "scored_at": Subquery(score.values("set_at")[:1]),
        "review": Subquery(_latest(Submission).values("state")[:1]),
        "publication": Subquery(_latest(Publication).values("state")[:1]),
    }
    return Project.objects.filter(pk=Given("project")).order_by().annotate(**figures).values_list(*figures)


_HOW_FAR = Prepared(_how_far)


def _latest(model: Any) -> QuerySet[Any]:
    rows: QuerySet[Any] = model.objects.filter(project=OuterRef("pk"))
    return rows.order_by("-id")


def _number(rows: QuerySet[Any], *, by: str = "project") -> Coalesce:
    return Coalesce(Subquery(rows.order_by().values(by).annotate(number=Count("pk")).values("number")), 0)
