"""The pages of one's imports: how far each is, for whoever confirmed it."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cohorts.imports import ENROLMENTS
from portal.accounts.models import User
from portal.imports.models import FileImport
from tests.factories import make_admin, make_cohort

pytestmark = pytest.mark.django_db
State = FileImport.State


@pytest.fixture
def owner() -> User:
    return make_admin()


@pytest.fixture
def desk(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    session = client.session
    session["has_second_factor"] = True
    session.save()
    return client


def make_import(by: User, **fields: Any) -> FileImport:
    given = {"kind": ENROLMENTS.key, "about": make_cohort().pk, "rows": 300, "sealed": b"canary-sealed"}
    return FileImport.objects.create(by=by, **(given | fields))


def page_of(taken: FileImport) -> str:
    return reverse("admin:imports_fileimport_change", args=[taken.pk])


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_while_it_waits_the_page_says_how_far_it_is_and_how_to_look_again(desk: Client, owner: User) -> None:
    taken = make_import(owner)
    cache.set(f"import-progress:{taken.pk}", 120)
    page = text(desk.get(page_of(taken)))
    assert '<progress id="import-progress" max="300" value="120">' in page
    assert "120 of 300 rows" in page
    assert "See how far it is now" in page
    assert "canary-sealed" not in page


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (State.DONE, "Done: all 300 rows of the file."),
        (State.CHANGED, "Nothing was done: something had changed since the preview."),
        (State.FAILED, "Nothing was done: it went wrong on our side."),
    ],
)
def test_once_it_has_ended_the_page_says_what_became_of_it(desk: Client, owner: User, state: str, says: str) -> None:
    taken = make_import(owner, state=state, ended_at=timezone.now(), sealed=b"", numbers={"Enrolled": 300})
    page = text(desk.get(page_of(taken)))
    assert says in page
    assert "<progress" not in page
    assert "import.js" not in page


def test_what_somebody_else_confirmed_is_not_there(desk: Client) -> None:
    taken = make_import(make_admin())
    assert desk.get(page_of(taken)).status_code == 404
    assert page_of(taken) not in text(desk.get(reverse("admin:imports_fileimport_changelist")))


def test_a_list_takes_as_many_statements_for_three_as_for_one(desk: Client, owner: User) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            page = desk.get(reverse("admin:imports_fileimport_changelist"))
        assert "Enrol people by file" in text(page)
        return len(asked)

    make_import(owner)
    statements()
    one = statements()
    make_import(owner)
    make_import(owner)
    assert statements() == one
