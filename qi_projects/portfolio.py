"""The portfolio of a programme team: what stands beside each project in their list, and how many there are of a kind.

What projects are filtered by and counted by stands on their own rows (ADR 0096); no chart is reckoned here. Nobody
reads a draft here, nor a project of a programme that they do not keep (`rules.projects_kept`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Case, DateTimeField, Exists, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import JSONObject
from django.utils import timezone
from psycopg import sql as text

from cohorts.models import Cohort
from cohorts.rules import keeps_all_programmes, programmes_kept
from portal.accounts.models import Organisation, User
from qi_projects.models import Measure, ProgressScore, Project, Submission, TeamPlace, Theme
from qi_projects.rules import projects_kept

Shows = Measure.Shows
SIGNALS: Final = (Shows.IMPROVING, Shows.WORSENING, Shows.CHANGED)
QUIET_WEEKS: Final = (6, 12)
NONE: Final = "none"
"""In an address: the projects without one."""


class Band(NamedTuple):
    """Scores that are looked at together, both ends included."""

    label: str
    least: Decimal
    most: Decimal


BANDS: Final[Mapping[str, Band]] = {
    "beginning": Band("0.5 to 1.5: getting ready", Decimal("0.5"), Decimal("1.5")),
    "testing": Band("2 to 2.5: learning and testing", Decimal("2.0"), Decimal("2.5")),
    "improving": Band("3 to 3.5: improving", Decimal("3.0"), Decimal("3.5")),
    "lasting": Band("4 to 5: significant, and lasting", Decimal("4.0"), Decimal("5.0")),
}
SCORES: Final[Mapping[str, str]] = {**{key: band.label for key, band in BANDS.items()}, NONE: "Not scored yet"}
SHOWN: Final[Mapping[str, str]] = {
    Shows.IMPROVING: "A measure improves",
    Shows.WORSENING: "A measure gets worse",
    Shows.CHANGED: "A measure has changed, not known whether for the better",
    Shows.STEADY: "No signal in any measure",
    Shows.TOO_FEW: "No measure with enough points",
}
STATES: Final[Mapping[str, str]] = {
    state.value: str(state.label) for state in Project.State if state is not Project.State.DRAFT
}


# --- Beside each project


def with_figures(projects: QuerySet[Project]) -> QuerySet[Any]:
    """Annotate projects with what the list says of each: cohorts, when the latest score was set, review, and measures.

    `counts_for` has the name of each cohort, and of which programme it is; `measures_now` the name of each measure that
    is still measured, and what it shows.
    """
    scores = ProgressScore.objects.filter(project=OuterRef("pk")).order_by("-id")
    measures = Measure.objects.filter(project=OuterRef("pk"), put_away_at=None).order_by("id")
    reviews = Submission.objects.filter(project=OuterRef("pk")).order_by("-id")
    places = TeamPlace.objects.filter(project=OuterRef(OuterRef("pk")), membership__cohort=OuterRef("pk"))
    cohorts = Cohort.objects.filter(Exists(places)).order_by("pk")
    return projects.annotate(
        counts_for=ArraySubquery(cohorts.annotate(told=JSONObject(name="name", programme="programme")).values("told")),
        scored_at=Subquery(scores.values("set_at")[:1], output_field=DateTimeField()),
        review=Subquery(reviews.values("state")[:1]),
        measures_now=ArraySubquery(measures.annotate(told=JSONObject(name="name", shows="shows")).values("told")),
    )


def cohorts_told(project: Any) -> list[str]:
    """Return the names of the cohorts for which a project with figures counts, of the programmes that may be told.

    `within` says which those are: a team of several cohorts works on one project, and its programme teams each know of
    their own.
    """
    return [cohort["name"] for cohort in project.counts_for if cohort["programme"] in project.programmes_told]


def within(user: User, projects: QuerySet[Project]) -> QuerySet[Project]:
    """Return the projects that somebody reads because they keep a programme, each with the programmes that they keep.

    Not by a list of keys: a page of the list is then read off the index of last activity.
    """
    found = projects & projects_kept(user, counted=True).order_by()
    return found.annotate(programmes_told=ArraySubquery(programmes_kept(user).order_by().values("pk")))


def names_by_shows(project: Any) -> dict[str, list[str]]:
    """Return, of a project with figures, the names of the measures that show each thing; of none, nothing."""
    found: dict[str, list[str]] = {}
    for measure in project.measures_now:
        found.setdefault(measure["shows"], []).append(measure["name"])
    return found


def shows_told(project: Any) -> Iterator[str]:
    """Say of a project with figures what its measures show: which of them, where there is a signal."""
    names, count = names_by_shows(project), len(project.measures_now)
    if not count:
        yield "No measure yet"
    for shows in SIGNALS:
        if shows in names:
            yield f"{shows.label}, {len(names[shows])} of {count}: {', '.join(names[shows])}"
    for shows in (Shows.STEADY, Shows.TOO_FEW):
        if shows in names:
            yield f"{shows.label}, {len(names[shows])} of {count}"


# --- By what the list is filtered


def counting_for(projects: QuerySet[Project], cohort: int, *, user: User) -> QuerySet[Project]:
    """Return the projects that count for a cohort which somebody keeps; of another one, none."""
    return projects.filter(cohort_keys__overlap=cohorts_kept(user).order_by().filter(pk=cohort).values("pk"))


def cohorts_kept(user: User) -> QuerySet[Cohort]:
    """Return the cohorts of the programmes that somebody keeps, the latest first."""
    rows = Cohort.objects.order_by("-starts_on", "name")
    return rows if keeps_all_programmes(user) else rows.filter(programme__in=programmes_kept(user))


def scored(projects: QuerySet[Project], chosen: str) -> QuerySet[Project]:
    """Return the projects whose latest score lies in a band of `BANDS`, or that were never scored."""
    if chosen == NONE:
        return projects.filter(latest_score=None)
    _, least, most = BANDS[chosen]
    return projects.filter(latest_score__range=(least, most))


def quiet_for(projects: QuerySet[Project], weeks: int) -> QuerySet[Project]:
    """Return the active projects whose team has changed nothing for so many weeks."""
    return projects.filter(state=Project.State.ACTIVE, last_activity_at__lte=timezone.now() - timedelta(weeks=weeks))


def whose_measures_show(projects: QuerySet[Project], shows: str) -> QuerySet[Project]:
    """Return the projects of which a measure shows this; for no signal, or too few points: of which none shows more."""
    return projects.filter(measures_show__contains=[shows])


# --- How many there are


@dataclass(frozen=True, slots=True)
class Line:
    """How many projects there are of a kind, and by which filter the list shows them."""

    name: str
    number: int
    filtered: str


@dataclass(frozen=True, slots=True)
class Table:
    """Projects counted by one thing. `remark` says what is to be known of the numbers."""

    caption: str
    lines: Sequence[Line]
    remark: str = ""


class Alike(NamedTuple):
    """How many projects are alike in all of this; of those that are active, for how many weeks at least quiet."""

    state: str
    score: Decimal | None
    shows: Sequence[str]
    quiet: int
    number: int


@dataclass(frozen=True, slots=True)
class Counted:
    """How many projects there are of each kind; of a theme, organisation or cohort by its key."""

    alike: list[Alike] = field(default_factory=list)
    themes: Counter[int | None] = field(default_factory=Counter)
    organisations: Counter[int | None] = field(default_factory=Counter)
    cohorts: Counter[int] = field(default_factory=Counter)


def at_a_glance(user: User) -> list[Table]:
    """Count the projects that somebody reads because they keep programmes, by one reading of their rows."""
    counted = _counted(projects_kept(user, counted=True))
    return [
        Table("By state", _by_state(counted.alike)),
        Table("By latest score", _by_score(counted.alike)),
        Table(
            "By what the measures show now",
            _by_shows(counted.alike),
            "A project counts in each line that is true of it: one measure may improve while another gets worse.",
        ),
        Table("Active, and quiet", _by_quiet(counted.alike)),
        Table("By theme", _by_theme(counted.themes)),
        Table(
            "By cohort",
            _by_cohort(counted.cohorts, user),
            "A project counts in each cohort that somebody in its team has named for it.",
        ),
        Table("By organisation", _by_organisation(counted.organisations)),
    ]


COUNT: Final = """
SELECT GROUPING(state, theme_id, organisation_id, cohort_keys), state, latest_score, measures_show, quiet, theme_id,
    organisation_id, cohort_keys, count(*)
