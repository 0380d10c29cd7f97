"""Enrolment by file: what it would do, and that it does just that."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cohorts.imports import BATCH, ENROLMENTS, Outcome
from cohorts.models import Cohort, Membership
from portal.accounts.models import Organisation, User
from portal.imports import importing
from portal.imports.importing import NoLongerSo
from portal.imports.kinds import NotTheirs, Plan
from portal.outbox.models import Message
from portal.spreadsheets import Row, read
from portal.trail.models import Entry
from tests import factories as make

pytestmark = pytest.mark.django_db

TOLD: list[int] = []
HEADINGS = "Name,Email,Organisation,Job role\n"


def rows(*lines: str) -> list[Row]:
    return list(read((HEADINGS + "\n".join(lines)).encode(), ENROLMENTS.columns).rows)


def plan(file: list[Row], cohort: Cohort, by: User | None = None) -> Plan[Any]:
    return importing.plan(ENROLMENTS, file, cohort, by=by or make.make_admin())


def carry_out(file: list[Row], cohort: Cohort, *, agreed: list[str], by: User) -> None:
    cohort = ENROLMENTS.about(by, cohort.pk, held=True)
    importing.apply(ENROLMENTS, file, cohort, agreed=agreed, by=by, told=TOLD.append)


@pytest.fixture
def cohort() -> Cohort:
    make.make_organisation(ods_code="ZZ1")
    make.make_job_role(name="Midwife")
    return make.make_cohort(places=100)


def test_a_plan_changes_nothing_and_says_what_it_would_do(cohort: Cohort) -> None:
    enrolled = make.make_membership(cohort=cohort, organisation=make.make_organisation())
    known = make.make_user(email="known@demo.example", organisation=make.make_organisation())
    found = plan(
        rows(
            "New Person,new@demo.example,zz1,midwife",
            f"Anybody,{enrolled.user.email.upper()},ZZ1,",
            "Known Person,Known@Demo.Example,,",
        ),
        cohort,
    )
    assert found.outcomes == [Outcome.NEW, Outcome.ALREADY, Outcome.ENROLLED]
    assert (len(found.acting), found.can_be_done) == (2, True)
    assert found.lines[2].person == known
    assert found.lines[2].organisation == known.organisation
    assert not User.objects.filter(email="new@demo.example").exists()
    assert Membership.objects.count() == 1


def test_what_is_agreed_is_carried_out_and_nobody_is_written_to(cohort: Cohort) -> None:
    admin = make.make_admin()
    file = rows("New Person,NEW@demo.example,ZZ1,Midwife", "=cmd|' /C calc'!A0,formula@demo.example,ZZ1,")
    carry_out(file, cohort, agreed=plan(file, cohort).outcomes, by=admin)
    made: Any = User.objects.get(email="new@demo.example")
    assert (made.name, made.organisation.ods_code, made.job_role.name) == ("New Person", "ZZ1", "Midwife")
    assert not made.has_usable_password()
    assert made.emailaddress_set.get().verified
    assert User.objects.get(email="formula@demo.example").name == "=cmd|' /C calc'!A0"
    assert cohort.memberships.enrolled().count() == 2
    assert Entry.objects.filter(verb="membership.enrolled", actor=admin).count() == 2
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (",a@demo.example,ZZ1,", "Enter a name."),
        ("x" * 201 + ",a@demo.example,ZZ1,", "longer than 200 characters"),
        ("Ada,,ZZ1,", "Enter an email address."),
        ("Ada,a@demo,ZZ1,", "not complete"),
        ("Ada,a b@demo.example,ZZ1,", "not complete"),
        ("Ada,=1+1,ZZ1,", "not complete"),
        ("Ada,a@demo.example,ZZ9,", "no organisation with the ODS code “ZZ9”"),
        ("Ada,a@demo.example,,", "Enter the ODS code"),
        ("Ada,a@demo.example,ZZ1,Pilot", "no job role “Pilot”"),
    ],
)
def test_a_row_that_is_wrong_says_so_in_words(cohort: Cohort, line: str, says: str) -> None:
    found = plan(rows("Bea,b@demo.example,ZZ1,", line), cohort)
    assert [found_line.number for found_line in found.of(Outcome.WRONG)] == [3]
    assert says in found.lines[1].problems[0]
    assert not found.can_be_done


def test_the_same_address_twice_is_wrong_whatever_its_capitals(cohort: Cohort) -> None:
    found = plan(rows("Ada,a@demo.example,ZZ1,", "Ada,A@Demo.example,ZZ1,"), cohort)
    assert found.outcomes == [Outcome.NEW, Outcome.WRONG]
    assert found.lines[1].problems == ("Row 2 is the same person. Keep one of the two.",)


def test_closed_accounts_and_people_who_left_need_a_decision(cohort: Cohort) -> None:
    closed = make.make_user(is_active=False)
    left = make.make_membership(cohort=cohort, state=Membership.State.WITHDRAWN).user
    found = plan(rows(f"A,{closed.email},ZZ1,", f"B,{left.email},ZZ1,"), cohort)
    assert ["account is closed" in found.lines[0].problems[0], "left the cohort" in found.lines[1].problems[0]] == [
        True,
        True,
    ]


def test_names_in_any_script_are_kept_composed_and_without_direction_marks(cohort: Cohort) -> None:
    file = rows("\u202eمحمد\u202c علی\u200cرضا,m@demo.example,ZZ1,", "Zoe\u0308,z@demo.example,ZZ1,")  # noqa: RUF001  # Persian
    assert [line.name for line in plan(file, cohort).lines] == ["محمد علی\u200cرضا", "Zo\u00eb"]  # noqa: RUF001  # Persian


def test_more_people_than_places_cannot_be_done(cohort: Cohort) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(places=1)
    cohort.refresh_from_db()
    found = plan(rows("A,a@demo.example,ZZ1,", "B,b@demo.example,ZZ1,"), cohort)
    assert "would enrol 2 people, and the cohort has 1 place left" in found.why_not
    assert not found.can_be_done


def test_a_file_in_which_all_are_enrolled_leaves_nothing_to_do(cohort: Cohort) -> None:
    enrolled = make.make_membership(cohort=cohort, organisation=make.make_organisation())
    assert not plan(rows(f"A,{enrolled.user.email},ZZ1,"), cohort).can_be_done


def test_nothing_is_done_when_something_changed_since_the_preview(cohort: Cohort) -> None:
    admin = make.make_admin()
    file = rows("A,a@demo.example,ZZ1,", "B,b@demo.example,ZZ1,")
    agreed = plan(file, cohort).outcomes
    make.make_user(email="a@demo.example")
    with pytest.raises(NoLongerSo) as refused:
        carry_out(file, cohort, agreed=agreed, by=admin)
    assert refused.value.plan.outcomes == [Outcome.ENROLLED, Outcome.NEW]
    assert not cohort.memberships.exists()
    assert not User.objects.filter(email="b@demo.example").exists()


def test_statements_grow_with_batches_of_rows_and_not_with_rows(cohort: Cohort, django_assert_max_num_queries) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(places=20_000)
    admin = make.make_admin()
    for group, number in (("a", 10), ("b", 10_000)):
        file = rows(*(f"Person {n},{group}{n}@demo.example,ZZ1,Midwife" for n in range(number)))
        with django_assert_max_num_queries(9):
            agreed = plan(file, cohort, admin).outcomes
        batches = -(-number // BATCH)
        TOLD.clear()
        with django_assert_max_num_queries(12 + 14 * batches):
            carry_out(file, cohort, agreed=agreed, by=admin)
        assert (len(TOLD), TOLD[-1]) == (batches, number)
    assert cohort.memberships.enrolled().count() == 10_010


@pytest.mark.parametrize("heading", ["Email", "E-mail", "email address", "E-mail address"])
def test_the_address_may_stand_under_any_name_that_people_give_it(heading: str) -> None:
    content = f"Name,{heading},Organisation,Job role\nAda,a@demo.example,ZZ1,\n"
    assert [row.cells["email"] for row in read(content.encode(), ENROLMENTS.columns).rows] == ["a@demo.example"]


def test_whoever_was_offered_a_place_takes_the_one_that_is_held(cohort: Cohort) -> None:
    offered = make.make_membership(
        cohort=cohort, state=Membership.State.OFFERED, offer_expires_at=timezone.now() + timedelta(days=1)
    ).user
    Cohort.objects.filter(pk=cohort.pk).update(places=1)
    cohort.refresh_from_db()
    assert plan(rows(f"A,{offered.email},ZZ1,"), cohort).can_be_done


@pytest.mark.parametrize("name", ["Zoë  Müller", "ZOE MULLER", "Zoe\u0308 Muller"])
def test_a_new_person_who_may_be_a_known_one_is_pointed_out(cohort: Cohort, name: str) -> None:
    trust = Organisation.objects.get(ods_code="ZZ1")
    make.make_user(name="Zoë Müller", email="zoe@demo.example", organisation=trust)
    make.make_user(name="Zoë Müller", email="elsewhere@demo.example", organisation=make.make_organisation())
    (line,) = plan(rows(f"{name},other@demo.example,ZZ1,"), cohort).lines
    assert line.outcome == Outcome.NEW
    assert line.notes == ("Probably the same person as zoe@demo.example. If so, write that address in the file.",)


def test_the_same_person_under_two_addresses_of_the_file_is_pointed_out(cohort: Cohort) -> None:
    found = plan(rows("Zoë Müller,z@demo.example,ZZ1,", "zoe muller,zm@demo.example,ZZ1,"), cohort)
    assert [line.notes for line in found.lines] == [
        ("Row 3 has the same name and organisation. Is it the same person?",),
        ("Row 2 has the same name and organisation. Is it the same person?",),
    ]
    assert found.can_be_done


def test_an_admin_is_not_told_of_people_of_programmes_that_they_do_not_keep(cohort: Cohort) -> None:
    trust = Organisation.objects.get(ods_code="ZZ1")
    make.make_user(name="Zoë Müller", organisation=trust)
    kept = make.make_user(name="Amina Khan", organisation=trust)
    make.make_membership(kept, cohort)
    found = plan(
        rows("Zoë Müller,other@demo.example,ZZ1,", "Amina Khan,too@demo.example,ZZ1,"),
        cohort,
        make.make_admin_of(cohort.programme),
    )
    assert [len(line.notes) for line in found.lines] == [0, 1]


def test_an_address_with_accents_is_wrong_and_the_one_without_is_offered(cohort: Cohort) -> None:
    (line,) = plan(rows("Zoë,zoë@demo.example,ZZ1,"), cohort).lines
    assert line.problems[1] == "Do you mean zoe@demo.example?"


def test_a_row_that_cannot_be_read_as_it_stands_is_wrong(cohort: Cohort) -> None:
    found = plan(rows("Ada,a@demo.example,ZZ1,,spare"), cohort)
    assert found.outcomes == [Outcome.WRONG]
    assert "There are more cells" in found.lines[0].problems[0]


def test_who_keeps_other_programmes_has_no_such_cohort(cohort: Cohort) -> None:
    with pytest.raises(NotTheirs):
        ENROLMENTS.about(make.make_admin_of(make.make_programme()), cohort.pk)
    with pytest.raises(NotTheirs):
        ENROLMENTS.about(make.make_admin(), None)
