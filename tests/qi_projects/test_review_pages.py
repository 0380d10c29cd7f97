"""The pages of a review: who meets what, what a reviewer reads, and two who decide."""

from typing import Any

import pytest
from django.urls import reverse

from portal import together
from portal.accounts.models import User
from qi_projects import commenting, editing, reviewing
from qi_projects.models import Project, Submission
from qi_projects.models.teams import Role
from tests.cohorts.pages import address
from tests.factories import make_admin, make_admin_of
from tests.qi_projects.coaching import accept, coached, make_coach, make_counting, make_sendable, send, text_of
from tests.qi_projects.making import browser_of, join, lead_of, make_active
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db
State = Submission.State


def change(project: Project, words: str) -> None:
    project.refresh_from_db()
    editing.change(project, {"noticed": words}, seen=together.seen(project, ["noticed"]), by=lead_of(project))


def deciding(project: Project, act: str) -> str:
    return address("project_decide", project.pk, act)


class TestTheTeam:
    """What has to be there, sending, taking back, and what was decided."""

    def test_what_is_needed_is_said_with_the_way_to_it(self) -> None:
        project = make_active()
        browser = browser_of(lead_of(project))
        page = browser.get(address("project_review", project.pk))
        assert "A whole aim" in text_of(page)
        assert "Needed first" in text_of(page)
        assert f'href="{address("project_edit", project.pk, "aim")}"' in page.content.decode()
        assert f'href="{address("project_submit", project.pk)}"' not in page.content.decode()
        sending = address("project_submit", project.pk)
        assert "First: A whole aim" in text_of(browser.get(sending))
        refused = browser.post(sending, {"note": "My long words"})
        assert refused.status_code == 409
        assert "My long words" in text_of(refused)

    def test_from_sending_to_the_end(self) -> None:
        project, membership = make_counting(title="Heard within 15 minutes")
        team, desk = browser_of(membership.user), desk_of(make_coach(name="Demo Reviewer"))
        page, sending = address("project_review", project.pk), address("project_submit", project.pk)
        assert desk.get(page).status_code == 404
        assert "the QI coaches of the portal can read the project" in text_of(team.get(sending))
        assert team.post(sending, {"note": "Our audit lead is away."}).headers["Location"] == page
        assert team.get(sending).status_code == 302
        assert team.post(sending, {"note": ""}).status_code == 409
        read = text_of(desk.get(page))
        assert "Our audit lead is away." in read
        assert "Accept the project" in read
        assert desk.get(project.get_absolute_url()).status_code == 200
        returning = deciding(project, "return")
        version = desk.get(returning).context["form"]["read"].value()
        assert desk.post(returning, {"words": "", "read": version}).status_code == 422
        sent = desk.post(returning, {"words": "Say by how much.", "read": version})
        # Whoever reviewed it reads it no longer.
        assert sent.headers["Location"] == reverse("projects_to_coach")
        assert desk.get(page).status_code == 404
        assert "Returned with reasons" in text_of(team.get(project.get_absolute_url()))
        assert "Say by how much." in text_of(team.get(page))
        team.post(sending, {"note": ""})
        accepting = deciding(project, "accept")
        shown = desk.get(accepting)
        assert f"{membership.user}: Your QI project, {membership.cohort}" in text_of(shown)
        assert desk.post(accepting, {"words": "", "read": shown.context["form"]["read"].value()}).status_code == 302
        assert f"Counts for {membership.user}" in text_of(team.get(page))
        assert "Completed" in text_of(team.get(reverse("me")))

    def test_a_lead_takes_it_back_and_nobody_else_of_the_team_sends_it(self) -> None:
        project = make_sendable()
        member = browser_of(join(project).user)
        assert member.post(address("project_submit", project.pk), {}).status_code == 403
        send(project)
        at = deciding(project, "withdraw")
        assert member.post(at, {"read": 1}).status_code == 403
        lead = browser_of(lead_of(project))
        assert lead.post(at, {"read": 1}).status_code == 302
        assert lead.post(at, {"read": 1}).status_code == 409
        assert lead.get(at).status_code == 302
        assert "Taken back by the team" in text_of(lead.get(address("project_review", project.pk)))


