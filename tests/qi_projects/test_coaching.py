"""Coaches beside a project: assigned, asked and answering; and how far people see it on the scale."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.accounts.erasure import erase
from portal.accounts.roles import end_roles
from portal.outbox.composing import Composer
from portal.outbox.models import Message
from portal.trail.models import Entry
from qi_projects import coaches, commenting, life, reviewing, scoring, teams
from qi_projects.models import CoachAbsence, ProgressScore, Side, Thread, ThreadMessage
from qi_projects.models.teams import Role
from qi_projects.refusals import InTeamAlready, NoCoach, ProjectOver, ThreadSettled
from qi_projects.scale import STEPS
from tests.cohorts.pages import address
from tests.factories import make_admin, make_admin_of, make_user
from tests.qi_projects.coaching import (
    accept,
    away,
    coached,
    mail_to,
    make_coach,
    make_counting,
    make_sendable,
    send,
    text_of,
    told,
)
from tests.qi_projects.making import browser_of, join, lead_of, make_active, place_of
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db
PATIENT = "943 476 5919 Jane Smith 01/02/1990"


class TestAssigning:
    """By the programme team, of those who have the role."""

    def test_coach_and_team_are_told_and_nobody_without_the_role_is_assigned(self) -> None:
        project = make_active()
        member, viewer = join(project).user, join(project, Role.VIEWER).user
        coach = make_coach()
        coached(project, coach)
        assert told("project.coach_assigned") == {coach, lead_of(project), member}
        assert coached(project, coach) == place_of(project, coach)
        with pytest.raises(NoCoach):
            coached(project, make_user())
        end_roles(coach.roles.all(), ended_by=make_admin())
        assert list(coaches.without_a_coach()) == [project]
        (found,) = coaches.coaches_of(project)
        assert (found.active, found.on_duty) == (False, None)
        assert viewer not in told("project.coach_assigned")

    def test_who_is_in_the_team_as_something_else_coaches_it_not(self) -> None:
        project = make_active()
        coach = make_coach()
        join(project, Role.MEMBER, coach)
        with pytest.raises(InTeamAlready):
            coached(project, coach)

    def test_a_project_that_has_ended_gets_none(self) -> None:
        project = make_active()
        life.finish(project, "It helped.", by=lead_of(project))
        with pytest.raises(ProjectOver):
            coached(project)

    def test_on_the_page_of_the_project_in_the_admin(self) -> None:
        project, membership = make_counting()
        admin = make_admin_of(membership.cohort.programme)
        coach = make_coach(name="Demo Coach")
        desk = desk_of(admin)
        at = address("admin:qi_projects_project_coaches", project.pk)
        assert "Nobody coaches this project yet" in text_of(desk.get(at))
        asked = desk.post(at, {"act": "assign", "coach": coach.pk})
        assert "Let Demo Coach coach" in text_of(asked)
        assert not told("project.coach_assigned")
        desk.post(at, {"act": "assign", "coach": coach.pk, "confirmed": "yes"})
        assert place_of(project, coach).role == Role.COACH
        assert "Demo Coach" in text_of(desk.get(address("admin:qi_projects_project_change", project.pk)))
        for sent in ("", "x", "999999999999", make_user().pk):
            assert desk.post(at, {"act": "assign", "coach": sent}).status_code == 302
        taking = {"act": "take_off", "coach": place_of(project, coach).pk}
        assert "Take Demo Coach off" in text_of(desk.post(at, taking))
        desk.post(at, {**taking, "confirmed": "yes"})
        assert not project.team.live().filter(user=coach).exists()
        assert desk_of(make_admin_of()).get(at).status_code == 404


class TestStartPage:
    """What waits for a programme admin."""

    def test_projects_to_review_and_without_a_coach(self) -> None:
        project, membership = make_counting(title="Heard within 15 minutes")
        admin = make_admin_of(membership.cohort.programme)
        send(project)
        page = text_of(desk_of(admin).get(reverse("admin:index")))
        assert "Projects to review Heard within 15 minutes: sent on" in page
        assert "Projects without a coach Heard within 15 minutes: active since" in page
        other = text_of(desk_of(make_admin_of()).get(reverse("admin:index")))
        assert "Heard within" not in other
        coached(project)
        listed = address("admin:qi_projects_project_changelist")
        for filtered, number in (("review=waiting", 1), ("review=returned", 0), ("coach=none", 0)):
            assert len(desk_of(admin).get(f"{listed}?{filtered}").context["cl"].result_list) == number


class TestThreads:
    """Comments on any part, and calls for help; whose turn it is, and who is told."""

    def test_asked_answered_and_dealt_with(self) -> None:
        project = make_active()
        coach, lead = coached(project).user, lead_of(project)
        thread = commenting.ask_for_help(project, "What do we count?", help_with="data", by=lead)
        assert (thread.waits_for, told("coaching.team_wrote")) == (Side.COACH, {coach})
        commenting.answer(thread, "The minutes.", side=Side.COACH, by=coach)
        thread.refresh_from_db()
        assert (thread.waits_for, told("coaching.coach_wrote")) == (Side.TEAM, {lead})
        commenting.settle(thread, side=Side.TEAM, by=lead)
        commenting.settle(thread, side=Side.TEAM, by=lead)
        with pytest.raises(ThreadSettled):
            commenting.answer(thread, "More", side=Side.COACH, by=coach)
        assert not Thread.objects.open().exists()
        assert [entry.details for entry in Entry.objects.filter(verb="project.asked_for_help")] == [
            {"thread": thread.pk}
        ]

    def test_letters_say_nothing_of_what_was_written_and_reach_nobody_who_has_left(self) -> None:
        project = make_active(title="Heard within 15 minutes")
        coach, member = coached(project).user, join(project)
        commenting.comment(project, "Canary words", part="aim", by=coach)
        mail = mail_to("coaching.coach_wrote", lead_of(project))
        assert mail.subject == "Your coach has written to you"
        assert "Canary" not in str(mail)
        teams.leave(member)
        message = Message.objects.get(rule="coaching.coach_wrote", person=member.user)
        assert Composer([message]).compose(message) == Message.Skipped.STALE

    def test_a_coachs_word_is_no_activity_of_the_team_and_changes_no_version(self) -> None:
        project = make_active()
        coach = coached(project).user
        project.refresh_from_db()
        before = (project.last_activity_at, project.version)
        thread = commenting.comment(project, "Well put.", part="", by=coach)
        project.refresh_from_db()
        assert (project.last_activity_at, project.version) == before
        commenting.answer(thread, "Thank you", side=Side.TEAM, by=lead_of(project))
        project.refresh_from_db()
        assert project.last_activity_at > before[0]
        assert project.version == before[1]

    def test_pages(self) -> None:
        project = make_active(title="Heard within 15 minutes")
        coach = coached(project, make_coach(name="Demo Coach")).user
        team, desk = browser_of(lead_of(project)), desk_of(coach)
        asking = address("project_ask", project.pk)
        assert "We write to Demo Coach" in text_of(team.get(asking))
        assert team.post(asking, {"help_with": "", "text": ""}).status_code == 422
        warned = team.post(asking, {"help_with": "data", "text": PATIENT})
        assert "This may be about patients" in text_of(warned)
        sent = team.post(asking, {"help_with": "data", "part": "aim", "text": "What do we count?"})
        (thread,) = Thread.objects.all()
        assert sent.headers["Location"] == address("project_thread", project.pk, thread.pk)
        page = text_of(desk.get(address("project_coaching", project.pk)))
        assert "Asked for help: aim" in page
        assert "What do we count?" in page
        assert "1 to answer" in text_of(desk.get(project.get_absolute_url()))
        at = address("project_thread", project.pk, thread.pk)
        assert desk.post(at, {"text": ""}).status_code == 422
        assert desk.post(at, {"text": "The minutes."}).status_code == 302
        assert "The minutes." in text_of(team.get(at))
        assert team.post(at, {"settle": "yes"}).status_code == 302
        answered = desk.post(at, {"text": "And the hours."})
        assert answered.status_code == 409
        assert "And the hours." in text_of(answered)
        commented = desk.post(address("project_comment", project.pk), {"part": "why", "text": "Well put."})
        assert commented.status_code == 302
        assert desk.post(address("project_comment", project.pk), {"part": "x", "text": "x"}).status_code == 422
        assert "Comment: why it matters" in text_of(team.get(address("project_coaching", project.pk)))

    def test_a_part_that_is_no_more_is_the_whole(self) -> None:
        assert commenting.title_of("gone") == commenting.WHOLE

    def test_the_threads_of_another_project_are_not_found(self) -> None:
        one, other = make_active(), make_active()
        thread = commenting.ask_for_help(other, "How?", help_with="data", by=lead_of(other))
        assert browser_of(lead_of(one)).get(address("project_thread", one.pk, thread.pk)).status_code == 404

    def test_without_the_portals_role_an_invited_coach_reads_and_no_more(self) -> None:
        project = make_active()
        browser = browser_of(join(project, Role.COACH).user)
        assert browser.get(address("project_coaching", project.pk)).status_code == 200
        for page in ("project_comment", "project_ask"):
            assert browser.get(address(page, project.pk)).status_code == 403
        assert browser.post(address("project_score", project.pk), {}).status_code == 403

    @pytest.mark.parametrize("page", ["project_coaching", "project_score", "project_review"])
    def test_statements_do_not_grow(self, page: str) -> None:
        project = make_sendable()
        coach, lead = coached(project).user, lead_of(project)
        at, browser = address(page, project.pk), browser_of(lead)

        def add() -> None:
            thread = commenting.comment(project, "One", part="aim", by=coach)
            commenting.answer(thread, "Two", side=Side.TEAM, by=lead)
            scoring.set_score(project, Decimal(1), supported_by="The aim", side=Side.TEAM, by=lead)
            accept(sent := send(project))
            reviewing.undo(sent, "A mistake", by=make_admin())

        def count() -> int:
            with CaptureQueriesContext(connection) as found:
                assert browser.get(at).status_code == 200
            return len(found)

        add()
        count()
        one = count()
        add()
        add()
        assert count() == one


class TestScores:
    """Set by people, a record each time."""

    def test_ten_steps_and_each_record_stays(self) -> None:
        assert [step.score for step in STEPS] == [Decimal(half) / 2 for half in range(1, 11)]
        project = make_active()
        coach = coached(project).user
        at = address("project_score", project.pk)
        team, desk = browser_of(lead_of(project)), desk_of(coach)
        assert team.post(at, {"score": "2.2", "supported_by": "x"}).status_code == 422
        assert team.post(at, {"score": "1.0", "supported_by": ""}).status_code == 422
        assert team.post(at, {"score": "1.0", "supported_by": "The aim, and five of us"}).status_code == 302
        assert desk.post(at, {"score": "2.5", "supported_by": "A first cycle"}).status_code == 302
        page = desk.get(at)
        assert "1.0 Aim and team agreed" in text_of(page)
        assert "<svg" in page.content.decode()
        assert "2 scores, from 1.0 on" in page.content.decode()
        assert [(str(each.score), each.set_by_side) for each in ProgressScore.objects.all()] == [
            ("2.5", "coach"),
            ("1.0", "team"),
        ]
        assert browser_of(join(project).user).post(at, {"score": "5.0", "supported_by": "x"}).status_code == 403

    def test_postgresql_holds_the_steps(self) -> None:
        project = make_active()
        for score in ("2.2", "0.0", "5.5"):
            with pytest.raises(IntegrityError), transaction.atomic():
                scoring.set_score(project, Decimal(score), supported_by="x", side=Side.TEAM, by=lead_of(project))


class TestErasure:
    """What somebody wrote beside projects goes with them."""

    def test_words_go_and_what_was_decided_stays(self) -> None:
        project, membership = make_counting()
        coach, cover = coached(project).user, make_coach()
        commenting.comment(project, "Canary words", part="aim", by=coach)
        scoring.set_score(project, Decimal(2), supported_by="Canary support", side=Side.COACH, by=coach)
        sent = send(project, "Canary note")
        accept(sent, words="Canary reasons", by=cover)
        away(coach, cover, 3, 5)
        erase(coach, by=make_admin())
        assert not CoachAbsence.objects.exists()
        assert "Canary" not in ThreadMessage.objects.get().text + ProgressScore.objects.get().supported_by
        erase(cover, by=make_admin())
        erase(membership.user, by=make_admin())
        sent.refresh_from_db()
        assert sent.state == "accepted"
        assert "Canary" not in sent.note + sent.reasons
        assert sent.credits.count() == 1
