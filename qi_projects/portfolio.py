"""The portfolio of a programme team: what stands beside each project in their list, and how many there are of a kind.

What a measure shows is read off its row, where `showing` keeps it; no chart is reckoned here. Nobody reads a draft
here, nor a project of a programme that they do not keep (`rules.projects_kept`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, DateTimeField, DecimalField, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from cohorts.models import Cohort
from cohorts.rules import keeps_all_programmes, programmes_kept
from portal.accounts.models import User
from qi_projects.models import Measure, ProgressScore, Project, Submission, TeamPlace
from qi_projects.rules import projects_kept

Shows = Measure.Shows
JUDGED: Final = (Shows.IMPROVING, Shows.WORSENING, Shows.CHANGED, Shows.STEADY)
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
    """Annotate projects with what the list says of each: cohorts, latest score, review, and measures.

    `counts_for` has the name of each cohort, and of which programme it is; `measures_now` the name of each measure that
    is still measured, and what it shows.
    """
    scores = _scores()
    reviews = Submission.objects.filter(project=OuterRef("pk")).order_by("-id")
    places = TeamPlace.objects.filter(project=OuterRef(OuterRef("pk")), membership__cohort=OuterRef("pk"))
    cohorts = Cohort.objects.filter(Exists(places)).order_by("pk")
    return projects.annotate(
        counts_for=ArraySubquery(cohorts.annotate(told=JSONObject(name="name", programme="programme")).values("told")),
        score=Subquery(scores.values("score")[:1], output_field=DecimalField()),
        scored_at=Subquery(scores.values("set_at")[:1], output_field=DateTimeField()),
        review=Subquery(reviews.values("state")[:1]),
        measures_now=ArraySubquery(
            _measured().annotate(told=JSONObject(name="name", shows="shows")).order_by("id").values("told")
        ),
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
    found = projects & projects_kept(user).order_by()
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
    chosen = cohorts_kept(user).order_by().filter(pk=cohort)
    return projects.filter(
        Exists(TeamPlace.objects.filter(project=OuterRef("pk"), membership__cohort__in=chosen.values("pk")))
    )


def cohorts_kept(user: User) -> QuerySet[Cohort]:
    """Return the cohorts of the programmes that somebody keeps, the latest first."""
    rows = Cohort.objects.order_by("-starts_on", "name")
    return rows if keeps_all_programmes(user) else rows.filter(programme__in=programmes_kept(user))


def scored(projects: QuerySet[Project], chosen: str) -> QuerySet[Project]:
    """Return the projects whose latest score lies in a band of `BANDS`, or that were never scored."""
    if chosen == NONE:
        return projects.filter(~Exists(_scores().order_by()))
    _, least, most = BANDS[chosen]
    return projects.alias(latest_score=_latest_score()).filter(latest_score__range=(least, most))


def quiet_for(projects: QuerySet[Project], weeks: int) -> QuerySet[Project]:
    """Return the active projects whose team has changed nothing for so many weeks."""
    return projects.filter(state=Project.State.ACTIVE, last_activity_at__lte=timezone.now() - timedelta(weeks=weeks))


def whose_measures_show(projects: QuerySet[Project], shows: str) -> QuerySet[Project]:
    """Return the projects of which a measure shows this; for no signal, or too few points: of which none shows more."""
    return projects.filter(_measures_show(shows))


def _measures_show(shows: str) -> Q:
    if shows == Shows.TOO_FEW:
        return Q(~Exists(_measured().filter(shows__in=JUDGED)))
    one = Q(Exists(_measured().filter(shows=shows)))
    return one & Q(~Exists(_measured().filter(shows__in=SIGNALS))) if shows == Shows.STEADY else one


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


def at_a_glance(user: User) -> list[Table]:
    """Count the projects that somebody reads because they keep programmes, in statements as many for any number."""
    kept = projects_kept(user).order_by()
    return [
        Table("By state", _by_state(kept)),
        Table("By latest score", _by_score(kept)),
        Table(
            "By what the measures show now",
            _by_shows(kept),
            "A project counts in each line that is true of it: one measure may improve while another gets worse.",
        ),
        Table("Active, and quiet", _by_quiet(kept)),
        Table("By theme", _by_theme(kept)),
        Table(
            "By cohort",
            _by_cohort(kept, user),
            "A project counts in each cohort that somebody in its team has named for it.",
        ),
        Table("By organisation", _by_organisation(kept)),
    ]


def _by_state(kept: QuerySet[Project]) -> list[Line]:
    numbers = _grouped(kept, "state")
    return [Line(label, numbers.get(state, 0), _filter(state=state)) for state, label in STATES.items()]


def _by_score(kept: QuerySet[Project]) -> list[Line]:
    numbers = _grouped(kept.annotate(latest_score=_latest_score()), "latest_score")
    banded = {
        key: sum(number for score, number in numbers.items() if score is not None and band.least <= score <= band.most)
        for key, band in BANDS.items()
    }
    banded[NONE] = numbers.get(None, 0)
    return [Line(label, banded[key], _filter(score=key)) for key, label in SCORES.items()]


def _by_shows(kept: QuerySet[Project]) -> list[Line]:
    numbers = kept.aggregate(**{key: Count("pk", filter=_measures_show(key)) for key in SHOWN})
    return [Line(label, numbers[key], _filter(shows=key)) for key, label in SHOWN.items()]


def _by_quiet(kept: QuerySet[Project]) -> list[Line]:
    now = timezone.now()
    quiet = {
        f"for_{weeks}": Count("pk", filter=Q(last_activity_at__lte=now - timedelta(weeks=weeks)))
        for weeks in QUIET_WEEKS
    }
    numbers = kept.filter(state=Project.State.ACTIVE).aggregate(**quiet)
    return [Line(quiet_label(weeks), numbers[f"for_{weeks}"], _filter(quiet=weeks)) for weeks in QUIET_WEEKS]


def quiet_label(weeks: int) -> str:
    """Say for how long a team has changed nothing."""
    return f"Nothing for {weeks} weeks or more"


def _by_theme(kept: QuerySet[Project]) -> list[Line]:
    rows = kept.values_list("theme", "theme__name").annotate(number=Count("pk")).order_by("theme__name")
    return [
        Line(name or "No theme", number, _filter(theme__id__exact=key) if key else _filter(theme__isnull=True))
        for key, name, number in rows
    ]


def _by_cohort(kept: QuerySet[Project], user: User) -> list[Line]:
    places = TeamPlace.objects.filter(
        project__in=kept.values("pk"), membership__cohort__in=cohorts_kept(user).order_by().values("pk")
    )
    rows = places.order_by("-membership__cohort__starts_on", "membership__cohort__name").values_list(
        "membership__cohort", "membership__cohort__name"
    )
    numbered = rows.annotate(number=Count("project", distinct=True))
    return [Line(name, number, _filter(cohort=key)) for key, name, number in numbered]


def _by_organisation(kept: QuerySet[Project]) -> list[Line]:
    rows = kept.values_list("organisation", "organisation__name").annotate(number=Count("pk"))
    return [
        Line(name or "No organisation", number, _filter(organisation=key or NONE))
        for key, name, number in rows.order_by("organisation__name")
    ]


def _grouped(projects: QuerySet[Any], by: str) -> dict[Any, int]:
    return dict(projects.values_list(by).annotate(number=Count("pk")).order_by())


def _filter(**chosen: object) -> str:
    return urlencode(chosen)


def _measured() -> QuerySet[Measure]:
    """Return the measures of the outer row that are still measured."""
    return Measure.objects.filter(project=OuterRef("pk"), put_away_at=None).order_by()


def _scores() -> QuerySet[ProgressScore]:
    return ProgressScore.objects.filter(project=OuterRef("pk")).order_by("-id")


def _latest_score() -> Subquery:
    return Subquery(_scores().values("score")[:1], output_field=DecimalField())
