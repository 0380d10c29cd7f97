"""Whatever projects there are, each number of the portfolio at a glance is that of the rows that its filter shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection, transaction
from django.http import QueryDict
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from cohorts.models import Membership
from portal.accounts.models import Organisation, User
from qi_projects import portfolio
from qi_projects.models import Measure, ProgressScore, Project, TeamPlace, Theme
from qi_projects.models.coaching import SCORES
from tests.factories import make_admin, make_admin_of, make_cohort, make_membership, make_organisation, make_programme
from tests.qi_projects.kept import from_its_rows, kept
from tests.qi_projects.making import join, make_active, make_draft
from tests.qi_projects.measures import make_measure

pytestmark = pytest.mark.django_db
Shows, State = Measure.Shows, Project.State
TWO, MEMBERS = 2, 5
# A little before and after six and twelve weeks.
DAYS = (0, 41, 43, 83, 85, 400)


@dataclass(frozen=True)
class Made:
    """What projects are made of, and who reads them: everything, one programme, and none."""

    themes: Sequence[Theme]
    organisations: Sequence[Organisation]
    memberships: Sequence[Membership]
    readers: Sequence[User]

    def listed(self, reader: User, filtered: str) -> int:
        """Return how many projects the list shows somebody, filtered like that."""
        request = RequestFactory().get("/", QueryDict(filtered).dict())
        request.user = reader
        desk: Any = admin.site.get_model_admin(Project)
        number: int = desk.rows_of_list(request).count()
        return number


@pytest.fixture
def made() -> Made:
    one, other = make_programme(), make_programme()
    cohorts = [make_cohort(one), make_cohort(one), make_cohort(other)]
    return Made(
        [Theme.objects.create(name=f"Theme {number}") for number in range(TWO)],
        [make_organisation() for _ in range(TWO)],
        [make_membership(cohort=cohorts[number % len(cohorts)]) for number in range(MEMBERS)],
        [make_admin(), make_admin_of(one), make_admin_of(make_programme())],
    )


A_PROJECT = some.fixed_dictionaries(
    {
        "state": some.sampled_from([*State, State.ACTIVE]),
        "stopped_as_a_draft": some.booleans(),
        "theme": some.none() | some.integers(0, TWO - 1),
        "organisation": some.none() | some.integers(0, TWO - 1),
        "quiet": some.sampled_from(DAYS),
        "scores": some.lists(some.sampled_from(SCORES), max_size=2),
        "measures": some.lists(some.tuples(some.sampled_from(["", *Shows]), some.booleans()), max_size=3),
        "team": some.lists(some.integers(0, MEMBERS - 1), max_size=3, unique=True),
    }
)


def make(number: int, said: dict[str, Any], made: Made) -> Project:
    """Make a project and all that is said of it, row by row, whatever verbs would say to it."""
    now, state = timezone.now(), said["state"]
    private = state == State.DRAFT or (state == State.ABANDONED and said["stopped_as_a_draft"])
    project = Project.objects.create(
        title=f"Project {number}",
        state=state,
        active_since=None if private else now,
        ended_why="" if state in Project.GOING_ON else "How it ended",
        last_activity_at=now - timedelta(days=said["quiet"]),
        theme=None if said["theme"] is None else made.themes[said["theme"]],
        organisation=None if said["organisation"] is None else made.organisations[said["organisation"]],
    )
    for score in said["scores"]:
        _score(project, score, made)
    for shows, put_away in said["measures"]:
        make_row(project, shows, put_away=put_away)
    for at, key in enumerate(said["team"]):
        membership = made.memberships[key]
        TeamPlace.objects.create(
            project=project, user=membership.user, membership=membership, role="lead", left_at=now if at else None
        )
    return project


def make_row(project: Project, shows: str, *, put_away: bool = False) -> Measure:
    """Make a measure that shows something, as if it had been reckoned."""
    return Measure.objects.create(
        project=project,
        name="Wait",
        kind="outcome",
        counted="value",
        direction="lower",
        often="week",
        shows=shows,
        put_away_at=timezone.now() if put_away else None,
    )


def _score(project: Project, score: Decimal, made: Made) -> ProgressScore:
    return ProgressScore.objects.create(
        project=project, score=score, supported_by="What we saw", set_by=made.readers[0], set_by_side="team"
    )


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(said=some.lists(A_PROJECT, min_size=1, max_size=6))
def test_each_number_is_that_of_the_rows_which_its_filter_shows(made: Made, said: list[dict[str, Any]]) -> None:
    with transaction.atomic():
        projects = [make(number, each, made) for number, each in enumerate(said)]
        assert [kept(project) for project in projects] == [from_its_rows(project) for project in projects]
        for reader in made.readers:
            tables = portfolio.at_a_glance(reader)
            for table in tables:
                for line in table.lines:
                    assert made.listed(reader, line.filtered) == line.number, (table.caption, line, said)
            # What everybody has one of: no project is missing in the lines of it.
            for table in tables:
                if table.caption in {"By state", "By latest score", "By theme", "By organisation"}:
                    assert sum(line.number for line in table.lines) == made.listed(reader, ""), table.caption
        transaction.set_rollback(True)


class TestWhatIsKept:
    """PostgreSQL keeps it, whoever writes, and nobody else does."""

    def test_each_thing_that_changes_is_kept_and_what_goes_is_gone(self, made: Made) -> None:
        project, other = make_active(), make_active()
        assert kept(project) == (None, [Shows.TOO_FEW], [])
        first, second = _score(project, Decimal("1.0"), made), _score(project, Decimal("4.5"), made)
        measures = [make_row(project, shows) for shows in (Shows.WORSENING, Shows.IMPROVING, Shows.STEADY)]
        place = join(project)
        TeamPlace.objects.filter(pk=place.pk).update(membership=made.memberships[0])
        one, another = made.memberships[0].cohort_id, made.memberships[1].cohort_id
        assert kept(project) == (Decimal("4.5"), [Shows.IMPROVING, Shows.WORSENING], [one])
        second.delete()
        Measure.objects.filter(pk=measures[0].pk).update(put_away_at=timezone.now())
        Measure.objects.filter(pk=measures[1].pk).update(project=other)
        Membership.objects.filter(pk=made.memberships[0].pk).update(cohort=another)
        assert kept(project) == (Decimal("1.0"), [Shows.STEADY], [another])
        assert kept(other) == (None, [Shows.IMPROVING], [])
        ProgressScore.objects.filter(pk=first.pk).update(score=Decimal("2.0"))
        place.delete()
        project.measures.all().delete()
        assert kept(project) == (Decimal("2.0"), [Shows.TOO_FEW], [])

    def test_who_saves_a_project_as_they_read_it_writes_over_nothing(self, made: Made) -> None:
        project = make_draft()
        read = Project.objects.get(pk=project.pk)
        _score(project, Decimal("3.0"), made)
        make_row(project, Shows.IMPROVING)
        read.save()
        Project.objects.filter(pk=project.pk).update(latest_score=Decimal("5.0"), measures_show=[], cohort_keys=[1])
        assert kept(project) == (Decimal("3.0"), [Shows.IMPROVING], [])
        said = {"state": State.ABANDONED, "ended_why": "No time"}
        new = Project.objects.create(**said, latest_score=Decimal("5.0"), measures_show=["improving"], cohort_keys=[1])
        assert kept(new) == (None, [Shows.TOO_FEW], [])

    def test_a_verb_that_changes_nothing_of_it_leaves_the_row_as_it_was(self) -> None:
        measure = make_measure()

        def version() -> Any:
            with connection.cursor() as cursor:
                cursor.execute("SELECT ctid FROM qi_projects_project WHERE id = %s", [measure.project_id])
                return cursor.fetchone()

        before = version()
        measure.save()
        assert version() == before
