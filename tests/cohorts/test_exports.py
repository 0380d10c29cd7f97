"""Lists as files: which columns each has, of whom it tells, and that the trail knows."""

import csv
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cohorts.admin import exports
from cohorts.models import Application, ApplicationAnswer, Booking, Cohort, Membership
from portal.accounts.models import User
from portal.accounts.organisations_by_file import ORGANISATIONS
from portal.trail.models import Entry
from tests import factories as make
from tests.cohorts.evaluations import booked, hold, say, session_with_questions

pytestmark = pytest.mark.django_db
State = Membership.State


def rows_of(answer: Any) -> list[list[str]]:
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content, newline="")))


def download(desk: Client, page: str) -> list[list[str]]:
    return rows_of(desk.post(page, {"confirmed": "yes", "format": "csv"}))


def test_no_list_has_a_column_but_these() -> None:
    assert exports.MEMBERS == (
        "Name",
        "Email",
        "Cohort",
        "Organisation",
        "Job role",
        "State",
        "Done",
        "Asked",
        "On time",
    )
    assert exports.BOOKINGS == (
        "Name",
        "Email",
        "Organisation",
        "Session",
        "Cohort",
        "Date",
        "Starts",
        "Ends",
        "State",
    )
    assert exports.APPLICANTS == ("Name", "Email", "Organisation", "Job role", "State", "Since")
    assert exports.EVALUATION == (
        "What was asked",
        "People",
        "Agree",
        "Neither",
        "Disagree",
        "Mean",
        "Mean before",
        "Mean after",
        "In their own words",
    )
    assert [column.heading for column in ORGANISATIONS.columns] == ["ODS code", "Name", "Email domains"]


def test_a_sessions_bookings_are_its_register_without_anybodys_reasons(desk: Client) -> None:
    cohort = make.make_cohort()
    session = make.make_session(cohort=cohort)
    held = make.make_booking(make.make_user(name="@Amina"), session)
    Booking.objects.filter(pk=held.pk).update(cancel_reason="canary-reason")
    make.make_booking(make.make_user(), make.make_session(cohort=cohort, days=40))
    page = f"{reverse('admin:cohorts_booking_export')}?session__id__exact={session.pk}"
    assert "who has booked what, and who came: 1 in all" in desk.get(page).content.decode()
    ((*_, state),) = rows = download(desk, page)[1:]
    assert rows[0][:2] == ["'@Amina", held.user.email]
    assert state == "Booked"
    assert "canary-reason" not in str(rows)
    assert Entry.objects.get(verb="booking.exported").details == {"rows": 1, "format": "csv"}


def test_applicants_are_given_in_their_order_without_what_they_wrote(desk: Client) -> None:
    cohort = make.make_open_cohort()
    first = make.make_membership(cohort=cohort, state=State.RESERVE)
    second = make.make_membership(cohort=cohort, state=State.APPLIED)
    make.make_membership(cohort=cohort)
    application = Application.objects.create(user=second.user, cohort=cohort)
    ApplicationAnswer.objects.create(application=application, asked="Why?", text="canary-answer")
    page = reverse("admin:cohorts_cohort_export_applicants", args=[cohort.pk])
    rows = download(desk, page)[1:]
    assert [row[1] for row in rows] == [second.user.email, first.user.email]
    assert "canary-answer" not in str(rows)
    assert Entry.objects.get(verb="cohort.applicants_exported").subject == f"cohort:{cohort.pk}"


def test_of_an_evaluation_nothing_is_given_before_five_have_answered_and_then_fives(desk: Client) -> None:
    session = session_with_questions()
    people = booked(session, 6)
    session = hold(session)
    page = reverse("admin:cohorts_session_export_evaluation", args=[session.pk])
    for person in people[:4]:
        say(person, session, text="=1+1")
    early: Any = desk.post(page, {"confirmed": "yes"})
    assert "Fewer than 5 people have answered" in early.content.decode()
    for person in people[4:]:
        say(person, session, text="canary-sixth")
    rows = download(desk, page)
    assert rows[0] == list(exports.EVALUATION)
    assert ["I felt safe to speak", "5", "5", "0", "0", "4.0", "", "", ""] in rows
    words = [row[-1] for row in rows if row[0] == "What will you do differently?"]
    assert sorted(words) == ["'=1+1"] * 4 + ["canary-sixth"]
    assert Entry.objects.get(verb="session.evaluation_exported").details["rows"] == len(rows) - 1


def test_a_workbook_holds_the_same_with_numbers_as_numbers(desk: Client) -> None:
    membership = make.make_membership(make.make_user(name="+Amina"))
    answer: Any = desk.post(reverse("admin:cohorts_membership_export"), {"confirmed": "yes", "format": "xlsx"})
    assert answer.headers["Content-Disposition"].endswith('.xlsx"')
    sheet: Any = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert [cell.value for cell in sheet[1]] == list(exports.MEMBERS)
    assert [cell.value for cell in sheet[2]] == [
        "'+Amina",
        membership.user.email,
        membership.cohort.name,
        None,
        None,
        "Enrolled",
        0,
        0,
        "Yes",
    ]


@pytest.mark.parametrize("name", ["membership", "booking"])
def test_an_admin_gets_what_they_keep_alone(name: str, sign_in: Callable[[User], Client]) -> None:
    ours, theirs = make.make_cohort(), make.make_cohort()
    for cohort in (ours, theirs):
        make.make_booking(make.make_membership(cohort=cohort).user, make.make_session(cohort=cohort))
    desk = sign_in(make.make_admin_of(ours.programme))
    rows = download(desk, reverse(f"admin:cohorts_{name}_export"))[1:]
    assert [row[1] for row in rows] == [ours.memberships.get().user.email]


@pytest.mark.parametrize("name", ["members", "bookings", "applicants"])
def test_a_list_takes_as_many_statements_for_three_rows_as_for_one(name: str, desk: Client) -> None:
    cohort = make.make_cohort(places=20)
    session = make.make_session(cohort=cohort, places=20)
    page = {
        "members": reverse("admin:cohorts_membership_export"),
        "bookings": reverse("admin:cohorts_booking_export"),
        "applicants": reverse("admin:cohorts_cohort_export_applicants", args=[cohort.pk]),
    }[name]

    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            download(desk, page)
        return len(asked)

    add_row(cohort, session)
    statements()
    one = statements()
    for _ in range(2):
        add_row(cohort, session)
    assert statements() == one


def add_row(cohort: Cohort, session: Any) -> None:
    fields = {"organisation": make.make_organisation(), "job_role": make.make_job_role()}
    member = make.make_membership(make.make_user(**fields), cohort, **fields)
    make.make_booking(member.user, session)
    make.make_membership(make.make_user(**fields), cohort, state=State.APPLIED, **fields)
