"""`portfolio.*`: the programme team's list of projects with few of them and with many, its filters, numbers and files.

A fifth of the projects have 60 points in each of their measures; what these show is reckoned as a release does it. Of
the others it is set: for a list it does not matter how that came to be there.
"""

import time
from collections.abc import Iterator
from datetime import timedelta

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from cohorts.models import Membership
from portal.accounts.models import Organisation, Role, User
from portal.questions import CONFIRMED
from qi_projects import showing
from qi_projects.models import Measure, ProgressScore, Project, Side, Submission, TeamPlace, Theme
from qi_projects.models.coaching import SCORES
from tests.benchmarks.client import Client, Request
from tests.benchmarks.crowds import Occasions
from tests.benchmarks.effort import Effort
from tests.benchmarks.growth import at_both, copy_database, on_database
from tests.benchmarks.pages import ask, measure_page
from tests.benchmarks.people import signed_in
from tests.benchmarks.result import Floor, Result, median_of
from tests.benchmarks.stack import Stack
from tests.benchmarks.tour import Page, bare_view, person

MANY = "many_projects"
ORGANISATIONS = 40
PROGRAMMES, KEPT, PEOPLE = 20, 7, 50
"""Each programme has one cohort of so many people; an admin keeps so many of them."""
MEASURES, POINTS = 3, 60
WITH_POINTS = 5
"""One project in so many has points."""
NAME = "Bench project"
WRITTEN = "What a team writes in one box of its project, in about as many words as people take for it. " * 4
"""In each of four boxes: nobody counts rows that are empty."""
SHOWN = ("steady", "steady", "improving", "too_few", "too_few", "improving", "worsening")

ENTER_POINTS = """
INSERT INTO qi_projects_point (measure_id, counted, day, value, note, entered_by_id, entered_at)
SELECT measure, 'value', date '2025-01-06' + 7 * week,
    50 + 5 * (random() - 0.5) - CASE WHEN measure %% 3 = 0 AND week > 40 THEN 20 ELSE 0 END, '', %s, now()
FROM unnest(%s::bigint[]) AS measure CROSS JOIN generate_series(0, %s - 1) AS week
"""
COPY_PROJECTS = """
COPY (
    SELECT project.title, project.id, organisation.name, theme.name, project.setting, project.state,
        project.active_since, project.last_activity_at
    FROM qi_projects_project project
    LEFT JOIN accounts_organisation organisation ON organisation.id = project.organisation_id
    LEFT JOIN qi_projects_theme theme ON theme.id = project.theme_id
    WHERE project.active_since IS NOT NULL
) TO STDOUT
"""


def measure(stack: Stack, effort: Effort) -> Iterator[Result]:
    """Yield every figure about the portfolio."""
    admin, keeper = person("admin"), _people()
    pages = _pages(signed_in(admin), signed_in(keeper))
    bare = bare_view().encode()
    export = Request(f"{_at('export')}", signed_in(admin), form={CONFIRMED: "yes", "format": "csv"}).encode()
    few_database = str(connection.settings_dict["NAME"])
    _grow(effort.few_projects, admin)
    copy_database(few_database, MANY)
    with on_database(MANY):
        yield _grow(effort.many_projects, admin)
        copied = median_of(effort.runs, _copy)
    few_url, many_url = stack.postgres.url(few_database), stack.postgres.url(MANY)
    with stack.web(DATABASE_URL=many_url) as many_port:
        with stack.floor() as floor_port, Client(floor_port) as floor, Client(many_port) as many:
            for page in pages:
                yield measure_page(f"portfolio.{page.name}", effort, page, many, floor, bare)
        with stack.web(DATABASE_URL=few_url) as few_port, Client(few_port) as few, Client(many_port) as many:
            for page in pages:
                yield _growth(effort, page, few, many)
        with Client(many_port) as many:
            speed = median_of(effort.runs, lambda: effort.many_projects / ask(many, export, "the export") * 1000)
    yield Result(
        "portfolio.export",
        speed,
        "projects/s",
        Floor("COPY of their own columns to the client, rows/s", copied),
        {"projects": effort.many_projects, "seconds": effort.many_projects / speed},
    )


def _growth(effort: Effort, page: Page, few: Client, many: Client) -> Result:
    at_few, at_many = at_both(effort, page, few, many)
    floor = Floor(f"the same at {effort.few_projects:,} projects, p95, ms", at_few)
    return Result(f"portfolio.growth.{page.name}", at_many, "ms (p95)", floor, {"projects": effort.many_projects})


def _at(page: str) -> str:
    return reverse(f"admin:qi_projects_project_{page}")


