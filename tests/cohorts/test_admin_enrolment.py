"""Enrolling in the admin pages, by hand and by file; taking out; the list as a file."""

import csv
import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohorts import booking
from cohorts.imports import Outcome
from cohorts.models import Booking, Cohort, Membership
from portal.accounts.models import User
from portal.trail.models import Entry
from tests import factories as make

pytestmark = pytest.mark.django_db

HEADINGS = "Name,Email,Organisation,Job role\n"
State = Membership.State


def text(response: Any) -> str:
    """Return a page with its white space made even."""
    return " ".join(response.content.decode().split())


@pytest.fixture
def cohort(db: None) -> Cohort:
    make.make_organisation(ods_code="ZZ1")
    make.make_job_role(name="Midwife")
    return make.make_cohort()


@pytest.fixture
def address(cohort: Cohort) -> str:
    return reverse("admin:cohorts_cohort_enrol", args=[cohort.pk])


def upload(desk: Client, address: str, content: str | bytes, sheet: str = "") -> Any:
    encoded = content.encode() if isinstance(content, str) else content
    return desk.post(address, {"file": SimpleUploadedFile("people.csv", encoded, "text/csv"), "sheet": sheet})


def test_a_file_is_shown_first_and_enrols_when_confirmed(desk: Client, cohort: Cohort, address: str) -> None:
    shown = upload(desk, address, HEADINGS + "Demo New,new@demo.example,ZZ1,Midwife\n")
    assert shown.context["plan"].outcomes == [Outcome.NEW]
    assert "1 person is enrolled" in text(shown)
    assert "Nobody is written to." in text(shown)
    assert not cohort.memberships.exists()
    done = desk.post(address, {"key": shown.context["key"]}, follow=True)
    assert "Done: all 1 row of the file." in text(done)
    assert "New account, then enrolled" in text(done)
    assert cohort.memberships.get().user.email == "new@demo.example"
    leads_to = done.context["leads_to"]
    assert "Demo New" in text(desk.get(leads_to))


def test_confirming_twice_enrols_once(desk: Client, cohort: Cohort, address: str) -> None:
    key = upload(desk, address, HEADINGS + "Demo New,new@demo.example,ZZ1,\n").context["key"]
    desk.post(address, {"key": key})
    again = desk.post(address, {"key": key}, follow=True)
    assert "was confirmed already" in text(again)
    assert cohort.memberships.count() == 1


@pytest.mark.parametrize("key", ["", "x", "\x00", "é" * 50])
def test_a_key_that_is_none_does_nothing(desk: Client, cohort: Cohort, address: str, key: str) -> None:
    assert desk.post(address, {"key": key}).status_code == 302
    assert not cohort.memberships.exists()


def test_wrong_rows_are_said_with_their_numbers_and_nothing_can_be_confirmed(desk: Client, address: str) -> None:
    shown = upload(desk, address, HEADINGS + "A,a@demo.example,ZZ1,\nB,b@demo.example,NO1,\n")
    assert "There is no organisation with the ODS code “NO1”" in text(shown)
    assert ">Row</span>3 </td>" in text(shown)
    done = desk.post(address, {"key": shown.context["key"]}, follow=True)
    assert "Nothing was done" in text(done)
    assert not Membership.objects.exists()


def test_all_that_is_to_be_corrected_is_downloaded_as_it_stands(desk: Client, address: str) -> None:
    lines = "".join(f"P{n},=p{n}@demo.example,NO1,\n" for n in range(150))
    shown = upload(desk, address, f"{HEADINGS}{lines}A,a@demo.example,ZZ1,\n")
    assert "Correct 150 rows" in text(shown)
    assert "And 50 more." in text(shown)
    file: Any = desk.post(address, {"key": shown.context["key"], "problems": "yes"})
    rows = list(csv.reader(io.StringIO(b"".join(file.streaming_content).decode("utf-8-sig"), newline="")))
    assert rows[0] == ["Row", "Name", "Email", "Organisation", "Job role", "What to correct"]
    assert len(rows) == 151
    assert rows[1][:3] == ["2", "P0", "'=p0@demo.example"]
    assert "no organisation with the ODS code “NO1”" in rows[1][5]
    late = desk.post(address, {"key": "x", "problems": "yes"}, follow=True)
    assert "waited too long" in text(late)


