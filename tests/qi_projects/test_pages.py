"""The pages of projects: beginning, writing, two at one part, deciding, and who meets what."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal import together
from portal.trail.models import Entry
from qi_projects import editing, life, teams
from qi_projects.guide import QUESTIONS
from qi_projects.models import Project, Statement
from qi_projects.models.teams import Role
from qi_projects.refusals import ProjectRefused
from tests.cohorts.pages import address, words
from tests.factories import make_admin, make_admin_of, make_organisation, make_user
from tests.qi_projects.making import (
    browser_of,
    join,
    lead_of,
    make_active,
    make_draft,
    member_of_a_programme_with_a_project,
    place_of,
)
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db
ANSWERS: dict[str, Any] = {
    "noticed": {"noticed": "Women wait, and nobody counts how long."},
    "affected": {"aim_for_whom": "Women on our labour ward"},
    "matters": {"why_it_matters": "Pain that is not believed is harm."},
    "better": {"aim_what": "Answered within 15 minutes"},
    "how-much": {"aim_how_much": "From half to 9 of 10"},
    "by-when": {"aim_by_when_day": "30", "aim_by_when_month": "9", "aim_by_when_year": "2027"},
    "help": {"who_could_help": "The anaesthetic team"},
    "change": {"first_change": "Write the time on the board"},
    "title": {"title": "Heard within 15 minutes"},
}


class TestGuidedStart:
    """For somebody who has never done this."""

    def test_given_a_newcomer_when_they_answer_one_by_one_then_the_project_has_all_of_it(self) -> None:
        membership = member_of_a_programme_with_a_project()
        browser = browser_of(membership.user)
        begun = browser.post(reverse("project_new"), {"counts_for": membership.pk})
        project = Project.objects.get()
        at = begun.headers["Location"]
        for question in QUESTIONS:
            assert at == address("project_question", project.pk, question.key)
            page = browser.get(at)
            assert question.label in words(page)
            assert question.example in page.content.decode().replace("&#x27;", "'")
            at = browser.post(at, ANSWERS[question.key]).headers["Location"]
        assert at == address("project_check", project.pk)
        assert "Write the time on the board" in words(browser.get(at))
        assert browser.post(at).headers["Location"] == project.get_absolute_url()
        project.refresh_from_db()
        assert (project.title, project.aim_by_when) == ("Heard within 15 minutes", date(2027, 9, 30))
        assert (project.guided_to, project.state) == ("", "draft")
        assert place_of(project, membership.user).membership == membership

    def test_it_is_taken_up_where_it_was_left_and_any_answer_can_wait(self) -> None:
        browser = browser_of(make_user())
        browser.post(reverse("project_new"))
        project = Project.objects.get()
        first, second = (address("project_question", project.pk, key) for key in ("noticed", "affected"))
        assert browser.post(first, {"noticed": ""}).headers["Location"] == second
        page = browser.get(project.get_absolute_url())
        assert f'href="{second}"' in page.content.decode()
        # Whoever goes back to an earlier answer comes to where they were.
        assert browser.post(first, {"noticed": "They wait."}).headers["Location"] == second

    def test_what_is_no_date_is_said_and_kept(self) -> None:
        browser = browser_of(make_user())
        browser.post(reverse("project_new"))
        at = address("project_question", Project.objects.get().pk, "by-when")
        sent = {"aim_by_when_day": "31", "aim_by_when_month": "2", "aim_by_when_year": "2027"}
        page = browser.post(at, sent)
        assert page.status_code == 422
        assert "must be a real date" in words(page)
        assert 'value="31"' in page.content.decode()
        assert browser.post(at, {**sent, "aim_by_when_day": "1", "aim_by_when_year": "1027"}).status_code == 422

    def test_a_question_that_is_none_is_not_found(self) -> None:
        project = make_draft()
        assert browser_of(lead_of(project)).get(address("project_question", project.pk, "none")).status_code == 404


class TestBeginning:
    """For whoever has done this before."""

    def test_a_title_alone_is_enough(self) -> None:
        user = make_user(organisation=make_organisation())
        answer = browser_of(user).post(reverse("project_new_with_title"), {"title": "  Heard\n within 15 minutes "})
        project = Project.objects.get()
        assert answer.headers["Location"] == project.get_absolute_url()
        assert (project.title, project.guided_to, project.organisation) == (
            "Heard within 15 minutes",
            "",
            user.organisation,
        )
        assert place_of(project, user).role == Role.LEAD

    @pytest.mark.parametrize("title", ["", "   ", "x" * 151, "\u202e"])
    def test_a_title_that_is_none_is_refused(self, title: str) -> None:
        answer = browser_of(make_user()).post(reverse("project_new_with_title"), {"title": title})
        assert answer.status_code == 422
        assert not Project.objects.exists()

    def test_it_counts_for_nobody_elses_membership(self) -> None:
        other, own = member_of_a_programme_with_a_project(), member_of_a_programme_with_a_project()
        answer = browser_of(own.user).post(
            reverse("project_new_with_title"), {"title": "Mine", "counts_for": str(other.pk)}
        )
        assert answer.status_code == 422

    def test_an_address_can_say_anything(self) -> None:
        browser = browser_of(member_of_a_programme_with_a_project().user)
        for said in ("9" * 5000, "x", "-1", "\u0663"):
            assert browser.get(reverse("project_new"), {"for": said}).status_code == 200
        assert browser.get(f"/projects/{'9' * 30}/").status_code == 404

    def test_your_programme_leads_to_it(self) -> None:
        membership = member_of_a_programme_with_a_project()
        page = browser_of(membership.user).get(address("component", membership.pk, "project"))
        assert f"{reverse('project_new')}?for={membership.pk}" in page.content.decode()


class TestTwoAtOnePart:
    """What both write is kept."""

    def test_given_both_changed_the_same_then_the_second_reads_the_first_and_loses_nothing(self) -> None:
        project = make_draft(noticed="As it was")
        second = join(project).user
        at = address("project_edit", project.pk, "why")
        one, two = browser_of(lead_of(project)), browser_of(second)
        seen = together.seen(project, ["noticed", "why_it_matters"])
        assert one.post(at, {"noticed": "The first's", "why_it_matters": "", "_seen": seen}).status_code == 302
        page = two.post(at, {"noticed": "The second's", "why_it_matters": "Harm", "_seen": seen})
        assert page.status_code == 409
        said = words(page)
        assert "The first&#x27;s" in said
        assert "The second&#x27;s" in said
        assert "is not saved yet" in said
        project.refresh_from_db()
        assert (project.noticed, project.why_it_matters) == ("The first's", "")
        # Sent again, the page knows of it.
        anew = page.context["form"]["_seen"].value()
        assert two.post(at, {"noticed": "Both", "why_it_matters": "Harm", "_seen": anew}).status_code == 302
        project.refresh_from_db()
        assert (project.noticed, project.why_it_matters) == ("Both", "Harm")

    def test_given_each_changed_another_field_then_both_stand_and_the_second_is_told(self) -> None:
        project = make_draft(noticed="As it was")
        at = address("project_edit", project.pk, "why")
        browser = browser_of(lead_of(project))
        seen = together.seen(project, ["noticed", "why_it_matters"])
        browser.post(at, {"noticed": "Anew", "why_it_matters": "", "_seen": seen})
        answer = browser.post(at, {"noticed": "As it was", "why_it_matters": "Harm", "_seen": seen}, follow=True)
        assert "it stands as they put it: what you noticed" in words(answer)
        project.refresh_from_db()
        assert (project.noticed, project.why_it_matters) == ("Anew", "Harm")

    @pytest.mark.parametrize("carried", ["", "[]", "{", '{"noticed": 3}', "[" * 5000])
    def test_what_the_page_carried_may_be_anything(self, carried: str) -> None:
        project = make_draft()
        at = address("project_edit", project.pk, "why")
        answer = browser_of(lead_of(project)).post(at, {"noticed": "x", "why_it_matters": "", "_seen": carried})
        assert answer.status_code in {302, 409}

    def test_the_trail_has_the_fields_and_nothing_of_what_they_say(self) -> None:
        project = make_draft(noticed="Canary words")
        entry = Entry.objects.get(verb="project.changed")
        assert entry.details == {"fields": "noticed"}
        page = words(browser_of(lead_of(project)).get(address("project_history", project.pk)))
        assert "Changed: what you noticed" in page
        assert "Canary" not in page


class TestPatients:
    """A pasted list is warned of before it is saved."""

    LIST = "Ward list\n943 476 5919 Jane Smith 01/02/1990"

    def test_given_a_pasted_list_then_nothing_is_saved_until_they_say_that_it_is_about_nobody(self) -> None:
        project = make_draft()
        at = address("project_edit", project.pk, "why")
        browser = browser_of(lead_of(project))
        sent = {"noticed": self.LIST, "why_it_matters": "Harm"}
        page = browser.post(at, sent)
        assert page.status_code == 422
        assert "1 NHS number and 1 date of birth" in words(page)
        assert self.LIST in page.content.decode()
        project.refresh_from_db()
        assert project.noticed == project.why_it_matters == ""
        (mark,) = (value for value, _ in page.context["form"].fields["_not_about_patients"].choices)
        # The answer is about that text, and no other.
        other = {**sent, "noticed": self.LIST + "\n943 476 5870", "_not_about_patients": mark}
        assert browser.post(at, other).status_code == 422
        assert browser.post(at, {**sent, "_not_about_patients": mark}).status_code == 302
        project.refresh_from_db()
        assert project.noticed == self.LIST
        assert Entry.objects.get(verb="project.changed").details["said_not_about_patients"] is True
        # What was answered once is not asked again with every change beside it.
        assert browser.post(at, {**sent, "why_it_matters": "More harm"}).status_code == 302

    def test_every_form_with_free_text_looks(self) -> None:
        project = make_active()
        browser = browser_of(lead_of(project))
        for at, sent in (
            (reverse("project_new_with_title"), {"title": "Jane Smith 01/02/1990"}),
            (address("project_question", project.pk, "noticed"), {"noticed": self.LIST}),
            (address("project_act", project.pk, "finish"), {"why": self.LIST}),
            (address("project_approval", project.pk), {"note": self.LIST}),
            (address("project_statement", project.pk), {"reference": "943 476 5919"}),
        ):
            page = browser.post(at, sent)
            assert page.status_code == 422
            assert "This may be about patients" in words(page)

    def test_neither_logs_nor_trail_have_it(self, caplog: pytest.LogCaptureFixture) -> None:
        project = make_draft()
        browser_of(lead_of(project)).post(address("project_edit", project.pk, "why"), {"noticed": self.LIST})
        assert "943" not in caplog.text
        assert not any("Jane" in str(details) for details in Entry.objects.values_list("details", flat=True))


class TestDeciding:
    """From draft to active, and to the end."""

    def test_given_what_protects_patients_is_missing_then_a_draft_stays_one(self) -> None:
        project = make_draft()
        browser = browser_of(lead_of(project))
        at = address("project_act", project.pk, "activate")
        assert "Say first that it is improvement work" in words(browser.get(at))
        assert browser.post(at).status_code == 409
        sent = {"basis": Statement.Basis.REVIEWED, "reference": "", "no_patient_data": "on"}
        ethics = address("project_statement", project.pk)
        assert browser.post(ethics, sent).status_code == 422
        assert browser.post(ethics, {**sent, "reference": "QI-12"}).status_code == 302
        assert browser.post(at).status_code == 302
        project.refresh_from_db()
        assert project.state == "active"

    def test_it_is_stopped_with_why_taken_up_and_finished(self) -> None:
        project = make_active()
        browser = browser_of(lead_of(project))

        def decide(act: str, **sent: str) -> int:
            return browser.post(address("project_act", project.pk, act), sent).status_code

        assert decide("stop") == 422
        assert decide("stop", why="The meter was needed elsewhere.") == 302
        assert "The meter was needed elsewhere." in words(browser.get(project.get_absolute_url()))
        refused = browser.post(address("project_edit", project.pk, "why"), {"noticed": "Kept words"})
        assert refused.status_code == 409
        assert "Kept words" in words(refused)
        assert decide("resume") == 302
        assert decide("finish", why="It worked.") == 302
        project.refresh_from_db()
        assert (project.state, project.ended_why) == ("finished", "It worked.")
        assert decide("delete") == 409

    def test_what_others_read_keeps_a_title(self) -> None:
        project = make_active()
        at = address("project_edit", project.pk, "about")
        answer = browser_of(lead_of(project)).post(at, {"title": " "})
        assert answer.status_code == 422
        assert "Enter a name for the project" in words(answer)
        with pytest.raises(ProjectRefused):
            editing.change(project, {"title": ""}, seen="", by=lead_of(project))

    def test_what_nobody_leads_any_more_is_not_taken_up(self) -> None:
        project = make_active()
        lead = place_of(project, lead_of(project))
        life.finish(project, "It worked.", by=lead.user)
        teams.leave(lead)
        with pytest.raises(ProjectRefused):
            life.resume(project, by=lead.user)

    def test_a_draft_is_deleted_for_good(self) -> None:
        project = make_draft()
        join(project)
        browser = browser_of(lead_of(project))
        at = address("project_act", project.pk, "delete")
        assert browser.get(at).status_code == 200
        assert browser.post(at).headers["Location"] == reverse("projects")
        assert not Project.objects.exists()


class TestWhoSees:
    """A draft is private to its team."""

    def test_a_draft_is_not_there_for_anybody_else(self) -> None:
        membership = member_of_a_programme_with_a_project()
        project = make_draft(membership.user, membership=membership)
        keeper = make_admin_of(membership.cohort.programme)
        for desk in (browser_of(make_user()), desk_of(keeper), desk_of(make_admin())):
            assert desk.get(project.get_absolute_url()).status_code == 404
        assert project.title not in words(desk_of(keeper).get(reverse("admin:qi_projects_project_changelist")))

    def test_once_active_those_read_it_who_keep_the_programme_and_change_nothing(self) -> None:
        membership = member_of_a_programme_with_a_project()
        project = make_active(membership.user, membership=membership)
        desk = desk_of(make_admin_of(membership.cohort.programme))
        elsewhere = desk_of(make_admin_of(member_of_a_programme_with_a_project().cohort.programme))
        assert desk.get(project.get_absolute_url()).status_code == 200
        assert elsewhere.get(project.get_absolute_url()).status_code == 404
        listed = reverse("admin:qi_projects_project_changelist")
        assert project.title in words(desk.get(listed))
        assert project.title not in words(elsewhere.get(listed))
        assert desk.post(address("project_edit", project.pk, "why"), {"noticed": "x"}).status_code == 403
        assert desk.post(address("project_my_part", project.pk), {"leave": "yes"}).status_code == 404

    @pytest.mark.parametrize("role", [Role.SPONSOR, Role.COACH, Role.VIEWER])
    def test_who_reads_alone_is_told_so_and_keeps_what_they_typed(self, role: Role) -> None:
        project = make_draft()
        browser = browser_of(join(project, role).user)
        page = browser.get(project.get_absolute_url())
        assert page.status_code == 200
        assert "/edit/" not in page.content.decode()
        refused = browser.post(address("project_edit", project.pk, "why"), {"noticed": "Kept words"})
        assert refused.status_code == 403
        assert "Kept words" in words(refused)
        assert browser.get(address("project_invite", project.pk)).status_code == 403
        approval = browser.post(address("project_approval", project.pk), {})
        assert approval.status_code == (422 if role == Role.SPONSOR else 403)


class TestHeader:
    """Who finds the way to projects on every page."""

    def test_whoever_has_one_or_is_asked_for_one(self) -> None:
        home = reverse("home")
        assert "My projects" not in words(browser_of(make_user()).get(home))
        assert "My projects" in words(browser_of(member_of_a_programme_with_a_project().user).get(home))
        assert "My projects" in words(browser_of(lead_of(make_draft())).get(home))


def statements(client: Client, at: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(at).status_code == 200
    return len(asked)


def test_lists_take_as_many_statements_for_three_as_for_one() -> None:
    lead = make_user()
    browser = browser_of(lead)
    browser.get(reverse("home"))
    project = make_draft(lead)
    join(project)
    at = [reverse("projects"), *(address(name, project.pk) for name in ("project", "project_team", "project_history"))]
    one = [statements(browser, each) for each in at]
    for _ in range(2):
        make_draft(lead)
        join(project, person=make_user(organisation=make_organisation()))
    assert [statements(browser, each) for each in at] == one
    assert max(one) <= 7, one
