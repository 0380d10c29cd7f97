"""Organisations by file: added and changed by their ODS code, and downloaded in the same form."""

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from portal.accounts.models import Organisation, User
from portal.accounts.organisations_by_file import ORGANISATIONS
from portal.imports import importing
from portal.imports.kinds import AddedOrChanged, NotTheirs, Plan
from portal.spreadsheets import Row, read
from portal.trail.models import Entry
from tests.factories import make_admin, make_admin_of, make_organisation

TOLD: list[int] = []
pytestmark = pytest.mark.django_db


def rows(*lines: str, headings: str = "ODS code,Name,Email domains") -> list[Row]:
    return list(read((f"{headings}\n" + "\n".join(lines)).encode(), ORGANISATIONS.columns).rows)


def plan(file: list[Row]) -> Plan[Any]:
    return importing.plan(ORGANISATIONS, file, None, by=make_admin())


def carry_out(file: list[Row], by: User) -> None:
    agreed = plan(file).outcomes
    ORGANISATIONS.about(by, None, held=True)
    importing.apply(ORGANISATIONS, file, None, agreed=agreed, by=by, told=TOLD.append)


def test_new_ones_are_added_and_known_ones_changed() -> None:
    known = make_organisation(ods_code="RAA", name="Old name", email_domains=["raa.nhs.uk"])
    same = make_organisation(ods_code="RBB", name="Trust B")
    admin = make_admin()
    file = rows(
        "raa,New  name,", "RBB,Trust B,", 'RCC,Trust C,"@RCC.nhs.uk; c.example"', headings="Code,Organisation,Domains"
    )
    found = plan(file)
    assert found.outcomes == [AddedOrChanged.CHANGED, AddedOrChanged.SAME, AddedOrChanged.NEW]
    assert found.lines[0].notes == ("It is called Old name now.",)
    carry_out(file, admin)
    known.refresh_from_db()
    assert (known.name, known.email_domains) == ("New name", ["raa.nhs.uk"])
    added = Organisation.objects.get(ods_code="RCC")
    assert (added.name, added.email_domains) == ("Trust C", ["c.example", "rcc.nhs.uk"])
    verbs = Entry.objects.filter(actor=admin, verb__startswith="organisation.").order_by("pk")
    assert [(entry.verb, entry.details) for entry in verbs] == [
        ("organisation.added", {}),
        ("organisation.changed", {"fields": "name"}),
    ]
    assert same in Organisation.objects.all()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (",Trust,", "This field cannot be blank."),
        ("R,Trust,", "Enter an ODS code"),
        ("RXX,,", "Enter a name."),
        ("RXX," + "x" * 201 + ",", "at most 200 characters"),
        ("RXX,Trust,not a domain!", "Enter a as a domain"),
        ("RXX,Trust,here.nhs.uk", "Trust A has the domain here.nhs.uk already."),
        ("RXX,Trust,file.nhs.uk", "RNN has the domain file.nhs.uk already."),
        ("rnn,Trust,", "Row 2 has the same ODS code."),
    ],
)
def test_a_row_that_is_wrong_says_so_in_words(line: str, says: str) -> None:
    make_organisation(ods_code="RAA", name="Trust A", email_domains=["here.nhs.uk"])
    found = plan(rows("RNN,Trust N,file.nhs.uk", line))
    assert found.outcomes == [AddedOrChanged.NEW, AddedOrChanged.WRONG]
    assert says in " ".join(found.lines[1].problems)


def test_only_those_who_keep_organisations_change_them() -> None:
    with pytest.raises(NotTheirs):
        ORGANISATIONS.about(make_admin_of(), None)


def test_statements_do_not_grow_with_the_rows(django_assert_max_num_queries) -> None:
    admin = make_admin()
    for number in range(100, 150):
        make_organisation(ods_code=f"RA{number}")
    file = rows(*(f"RA{number},Trust {number}," for number in range(100, 200)))
    with django_assert_max_num_queries(1):
        agreed = importing.plan(ORGANISATIONS, file, None, by=admin).outcomes
    with django_assert_max_num_queries(14):
        ORGANISATIONS.about(admin, None, held=True)
        importing.apply(ORGANISATIONS, file, None, agreed=agreed, by=admin, told=TOLD.append)
    assert Organisation.objects.filter(name__startswith="Trust ").count() == 100


def test_what_is_downloaded_can_be_changed_and_uploaded_again() -> None:
    make_organisation(ods_code="RAA", name="=Trust A", email_domains=["a.nhs.uk", "b.nhs.uk"])
    desk = desk_of(make_admin())
    file: Any = desk.post(f"{reverse('admin:accounts_organisation_export')}?q=RAA", {"confirmed": "yes"})
    content = b"".join(file.streaming_content)
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))) == [
        ["ODS code", "Name", "Email domains"],
        ["RAA", "'=Trust A", "a.nhs.uk b.nhs.uk"],
    ]
    assert Entry.objects.get(verb="organisation.exported").details == {"rows": 1, "format": "csv"}
    page = reverse("admin:accounts_organisation_import")
    changed = content.replace(b"'=Trust A", b"Trust A")
    shown = desk.post(page, {"file": SimpleUploadedFile("organisations.csv", changed)})
    assert "This changes 1 organisation." in shown.content.decode()
    desk.post(page, {"key": shown.context["key"]})
    assert Organisation.objects.get().name == "Trust A"


def desk_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    session = client.session
    session["has_second_factor"] = True
    session.save()
    return client
