"""Projects and themes in the admin pages."""

import pytest
from django.test import Client
from django.urls import reverse

from qi_projects.models import Theme
from tests.cohorts.pages import address, words
from tests.factories import make_admin, make_admin_of, make_organisation, make_programme, make_user
from tests.qi_projects.making import browser_of, lead_of, make_active
from tests.qi_projects.test_pages import statements
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db
THEMES = reverse("admin:qi_projects_theme_changelist")
PROJECTS = reverse("admin:qi_projects_project_changelist")


@pytest.fixture
def desk() -> Client:
    return desk_of(make_admin())


def make_one(number: int) -> None:
    theme = Theme.objects.create(name=f"Theme {number}")
    make_active(make_user(organisation=make_organisation()), theme=theme, title=f"Project {number}")


def test_lists_take_as_many_statements_for_three_as_for_one(desk: Client) -> None:
    make_one(1)
    desk.get(PROJECTS)
    one = [statements(desk, page) for page in (PROJECTS, THEMES)]
    for number in (2, 3):
        make_one(number)
    assert [statements(desk, page) for page in (PROJECTS, THEMES)] == one


def test_a_project_is_read_there_and_nothing_of_it_changed(desk: Client) -> None:
    project = make_active(title="Heard within 15 minutes")
    page = address("admin:qi_projects_project_change", project.pk)
    assert project.get_absolute_url() in desk.get(page).content.decode()
    assert desk.post(page, {"title": "Another"}).status_code == 403
    history = words(desk.get(address("admin:qi_projects_project_history", project.pk)))
    assert lead_of(project).name in history


def test_a_theme_stays_and_is_offered_no_longer(desk: Client) -> None:
    theme, unused = Theme.objects.create(name="Interpreting"), Theme.objects.create(name="Unused")
    project = make_active(theme=theme)
    for each in (theme, unused):
        assert desk.post(address("admin:qi_projects_theme_delete", each.pk), {"post": "yes"}).status_code == 403
    assert desk.post(address("admin:qi_projects_theme_change", theme.pk), {"name": "Interpreting"}).status_code == 302
    part = "about"
    assert "Interpreting" in words(browser_of(lead_of(project)).get(address("project_edit", project.pk, part)))
    other = make_active()
    assert "Interpreting" not in words(browser_of(lead_of(other)).get(address("project_edit", other.pk, part)))


def test_who_keeps_one_programme_reads_themes_and_changes_none() -> None:
    theme = Theme.objects.create(name="Interpreting")
    desk = desk_of(make_admin_of(make_programme()))
    assert "Interpreting" in words(desk.get(THEMES))
    assert desk.post(address("admin:qi_projects_theme_change", theme.pk), {"name": "Another"}).status_code == 403