FROM ({}) AS kept
GROUP BY GROUPING SETS ((state, latest_score, measures_show, quiet), (theme_id), (organisation_id), (cohort_keys))
"""
ALIKE, OF_A_THEME, OF_AN_ORGANISATION = 0b0111, 0b1011, 0b1101
"""What GROUPING says of a row: a bit is unset where the row is about that column."""


def _counted(projects: QuerySet[Project]) -> Counted:
    """Count projects in one statement, so that all numbers are of one moment. Django knows no GROUPING SETS."""
    kept, given = _with_quiet(projects).query.sql_with_params()
    counted = Counted()
    with connection.cursor() as cursor:
        cursor.execute(text.SQL(COUNT).format(text.SQL(kept)).as_string(cursor.connection), given)
        for about, state, score, shows, quiet, theme, organisation, cohorts, number in cursor.fetchall():
            if about == ALIKE:
                counted.alike.append(Alike(state, score, shows, quiet, number))
            elif about == OF_A_THEME:
                counted.themes[theme] = number
            elif about == OF_AN_ORGANISATION:
                counted.organisations[organisation] = number
            else:
                counted.cohorts.update(dict.fromkeys(cohorts, number))
    return counted


def _with_quiet(projects: QuerySet[Project]) -> QuerySet[Any, Any]:
    now = timezone.now()
    longest_first = sorted(QUIET_WEEKS, reverse=True)
    quiet = Case(
        When(~Q(state=Project.State.ACTIVE), then=0),
        *(When(last_activity_at__lte=now - timedelta(weeks=weeks), then=weeks) for weeks in longest_first),
        default=0,
    )
    columns = ("state", "latest_score", "measures_show", "theme_id", "organisation_id", "cohort_keys")
    found: QuerySet[Any, Any] = projects.order_by().annotate(quiet=quiet).values(*columns, "quiet")
    return found


def _by_state(alike: Sequence[Alike]) -> list[Line]:
    return [
        Line(label, sum(each.number for each in alike if each.state == state), _filter(state=state))
        for state, label in STATES.items()
    ]


def _by_score(alike: Sequence[Alike]) -> list[Line]:
    return [
        Line(label, sum(each.number for each in alike if _is_scored(each.score, key)), _filter(score=key))
        for key, label in SCORES.items()
    ]


def _is_scored(score: Decimal | None, chosen: str) -> bool:
    if chosen == NONE or score is None:
        return chosen == NONE and score is None
    return BANDS[chosen].least <= score <= BANDS[chosen].most


def _by_shows(alike: Sequence[Alike]) -> list[Line]:
    return [
        Line(label, sum(each.number for each in alike if shows in each.shows), _filter(shows=shows))
        for shows, label in SHOWN.items()
    ]


def _by_quiet(alike: Sequence[Alike]) -> list[Line]:
    return [
        Line(quiet_label(weeks), sum(each.number for each in alike if each.quiet >= weeks), _filter(quiet=weeks))
        for weeks in QUIET_WEEKS
    ]


def quiet_label(weeks: int) -> str:
    """Say for how long a team has changed nothing."""
    return f"Nothing for {weeks} weeks or more"


def _by_theme(numbers: Counter[int | None]) -> list[Line]:
    rows = Theme.objects.filter(pk__in=filter(None, numbers)).order_by("name").values_list("pk", "name")
    lines = [Line(name, numbers[key], _filter(theme__id__exact=key)) for key, name in rows]
    return [*lines, *_without("No theme", numbers, theme__isnull=True)]


def _by_cohort(numbers: Counter[int], user: User) -> list[Line]:
    rows = cohorts_kept(user).filter(pk__in=numbers).values_list("pk", "name")
    return [Line(name, numbers[key], _filter(cohort=key)) for key, name in rows]


def _by_organisation(numbers: Counter[int | None]) -> list[Line]:
    rows = Organisation.objects.filter(pk__in=filter(None, numbers)).order_by("name").values_list("pk", "name")
    lines = [Line(name, numbers[key], _filter(organisation=key)) for key, name in rows]
    return [*lines, *_without("No organisation", numbers, organisation=NONE)]


def _without(name: str, numbers: Counter[int | None], **chosen: object) -> list[Line]:
    return [Line(name, numbers[None], _filter(**chosen))] if numbers[None] else []


def _filter(**chosen: object) -> str:
    return urlencode(chosen)