class TestReviewers:
    """A programme admin of a cohort for which it counts, or a QI coach; nobody of the team."""

    def reviewer_of(self, project: Project, who: str, programme: Any) -> User:
        if who == "its coach":
            return coached(project).user
        if who == "an admin in the team":
            return join(project, Role.VIEWER, make_admin()).user
        made = {
            "admin of the programme": lambda: make_admin_of(programme),
            "admin of all": make_admin,
            "another coach": make_coach,
            "admin of another programme": make_admin_of,
        }
        return made[who]()

    @pytest.mark.parametrize(
        ("who", "meets"),
        [
            ("admin of the programme", 200),
            ("admin of all", 200),
            ("another coach", 200),
            ("its coach", 403),
            ("an admin in the team", 403),
            ("admin of another programme", 404),
        ],
    )
    def test_who_decides(self, who: str, meets: int) -> None:
        project, membership = make_counting()
        desk = desk_of(self.reviewer_of(project, who, membership.cohort.programme))
        send(project)
        for act in ("accept", "return"):
            assert desk.get(deciding(project, act)).status_code == meets
            assert desk.post(deciding(project, act), {}).status_code == (422 if meets == 200 else meets)

    def test_a_reviewer_reads_the_project_and_not_what_its_team_asks_a_coach(self) -> None:
        project = make_sendable()
        thread = commenting.ask_for_help(project, "Canary", help_with="data", by=lead_of(project))
        send(project)
        desk = desk_of(make_coach())
        assert "For the team and its coaches" in text_of(desk.get(project.get_absolute_url()))
        for at in (
            address("project_coaching", project.pk),
            address("project_thread", project.pk, thread.pk),
        ):
            page = desk.get(at)
            assert page.status_code == 403
            assert "Canary" not in text_of(page)

    def test_no_decision_of_another_name_is_there(self) -> None:
        project = make_sendable()
        send(project)
        assert desk_of(make_coach()).get(deciding(project, "burn")).status_code == 404

    def test_what_has_changed_since_is_said_and_read_before_it_is_decided(self) -> None:
        project, _ = make_counting()
        send(project)
        desk = desk_of(make_coach())
        at = deciding(project, "return")
        version = desk.get(at).context["form"]["read"].value()
        change(project, "New words")
        page = desk.post(at, {"words": "Say by how much.", "read": version})
        assert page.status_code == 409
        said = text_of(page)
        assert "the team has changed the project since you opened this page" in said
        assert "The project has changed since it was sent" in said
        assert "Say by how much." in said
        anew = page.context["form"]["read"].value()
        assert desk.post(at, {"words": "Say by how much.", "read": anew}).status_code == 302
        for wrong in ("", "x", "0", "99999999999999999999"):
            assert desk_of(make_admin()).post(at, {"words": "x", "read": wrong}).status_code in {409, 422}

    def test_the_second_of_two_is_told_and_loses_no_words(self) -> None:
        project, _ = make_counting()
        sent = send(project)
        desk = desk_of(make_admin())
        at = deciding(project, "return")
        version = desk.get(at).context["form"]["read"].value()
        accept(sent)
        page = desk.post(at, {"words": "My long words", "read": version})
        assert page.status_code == 409
        assert "this was decided or taken back a moment ago" in text_of(page)
        assert "My long words" in text_of(page)

    def test_words_about_patients_are_warned_of(self) -> None:
        project = make_sendable()
        send(project)
        desk = desk_of(make_coach())
        sent = {"words": "943 476 5919 Jane Smith 01/02/1990", "read": "1"}
        assert "This may be about patients" in text_of(desk.post(deciding(project, "return"), sent))


class TestTakingAnAcceptanceBack:
    """By the programme team, with why."""

    def test_an_admin_does_and_a_coach_cannot(self) -> None:
        project, membership = make_counting()
        sent, coach = send(project), make_coach()
        accept(sent, by=coach)
        at = deciding(project, "undo")
        assert desk_of(coach).get(at).status_code == 404
        assert browser_of(membership.user).get(at).status_code == 403
        desk = desk_of(make_admin_of(membership.cohort.programme))
        assert "Take the acceptance back" in text_of(desk.get(address("project_review", project.pk)))
        version = desk.get(at).context["form"]["read"].value()
        assert desk.post(at, {"words": "", "read": version}).status_code == 422
        assert desk.post(at, {"words": "It was another team's.", "read": version}).status_code == 302
        page = text_of(browser_of(membership.user).get(address("project_review", project.pk)))
        assert "It was another team's." in page
        assert "Nobody any more" in page
        assert reviewing.live_submission(project) is None
