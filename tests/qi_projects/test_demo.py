"""The demonstration's projects."""

import pytest

from cohorts.demo.story import tell
from portal.accounts.models import User
from qi_projects import demo, demo_coaching, outlining
from qi_projects.models import Credit, Cycle, Project, Submission
from qi_projects.models.teams import Role
from tests.cohorts.pages import words
from tests.qi_projects.coaching import text_of
from tests.qi_projects.making import browser_of
from tests.signed_in import desk_of

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
    assert list(Cycle.objects.filter(ramp__project=active).values_list("number", "state")) == [
        (1, "closed"),
        (2, "abandoned"),
        (3, "do"),
    ]
    assert len(outlining.read(active).boxes) == 20
    for page in ("diagram", "cycles"):
        assert browser_of(team[0].user).get(f"{active.get_absolute_url()}{page}/").status_code == 200
    participant = User.objects.get(email="participant@demo.example")
    listed = words(browser_of(participant).get("/projects/"))
    assert "A project without a name yet" in listed
    assert demo.HEARD in listed
    assert demo.NEWBORN in listed


def test_its_coaches_have_something_to_answer_and_to_review() -> None:
    tell()
    demo.make()
    assert demo_coaching.make() == 3
    assert demo_coaching.make() == 0
    stands = dict(Submission.objects.order_by("pk").values_list("project__title", "state"))
    assert stands == {
        demo.INTERPRETERS: "accepted",
        demo_coaching.PANELS: "returned",
        demo_coaching.HAIR: "waiting",
    }
    coach = User.objects.get(email="coach@demo.example")
    page = text_of(desk_of(coach).get("/projects/coaching/"))
    for said in ("1 to answer", "May be stuck", "You stand in for", demo_coaching.PANELS, demo_coaching.HAIR):
        assert said in page
    graduate = User.objects.get(email="graduate@demo.example")
    assert Credit.objects.get().place.user == graduate
