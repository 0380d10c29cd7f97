"""The figures of organisations: drawn up by two workers at once, they are drawn up once."""

import pytest

from cohorts import figures
from cohorts.models import Figure
from tests.concurrency.at_once import at_once
from tests.factories import make_membership, make_organisation

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 10


def test_two_workers_draw_them_up_once() -> None:
    make_membership(organisation=make_organisation())
    for _ in range(ROUNDS):
        Figure.objects.all().delete()
        done = at_once(figures.draw_up, figures.draw_up)
        assert sorted(done) == [0, 3]
        assert Figure.objects.count() == 3