def test_nothing_is_done_when_something_changed_since_the_preview(desk: Client, cohort: Cohort, address: str) -> None:
    key = upload(desk, address, HEADINGS + "A,a@demo.example,ZZ1,\n").context["key"]
    make.make_user(email="a@demo.example", name="Demo Account")
    done = desk.post(address, {"key": key}, follow=True)
    assert "something had changed since the preview" in text(done)
    assert not cohort.memberships.exists()


def test_another_admin_cannot_confirm_somebody_elses_file(
    desk: Client, cohort: Cohort, address: str, sign_in: Any
) -> None:
    key = upload(desk, address, HEADINGS + "A,a@demo.example,ZZ1,\n").context["key"]
    sign_in(make.make_admin()).post(address, {"key": key})
    assert not cohort.memberships.exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The file is empty"),
        (b"Name,Email\nA,a@demo.example\n", "The column “Organisation” is missing"),
        (b"PK\x03\x04", "cannot be read as a workbook"),
        (HEADINGS.encode() + b"A\x00,a@demo.example,ZZ1,\n", "characters that are not text"),
        (HEADINGS.encode() + b"x" * 6_000_000, "larger than 5 MB"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(desk: Client, address: str, content: bytes, says: str) -> None:
    response = upload(desk, address, content)
    assert (response.status_code, says in text(response)) == (422, True)


def test_a_workbook_enrols_as_a_csv_file_does(desk: Client, cohort: Cohort, address: str) -> None:
    book = openpyxl.Workbook()
    for title, name in (("May", "Demo May"), ("June", "Demo June")):
        sheet = book.create_sheet(title)
        sheet.append(["Name", "Email", "Organisation", "Job role"])
        sheet.append([name, f"{title}@demo.example", "ZZ1", None])
    file = io.BytesIO()
    book.save(file)
    asked = upload(desk, address, file.getvalue())
    assert (asked.status_code, "“May”, “June”" in text(asked)) == (422, True)
    shown = upload(desk, address, file.getvalue(), sheet="June")
    assert "Read from the sheet “June” alone." in text(shown)
    desk.post(address, {"key": shown.context["key"]})
    assert cohort.memberships.get().user.email == "june@demo.example"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.one_of(st.binary(min_size=1, max_size=200), st.binary(max_size=100).map(lambda end: b"PK\x03\x04" + end)))
def test_any_bytes_get_an_answer_in_words(desk: Client, address: str, content: bytes) -> None:
    assert upload(desk, address, content).status_code == 422


def test_no_file_is_asked_for(desk: Client, address: str) -> None:
    response = desk.post(address, {})
    assert (response.status_code, "Choose a file" in text(response)) == (422, True)


def test_a_file_in_windows_1252_keeps_its_letters(desk: Client, cohort: Cohort, address: str) -> None:
    shown = upload(desk, address, (HEADINGS + "Zoë Ümlaut,z@demo.example,ZZ1,\n").encode("cp1252"))
    assert "It was read as Windows-1252" in text(shown)
    desk.post(address, {"key": shown.context["key"]})
    assert User.objects.get(email="z@demo.example").name == "Zoë Ümlaut"


def test_a_person_is_enrolled_by_hand(desk: Client, cohort: Cohort) -> None:
    organisation = make.make_organisation()
    person = make.make_user(organisation=organisation)
    add = reverse("admin:cohorts_membership_add")
    assert desk.post(add, {"user": person.pk, "cohort": cohort.pk}).status_code == 302
    assert cohort.memberships.get().organisation == organisation


