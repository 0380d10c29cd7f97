"""A coach's projects: how far each is, what waits for the coach, and which may be stuck.

That a project may be stuck is three plain facts, with since when; what to make of them is the coach's. They are never
told of a project that waits for a reviewer, or has ended.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, DateTimeField, DecimalField, Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from portal.accounts.models import User
from portal.nhsuk.dates import say_date, uk_time
from qi_projects.models import CoachAbsence, ProgressScore, Project, Side, Submission, TeamPlace, Thread
from qi_projects.models.teams import Role
from qi_projects.rules import places_covered

QUIET: Final = timedelta(weeks=6)
"""So long without anything that the team did, and it is said."""
UNANSWERED: Final = timedelta(days=7)
SAME_SCORE: Final = timedelta(weeks=12)


@dataclass(frozen=True, slots=True)
class Case:
    """One project of a coach, with `instead_of` whom they stand in there today."""

    project: Project
    instead_of: User | None
    score: Decimal | None
    waiting: int
    waiting_since: datetime | None
    in_review: bool
    stuck: Sequence[str]


def cases(coach: User) -> list[Case]:
    """Return what a coach coaches today, in two statements: what waits longest first, then what may be stuck.

    Projects that go on stand before those that have ended.
    """
    own = TeamPlace.objects.live().filter(user=coach, role=Role.COACH)
    covered = {place.project_id: place.user for place in places_covered(coach).select_related("user")}
    rows: QuerySet[Any] = with_progress(
        Project.objects.filter(Q(pk__in=own.values("project")) | Q(pk__in=covered)).select_related("organisation")
    )
    mine = set(own.values_list("project", flat=True)) if covered else set()
    found = [_case(row, None if row.pk in mine else covered.get(row.pk)) for row in rows]
    return sorted(found, key=_urgency)


def with_progress(projects: QuerySet[Project]) -> QuerySet[Any]:
    """Annotate projects with their latest score, since when it is the same, what waits for a coach, and for review."""
    scores = ProgressScore.objects.filter(project=OuterRef("pk")).order_by("-id")
    another = ProgressScore.objects.filter(
        ~Q(score=OuterRef("score")), project=OuterRef("project"), pk__gt=OuterRef("pk")
    )
    same = ProgressScore.objects.filter(~Exists(another), project=OuterRef("pk")).order_by("id")
    waiting = Thread.objects.waiting_for(Side.COACH).filter(project=OuterRef("pk")).order_by().values("project")
    return projects.annotate(
        score=Subquery(scores.values("score")[:1], output_field=DecimalField()),
        same_since=Subquery(same.values("set_at")[:1], output_field=DateTimeField()),
        waiting=Subquery(waiting.annotate(number=Count("pk")).values("number")),
        waiting_since=Subquery(waiting.annotate(first=Min("waits_since")).values("first")),
        in_review=Exists(Submission.objects.waiting().filter(project=OuterRef("pk"))),
    )


def absences(coach: User) -> QuerySet[CoachAbsence]:
    """Return when a coach is away and when they stand in, from today on."""
    rows = CoachAbsence.objects.not_over(timezone.localdate()).filter(Q(coach=coach) | Q(covered_by=coach))
    return rows.select_related("coach", "covered_by")


def _case(row: Any, instead_of: User | None) -> Case:
    watched = row.is_going_on and not row.in_review
    return Case(
        project=row,
        instead_of=instead_of,
        score=row.score,
        waiting=row.waiting or 0,
        waiting_since=row.waiting_since,
        in_review=row.in_review,
        stuck=list(_stuck(row)) if watched else (),
    )


def _stuck(row: Any) -> Iterator[str]:
    """Say what may show that a team is stuck: the facts alone, and never whose they are."""
    now = timezone.now()
    if row.waiting_since and row.waiting_since <= now - UNANSWERED:
        yield f"Waits for an answer since {_day(row.waiting_since)}."
    if row.last_activity_at <= now - QUIET:
        yield f"Last changed on {_day(row.last_activity_at)}."
    if row.score is not None and row.score < 5 and row.same_since <= now - SAME_SCORE:
        yield f"At {row.score} on the scale since {_day(row.same_since)}."


def _day(moment: datetime) -> str:
    return say_date(uk_time(moment), weekday=False)


def _urgency(case: Case) -> tuple[bool, bool, date, bool, date]:
    longest = uk_time(case.waiting_since).date() if case.waiting_since else date.max
    return (
        not case.project.is_going_on,
        case.waiting == 0,
        longest,
        not case.stuck,
        uk_time(case.project.last_activity_at).date(),
    )
