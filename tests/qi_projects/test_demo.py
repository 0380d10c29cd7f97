"""The demonstration's projects."""

import pytest

from cohorts.demo.story import tell
from portal.accounts.models import User
from qi_projects import demo
from qi_projects.models import Project
from qi_projects.models.teams import Role
from tests.cohorts.pages import words
from tests.qi_projects.making import browser_of

pytestmark = pytest.mark.django_db


def test_it_has_one_project_of_each_kind_and_is_made_once() -> None:
    tell()
    assert demo.make() == 4 == Project.objects.count()
    assert set(Project.objects.values_list("state", flat=True)) == set(Project.State.values)
    assert demo.make() == 0
    draft = Project.objects.get(state="draft")
    assert (draft.title, draft.guided_to) == ("", "matters")
    active = Project.objects.get(title=demo.HEARD)
    team = active.team.select_related("user")
    assert {place.role for place in team} == {Role.LEAD, Role.MEMBER, Role.COACH, Role.SPONSOR}
    assert len({place.user.organisation_id for place in team}) == 2
    participant = User.objects.get(email="participant@demo.example")
    listed = words(browser_of(participant).get("/projects/"))
    assert "A project without a name yet" in listed
    assert demo.HEARD in listed
    assert demo.NEWBORN in listed
