"""Nominating by file: whom the preview says is written to, and nobody else."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cohorts.models import Cohort, Membership
from cohorts.nominating import take_back_nomination
from cohorts.nominations_by_file import NOMINATIONS, Outcome
from portal.accounts.models import Organisation, User
from portal.imports import importing
from portal.imports.importing import NoLongerSo
from portal.imports.kinds import Plan
from portal.outbox.models import Message
from portal.spreadsheets import Row, read
from tests import factories as make

pytestmark = pytest.mark.django_db
State = Membership.State
TOLD: list[int] = []


def rows(*lines: str) -> list[Row]:
    return list(read(("Name,Email,Organisation,Job role\n" + "\n".join(lines)).encode(), NOMINATIONS.columns).rows)


def plan(file: list[Row], cohort: Cohort) -> Plan[Any]:
    return importing.plan(NOMINATIONS, file, cohort, by=make.make_admin())


def carry_out(file: list[Row], cohort: Cohort, by: User) -> None:
    agreed = plan(file, cohort).outcomes
    held = NOMINATIONS.about(by, cohort.pk, held=True)
    importing.apply(NOMINATIONS, file, held, agreed=agreed, by=by, told=TOLD.append)


@pytest.fixture
def trust() -> Organisation:
    return make.make_organisation(ods_code="ZZ1")


@pytest.fixture
def cohort(trust: Organisation) -> Cohort:
    return make.make_open_cohort()


def test_each_person_is_nominated_by_the_admin_and_written_to(cohort: Cohort, trust: Organisation) -> None:
    other = make.make_organisation(ods_code="ZZ2")
    known = make.make_user(email="known@demo.example", organisation=other)
    admin = make.make_admin()
    file = rows("New Person,new@demo.example,ZZ1,", "Known,known@demo.example,,")
    found = plan(file, cohort)
    assert found.outcomes == [Outcome.NEW, Outcome.NOMINATED]
    assert "This sends 2 emails" in " ".join(NOMINATIONS.says(found, cohort))
    carry_out(file, cohort, admin)
    memberships = {membership.user.email: membership for membership in cohort.memberships.select_related("user")}
    assert {(each.state, each.nominated_by) for each in memberships.values()} == {(State.NOMINATED, admin)}
    assert memberships["new@demo.example"].organisation == trust
    assert memberships["known@demo.example"].organisation == other
    written_to = Message.objects.filter(rule="place.nominated").values_list("person", flat=True)
    assert sorted(written_to) == sorted([known.pk, memberships["new@demo.example"].user_id])


def test_who_is_on_the_list_stays_and_is_not_written_to(cohort: Cohort, trust: Organisation) -> None:
    people = [make.make_user(organisation=trust) for _ in range(3)]
    for person, state in zip(people, (State.APPLIED, State.ENROLLED, State.DECLINED), strict=True):
        make.make_membership(person, cohort, state=state)
    found = plan(rows(*(f"A,{person.email},," for person in people)), cohort)
    assert found.outcomes == [Outcome.ALREADY] * 3
    assert not found.can_be_done


def test_whose_nomination_was_taken_back_is_nominated_again(cohort: Cohort, trust: Organisation) -> None:
    admin, file = make.make_admin(), rows("A,a@demo.example,ZZ1,")
    carry_out(file, cohort, admin)
    take_back_nomination(cohort.memberships.get(), by=admin)
    assert plan(file, cohort).outcomes == [Outcome.NOMINATED]
    carry_out(file, cohort, admin)
    assert cohort.memberships.get().state == State.NOMINATED
    assert Message.objects.filter(rule="place.nominated").count() == 2


def test_a_nomination_is_of_their_own_organisation_and_of_an_open_account(cohort: Cohort, trust: Organisation) -> None:
    elsewhere = make.make_user(organisation=make.make_organisation(name="Trust B"))
    closed = make.make_user(organisation=trust, is_active=False)
    found = plan(rows(f"A,{elsewhere.email},ZZ1,", f"B,{closed.email},ZZ1,"), cohort)
    assert "Their account is with Trust B." in found.lines[0].problems[0]
    assert "account is closed" in found.lines[1].problems[0]


def test_a_cohort_that_takes_nobody_takes_no_file(trust: Organisation) -> None:
    cohort = make.make_cohort()
    found = plan(rows("A,a@demo.example,ZZ1,"), cohort)
    assert "takes no nominations today" in found.why_not
    with pytest.raises(NoLongerSo):
        carry_out(rows("A,a@demo.example,ZZ1,"), cohort, make.make_admin())
    assert not Message.objects.exists()


def test_the_page_says_how_many_emails_are_sent(desk: Client, cohort: Cohort) -> None:
    page = reverse("admin:cohorts_cohort_nominate", args=[cohort.pk])
    content = b"Name,Email,Organisation,Job role\nA,a@demo.example,ZZ1,\n"
    shown = desk.post(page, {"file": SimpleUploadedFile("people.csv", content)})
    assert "This sends 1 email:" in shown.content.decode()
    assert "Nominate and write to 1 person" in shown.content.decode()
    assert not Message.objects.exists()
    desk.post(page, {"key": shown.context["key"]})
    assert Message.objects.filter(rule="place.nominated").count() == 1
