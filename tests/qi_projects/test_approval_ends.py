"""An organisation ends its approval of what is published: who is told, once, and where it waits to be decided."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import User
from portal.outbox.models import Message
from qi_projects import life, publishing, teams, vouching
from qi_projects.models import Approval, Project, Publication
from qi_projects.models.teams import Role
from qi_projects.refusals import ProjectOver
from tests.cohorts.pages import address
from tests.factories import make_admin, make_admin_of, make_programme
from tests.qi_projects.coaching import mail_to, text_of, told
from tests.qi_projects.making import (
    approve,
    browser_of,
    join,
    lead_of,
    make_active,
    member_of_a_programme_with_a_project,
)
from tests.qi_projects.publishing import again, end, make_ended, make_published, make_sent
from tests.qi_projects.test_pages import statements
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db
RULE = "publication.approval_ended"
HEADING = "Published projects whose organisation no longer approves"
CHANGE, LIST = "admin:qi_projects_publication_change", "admin:qi_projects_publication_changelist"


def decide(project: Project, decision: str = Approval.Decision.ENDED, by: User | None = None) -> Approval:
    """Record what an organisation has decided of a project, as its lead where nobody else is given."""
    given: dict[str, Any] = {"name": "Demo Director", "role": "Director", "note": ""}
    today, somebody = timezone.localdate(), by or lead_of(project)
    return vouching.record_approval(project, decision=decision, decided_on=today, by=somebody, **given)


def make_published_of_a_programme(**says: Any) -> tuple[Publication, User]:
    """Make a published project that counts for a programme; return it with somebody who keeps that programme."""
    membership = member_of_a_programme_with_a_project()
    project = make_active(membership.user, membership=membership)
    approve(project)
    keeper = make_admin_of(membership.cohort.programme)
    return make_published(end(project), editor=keeper, **says), keeper


class TestLetters:
    """Those who can act are told, once for each end."""

    def test_leads_and_who_keeps_its_programme_are_told_and_nobody_else(self) -> None:
        published, keeper = make_published_of_a_programme()
        project, keeps_all = published.project, make_admin()
        make_admin_of(make_programme())
        life.resume(project, by=lead_of(project))
        sponsor, second = join(project, Role.SPONSOR).user, join(project).user
        teams.give_role(project.team.get(user=second), Role.LEAD, by=lead_of(project))
        decide(project, by=sponsor)
        assert told(RULE) == {lead_of(project), second, keeper, keeps_all}

    def test_whoever_records_it_gets_no_letter(self) -> None:
        published, keeper = make_published_of_a_programme()
        decide(published.project)
        assert told(RULE) == {keeper}

    def test_each_end_is_told_once(self) -> None:
        published, keeper = make_published_of_a_programme()
        letters = Message.objects.filter(rule=RULE, person=keeper)
        for _ in range(2):
            decide(published.project)
            assert letters.count() == 1
        decide(published.project, Approval.Decision.APPROVED)
        assert letters.count() == 1
        decide(published.project)
        assert letters.count() == 2

    @pytest.mark.parametrize("make", [make_ended, lambda: make_sent().project])
    def test_of_what_nobody_reads_nobody_is_told(self, make: Any) -> None:
        project = make()
        life.resume(project, by=lead_of(project))
        decide(project)
        assert not told(RULE)

    def test_each_reads_what_they_can_do_and_no_subject_names_the_project(self) -> None:
        published, keeper = make_published_of_a_programme()
        project = published.project
        life.resume(project, by=lead_of(project))
        decide(project, by=join(project, Role.SPONSOR).user)
        lead_mail, editor_mail = mail_to(RULE, lead_of(project)), mail_to(RULE, keeper)
        assert lead_mail.subject == editor_mail.subject == "About the approval of a published project"
        assert "You can take it out, or record it" in lead_mail.body
        assert address("project_publication", project.pk) in lead_mail.body
        assert "You can take it out at any time, and say why." in editor_mail.body
        assert address(CHANGE, published.pk) in editor_mail.body

    def test_none_is_sent_once_it_is_so_no_more(self) -> None:
        published, keeper = make_published_of_a_programme()
        project = published.project
        decide(project)
        assert mail_to(RULE, keeper) != Message.Skipped.STALE
        decide(project, Approval.Decision.APPROVED)
        assert mail_to(RULE, keeper) == Message.Skipped.STALE
        gone, keeper = make_published_of_a_programme()
        decide(gone.project)
        publishing.take_back(gone, by=lead_of(gone.project))
        assert mail_to(RULE, keeper) == Message.Skipped.STALE

    def test_who_keeps_programmes_no_more_gets_none(self) -> None:
        published, keeper = make_published_of_a_programme()
        decide(published.project)
        keeper.roles.all().delete()
        assert mail_to(RULE, keeper) == Message.Skipped.STALE


class TestAfterItsEnd:
    """Most of what is published has ended. Its organisation may think again all the same."""

    def test_it_is_recorded_while_the_project_is_published_and_stays_in_the_gallery(self) -> None:
        published = make_published()
        project = published.project
        page = address("project_approval", project.pk)
        browser = browser_of(lead_of(project))
        assert "Record something else" in text_of(browser.get(page))
        day = timezone.localdate()
        given = {"decision": "ended", "name": "Demo Director", "role": "Director", "note": ""}
        days = {"decided_on_day": day.day, "decided_on_month": day.month, "decided_on_year": day.year}
        assert browser.post(page, given | days).status_code == 302
        assert project.approvals.latest().decision == Approval.Decision.ENDED
        assert again(published).state == Publication.State.PUBLISHED

    def test_of_what_is_not_it_is_recorded_while_it_goes_on_alone(self) -> None:
        published = make_published()
        publishing.take_back(published, by=lead_of(published.project))
        for project in (published.project, make_ended()):
            with pytest.raises(ProjectOver):
                decide(project)
            assert "Record something else" not in text_of(
                browser_of(lead_of(project)).get(address("project_approval", project.pk))
            )


class TestWhereItWaits:
    """On the project's page as what is next, on the team's page of the publication, and on an editor's start page."""

    def test_it_is_what_the_team_does_next(self) -> None:
        published = make_published()
        project = published.project
        browser = browser_of(lead_of(project))
        assert "Next:" not in text_of(browser.get(project.get_absolute_url()))
        decide(project)
        page = text_of(browser.get(project.get_absolute_url()))
        assert "Next: Publication." in page
        assert "Published without approval" in page
        story = address("project_publication", project.pk)
        assert "no longer approves of the project" in text_of(browser.get(story))
        decide(project, Approval.Decision.APPROVED)
        assert "Next:" not in text_of(browser.get(project.get_absolute_url()))
        assert "no longer approves of the project" not in text_of(browser.get(story))

    def test_who_reads_alone_is_asked_to_do_nothing(self) -> None:
        published = make_published()
        project = published.project
        life.resume(project, by=lead_of(project))
        viewer = join(project, Role.VIEWER).user
        end(project)
        decide(project)
        assert "Next:" not in text_of(browser_of(viewer).get(project.get_absolute_url()))

    def test_an_editor_finds_it_on_the_start_page_and_in_the_list_until_it_is_settled(self) -> None:
        published, keeper = make_published_of_a_programme(title="Heard by day")
        other, _ = make_published_of_a_programme(title="Heard by night")
        desk, start = desk_of(keeper), reverse("admin:index")
        assert HEADING not in text_of(desk.get(start))
        decide(published.project)
        decide(other.project)
        page = text_of(desk.get(start))
        assert HEADING in page
        assert "Heard by day: approval ended" in page
        assert "Heard by night" not in page
        assert "Approval ended on" in text_of(desk.get(address(CHANGE, published.pk)))
        ended = f"{reverse(LIST)}?approval=ended"
        assert "Heard by day" in text_of(desk.get(ended))
        publishing.take_down(published, "Its trust asks for it.", by=keeper)
        assert HEADING not in text_of(desk.get(start))
        assert "Heard by day" not in text_of(desk.get(ended))

    def test_the_start_page_and_the_list_take_as_many_statements_for_three_as_for_one(self) -> None:
        desk = desk_of(make_admin())
        pages = (reverse("admin:index"), f"{reverse(LIST)}?approval=ended")
        decide(make_published().project)
        for page in pages:
            desk.get(page)
        one = [statements(desk, page) for page in pages]
        for _ in range(2):
            decide(make_published().project)
        assert [statements(desk, page) for page in pages] == one
