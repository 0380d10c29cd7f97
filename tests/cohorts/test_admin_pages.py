"""Every admin page answers, in a few statements however many rows there are, and under the strict policy."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cohorts import booking, progress
from cohorts.models import Cohort, Evidence, Membership, Session
from tests import factories as make

pytestmark = pytest.mark.django_db

MODELS = ("programme", "cohort", "membership", "session", "booking", "venue", "facilitator", "component")


def world() -> dict[str, Any]:
    """Make one of each thing, tied together."""
    cohort = make.make_cohort()
    cohort.programme.job_roles.add(make.make_job_role())
    cohort.programme.learning_outcomes.create(text="Can say what racism is.")
    venue, facilitator = make.make_venue(), make.make_facilitator(make.make_user())
    session = make.make_session(cohort=cohort, venue=venue, places=1)
    session.facilitators.add(facilitator)
    organisation, job_role = make.make_organisation(), make.make_job_role()
    person = make.make_user(organisation=organisation, job_role=job_role)
    membership = make.make_membership(person, cohort, organisation=organisation, job_role=job_role)
    held = booking.book(person, session.pk)
    make.make_waiting(make.make_user(), session)
    return {
        "programme": cohort.programme,
        "cohort": cohort,
        "membership": membership,
        "session": session,
        "booking": held,
        "venue": venue,
        "facilitator": facilitator,
        "component": session.component,
    }


def statements(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200, address
    return len(captured)


@pytest.mark.parametrize("model", MODELS)
def test_a_list_asks_as_much_for_three_rows_as_for_one(desk: Client, model: str) -> None:
    address = reverse(f"admin:cohorts_{model}_changelist")
    world()
    desk.get(address)
    one = statements(desk, address)
    world()
    world()
    assert statements(desk, address) == one <= 10


def test_the_list_of_cohorts_says_who_is_in_each_who_is_done_and_whether_it_has_dates(desk: Client) -> None:
    dated, bare, called_off = make.make_cohort(places=30), make.make_cohort(places=9), make.make_cohort(places=8)
    session = make.make_session(cohort=dated)
    make.make_session(cohort=called_off, cancelled_at=timezone.now())
    done, _ = make.make_membership(cohort=dated), make.make_membership(cohort=dated)
    make.make_membership(cohort=dated, state=Membership.State.WITHDRAWN)
    progress.record(
        done, session.component, kind=Evidence.Kind.RECORD, fulfilled_on=timezone.localdate(), by=make.make_user()
    )
    rows = desk.get(reverse("admin:cohorts_cohort_changelist")).context["cl"].result_list
    says: Any = admin.site.get_model_admin(Cohort)
    shown = {row: (says.members(row), says.complete(row), says.has_dates(row)) for row in rows}
    assert shown == {
        dated: ("2 of 30 places", 1, True),
        bare: ("0 of 9 places", 0, False),
        called_off: ("0 of 8 places", 0, False),
    }


def test_a_row_leads_to_its_page_which_knows_the_way_back_to_the_filtered_list(desk: Client) -> None:
    membership = world()["membership"]
    page = reverse("admin:cohorts_membership_change", args=[membership.pk])
    filtered = f"{reverse('admin:cohorts_membership_changelist')}?state__exact=enrolled"

    (link,) = re.findall(rf'href="({page}[^"]*)"', desk.get(filtered).content.decode())

    assert link == f"{page}?_changelist_filters=state__exact%3Denrolled"
    assert f'href="{filtered}"' in desk.get(link).content.decode()


def test_a_row_that_goes_while_its_figures_are_read_is_not_shown(desk: Client) -> None:
    shown, gone = make.make_cohort(), make.make_cohort()
    rows = list(Cohort.objects.order_by("pk"))
    gone.delete()
    cohorts: Any = admin.site.get_model_admin(Cohort)
    assert cohorts.add_figures(rows) == [shown]


@pytest.mark.parametrize("model", MODELS)
def test_a_page_and_its_history_answer(desk: Client, model: str) -> None:
    thing = world()[model]
    for page in ("change", "history"):
        response = desk.get(reverse(f"admin:cohorts_{model}_{page}", args=[thing.pk]))
        assert response.status_code == 200
        assert str(thing) in response.content.decode() or model == "component"


@pytest.mark.parametrize("model", [model for model in MODELS if model != "component"])
def test_a_page_to_add_one_answers(desk: Client, model: str) -> None:
    assert desk.get(reverse(f"admin:cohorts_{model}_add")).status_code == 200


def pages() -> list[str]:
    things = world()
    pk = {name: thing.pk for name, thing in things.items()}
    return [
        reverse("admin:index"),
        *(reverse(f"admin:cohorts_{model}_changelist") for model in MODELS),
        *(reverse(f"admin:cohorts_{model}_change", args=[pk[model]]) for model in MODELS),
        *(reverse(f"admin:cohorts_{model}_delete", args=[make.make_venue().pk]) for model in ["venue"]),
        *(reverse(f"admin:cohorts_session_{page}", args=[pk["session"]]) for page in ("move", "cancel", "places")),
        reverse("admin:cohorts_session_series"),
        reverse("admin:cohorts_cohort_enrol", args=[pk["cohort"]]),
        reverse("admin:cohorts_membership_withdraw", args=[pk["membership"]]),
        reverse("admin:cohorts_membership_export"),
        reverse("admin:cohorts_booking_cancel", args=[pk["booking"]]),
    ]


def test_no_page_carries_a_script_or_a_style_of_its_own(desk: Client) -> None:
    for address in pages():
        response = desk.get(address)
        assert response.status_code == 200, address
        html = response.content.decode()
        assert "Content-Security-Policy" in response.headers
        for script in re.findall(r"<script\b[^>]*>", html):
            assert " src=" in script or "application/json" in script, (address, script)
        assert not re.search(r"<style\b|\sstyle=|\son(click|change|submit|load)=", html), address


@pytest.mark.parametrize("model", ["programme", "cohort", "session", "venue", "facilitator", "membership", "booking"])
def test_what_something_hangs_on_cannot_be_deleted(desk: Client, model: str) -> None:
    thing = world()[model]
    address = reverse(f"admin:cohorts_{model}_delete", args=[thing.pk])
    assert desk.post(address, {"post": "yes"}).status_code == 403
    assert type(thing).objects.filter(pk=thing.pk).exists()


def test_what_nothing_hangs_on_can_be_deleted(desk: Client) -> None:
    session = make.make_session()
    answer = desk.post(reverse("admin:cohorts_session_delete", args=[session.pk]), {"post": "yes"})
    assert answer.status_code == 302
    assert not Session.objects.exists()
