"""The way of a file: for its owner alone, once, whole or not at all, whatever becomes of workers."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone

from cohorts.imports import ENROLMENTS
from cohorts.models import Cohort
from portal import broker
from portal.accounts.models import User
from portal.imports import importing, kinds
from portal.imports.importing import AT_ONCE, MOST_ATTEMPTS, carry_out, confirm, done_of, forget, keep, look
from portal.imports.models import FileImport
from portal.spreadsheets import Row, read
from portal.trail.models import Entry
from tests import factories as make

pytestmark = pytest.mark.django_db
State = FileImport.State


def rows(number: int) -> list[Row]:
    lines = "".join(f"Person {n},p{n}@demo.example,ZZ1,\n" for n in range(number))
    return list(read(f"Name,Email,Organisation,Job role\n{lines}".encode(), ENROLMENTS.columns).rows)


@pytest.fixture
def cohort() -> Cohort:
    make.make_organisation(ods_code="ZZ1")
    return make.make_cohort(places=1000)


@pytest.fixture
def owner() -> User:
    return make.make_admin()


def kept(file: list[Row], cohort: Cohort, owner: User) -> str:
    agreed = importing.plan(ENROLMENTS, file, cohort, by=owner).outcomes
    return keep(ENROLMENTS, cohort.pk, file, agreed=agreed, owner=owner)


@pytest.fixture
def waiting(cohort: Cohort, owner: User) -> FileImport:
    """A file that is too long to be carried out at once."""
    taken = confirm(kept(rows(AT_ONCE + 1), cohort, owner), ENROLMENTS, cohort.pk, owner=owner)
    assert taken
    assert taken.state == State.WAITING
    return taken


def test_a_kept_file_is_given_once_and_to_its_owner_alone(cohort: Cohort, owner: User) -> None:
    file = rows(1)
    key = kept(file, cohort, owner)
    another = make.make_cohort().pk
    assert look(key, ENROLMENTS, cohort.pk, owner=make.make_admin()) is None
    assert look(key, ENROLMENTS, another, owner=owner) is None
    assert confirm(key, ENROLMENTS, another, owner=owner) is None
    assert confirm("not a key", ENROLMENTS, cohort.pk, owner=owner) is None
    assert not FileImport.objects.exists()
    assert confirm(key, ENROLMENTS, cohort.pk, owner=owner)
    assert confirm(key, ENROLMENTS, cohort.pk, owner=owner) is None


def test_what_is_kept_can_be_read_neither_in_the_cache_nor_in_the_database(cohort: Cohort, waiting: FileImport) -> None:
    kept(rows(1), cohort, make.make_admin())
    client = broker.client()
    values: list[Any] = [client.get(name) for name in client.keys("*import:*")]
    assert values
    assert not any(b"demo.example" in value for value in [*values, bytes(waiting.sealed)])


def test_a_short_file_is_carried_out_at_once(cohort: Cohort, owner: User) -> None:
    taken = confirm(kept(rows(2), cohort, owner), ENROLMENTS, cohort.pk, owner=owner)
    assert taken
    assert (taken.state, bytes(taken.sealed), taken.numbers) == (State.DONE, b"", {"New account, then enrolled": 2})
    assert cohort.memberships.count() == 2
    verbs = Entry.objects.filter(verb__startswith="cohort.file_").order_by("pk").values_list("verb", "details")
    assert list(verbs) == [
        ("cohort.file_confirmed", {"rows": 2}),
        ("cohort.file_carried_out", {"rows": 2, "by_import": taken.pk}),
    ]


def test_a_long_one_waits_for_a_worker_and_is_carried_out_once(cohort: Cohort, waiting: FileImport) -> None:
    assert not cohort.memberships.exists()
    assert importing.carry_out_waiting() == 1
    assert importing.carry_out_waiting() == 0
    assert not carry_out(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, done_of(waiting)) == (State.DONE, AT_ONCE + 1)
    assert cohort.memberships.count() == AT_ONCE + 1


class Killed(BaseException):
    """What ends a worker."""


@pytest.fixture
def breaks() -> Iterator[list[BaseException]]:
    """Let enrolling break, with what is put in here, once a first batch is done."""
    errors: list[BaseException] = []

    class Breaks(type(ENROLMENTS)):  # type: ignore[misc]  # the class of a constant
        def carry_out(self, plan: Any, about: Cohort, *, by: User, told: Any) -> None:
            super().carry_out(plan, about, by=by, told=told)
            if errors:
                raise errors.pop()

    kinds.register(Breaks())
    yield errors
    kinds.register(ENROLMENTS)


def test_a_worker_that_is_killed_has_done_nothing_and_the_next_does_all(
    cohort: Cohort, waiting: FileImport, breaks: list[BaseException]
) -> None:
    breaks.append(Killed())
    with pytest.raises(Killed), transaction.atomic():
        carry_out(waiting.pk)
    assert not cohort.memberships.exists()
    assert not User.objects.filter(email="p0@demo.example").exists()
    assert carry_out(waiting.pk)
    assert cohort.memberships.count() == AT_ONCE + 1


def test_when_the_database_goes_away_it_is_tried_again(
    cohort: Cohort, waiting: FileImport, breaks: list[BaseException]
) -> None:
    breaks.append(OperationalError())
    with pytest.raises(OperationalError):
        carry_out(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts) == (State.WAITING, 1)
    assert carry_out(waiting.pk)
    assert cohort.memberships.count() == AT_ONCE + 1


def test_what_kills_every_worker_is_given_up(waiting: FileImport) -> None:
    FileImport.objects.update(attempts=MOST_ATTEMPTS)
    assert not carry_out(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, bytes(waiting.sealed)) == (State.FAILED, b"")


def test_an_error_of_ours_ends_it_with_nothing_done_and_nothing_of_it_logged(
    cohort: Cohort, waiting: FileImport, breaks: list[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    breaks.append(RuntimeError("p0@demo.example"))
    assert carry_out(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, done_of(waiting), bytes(waiting.sealed)) == (State.FAILED, 0, b"")
    assert not cohort.memberships.exists()
    assert "An import failed" in caplog.text
    assert "demo.example" not in caplog.text


def test_a_row_that_somebody_wrote_at_that_moment_ends_it_with_nothing_done(
    cohort: Cohort, waiting: FileImport, breaks: list[BaseException]
) -> None:
    breaks.append(IntegrityError())
    assert carry_out(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == State.CHANGED
    assert not cohort.memberships.exists()


def test_nothing_is_done_when_something_changed_meanwhile(cohort: Cohort, waiting: FileImport) -> None:
    make.make_user(email="p7@demo.example")
    assert carry_out(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == State.CHANGED
    assert not cohort.memberships.exists()


@pytest.mark.parametrize("change", [{"is_active": False}, {"roles": None}])
def test_nothing_is_done_for_who_may_not_do_it_any_more(
    cohort: Cohort, owner: User, waiting: FileImport, change: dict[str, Any]
) -> None:
    if "roles" in change:
        owner.roles.update(until=timezone.now() - timedelta(minutes=1))
    else:
        User.objects.filter(pk=owner.pk).update(**change)
    assert carry_out(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == State.CHANGED
    assert not cohort.memberships.exists()


def test_it_says_how_far_it_is(cohort: Cohort, waiting: FileImport) -> None:
    assert done_of(waiting) == 0
    cache.set(f"import-progress:{waiting.pk}", 100)
    assert done_of(waiting) == 100


def test_what_nobody_carries_out_is_given_up_and_what_is_old_forgotten(waiting: FileImport) -> None:
    now = timezone.now()
    assert forget(now=now + timedelta(hours=23)) == 0
    assert forget(now=now + timedelta(hours=25)) == 1
    waiting.refresh_from_db()
    assert (waiting.state, bytes(waiting.sealed)) == (State.FAILED, b"")
    assert forget(now=now + timedelta(days=29)) == 0
    assert forget(now=now + timedelta(days=32)) == 1
    assert not FileImport.objects.exists()


def test_postgresql_lets_no_import_that_ended_hold_anything(waiting: FileImport) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        FileImport.objects.update(state=State.DONE, ended_at=timezone.now())
