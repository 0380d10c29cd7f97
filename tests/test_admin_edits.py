"""Two admins at one row: the second is told, and nothing is overwritten unseen."""

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cohorts.models import Cohort, LearningOutcome, Programme
from portal import admin_edits
from tests import factories as make
from tests.cohorts.pages import NO_ROWS, cohort_facts
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db

FIELD = re.compile(r'name="_seen"\s+value="([^"]*)"')


@pytest.fixture
def one() -> Client:
    return desk_of(make.make_admin())


@pytest.fixture
def other() -> Client:
    return desk_of(make.make_admin())


@pytest.fixture
def cohort() -> Cohort:
    cohort: Cohort = make.make_cohort(name="The first", places=20)
    return cohort


def page_of(row: Any) -> str:
    return reverse(f"admin:cohorts_{row._meta.model_name}_change", args=[row.pk])


def opened(client: Client, row: Any) -> str:
    """Open a row's page, and return what its form carries of what stood there."""
    found = FIELD.search(client.get(page_of(row)).content.decode())
    assert found
    return html.unescape(found[1])


def save(client: Client, row: Any, **sent: Any) -> tuple[int, str]:
    response = client.post(page_of(row), sent)
    return response.status_code, " ".join(html.unescape(response.content.decode()).split())


def test_the_second_is_told_what_changed_and_keeps_what_they_typed(one: Client, other: Client, cohort: Cohort) -> None:
    seen = opened(one, cohort)
    assert save(other, cohort, **cohort_facts(cohort, places=24, _seen=opened(other, cohort)))[0] == 302
    status, page = save(one, cohort, **cohort_facts(cohort, name="The best", _seen=seen))
    assert status == 200
    assert "Somebody else has saved this since you opened it. They changed: Places (now: 24)." in page
    assert 'value="The best"' in page
    cohort.refresh_from_db()
    assert (cohort.name, cohort.places) == ("The first", 24)


def test_saving_again_puts_theirs_in_its_place(one: Client, other: Client, cohort: Cohort) -> None:
    seen = opened(one, cohort)
    save(other, cohort, **cohort_facts(cohort, places=24, _seen=opened(other, cohort)))
    response = one.post(page_of(cohort), cohort_facts(cohort, name="The best", _seen=seen))
    again = FIELD.search(response.content.decode())
    assert again
    assert save(one, cohort, **cohort_facts(cohort, name="The best", _seen=html.unescape(again[1])))[0] == 302
    cohort.refresh_from_db()
    assert (cohort.name, cohort.places) == ("The best", 20)


def test_another_mistake_in_the_form_does_not_hide_it(one: Client, other: Client, cohort: Cohort) -> None:
    seen = opened(one, cohort)
    save(other, cohort, **cohort_facts(cohort, places=24, _seen=opened(other, cohort)))
    _, page = save(one, cohort, **cohort_facts(cohort, name="", _seen=seen))
    assert "Somebody else has saved this" in page
    assert "This field is required" in page


def test_what_changes_by_itself_is_no_conflict(one: Client, cohort: Cohort) -> None:
    seen = opened(one, cohort)
    make.make_membership(cohort=cohort)
    assert save(one, cohort, **cohort_facts(cohort, name="The best", _seen=seen))[0] == 302


def test_what_is_deleted_while_it_is_saved_is_not_saved_and_what_was_typed_stays(
    one: Client, cohort: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, telling = opened(one, cohort), admin_edits.telling

    def telling_once_it_is_deleted(*given: Any) -> Any:
        Cohort.objects.all().delete()
        return telling(*given)

    monkeypatch.setattr(admin_edits, "telling", telling_once_it_is_deleted)
    _, page = save(one, cohort, **cohort_facts(cohort, name="The best", _seen=seen))
    assert "Somebody else has deleted this since you opened it." in page
    assert 'value="The best"' in page
    assert not Cohort.objects.exists()


def test_a_row_beside_it_counts_too(one: Client) -> None:
    programme: Programme = make.make_programme()
    outcome = LearningOutcome.objects.create(programme=programme, text="Name what happened")
    seen = opened(one, programme)
    LearningOutcome.objects.filter(pk=outcome.pk).update(text="Say what happened")
    _, page = save(one, programme, **NO_ROWS, name="Changed", _seen=seen)
    assert "They changed: learning outcomes." in page.replace("Learning outcomes", "learning outcomes")
    outcome.refresh_from_db()
    assert outcome.text == "Say what happened"


@pytest.mark.parametrize("seen", ["", "x", "[]", '{"name": 1}', '{"nothing": "here"}'])
def test_what_somebody_made_up_is_no_error(one: Client, cohort: Cohort, seen: str) -> None:
    assert save(one, cohort, **cohort_facts(cohort, _seen=seen))[0] in {200, 302}


@pytest.mark.parametrize("seen", ["[" * 100_000, "{" * 9, "9" * 5000, "\x00", "null", '{"name": {}}'])
def test_a_form_that_carries_anything_odd_of_what_was_seen_is_answered(one: Client, cohort: Cohort, seen: str) -> None:
    status, _ = save(one, cohort, **cohort_facts(cohort, _seen=seen))
    assert status in {200, 302, 422}
