"""Sending projects for review, deciding, and what an acceptance counts for."""

import pytest
from django.db import IntegrityError, transaction

from cohorts import enrolment, progress
from cohorts.models import Evidence, EvidenceKind, Membership
from portal import together
from portal.outbox.models import Message
from portal.trail.models import Entry
from qi_projects import commenting, editing, life, reviewing, teams
from qi_projects.models import Project, Submission
from qi_projects.models.teams import Role
from qi_projects.refusals import ChangedSinceRead, NotForReview, ReviewMoved
from tests.factories import make_admin, make_cohort, make_membership, make_user
from tests.qi_projects.coaching import accept, coached, make_coach, make_counting, make_sendable, send
from tests.qi_projects.making import join, lead_of, make_active, make_draft, place_of

pytestmark = pytest.mark.django_db
State = Submission.State


def standing() -> list[tuple[int, str]]:
    return [(row.membership_id, row.kind) for row in Evidence.objects.standing().order_by("pk")]


def task_of(membership: Membership) -> progress.Task:
    (task,) = progress.tasks(membership.user)[membership.pk]
    return task


class TestSending:
    """What has to be there, and once at a time."""

    def test_a_draft_without_aim_or_statement_is_told_what_is_missing(self) -> None:
        project = make_draft()
        with pytest.raises(NotForReview, match="the project is active, a whole aim, ethics and patient data"):
            reviewing.submit(project, "", by=lead_of(project))
        project = make_active()
        with pytest.raises(NotForReview, match="missing: a whole aim"):
            send(project)

    def test_what_need_not_be_there_is_said_and_holds_up_nobody(self) -> None:
        project = make_sendable()
        points = {point.name: (point.is_there, point.is_needed) for point in reviewing.checklist(project)}
        assert points["Your organisation's approval"] == (False, False)
        assert send(project).state == State.WAITING

    def test_it_is_sent_once_and_known_as_it_was(self) -> None:
        project = make_sendable()
        sent = send(project, "Our audit lead is away.")
        project.refresh_from_db()
        assert (sent.version, sent.note) == (project.version, "Our audit lead is away.")
        assert not reviewing.has_changed(sent, project)
        with pytest.raises(ReviewMoved):
            send(project)
        with pytest.raises(IntegrityError), transaction.atomic():
            Submission.objects.create(project=project, version=1, submitted_by=lead_of(project))

    def test_what_is_said_beside_it_is_no_change_and_what_is_written_in_it_is(self) -> None:
        project = make_sendable()
        coach = coached(project).user
        sent = send(project)
        commenting.comment(project, "Well put.", part="aim", by=coach)
        project.refresh_from_db()
        assert not reviewing.has_changed(sent, project)
        editing.change(project, {"noticed": "More"}, seen=together.seen(project, ["noticed"]), by=lead_of(project))
        project.refresh_from_db()
        assert reviewing.has_changed(sent, project)

    def test_it_is_taken_back_and_sent_again(self) -> None:
        project = make_sendable()
        sent = send(project)
        reviewing.withdraw(sent, by=lead_of(project))
        with pytest.raises(ReviewMoved):
            accept(sent)
        assert send(project).pk != sent.pk


class TestDeciding:
    """Returned with reasons, worked on, sent again, accepted; by nobody of it."""

    def test_returned_then_accepted(self) -> None:
        project, membership = make_counting()
        coach = make_coach()
        sent = send(project)
        project.refresh_from_db()
        reviewing.send_back(sent, "Say by how much.", read=project.version, by=coach)
        sent.refresh_from_db()
        assert (sent.state, sent.reasons, sent.decided_by) == (State.RETURNED, "Say by how much.", coach)
        assert not standing()
        assert Message.objects.get(rule="review.returned").person == membership.user
        accept(send(project))
        assert standing() == [(membership.pk, EvidenceKind.PROJECT)]
        assert task_of(membership).is_done
        assert Message.objects.get(rule="review.accepted").person == membership.user
        assert Entry.objects.get(verb="project.accepted").details["counts_for"] == 1

    def test_what_changed_while_it_was_read_is_read_first(self) -> None:
        project, _ = make_counting()
        sent = send(project)
        project.refresh_from_db()
        read = project.version
        editing.change(project, {"noticed": "New"}, seen=together.seen(project, ["noticed"]), by=lead_of(project))
        with pytest.raises(ChangedSinceRead):
            reviewing.accept(sent, read=read, by=make_coach())
        assert not standing()
        accept(sent)

    def test_nobody_who_is_or_was_in_the_team_decides(self) -> None:
        project = make_sendable()
        coach = coached(project).user
        sent = send(project)
        with pytest.raises(NotForReview):
            accept(sent, by=coach)
        teams.leave(place_of(project, coach))
        with pytest.raises(NotForReview):
            accept(sent, by=coach)

    def test_the_second_of_two_reviewers_is_told(self) -> None:
        project, _ = make_counting()
        sent = send(project)
        accept(sent)
        with pytest.raises(ReviewMoved):
            accept(sent)
        assert len(standing()) == 1

    def test_a_finished_project_is_reviewed_too(self) -> None:
        project, membership = make_counting()
        life.finish(project, "It helped.", by=membership.user)
        accept(send(project))
        assert standing()