def _pages(admin: str, keeper: str) -> list[Page]:
    """Return the list, as admins of all programmes and of some see it, by its filter, and its numbers."""
    return [
        Page("page", Request(_at("changelist"), admin)),
        Page("of_some_programmes", Request(_at("changelist"), keeper)),
        Page("improving", Request(f"{_at('changelist')}?shows=improving", admin)),
        Page("at_a_glance", Request(_at("glance"), admin)),
        Page("at_a_glance_of_some", Request(_at("glance"), keeper)),
    ]


def _people() -> User:
    """Make the organisations, programmes and people of all projects; return who keeps some of the programmes."""
    Organisation.objects.bulk_create(
        Organisation(name=f"Bench Trust {number:02}", ods_code=f"ZZP{number:02}") for number in range(ORGANISATIONS)
    )
    keeper = User.objects.create_user("keeper@demo.example", "Demo Keeper", is_staff=True)
    Role.objects.create(user=keeper, kind=Role.Kind.PROGRAMME_ADMIN)
    for number in range(PROGRAMMES):
        crowd = Occasions(PEOPLE, name=f"portfolio-{number}")
        if number < KEPT:
            Membership.objects.get(pk=crowd.first_membership).cohort.programme.admins.add(keeper)
    return keeper


@transaction.atomic
def _make(first: int, last: int, admin: User) -> None:
    """Make projects with all that a list says of each; the numbers stand for one from beginning to end."""
    organisations = list(Organisation.objects.filter(name__startswith="Bench Trust"))
    themes = list(Theme.objects.all())
    members = list(Membership.objects.filter(cohort__name__startswith="portfolio-").select_related("user"))
    settings = Project.Setting.values
    now = timezone.now()
    projects = Project.objects.bulk_create(
        Project(
            title=f"{NAME} {number}",
            theme=themes[number % len(themes)],
            organisation=organisations[number % len(organisations)],
            setting=settings[number % len(settings)],
            noticed=WRITTEN,
            why_it_matters=WRITTEN,
            aim_what=WRITTEN,
            first_change=WRITTEN,
            state="active" if number % 10 < 7 else "finished",
            active_since=now - timedelta(days=200),
            ended_why="" if number % 10 < 7 else "How it ended",
            last_activity_at=now - timedelta(days=number % 180, seconds=number),
        )
        for number in range(first, last)
    )
    teams = [[members[(at * 13 + step) % len(members)] for step in (0, 57, 411)] for at in range(first, last)]
    TeamPlace.objects.bulk_create(
        TeamPlace(project=project, user=member.user, membership=member, role="member" if place else "lead")
        for project, team in zip(projects, teams, strict=True)
        for place, member in enumerate(team)
    )
    ProgressScore.objects.bulk_create(
        ProgressScore(
            project=project,
            score=SCORES[(project.pk + step) % len(SCORES)],
            supported_by="What we saw",
            set_by=admin,
            set_by_side=Side.COACH,
        )
        for project in projects
        if project.pk % 5
        for step in (0, 1)
    )
    Submission.objects.bulk_create(
        Submission(
            project=project, state="accepted", version=1, submitted_by=team[0].user, decided_by=admin, decided_at=now
        )
        for project, team in zip(projects, teams, strict=True)
        if project.pk % 3 == 0
    )
    measures = Measure.objects.bulk_create(
        Measure(
            project=project,
            name=f"Bench measure {number}",
            kind="outcome",
            counted="value",
            direction="lower",
            often="week",
            chart="xmr",
            baseline=24,
        )
        for project in projects
        for number in range(MEASURES)
    )
    keys = [each.pk for each in measures if each.project_id % WITH_POINTS == 0]
    with connection.cursor() as cursor:
        cursor.execute(ENTER_POINTS, [admin.pk, keys, POINTS])


def _grow(number: int, admin: User) -> Result:
    """Have so many projects, and let PostgreSQL tidy up; return how long a release takes over their measures."""
    _make(Project.objects.filter(title__startswith=NAME).count(), number, admin)
    showing.keep_all()
    began = time.perf_counter()
    showing.keep_all()  # as a release does by whose rules nothing is something else
    seconds = time.perf_counter() - began
    bench = Measure.objects.filter(name__startswith="Bench measure")
    without_points = [each for each in bench if each.project_id % WITH_POINTS]
    for each in without_points:
        each.shows = SHOWN[each.pk % len(SHOWN)]
    Measure.objects.bulk_update(without_points, ["shows"], batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
    measures = Measure.objects.count()
    return Result(
        "portfolio.reckon",
        seconds,
        "s",
        None,
        {"measures": measures, "with_points": measures - len(without_points), "points": POINTS},
    )


def _copy() -> float:
    """Copy the projects of the list to this process; return rows a second."""
    began = time.perf_counter()
    rows = 0
    with connection.cursor() as cursor:
        copying = cursor.copy(COPY_PROJECTS)
        with copying as copy:
            for _ in copy.rows():
                rows += 1
    return rows / (time.perf_counter() - began)
