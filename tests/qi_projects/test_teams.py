"""A project's team: asked and never added, left and never without a lead."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from portal.accounts.merging import foresee, merge
from portal.accounts.models import User
from portal.outbox.composing import Composer
from portal.outbox.models import Message
from portal.outbox.sealing import unseal
from qi_projects import inviting, life, teams
from qi_projects.models import Project, TeamInvitation, TeamPlace
from qi_projects.models.teams import Role
from qi_projects.refusals import (
    InvitationOver,
    InvitedAlready,
    LastLead,
    ProjectOver,
    ProjectRefused,
    TooManyInvitations,
)
from tests.cohorts.pages import address, words
from tests.factories import make_admin, make_membership, make_user
from tests.qi_projects.making import (
    browser_of,
    join,
    lead_of,
    make_active,
    make_draft,
    member_of_a_programme_with_a_project,
    place_of,
)

pytestmark = pytest.mark.django_db
State = TeamInvitation.State


def letters() -> list[dict[str, Any]]:
    """Return the letters that wait sealed."""
    payloads = Message.objects.filter(payload__isnull=False).order_by("pk").values_list("payload", flat=True)
    return [dict(unseal(bytes(payload or b""))) for payload in payloads]


def composed(rule: str) -> Any:
    """Return the one message of a rule as it would go now."""
    message = Message.objects.get(rule=rule)
    return Composer([message]).compose(message)


class TestInviting:
    """Whoever has the address answers for themselves."""

    def test_the_lead_learns_nothing_of_an_address(self) -> None:
        project = make_draft(title="Canary title")
        browser = browser_of(lead_of(project))
        known = make_user()
        at = address("project_invite", project.pk)
        said = [
            words(browser.post(at, {"email": email, "role": "member"}, follow=True)).replace(email, "…")
            for email in (known.email, "nobody@elsewhere.example")
        ]
        assert "We have written to …" in said[0]
        assert "We have written to …" in said[1]
        assert known.name not in said[0] + said[1]
        assert project.team.count() == 1
        first, second = letters()
        assert first["to"] == known.email
        assert (
            first["text"].replace(known.email, "…").partition("/projects/")[0]
            == (second["text"].replace("nobody@elsewhere.example", "…").partition("/projects/")[0])
        )
        # A letter that went astray tells no draft's title.
        assert "Canary" not in first["text"] + first["subject"]

    def test_given_an_invitation_when_they_accept_then_they_are_in_and_the_lead_is_told(self) -> None:
        project = make_draft()
        membership = member_of_a_programme_with_a_project()
        invitation = inviting.invite(project, membership.user.email.upper(), Role.MEMBER, by=lead_of(project))
        browser = browser_of(membership.user)
        assert str(project) in words(browser.get(reverse("projects")))
        at = address("team_invitation", invitation.pk)
        assert browser.get(project.get_absolute_url()).status_code == 404
        assert browser.post(at, {"accept": "yes", "counts_for": membership.pk}).status_code == 302
        place = place_of(project, membership.user)
        assert (place.role, place.membership) == (Role.MEMBER, membership)
        assert browser.get(project.get_absolute_url()).status_code == 200
        mail = composed("project.answered")
        assert mail.to == [lead_of(project).email]
        assert str(project) not in mail.subject
        # Pressing it again changes nothing.
        assert browser.post(at, {"accept": "yes", "counts_for": membership.pk}).status_code == 302
        assert project.team.live().count() == 2

    def test_whoever_says_no_is_not_in_it(self) -> None:
        project, asked = make_draft(), make_user()
        invitation = inviting.invite(project, asked.email, Role.COACH, by=lead_of(project))
        browser = browser_of(asked)
        assert browser.post(address("team_invitation", invitation.pk), {"decline": "yes"}).status_code == 302
        assert "said no" in str(composed("project.answered").body)
        # Whose the address is, the team does not learn from that.
        assert asked.name not in words(browser_of(lead_of(project)).get(address("project_history", project.pk)))
        again = browser.post(address("team_invitation", invitation.pk), {"accept": "yes"})
        assert again.status_code == 409
        assert project.team.count() == 1

    def test_it_is_there_for_whoever_has_proved_the_address_and_for_nobody_else(self) -> None:
        project = make_draft()
        invitation = inviting.invite(project, "second@trust.example", Role.MEMBER, by=lead_of(project))
        user = make_user()
        at = address("team_invitation", invitation.pk)
        assert browser_of(user).get(at).status_code == 404
        claimed = EmailAddress.objects.create(user=user, email="Second@trust.example", verified=False)
        assert browser_of(user).get(at).status_code == 404
        claimed.verified = True
        claimed.save()
        assert browser_of(user).get(at).status_code == 200

    def test_it_is_sent_once_taken_back_and_sent_anew(self) -> None:
        project = make_draft()
        lead = lead_of(project)
        invitation = inviting.invite(project, "a@trust.example", Role.MEMBER, by=lead)
        with pytest.raises(InvitedAlready):
            inviting.invite(project, "A@trust.example ", Role.LEAD, by=lead)
        at = address("team_invitation_take_back", project.pk, invitation.pk)
        browser = browser_of(lead)
        assert "can no longer say yes" in words(browser.get(at))
        assert "is taken back" in words(browser.post(at, follow=True))
        with pytest.raises(InvitationOver):
            inviting.accept(invitation, make_user(email="a@trust.example"), membership=None)
        assert inviting.invite(project, "a@trust.example", Role.MEMBER, by=lead).pk != invitation.pk

    def test_who_is_in_it_already_keeps_their_role(self) -> None:
        project = make_draft()
        lead = lead_of(project)
        invitation = inviting.invite(project, lead.email, Role.VIEWER, by=lead)
        assert inviting.accept(invitation, lead, membership=None).role == Role.LEAD

    def test_we_are_no_way_to_trouble_people(self) -> None:
        project = make_draft()
        for number in range(inviting.MOST_IN_A_DAY):
            inviting.invite(project, f"a{number}@trust.example", Role.VIEWER, by=lead_of(project))
        with pytest.raises(TooManyInvitations):
            inviting.invite(project, "one-more@trust.example", Role.VIEWER, by=lead_of(project))
        sent = {"email": "one-more@trust.example", "role": "viewer"}
        page = browser_of(lead_of(project)).post(address("project_invite", project.pk), sent)
        assert page.status_code == 409
        assert "one-more@trust.example" in page.content.decode()
        TeamInvitation.objects.update(sent_at=timezone.now() - timedelta(days=2))
        inviting.invite(project, "one-more@trust.example", Role.VIEWER, by=lead_of(project))

    def test_nobody_joins_what_has_ended(self) -> None:
        project, asked = make_active(), make_user()
        invitation = inviting.invite(project, asked.email, Role.MEMBER, by=lead_of(project))
        life.finish(project, "It worked.", by=lead_of(project))
        with pytest.raises(ProjectOver):
            inviting.accept(invitation, asked, membership=None)


class TestCountingFor:
    """For which of their own cohorts a project counts, each says of themselves."""

    def test_it_counts_for_none_until_they_say_so_and_is_changed_by_them(self) -> None:
        membership = member_of_a_programme_with_a_project()
        project = make_draft(membership.user)
        at = address("project_my_part", project.pk)
        browser = browser_of(membership.user)
        assert browser.get(at).context["form"]["counts_for"].value() == "none"
        assert browser.post(at, {"counts_for": membership.pk}).status_code == 302
        assert place_of(project, membership.user).membership == membership
        assert browser.get(at).context["form"]["counts_for"].value() == str(membership.pk)
        assert browser.post(at, {"counts_for": make_membership().pk}).status_code == 422
        assert browser.post(at, {"counts_for": "none"}).status_code == 302
        assert place_of(project, membership.user).membership is None


class TestLeads:
    """At least one, always."""

    def test_the_last_one_stays_until_there_is_another(self) -> None:
        project = make_draft()
        lead, other = place_of(project, lead_of(project)), join(project)
        with pytest.raises(LastLead):
            teams.leave(lead)
        with pytest.raises(LastLead):
            teams.give_role(lead, Role.MEMBER, by=lead.user)
        page = browser_of(lead.user).post(address("project_my_part", project.pk), {"leave": "yes"})
        assert page.status_code == 409
        assert "A project always has a lead" in words(page)
        given = browser_of(lead.user).post(address("project_place", project.pk, other.pk), {"role": "lead"})
        assert given.status_code == 302
        teams.leave(lead)
        assert lead_of(project) == other.user
        assert browser_of(lead.user).get(project.get_absolute_url()).status_code == 404

    def test_somebody_is_taken_off_and_told(self) -> None:
        project = make_draft()
        place = join(project)
        browser = browser_of(lead_of(project))
        at = address("project_place", project.pk, place.pk)
        assert "are told so by email" in words(browser.post(at, {"take_off": "asked"}))
        assert browser.post(at, {"take_off": "confirmed"}).status_code == 302
        assert "a lead of it has taken you off" in str(composed("project.taken_off").body)
        assert browser.get(at).status_code == 404
        with pytest.raises(ProjectRefused):
            teams.give_role(place, Role.LEAD, by=lead_of(project))

    @pytest.mark.parametrize("role", [Role.MEMBER, Role.SPONSOR, Role.COACH, Role.VIEWER])
    def test_nobody_else_manages_the_team(self, role: Role) -> None:
        project = make_draft()
        place = join(project, role)
        browser = browser_of(place.user)
        lead = place_of(project, lead_of(project))
        for at in (
            address("project_place", project.pk, lead.pk),
            address("project_invite", project.pk),
            address("project_act", project.pk, "delete"),
        ):
            assert browser.get(at).status_code == 403
            assert browser.post(at, {"take_off": "confirmed", "role": "viewer"}).status_code == 403

    def test_postgresql_holds_it_whoever_writes(self) -> None:
        project = make_draft()
        for write in (
            lambda: TeamPlace.objects.update(role=Role.MEMBER),
            lambda: TeamPlace.objects.update(left_at=timezone.now()),
            lambda: TeamPlace.objects.all().delete(),
            lambda: Project.objects.create(title="Nobody's"),
        ):
            with pytest.raises(IntegrityError, match="a project that goes on has a lead"):
                at_the_end(write)
        assert lead_of(project)

    def test_postgresql_holds_whose_membership_it_counts_for(self) -> None:
        make_draft()
        other = make_membership()
        with pytest.raises(IntegrityError, match="a membership of its own person"):
            at_the_end(lambda: TeamPlace.objects.update(membership=other))


def immediately() -> None:
    """Let PostgreSQL look at once, as at the end of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def at_the_end(write: Callable[[], object]) -> None:
    """Write in a transaction of its own, at the end of which PostgreSQL looks."""
    with transaction.atomic():
        write()
        immediately()


