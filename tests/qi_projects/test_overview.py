"""What a project's own page says is next, and for whom something waits."""

from datetime import timedelta

import pytest
from django.utils import timezone

from qi_projects import commenting, life, reviewing
from qi_projects.commenting import PARTS
from qi_projects.models import Side
from tests.cohorts.pages import address, words
from tests.qi_projects.coaching import coached, make_coach, make_sendable, send
from tests.qi_projects.making import browser_of, lead_of, make_active
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db


def test_a_question_waits_for_a_coach_and_its_answer_for_the_team() -> None:
    project = make_active()
    coach = coached(project).user
    lead = browser_of(lead_of(project))
    page = project.get_absolute_url()
    assert "Nothing waits" in words(lead.get(page))
    thread = commenting.ask_for_help(project, "What do we count?", help_with="data", by=lead_of(project))
    assert "1 waits for a coach" in words(lead.get(page))
    assert "1 to answer" in words(desk_of(coach).get(page))
    commenting.answer(thread, "Whole shifts.", side=Side.COACH, by=coach)
    said = words(lead.get(page))
    assert "1 to answer" in said
    assert "Next: Coach and comments." in said
    assert "1 waits for the team" in words(desk_of(coach).get(page))
    commenting.settle(thread, side=Side.TEAM, by=lead_of(project))
    assert "Nothing waits" in words(lead.get(page))


def test_what_a_reviewer_wrote_comes_before_what_is_not_begun() -> None:
    project = make_sendable()
    sent = send(project)
    reviewing.send_back(sent, "Say over how many weeks.", read=sent.version, by=make_coach())
    assert "Next: Review." in words(browser_of(lead_of(project)).get(project.get_absolute_url()))


def test_a_team_can_ask_about_every_part() -> None:
    project = make_active()
    asked = words(browser_of(lead_of(project)).get(address("project_ask", project.pk)))
    assert {"diagram", "measures", "cycles", "files"} <= {key for key, _ in PARTS}
    assert all(title in asked for _, title in PARTS)


def test_an_aim_whose_day_is_over_is_pointed_out_while_the_project_goes_on() -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    project = make_active(aim_by_when=yesterday)
    lead = browser_of(lead_of(project))
    said = "The day by which you wanted to reach it has passed."
    assert said in words(lead.get(project.get_absolute_url()))
    life.finish(project, "It got better.", by=lead_of(project))
    assert said not in words(lead.get(project.get_absolute_url()))
