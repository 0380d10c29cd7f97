"""Reviewers, teams and coaches at the same moment: decided once, counted as the team stands, never without cover."""

import random
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from cohorts import enrolment
from cohorts.models import Evidence
from portal import together
from portal.accounts.erasure import erase
from qi_projects import editing, reviewing, standing_in, teams
from qi_projects.models import CoachAbsence, Submission, TeamPlace
from qi_projects.refusals import Away, ChangedSinceRead, ReviewMoved
from tests.concurrency.at_once import at_once
from tests.factories import make_admin, make_cohort, make_membership
from tests.qi_projects.coaching import make_coach, make_counting, make_sendable, send
from tests.qi_projects.making import join, lead_of

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8
State = Submission.State


def standing() -> set[int]:
    return set(Evidence.objects.standing().values_list("membership", flat=True))


def test_of_two_reviewers_one_decides_and_the_other_is_told() -> None:
    for _ in range(ROUNDS):
        project, membership = make_counting()
        sent = send(project)
        one, two = make_coach(), make_coach()
        deeds: list[Callable[[], object]] = [
            partial(reviewing.accept, sent, read=sent.version, by=one),
            partial(reviewing.send_back, sent, "Say by how much.", read=sent.version, by=two),
        ]
        random.shuffle(deeds)
        done = at_once(*deeds)
        assert sum(isinstance(each, ReviewMoved) for each in done) == 1, done
        sent.refresh_from_db()
        assert (membership.pk in standing()) == (sent.state == State.ACCEPTED)


def test_accepted_by_both_at_once_it_counts_once() -> None:
    project, _ = make_counting()
    sent = send(project)
    done = at_once(*(partial(reviewing.accept, sent, read=sent.version, by=make_coach()) for _ in range(3)))
    assert sum(isinstance(each, ReviewMoved) for each in done) == 2, done
    assert Evidence.objects.count() == 1


def test_accepted_while_a_member_leaves_it_counts_for_them_or_is_read_anew() -> None:
    for _ in range(ROUNDS):
        project, membership = make_counting()
        member = make_membership(cohort=membership.cohort)
        place = join(project, TeamPlace.Role.MEMBER, member.user, membership=member)
        sent = send(project)
        left, accepted = at_once(
            partial(teams.leave, place), partial(reviewing.accept, sent, read=sent.version, by=make_coach())
        )
        assert left is None
        if accepted is None:
            assert member.pk in standing()
        else:
            assert isinstance(accepted, ChangedSinceRead)
            assert member.pk not in standing()


def test_accepted_while_a_member_is_deferred_it_counts_where_they_are_then() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        project, membership = make_counting()
        sent, later = send(project), make_cohort(membership.cohort.programme)
        accepted, there = at_once(
            partial(reviewing.accept, sent, read=sent.version, by=make_coach()),
            partial(enrolment.defer, membership, later, by=admin),
        )
        assert accepted is None
        assert there.pk in standing()


def test_accepted_while_the_lead_is_erased_neither_fails() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        project, membership = make_counting()
        join(project)
        sent = send(project)
        accepted, erased = at_once(
            partial(reviewing.accept, sent, read=sent.version, by=make_coach()),
            partial(erase, membership.user, by=admin),
        )
        assert accepted is None or isinstance(accepted, ChangedSinceRead), accepted
        assert erased is None


def test_changed_while_it_is_accepted_the_reviewer_has_read_it_or_reads_it() -> None:
    for _ in range(ROUNDS):
        project, _ = make_counting()
        sent, lead = send(project), lead_of(project)
        seen = together.seen(project, ["noticed"])
        _, accepted = at_once(
            partial(editing.change, project, {"noticed": "New"}, seen=seen, by=lead),
            partial(reviewing.accept, sent, read=sent.version, by=make_coach()),
        )
        sent.refresh_from_db()
        assert isinstance(accepted, ChangedSinceRead) == (sent.state == State.WAITING)


def test_sent_twice_at_once_it_is_sent_once() -> None:
    project = make_sendable()
    done = at_once(*(partial(reviewing.submit, project, "", by=lead_of(project)) for _ in range(3)))
    assert sum(isinstance(each, ReviewMoved) for each in done) == 2, done


def test_taken_back_and_accepted_at_once_it_is_one_of_both() -> None:
    for _ in range(ROUNDS):
        project, membership = make_counting()
        sent = send(project)
        done = at_once(
            partial(reviewing.withdraw, sent, by=membership.user),
            partial(reviewing.accept, sent, read=sent.version, by=make_coach()),
        )
        assert sum(isinstance(each, ReviewMoved) for each in done) == 1, done


def test_two_coaches_who_name_one_another_are_not_both_away() -> None:
    today = timezone.localdate()
    for number in range(ROUNDS):
        one, two = make_coach(), make_coach()
        first = today + timedelta(days=number)
        done = at_once(
            partial(standing_in.say_away, one, from_on=first, to_on=first, cover=two),
            partial(standing_in.say_away, two, from_on=first, to_on=first, cover=one),
        )
        assert sum(isinstance(each, Away) for each in done) == 1, done


def test_a_coach_who_is_erased_as_they_are_named_stands_in_for_nobody() -> None:
    admin, today = make_admin(), timezone.localdate()
    for _ in range(ROUNDS):
        one, two = make_coach(), make_coach()
        _, erased = at_once(
            partial(standing_in.say_away, one, from_on=today, to_on=today, cover=two), partial(erase, two, by=admin)
        )
        assert erased is None
        assert not CoachAbsence.objects.filter(covered_by=two).exists()