def test_who_is_enrolled_already_is_said_to_be(desk: Client, cohort: Cohort) -> None:
    add, sent = reverse("admin:cohorts_membership_add"), {"user": make.make_user().pk, "cohort": cohort.pk}
    first, second = (text(desk.post(add, sent, follow=True)) for _ in range(2))
    assert f"is enrolled in {cohort}." in first
    assert f"was enrolled in {cohort} already. Nothing has changed." in second
    assert cohort.memberships.count() == 1


def test_who_left_is_enrolled_again_when_the_admin_says_so(desk: Client, cohort: Cohort) -> None:
    membership = make.make_membership(cohort=cohort, state=State.WITHDRAWN)
    add, sent = reverse("admin:cohorts_membership_add"), {"user": membership.user_id, "cohort": cohort.pk}
    refused = desk.post(add, sent)
    assert refused.status_code == 422
    assert "withdrew from this cohort" in text(refused)
    desk.post(add, {**sent, "again": "on"})
    membership.refresh_from_db()
    assert membership.state == State.ENROLLED


@pytest.mark.parametrize("sent", [{}, {"user": "x", "cohort": "\x00"}, {"user": "987654321", "cohort": "1"}])
def test_whom_nobody_knows_is_not_enrolled(desk: Client, cohort: Cohort, sent: dict[str, str]) -> None:
    assert desk.post(reverse("admin:cohorts_membership_add"), sent).status_code == 422


def test_a_full_cohort_says_so(desk: Client) -> None:
    cohort = make.make_cohort(places=0)
    sent = {"user": make.make_user().pk, "cohort": cohort.pk}
    response = desk.post(reverse("admin:cohorts_membership_add"), sent)
    assert (response.status_code, "The cohort has 0 places left" in text(response)) == (422, True)


def test_withdrawing_says_what_it_cancels_and_cancels_it(desk: Client, cohort: Cohort) -> None:
    session = make.make_session(cohort=cohort)
    held = make.make_booking(make.make_user(), session)
    page = reverse("admin:cohorts_membership_withdraw", args=[held.membership_id])
    assert "This cancels 1 booking." in text(desk.get(page))
    desk.post(page, {"reason": "other", "confirmed": "yes"})
    held.refresh_from_db()
    held.membership.refresh_from_db()
    assert (held.state, held.membership.state) == (Booking.State.CANCELLED, State.WITHDRAWN)
    assert "Nothing has changed." in text(desk.post(page, {"confirmed": "yes"}, follow=True))


def test_the_list_is_downloaded_as_it_is_filtered_with_no_cell_a_formula(desk: Client, cohort: Cohort) -> None:
    person = make.make_user(name="=cmd|' /C calc'!A0")
    session = make.make_session(cohort=cohort)
    booking.book(make.make_membership(person, cohort).user, session.pk)
    make.make_membership()
    page = f"{reverse('admin:cohorts_membership_export')}?cohort__id__exact={cohort.pk}"
    assert "1 person" in text(desk.get(page))
    assert not Entry.objects.filter(verb="membership.exported").exists()
    file: Any = desk.post(page, {"confirmed": "yes"})
    rows = list(csv.reader(io.StringIO(b"".join(file.streaming_content).decode("utf-8-sig"), newline="")))
    assert rows == [
        ["Name", "Email", "Cohort", "Organisation", "Job role", "State", "Done", "Asked", "On time"],
        ["'=cmd|' /C calc'!A0", person.email, cohort.name, "", "", "Enrolled", "0", "1", "Yes"],
    ]
    assert Entry.objects.get(verb="membership.exported").details == {"rows": 1, "format": "csv"}
    file = desk.post(page, {"confirmed": "yes", "format": "xlsx"})
    sheet: Any = openpyxl.load_workbook(io.BytesIO(b"".join(file.streaming_content))).active
    assert [cell.value for cell in sheet[2]] == [*rows[1][:3], None, None, "Enrolled", 0, 1, "Yes"]
    assert desk.post(page, {"confirmed": "yes", "format": "x"}).status_code == 200
