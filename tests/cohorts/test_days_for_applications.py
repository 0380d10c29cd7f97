"""From when to when people may apply: both days or neither, whoever writes them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cohorts.models import Cohort
from tests.cohorts.pages import cohort_facts, words
from tests.factories import make_cohort, make_open_cohort

pytestmark = pytest.mark.django_db

MIGRATION = ("cohorts", "0016_opening_without_closing")


@contextmanager
def before_the_migration() -> Iterator[None]:
    """Let PostgreSQL hold what it held before, until the migration is applied at the end."""
    loader = MigrationLoader(connection)
    migration, before = loader.get_migration(*MIGRATION), loader.project_state(MIGRATION, at_end=False)
    with connection.schema_editor(atomic=False) as editor:
        migration.unapply(before.clone(), editor)
    yield
    with connection.schema_editor(atomic=False) as editor:
        # What waits for the end of the transaction that made these rows, which in life is another.
        editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        migration.apply(before.clone(), editor)


def test_postgresql_refuses_one_day_without_the_other() -> None:
    cohort = make_open_cohort()
    for missing in ("opens_on", "closes_on"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Cohort.objects.filter(pk=cohort.pk).update(**{missing: None})


def test_where_there_was_no_last_day_the_first_one_goes_and_the_page_had_survived_it(desk: Client) -> None:
    today = timezone.localdate()
    with before_the_migration():
        without_end = make_cohort(opens_on=today)
        whole = make_cohort(opens_on=today, closes_on=today)
        page = words(desk.get(reverse("admin:cohorts_cohort_applicants", args=[without_end.pk])))
        assert "enter from when to when applications are open" in page
        assert not without_end.takes_applications
    without_end.refresh_from_db()
    whole.refresh_from_db()
    assert (without_end.opens_on, without_end.closes_on) == (None, None)
    assert (whole.opens_on, whole.closes_on) == (today, today)


@pytest.mark.parametrize(
    ("opens", "closes", "field", "says"),
    [
        (0, None, "closes_on", "Enter the last day to apply"),
        (None, 0, "opens_on", "Enter the first day to apply"),
        (0, -1, "closes_on", "must be the same as or after the first"),
    ],
)
def test_the_form_says_which_day_is_wrong(
    desk: Client, opens: int | None, closes: int | None, field: str, says: str
) -> None:
    cohort, today = make_cohort(), timezone.localdate()
    days = {
        name: (today + timedelta(days=number)).isoformat()
        for name, number in (("opens_on", opens), ("closes_on", closes))
        if number is not None
    }
    answer = desk.post(reverse("admin:cohorts_cohort_change", args=[cohort.pk]), cohort_facts(cohort, **days))
    errors = answer.context["adminform"].form.errors
    assert list(errors) == [field]
    assert says in errors[field][0]


def test_both_days_or_neither_are_saved(desk: Client) -> None:
    cohort, today = make_cohort(), timezone.localdate()
    address = reverse("admin:cohorts_cohort_change", args=[cohort.pk])
    for days in ({"opens_on": today.isoformat(), "closes_on": today.isoformat()}, {}):
        assert desk.post(address, cohort_facts(cohort, **days)).status_code == 302
        cohort.refresh_from_db()
        assert bool(cohort.opens_on) == bool(cohort.closes_on) == bool(days)
