"""No address and no form of the admin pages answers with an error of ours."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cohorts.models import Session
from tests import factories as make

pytestmark = pytest.mark.django_db

MODELS = ("programme", "cohort", "membership", "session", "booking", "venue", "facilitator", "component")
ODD = (
    "?q=%00",
    "?q=" + "x" * 5000,
    "?p=abc",
    "?p=99999999999999999999",
    "?o=x.-9.99",
    "?e=1",
    "?all=",
    "?nothing__here=1",
    "?cohort__id__exact=x",
    "?cohort__id__exact=99999999999999999999999",
    "?state__exact=%00",
    "?state__exact=nothing",
    "?when=nothing",
    "?component__programme__id__exact=%00",
    "?user__password__startswith=a",
    "?_to_field=password",
    "?id__in=1,x",
)


@pytest.mark.parametrize("model", MODELS)
def test_a_list_answers_whatever_the_address_says(desk: Client, model: str) -> None:
    for query in ODD:
        assert desk.get(reverse(f"admin:cohorts_{model}_changelist") + query).status_code in (200, 302, 400), query


@pytest.mark.parametrize("model", MODELS)
def test_a_row_that_cannot_be_is_not_there(desk: Client, model: str) -> None:
    for key in ("x", "0", "-1", "99999999999999999999", "1_5F2", "%00", "é"):
        for page in ("change", "delete", "history"):
            address = f"/admin/cohorts/{model}/{key}/{page}/"
            assert desk.get(address).status_code in (302, 400, 403, 404), address


@pytest.mark.parametrize("model", [model for model in MODELS if model != "component"])
@pytest.mark.parametrize(
    "query",
    [
        "?cohort=x&component=%20&session=-1&starts_at=1&facilitators=x",
        "?starts_at=2026&user=99999999999999999999",
        # More digits than Python reads as a number.
        "?user={0}&cohort={0}&component={0}&session={0}".format("9" * 4301),
    ],
)
def test_a_page_to_add_one_takes_nothing_odd_from_its_address(desk: Client, model: str, query: str) -> None:
    assert desk.get(reverse(f"admin:cohorts_{model}_add") + query).status_code == 200


@pytest.mark.parametrize("model", [model for model in MODELS if model != "component"])
@pytest.mark.parametrize("value", ["", "x", "\x00", "99999999999999999999", "9" * 4301, "🙂" * 3000, "\u202eabc"])
def test_a_form_answers_whatever_is_typed(desk: Client, model: str, value: str) -> None:
    names = (
        *("name", "slug", "user", "cohort", "component", "session", "venue", "facilitators", "admins", "job_roles"),
        *("programme", "number", "starts_on", "ends_on", "starts_at_0", "starts_at_1", "ends_at_0", "ends_at_1"),
        *("places", "organisation", "job_role", "format", "join_link", "address", "biography", "shape"),
        *("components-TOTAL_FORMS", "components-INITIAL_FORMS", "components-0-id", "components-0-position"),
        *("learning_outcomes-TOTAL_FORMS", "learning_outcomes-INITIAL_FORMS"),
    )
    assert desk.post(reverse(f"admin:cohorts_{model}_add"), dict.fromkeys(names, value)).status_code in (200, 302, 422)


FAR_OFF = ("9999-12-01", "9999-12-31", "0001-01-01", "2090-06-01")


@pytest.mark.parametrize("day", FAR_OFF)
@pytest.mark.parametrize("page", ["add", "series", "move"])
def test_a_date_far_from_today_is_refused(desk: Client, day: str, page: str) -> None:
    session = make.make_session()
    when = {"starts_at_0": day, "starts_at_1": "09:00", "ends_at_0": day, "ends_at_1": "23:59"}
    sent = when | {
        "component": str(session.component_id),
        "places": "20",
        "format": "in_person",
        "every": "300",
        "unit": "days",
        "times": "6",
        "confirmed": "yes",
    }
    address = reverse(f"admin:cohorts_session_{page}", args=[session.pk] if page == "move" else [])
    html = desk.post(address, sent).content.decode()
    assert "Enter a date within 5 years of today." in html
    assert Session.objects.get().starts_at == session.starts_at


def test_a_series_that_would_never_end_is_refused(desk: Client) -> None:
    day = (timezone.localdate() + timedelta(days=30)).isoformat()
    when = {"starts_at_0": day, "starts_at_1": "09:00", "ends_at_0": day, "ends_at_1": "12:00"}
    sent = {"component": make.make_component().pk, "places": 20, "format": "in_person", "confirmed": "yes"}
    answer = desk.post(
        reverse("admin:cohorts_session_series"), sent | when | {"every": "300", "unit": "weeks", "times": "52"}
    )
    assert answer.status_code == 422
    assert "more than 5 years from today" in answer.content.decode()
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"term": "\x00", "app_label": "cohorts", "model_name": "session", "field_name": "cohort"},
        {"term": "x" * 5000, "app_label": "cohorts", "model_name": "session", "field_name": "cohort"},
        {"term": "a", "app_label": "cohorts", "model_name": "nothing", "field_name": "cohort"},
        {"term": "a", "app_label": "cohorts", "model_name": "session", "field_name": "starts_at"},
        {"page": "x", "app_label": "cohorts", "model_name": "session", "field_name": "cohort"},
    ],
)
def test_an_autocomplete_answers_whatever_it_is_asked(desk: Client, asked: dict[str, str]) -> None:
    assert desk.get(reverse("admin:autocomplete"), asked).status_code in (200, 400, 403, 404)


@pytest.mark.parametrize("chosen", ["x", "\x00", "99999999999999999999", "9" * 4301, ""])
def test_an_action_on_no_row_does_nothing(desk: Client, chosen: str) -> None:
    sent: dict[str, Any] = {"action": "cancel_sessions", "_selected_action": [chosen], "confirmed": "yes"}
    assert desk.post(reverse("admin:cohorts_session_changelist"), sent).status_code in (200, 302, 400)


def test_names_in_any_script_are_kept(desk: Client) -> None:
    name = "Zoe\u0308 \u0645\u062d\u0645\u062f \u200d🙂"
    desk.post(reverse("admin:cohorts_venue_add"), {"name": name, "address": "1 Example Street"})
    assert name in desk.get(reverse("admin:cohorts_venue_changelist")).content.decode()


def test_a_refused_form_keeps_what_was_typed(desk: Client) -> None:
    component = make.make_component()
    sent = {"component": component.pk, "what_to_bring": "A pen and an open mind", "places": "many"}
    html = desk.post(reverse("admin:cohorts_session_add"), sent).content.decode()
    assert "A pen and an open mind" in html
    assert 'value="many"' in html
    assert str(component) in html
