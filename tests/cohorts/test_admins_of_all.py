"""The migration that says of each programme admin whether they keep all programmes, or those that name them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from portal.accounts.models import Role, User
from portal.trail.models import Entry
from tests import factories as make

pytestmark = pytest.mark.django_db

Kind = Role.Kind
MIGRATION = ("cohorts", "0005_programme_admins_of_all")


@pytest.fixture
def migrate() -> Callable[[str], None]:
    """Run the migration's own function, one way or the other, on the models as they are at that point."""
    loader = MigrationLoader(connection)
    operation = loader.get_migration(*MIGRATION).operations[-1]
    apps = loader.project_state([MIGRATION]).apps

    def run(way: str) -> None:
        with connection.schema_editor(atomic=False) as editor:
            getattr(operation, way)(apps, editor)

    return run


def kinds(person: User) -> set[str]:
    return set(person.roles.values_list("kind", flat=True))


def test_who_is_named_nowhere_keeps_all_and_who_is_named_keeps_what_names_them(migrate: Callable[[str], None]) -> None:
    nowhere, named = make.make_user(Kind.PROGRAMME_ADMIN, Kind.COACH), make.make_admin_of(make.make_programme())
    former, guest = make.make_user(Kind.PROGRAMME_ADMIN), make.make_user(Kind.FACILITATOR)
    former.roles.update(until=timezone.now() - timedelta(days=1))
    nowhere.roles.update(until=timezone.now() + timedelta(days=1))
    migrate("code")
    assert kinds(nowhere) == {Kind.ALL_PROGRAMMES_ADMIN, Kind.COACH}
    assert kinds(named) == kinds(former) == {Kind.PROGRAMME_ADMIN}
    assert kinds(guest) == {Kind.FACILITATOR}
    entries = Entry.objects.filter(subject=f"user:{nowhere.pk}").order_by("id")
    assert [(entry.verb, entry.details, entry.actor) for entry in entries] == [
        ("role.ended", {"kind": "programme_admin"}, None),
        ("role.granted", {"kind": "all_programmes_admin"}, None),
    ]
    assert not Entry.objects.exclude(pk__in=entries).exists()


def test_it_can_be_done_twice_and_undone(migrate: Callable[[str], None]) -> None:
    person, both = make.make_user(Kind.PROGRAMME_ADMIN), make.make_user(Kind.PROGRAMME_ADMIN, Kind.ALL_PROGRAMMES_ADMIN)
    for _ in range(2):
        migrate("code")
        assert kinds(person) == {Kind.ALL_PROGRAMMES_ADMIN}
        assert kinds(both) == {Kind.PROGRAMME_ADMIN, Kind.ALL_PROGRAMMES_ADMIN}
    migrate("reverse_code")
    assert kinds(person) == {Kind.PROGRAMME_ADMIN}