class TestCounting:
    """For whom it counts: leads and members, as they stand when it is accepted."""

    def test_each_lead_and_member_who_named_a_cohort_and_nobody_else(self) -> None:
        project, membership = make_counting()
        another = make_membership(cohort=membership.cohort)
        join(project, Role.MEMBER, another.user, membership=another)
        sponsor = make_membership(cohort=membership.cohort)
        join(project, Role.SPONSOR, sponsor.user, membership=sponsor)
        join(project)
        elsewhere = make_membership()
        join(project, Role.MEMBER, elsewhere.user, membership=elsewhere)
        accept(send(project))
        assert sorted(standing()) == sorted((each.pk, "project") for each in (membership, another))

    def test_who_left_before_does_not_and_who_leaves_after_keeps_it(self) -> None:
        project, membership = make_counting()
        gone, going = (make_membership(cohort=membership.cohort) for _ in range(2))
        places = [join(project, Role.MEMBER, each.user, membership=each) for each in (gone, going)]
        teams.leave(places[0])
        accept(send(project))
        teams.leave(places[1])
        joined = make_membership(cohort=membership.cohort)
        join(project, Role.MEMBER, joined.user, membership=joined)
        assert {membership_id for membership_id, _ in standing()} == {membership.pk, going.pk}

    def test_who_withdrew_from_the_cohort_does_not(self) -> None:
        project, membership = make_counting()
        enrolment.withdraw(membership, by=make_admin())
        accept(send(project))
        assert not standing()

    def test_who_was_deferred_has_it_where_they_are_now_and_where_they_will_be(self) -> None:
        admin = make_admin()
        project, membership = make_counting()
        later = make_cohort(membership.cohort.programme)
        there = enrolment.defer(membership, later, by=admin)
        accept(send(project))
        assert standing() == [(there.pk, "project")]
        # Whoever waits for a cohort has it carried over to that one.
        project, membership = make_counting()
        enrolment.defer(membership, None, by=admin, reason=Membership.Reason.OTHER)
        accept(send(project))
        membership.refresh_from_db()
        there = enrolment.defer(membership, make_cohort(membership.cohort.programme), by=admin)
        assert task_of(there).is_done


class TestTakingBack:
    """An acceptance that was a mistake, with why."""

    def test_its_evidence_is_withdrawn_with_what_was_carried_over_and_it_can_be_sent_again(self) -> None:
        admin = make_admin()
        project, membership = make_counting()
        sent = send(project)
        accept(sent)
        there = enrolment.defer(membership, make_cohort(membership.cohort.programme), by=admin)
        assert task_of(there).is_done
        reviewing.undo(sent, "It was another team's.", by=admin)
        sent.refresh_from_db()
        assert (sent.state, sent.undone_why) == (State.UNDONE, "It was another team's.")
        assert not standing()
        assert not task_of(there).is_done
        assert Message.objects.filter(rule="review.undone").exists()
        with pytest.raises(ReviewMoved):
            reviewing.undo(sent, "Again", by=admin)
        accept(send(project))
        assert standing() == [(there.pk, "project")]

    def test_what_somebody_had_withdrawn_already_stays_so(self) -> None:
        project, _ = make_counting()
        sent = send(project)
        accept(sent)
        progress.withdraw(Evidence.objects.get(), by=make_user())
        reviewing.undo(sent, "A mistake", by=make_admin())
        assert not standing()

    def test_evidence_by_another_project_stands(self) -> None:
        project, membership = make_counting()
        other = make_sendable(membership.user, membership=membership)
        sent = send(project)
        accept(sent)
        accept(send(other))
        reviewing.undo(sent, "A mistake", by=make_admin())
        assert task_of(membership).is_done
        assert Project.objects.count() == 2
