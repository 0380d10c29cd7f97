"""Projects: two editors, two leads who leave, and an answer to an invitation that is being taken back."""

import random
from collections.abc import Callable
from functools import partial

import pytest

from portal import together
from portal.accounts.erasure import erase
from portal.together import ChangedMeanwhile
from qi_projects import editing, inviting, teams
from qi_projects.models import Project, TeamInvitation, TeamPlace
from qi_projects.models.teams import Role
from qi_projects.refusals import InvitationOver, InvitedAlready, LastLead
from tests.concurrency.at_once import at_once
from tests.factories import make_admin, make_user
from tests.qi_projects.making import join, lead_of, make_draft, place_of

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8
State = TeamInvitation.State


def test_of_two_editors_of_one_field_the_second_is_told_and_both_fields_of_two_stand() -> None:
    for _ in range(ROUNDS):
        project = make_draft()
        lead, other = lead_of(project), join(project).user
        seen = together.seen(project, ["noticed", "why_it_matters"])
        done = at_once(
            partial(editing.change, project, {"noticed": "One", "why_it_matters": ""}, seen=seen, by=lead),
            partial(editing.change, project, {"noticed": "Two", "why_it_matters": ""}, seen=seen, by=other),
        )
        assert [isinstance(each, ChangedMeanwhile) for each in done].count(True) == 1, done
        project.refresh_from_db()
        seen = together.seen(project, ["noticed", "why_it_matters"])
        first = project.noticed
        done = at_once(
            partial(editing.change, project, {"noticed": "Three", "why_it_matters": ""}, seen=seen, by=lead),
            partial(editing.change, project, {"noticed": first, "why_it_matters": "Harm"}, seen=seen, by=other),
        )
        assert not [each for each in done if isinstance(each, Exception)]
        project.refresh_from_db()
        assert (project.noticed, project.why_it_matters) == ("Three", "Harm")


def test_of_two_leads_who_leave_at_once_one_stays() -> None:
    for _ in range(ROUNDS):
        project = make_draft()
        one, two = place_of(project, lead_of(project)), join(project, Role.LEAD)
        deeds: list[Callable[[], object]] = [
            partial(teams.leave, one),
            partial(teams.give_role, two, Role.VIEWER, by=two.user),
        ]
        random.shuffle(deeds)
        done = at_once(*deeds)
        assert sum(isinstance(each, LastLead) for each in done) == 1, done
        assert project.team.live().filter(role=Role.LEAD).count() == 1


def test_postgresql_lets_no_two_leads_leave_at_once_whoever_writes() -> None:
    for _ in range(ROUNDS):
        project = make_draft()
        one, two = place_of(project, lead_of(project)), join(project, Role.LEAD)
        rows = TeamPlace.objects.all()
        at_once(*(partial(rows.filter(pk=place.pk).update, role=Role.VIEWER) for place in (one, two)))
        assert project.team.live().filter(role=Role.LEAD).count() == 1


def test_accepted_while_it_is_taken_back_it_is_one_of_both() -> None:
    for _ in range(ROUNDS):
        project, asked = make_draft(), make_user()
        lead = lead_of(project)
        invitation = inviting.invite(project, asked.email, Role.MEMBER, by=lead)
        done = at_once(
            partial(inviting.accept, invitation, asked, membership=None),
            partial(inviting.withdraw, invitation, by=lead),
        )
        assert sum(isinstance(each, InvitationOver) for each in done) == 1, done
        invitation.refresh_from_db()
        is_in = project.team.live().filter(user=asked).exists()
        assert is_in == (invitation.state == State.ACCEPTED)


def test_accepted_twice_and_sent_twice_at_once_it_is_one() -> None:
    project, asked = make_draft(), make_user()
    lead = lead_of(project)
    sent = at_once(*(partial(inviting.invite, project, asked.email, Role.MEMBER, by=lead) for _ in range(3)))
    assert sum(isinstance(each, InvitedAlready) for each in sent) == 2
    invitation = TeamInvitation.objects.get()
    places = at_once(*(partial(inviting.accept, invitation, asked, membership=None) for _ in range(3)))
    assert len({place.pk for place in places}) == 1


def test_who_is_erased_as_they_join_is_in_no_team_and_a_lead_leads() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        project, asked = make_draft(), make_user()
        invitation = inviting.invite(project, asked.email, Role.MEMBER, by=lead_of(project))
        done = at_once(partial(inviting.accept, invitation, asked, membership=None), partial(erase, asked, by=admin))
        assert all(each is None or isinstance(each, TeamPlace | InvitationOver) for each in done), done
        assert not TeamPlace.objects.live().filter(user=asked).exists()
        assert Project.objects.get(pk=project.pk).team.live().count() == 1