class TestGone:
    """Whose account goes, or becomes part of another."""

    def test_given_the_last_lead_goes_then_the_longest_member_leads_and_is_told(self) -> None:
        project = make_active()
        lead = place_of(project, lead_of(project))
        join(project, Role.COACH)
        first, _ = join(project), join(project)
        teams.let_go(lead)
        assert lead_of(project) == first.user
        assert "You lead the project" in str(composed("project.lead_passed").body)
        immediately()

    def test_given_nobody_could_go_on_then_an_active_one_is_stopped_and_a_draft_deleted(self) -> None:
        active, draft = make_active(), make_draft()
        coach = join(active, Role.COACH)
        for project in (active, draft):
            teams.let_go(place_of(project, lead_of(project)))
        active.refresh_from_db()
        assert (active.state, active.ended_why) == ("abandoned", teams.NOBODY_LEFT)
        assert list(active.team.live()) == [coach]
        assert not Project.objects.filter(pk=draft.pk).exists()
        immediately()

    def put_together(self, old: User, new: User) -> dict[str, str]:
        admin = make_admin()
        plan = foresee(old, new, by=admin)
        merge(old, new, by=admin, seen=plan.seen)
        immediately()
        return {line.about: line.becomes for line in plan.lines if line.what == "Place in a project's team"}

    def test_places_go_to_the_account_that_stays_and_the_plan_names_no_project(self) -> None:
        membership = member_of_a_programme_with_a_project()
        old, new = membership.user, make_user()
        project = make_draft(old, title="Canary title", membership=membership)
        said = self.put_together(old, new)
        assert said == {f"Project {project.pk}": "Moves"}
        place = place_of(project, new)
        assert (place.role, place.membership) == (Role.LEAD, membership)

    def test_in_a_team_of_both_the_higher_role_stays_with_the_membership_that_stays(self) -> None:
        leaving = member_of_a_programme_with_a_project()
        staying = make_membership(make_user(), leaving.cohort)
        project = make_draft(leaving.user, membership=leaving)
        join(project, Role.VIEWER, staying.user)
        said = self.put_together(leaving.user, staying.user)
        assert "may do more" in said[f"Project {project.pk}"]
        place = project.team.live().get()
        assert (place.user, place.role, place.membership) == (staying.user, Role.LEAD, staying)

    def test_an_invitation_to_the_old_address_is_theirs(self) -> None:
        project, old, new = make_draft(), make_user(), make_user()
        invitation = inviting.invite(project, old.email, Role.MEMBER, by=lead_of(project))
        self.put_together(old, new)
        assert browser_of(new).get(address("team_invitation", invitation.pk)).status_code == 200
        old.refresh_from_db()
        with pytest.raises(ProjectRefused, match="put together"):
            inviting.accept(invitation, old, membership=None)
