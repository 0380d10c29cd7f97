"""One file, several workers and several clicks: it is carried out once, whole, and a killed worker lets go of it."""

import multiprocessing
import os
import signal
import time
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections

from cohorts.imports import ENROLMENTS, Enrolments
from cohorts.models import Cohort
from portal.accounts.models import User
from portal.imports import importing, kinds
from portal.imports.importing import AT_ONCE, carry_out, confirm, keep
from portal.imports.models import FileImport
from portal.spreadsheets import Row, read
from tests.concurrency.at_once import at_once
from tests.factories import make_admin, make_cohort, make_organisation

pytestmark = pytest.mark.django_db(transaction=True)

State = FileImport.State
MANY = AT_ONCE + 400


def rows(number: int) -> list[Row]:
    lines = "".join(f"Person {n},p{n}@demo.example,ZZ1,\n" for n in range(number))
    return list(read(f"Name,Email,Organisation,Job role\n{lines}".encode(), ENROLMENTS.columns).rows)


def kept(number: int, cohort: Cohort, owner: User) -> str:
    file = rows(number)
    agreed = importing.plan(ENROLMENTS, file, cohort, by=owner).outcomes
    return keep(ENROLMENTS, cohort.pk, file, agreed=agreed, owner=owner)


@pytest.fixture
def cohort() -> Cohort:
    make_organisation(ods_code="ZZ1")
    return make_cohort(places=2 * MANY)


@pytest.fixture
def waiting(cohort: Cohort) -> FileImport:
    owner = make_admin()
    taken = confirm(kept(MANY, cohort, owner), ENROLMENTS, cohort.pk, owner=owner)
    assert taken
    return taken


def test_a_file_that_is_confirmed_twice_at_once_is_taken_once(cohort: Cohort) -> None:
    owner = make_admin()
    key = kept(3, cohort, owner)
    done = at_once(*[partial(confirm, key, ENROLMENTS, cohort.pk, owner=owner)] * 3)
    assert sum(each is not None for each in done) == 1
    assert cohort.memberships.count() == 3


def test_of_several_workers_one_carries_it_out(cohort: Cohort, waiting: FileImport) -> None:
    done = at_once(*[partial(carry_out, waiting.pk)] * 3)
    assert sum(each is True for each in done) == 1
    cohort.refresh_from_db()
    assert cohort.memberships.count() == cohort.taken == MANY


def test_two_files_for_the_last_places_of_a_cohort_take_them_once(cohort: Cohort) -> None:
    Cohort.objects.update(places=MANY + 10)
    cohort.refresh_from_db()
    owner, other = make_admin(), make_admin()
    first = confirm(kept(MANY, cohort, owner), ENROLMENTS, cohort.pk, owner=owner)
    file = [Row(row.number, {**row.cells, "email": f"other-{row.cells['email']}"}) for row in rows(MANY)]
    agreed = importing.plan(ENROLMENTS, file, cohort, by=other).outcomes
    key = keep(ENROLMENTS, cohort.pk, file, agreed=agreed, owner=other)
    second = confirm(key, ENROLMENTS, cohort.pk, owner=other)
    assert first
    assert second
    at_once(partial(carry_out, first.pk), partial(carry_out, second.pk))
    assert sorted(FileImport.objects.values_list("state", flat=True)) == [State.CHANGED, State.DONE]
    cohort.refresh_from_db()
    assert cohort.memberships.count() == cohort.taken == MANY


class Slow(Enrolments):
    """Enrols, and then does not come to an end."""

    def carry_out(self, plan: Any, about: Cohort, *, by: User, told: Any) -> None:
        """Enrol, and sleep."""
        super().carry_out(plan, about, by=by, told=told)
        time.sleep(60)


def _work(pk: int) -> None:
    connections.close_all()
    kinds.register(Slow())
    carry_out(pk)


def test_a_worker_that_is_killed_lets_go_and_the_next_one_carries_it_out(cohort: Cohort, waiting: FileImport) -> None:
    connections.close_all()
    worker = multiprocessing.get_context("fork").Process(target=_work, args=(waiting.pk,))
    worker.start()
    deadline = time.monotonic() + 60
    while importing.done_of(waiting) < MANY and time.monotonic() < deadline:
        time.sleep(0.05)
    assert importing.done_of(waiting) == MANY
    assert not carry_out(waiting.pk)  # while the first is at it
    assert not cohort.memberships.exists()
    assert worker.pid
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    connection.close()
    while not carry_out(waiting.pk) and time.monotonic() < deadline:
        time.sleep(0.1)
    waiting.refresh_from_db()
    assert waiting.state == State.DONE
    assert cohort.memberships.count() == MANY
