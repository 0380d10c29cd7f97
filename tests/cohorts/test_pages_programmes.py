"""Public pages: what they show, to whom, and that what changes shows at once."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from cohorts.models import LearningOutcome
from tests.factories import (
    make_component,
    make_job_role,
    make_membership,
    make_programme,
    make_series,
    make_session,
    make_user,
)

pytestmark = pytest.mark.django_db


def text(client: Client, name: str, *args: object) -> str:
    """Return a page that answers 200, as text with its white space as a browser shows it."""
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_list_shows_published_programmes_and_no_others(client: Client) -> None:
    shown = make_programme(name="Senior leaders", audience="Chief executives")
    hidden = make_programme(name="Not ready", published=False)

    page = text(client, "programmes")

    assert shown.get_absolute_url() in page
    assert "For: Chief executives" in page
    assert hidden.name not in page
    assert client.get(hidden.get_absolute_url()).status_code == 404
    assert client.get(reverse("programme", args=["no-such-programme"])).status_code == 404


def test_a_programme_says_what_it_is_made_of(client: Client) -> None:
    programme = make_programme(
        eligibility="A post in maternity care", delivery_partner="Demo Partner", length="6 months"
    )
    programme.job_roles.add(make_job_role(name="Consultant midwife"))
    day = make_component(programme, title="Training day 1", cpd_points="10.0", required=False)
    LearningOutcome.objects.create(programme=programme, text="Name racism when you see it")
    LearningOutcome.objects.create(programme=programme, component=day, text="Only of the day")

    page = text(client, "programme", programme.slug)

    for words in (
        *("A post in maternity care", "Demo Partner", "6 months", "Consultant midwife", "Training day 1"),
        *("10 CPD points", "optional", "Name racism when you see it"),
    ):
        assert words in page
    assert "Only of the day" not in page


@pytest.mark.django_db(transaction=True)
def test_a_change_shows_at_once_and_an_undone_one_never(client: Client) -> None:
    programme = make_programme(name="First name")
    assert "First name" in text(client, "programmes")

    programme.name = "Second name"
    programme.save()
    assert "Second name" in text(client, "programmes")
    assert "Second name" in text(client, "programme", programme.slug)

    day = make_component(programme, title="A new day")
    assert "A new day" in text(client, "programme", programme.slug)
    day.delete()
    assert "A new day" not in text(client, "programme", programme.slug)

    with transaction.atomic():
        programme.name = "Third name"
        programme.save()
        transaction.set_rollback(True)
    assert "Second name" in text(client, "programmes")

    programme.published = False
    programme.save()
    assert client.get(reverse("programme", args=[programme.slug])).status_code == 404


@pytest.mark.parametrize("programmes", [1, 3])
def test_public_pages_ask_nothing_of_the_database_once_built(
    client: Client, programmes, django_assert_num_queries
) -> None:
    for _ in range(programmes):
        programme = make_programme()
        make_component(programme)
    text(client, "programmes")
    text(client, "programme", programme.slug)

    with django_assert_num_queries(0):
        text(client, "programmes")
        text(client, "programme", programme.slug)


def test_without_the_cache_pages_are_built_each_time(client: Client, settings) -> None:
    programme = make_programme(name="Still here")
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "unix:///nowhere/valkey.sock"}}

    assert "Still here" in text(client, "programmes")
    assert "Still here" in text(client, "programme", programme.slug)


def test_the_dates_of_a_series_are_public(client: Client) -> None:
    component = make_component(make_series(), title="The importance of names")
    make_session(component, days=5, places=7)
    make_session(component, days=-5)
    cohort_programme = make_component(make_programme())

    page = text(client, "series", component.programme.slug, component.slug)

    assert page.count("nhsuk-table__row") == 2  # the headings, and one date
    assert "7 left" in page
    for programme, slug in (
        (cohort_programme.programme, cohort_programme.slug),
        (component.programme, "no-such-part"),
        (make_series(published=False), component.slug),
    ):
        assert client.get(reverse("series", args=[programme.slug, slug])).status_code == 404


@pytest.mark.parametrize("dates", [1, 3])
def test_dates_cost_the_same_however_many(client: Client, dates, django_assert_num_queries) -> None:
    component = make_component(make_series())
    for day in range(dates):
        make_session(component, days=5 + day)
    client.force_login(make_user())
    text(client, "series", component.programme.slug, component.slug)

    with django_assert_num_queries(6):  # login session, person, component, its outcomes, dates, own bookings
        text(client, "series", component.programme.slug, component.slug)


def test_a_series_of_many_dates_is_read_page_by_page(client: Client) -> None:
    component = make_component(make_series())
    sessions = [make_session(component, days=5 + day // 2) for day in range(45)]  # two of them at the same moment
    address = reverse("series", args=[component.programme.slug, component.slug])
    seen: list[str] = []
    query = ""
    for _ in range(3):
        response = client.get(address + query)
        seen += [row.session for row in response.context["rows"]]
        query = f"?after={response.context['next_after']}"

    assert seen == [session.get_absolute_url() for session in sessions]
    assert response.context["next_after"] == ""


@pytest.mark.parametrize(
    "after", ["", "x", "1-2-3", "99999999999999999-999999999999999999", "%00", "-1-1", "\uff11-\uff11"]
)
def test_a_key_that_is_none_is_no_error(client: Client, after: str) -> None:
    component = make_component(make_series())

    response = client.get(reverse("series", args=[component.programme.slug, component.slug]), {"after": after})

    assert response.status_code == 200


@pytest.mark.parametrize("name", ["programmes", "me", "bookings", "calendar"])
def test_other_methods_are_answered(client: Client, name: str) -> None:
    client.force_login(make_membership().user)

    assert client.head(reverse(name)).status_code == 200
    assert client.options(reverse(name)).status_code == 405
    assert client.delete(reverse(name)).status_code == 405
