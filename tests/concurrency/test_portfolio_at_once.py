"""What is kept on a project's row for the portfolio, while those who write wait for no lock but PostgreSQL's."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest
from django.utils import timezone

from cohorts.models import Membership
from portal.accounts.models import User
from qi_projects.models import Measure, ProgressScore, Project, TeamPlace
from tests.concurrency.at_once import at_once
from tests.factories import make_admin, make_cohort, make_membership
from tests.qi_projects.kept import from_its_rows, kept
from tests.qi_projects.making import make_active
from tests.qi_projects.test_portfolio_numbers import make_row

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8


def score(project: Project, value: str, by: User) -> None:
    ProgressScore.objects.create(
        project=project, score=Decimal(value), supported_by="What we saw", set_by=by, set_by_side="coach"
    )


def join(project: Project, membership: Membership) -> None:
    TeamPlace.objects.create(project=project, user=membership.user, membership=membership, role="member")


def move(membership: Membership, cohort: int) -> None:
    Membership.objects.filter(pk=membership.pk).update(cohort=cohort)


def test_written_at_once_by_whoever_holds_no_project_it_is_what_the_rows_say() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        project = make_active()
        measures = [make_row(project, Measure.Shows.IMPROVING) for _ in range(2)]
        deeds: list[Callable[[], object]] = [
            partial(score, project, "1.0", admin),
            partial(score, project, "4.5", admin),
            partial(make_row, project, Measure.Shows.WORSENING),
            partial(Measure.objects.filter(pk=measures[0].pk).update, put_away_at=timezone.now()),
            partial(Measure.objects.filter(pk=measures[1].pk).update, shows=Measure.Shows.CHANGED),
            partial(join, project, make_membership()),
            partial(join, project, make_membership()),
        ]
        done = at_once(*deeds)
        assert not [each for each in done if isinstance(each, Exception)], done
        assert kept(project) == from_its_rows(project)


def test_who_joins_while_their_place_moves_to_another_cohort_counts_where_they_are_then() -> None:
    cohort = make_cohort()
    for _ in range(ROUNDS):
        project, membership = make_active(), make_membership(cohort=cohort)
        later = make_cohort(cohort.programme)
        done = at_once(partial(join, project, membership), partial(move, membership, later.pk))
        assert not [each for each in done if isinstance(each, Exception)], done
        assert kept(project)[2] == [later.pk]
