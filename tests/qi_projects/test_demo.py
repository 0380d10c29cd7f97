"""The demonstration's projects."""

import pytest
from django.test import Client

from cohorts.demo.story import tell
from portal.access import existing
from portal.accounts.erasure import erase
from portal.accounts.models import User
from qi_projects import demo, demo_coaching, demo_others, demo_plans, demo_publication, naming, outlining
from qi_projects.chart_words import remarks
from qi_projects.charting import chart_of
from qi_projects.models import Credit, Cycle, Project, ProjectFile, Publication, Submission
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
    assert Credit.objects.filter(place__user=graduate).exists()


def test_there_are_twelve_at_every_stage_and_each_chart_says_what_it_is_there_for() -> None:
    tell()
    assert demo.make() + demo_coaching.make() + demo_others.make() == 12 == Project.objects.count()
    assert demo_others.make() == 0
    for column, least in (("organisation", 4), ("theme", 9), ("setting", 7), ("state", 4)):
        assert len(set(Project.objects.values_list(column, flat=True)) - {"", None}) >= least, column
    charts = {plan.title: chart_of(Project.objects.get(title=plan.title).measures.get()) for plan in demo_plans.PLANS}
    found = {title: existing(charted.found) for title, charted in charts.items() if charted.points}
    assert found.keys() == charts.keys() - {demo_plans.ON_PAPER}
    assert found[demo_plans.WORSE].variation == "concern_high"
    assert charts[demo_plans.FEW].points == 5
    assert "denominators are so small" in " ".join(remarks(found[demo_plans.SMALL]))
    shifted = found[demo_plans.SHIFTED]
    assert shifted.variation == "improvement_low"
    (signal,) = (each for each in shifted.found.signals if each.rule == "shift")
    (flag,) = shifted.flags
    assert (signal.first, "The cuff" in flag.text) == (12, True)
    assert flag.day <= shifted.series.points[signal.first].day


def test_the_first_one_is_linked_and_has_a_file_that_its_team_downloads() -> None:
    tell()
    demo.make()
    demo_coaching.make()
    demo_others.make()
    heard = Project.objects.get(title=demo.HEARD)
    participant = browser_of(User.objects.get(email="participant@demo.example"))
    assert "Measured by" in words(participant.get(f"{heard.get_absolute_url()}diagram/"))
    row = ProjectFile.objects.get()
    assert participant.get(f"{heard.get_absolute_url()}files/{row.pk}/").status_code == 200


def test_whoever_is_in_a_team_can_be_erased_and_what_the_team_wrote_stays() -> None:
    tell()
    demo.make()
    demo_coaching.make()
    demo_others.make()
    admin = User.objects.get(email="admin@demo.example")
    for person in User.objects.filter(project_places__isnull=False).distinct():
        erase(person, by=admin)
    # The draft in which nobody else could go on is gone.
    assert Project.objects.count() == 11
    assert ProjectFile.objects.get().file.name == "file.txt"


def test_one_of_them_is_in_the_gallery_and_an_editor_has_one_to_read() -> None:
    tell()
    demo.make()
    whole = Publication.objects.get(state=Publication.State.PUBLISHED)
    page = text_of(Client().get(whole.get_absolute_url()))
    for said in (demo.INTERPRETERS, demo_publication.HAD_ONE, "It got better", "Who took part"):
        assert said in page
    named = naming.named(whole)
    assert len(named) == 2
    champion = User.objects.get(email="champion@demo.example")
    assert champion.name not in page
    assert demo.INTERPRETERS in text_of(Client().get("/projects/gallery/?words=interpreter"))
    admin = User.objects.get(email="admin@demo.example")
    assert "Projects to publish" in text_of(desk_of(admin).get("/admin/"))
    assert Publication.objects.get(state=Publication.State.SENT).project.title == demo.NEWBORN
