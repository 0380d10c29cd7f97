"""Learning records by file: added once, to the ledger, for members and parts of the cohort's programme alone."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cohorts import progress
from cohorts.learning_records import BATCH, LEARNING_RECORDS, Outcome
from cohorts.models import Cohort, Evidence, EvidenceKind, Membership
from portal.accounts.models import User
from portal.imports import importing
from portal.imports.kinds import NotTheirs, Plan
from portal.outbox.models import Message
from portal.spreadsheets import Row, read
from portal.trail.models import Entry
from tests import factories as make

TOLD: list[int] = []
pytestmark = pytest.mark.django_db


def rows(*lines: str) -> list[Row]:
    return list(read(("Email;Course;Date\n" + "\n".join(lines)).encode(), LEARNING_RECORDS.columns).rows)


@pytest.fixture
def cohort() -> Cohort:
    cohort = make.make_cohort()
    by_study = [EvidenceKind.IMPORT, EvidenceKind.SELF_STUDY]
    make.make_component(cohort.programme, title="eLearning: Race and health", fulfilled_by=by_study)
    make.make_component(cohort.programme, title="Training day 1")
    return cohort


@pytest.fixture
def amina(cohort: Cohort) -> Membership:
    return make.make_membership(make.make_user(email="amina@demo.example"), cohort)


def plan(file: list[Row], cohort: Cohort) -> Plan[Any]:
    return importing.plan(LEARNING_RECORDS, file, cohort, by=make.make_admin())


def carry_out(file: list[Row], cohort: Cohort, by: User) -> None:
    agreed = plan(file, cohort).outcomes
    held = LEARNING_RECORDS.about(by, cohort.pk, held=True)
    importing.apply(LEARNING_RECORDS, file, held, agreed=agreed, by=by, told=TOLD.append)


def test_what_was_done_is_added_under_the_admins_name_and_nobody_is_written_to(
    cohort: Cohort, amina: Membership
) -> None:
    admin = make.make_admin()
    carry_out(rows("Amina@Demo.example; elearning:  race and HEALTH ;3/5/2026"), cohort, admin)
    evidence = Evidence.objects.get()
    assert (evidence.membership, evidence.fulfilled_on, evidence.kind, evidence.recorded_by) == (
        amina,
        date(2026, 5, 3),
        EvidenceKind.IMPORT,
        admin,
    )
    assert Entry.objects.filter(verb="evidence.recorded", actor=admin).count() == 1
    assert not Message.objects.exists()


def test_the_same_row_twice_and_the_same_file_again_add_once(cohort: Cohort, amina: Membership) -> None:
    line = "amina@demo.example;eLearning: Race and health;3/5/2026"
    file = rows(line, line)
    assert plan(file, cohort).outcomes == [Outcome.RECORDED, Outcome.ALREADY]
    carry_out(file, cohort, make.make_admin())
    again = plan(file, cohort)
    assert again.outcomes == [Outcome.ALREADY, Outcome.ALREADY]
    assert not again.can_be_done
    assert Evidence.objects.count() == 1


def test_what_was_taken_back_can_be_recorded_again(cohort: Cohort, amina: Membership) -> None:
    file = rows("amina@demo.example;eLearning: Race and health;3/5/2026")
    carry_out(file, cohort, make.make_admin())
    progress.withdraw(Evidence.objects.get(), by=make.make_admin())
    assert plan(file, cohort).outcomes == [Outcome.RECORDED]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (";eLearning: Race and health;3/5/2026", "Enter an email address."),
        ("other@demo.example;eLearning: Race and health;3/5/2026", "Nobody with this address is enrolled"),
        ("amina@demo.example;;3/5/2026", "Enter the title"),
        ("amina@demo.example;Elsewhere;3/5/2026", "no component “Elsewhere”"),
        ("amina@demo.example;Training day 1;3/5/2026", "is not fulfilled by a learning record"),
        ("amina@demo.example;eLearning: Race and health;", "Enter the day"),
        ("amina@demo.example;eLearning: Race and health;5/13/2026", "“5/13/2026” is no date"),
        ("amina@demo.example;eLearning: Race and health;1/1/1970", "too long ago"),
        ("amina@demo.example;eLearning: Race and health;1/1/2090", "still to come"),
        ("amina@demo.example;eLearning: Race and health;4/5/2026", "Row 2 has another day"),
    ],
)
def test_a_row_that_is_wrong_says_so_in_words(cohort: Cohort, amina: Membership, line: str, says: str) -> None:
    found = plan(rows("amina@demo.example;eLearning: Race and health;3/5/2026", line), cohort)
    assert found.outcomes == [Outcome.RECORDED, Outcome.WRONG]
    assert says in found.lines[1].problems[0]


def test_today_is_not_still_to_come(cohort: Cohort, amina: Membership) -> None:
    today = timezone.localdate()
    file = rows(f"amina@demo.example;eLearning: Race and health;{today}")
    assert plan(file, cohort).outcomes == [Outcome.RECORDED]
    late = rows(f"amina@demo.example;eLearning: Race and health;{today + timedelta(days=1)}")
    assert plan(late, cohort).outcomes == [Outcome.WRONG]


def test_who_left_is_no_member_and_who_keeps_other_programmes_has_no_such_cohort(
    cohort: Cohort, amina: Membership
) -> None:
    Membership.objects.update(state=Membership.State.WITHDRAWN)
    assert plan(rows("amina@demo.example;eLearning: Race and health;3/5/2026"), cohort).outcomes == [Outcome.WRONG]
    with pytest.raises(NotTheirs):
        LEARNING_RECORDS.about(make.make_admin_of(make.make_programme()), cohort.pk)


def test_statements_grow_with_batches_of_rows_and_not_with_rows(cohort: Cohort, django_assert_max_num_queries) -> None:
    people = [make.make_membership(cohort=cohort).user.email for _ in range(20)]
    file = rows(*(f"{email};eLearning: Race and health;3/5/2026" for email in people))
    assert len(file) < BATCH
    admin = make.make_admin()
    with django_assert_max_num_queries(4):
        agreed = importing.plan(LEARNING_RECORDS, file, cohort, by=admin).outcomes
    with django_assert_max_num_queries(12):
        held = LEARNING_RECORDS.about(admin, cohort.pk, held=True)
        importing.apply(LEARNING_RECORDS, file, held, agreed=agreed, by=admin, told=TOLD.append)
    assert Evidence.objects.count() == 20


def test_a_file_is_uploaded_looked_at_and_confirmed(desk: Client, cohort: Cohort, amina: Membership) -> None:
    page = reverse("admin:cohorts_cohort_learning_records", args=[cohort.pk])
    assert "day first" in desk.get(page).content.decode()
    content = b"Email,Component,Done on\namina@demo.example,eLearning: Race and health,46145\n"
    shown = desk.post(page, {"file": SimpleUploadedFile("records.csv", content)})
    assert "Sunday 3 May 2026" in shown.content.decode()
    done = desk.post(page, {"key": shown.context["key"]}, follow=True)
    assert "Recorded as done" in done.content.decode()
    assert Evidence.objects.get().fulfilled_on == date(2026, 5, 3)
