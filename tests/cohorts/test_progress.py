"""Progress is what the evidence says: computed, never multiplied, never of another programme."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cohorts import completion, progress
from cohorts.models import Booking, Component, Evidence, Membership, Session
from tests.factories import (
    fill,
    make_booking,
    make_cohort,
    make_component,
    make_membership,
    make_programme,
    make_session,
    make_user,
    make_waiting,
)

pytestmark = pytest.mark.django_db


def record(member: Membership, component: Component) -> Evidence:
    """Record that the member did it today."""
    return progress.record(
        member, component, kind=Evidence.Kind.RECORD, fulfilled_on=timezone.localdate(), by=make_user()
    )


def is_complete(member: Membership) -> bool:
    """Say what the computed annotation says."""
    return bool(completion.with_completion(Membership.objects.filter(pk=member.pk)).get().is_complete)


def test_a_programme_is_complete_when_evidence_stands_for_all_it_requires(member: Membership) -> None:
    programme = member.cohort.programme
    required = [make_component(programme) for _ in range(2)]
    make_component(programme, required=False)

    record(member, required[0])
    assert not is_complete(member)
    last = record(member, required[1])
    assert is_complete(member)
    progress.withdraw(last, by=None)
    assert not is_complete(member)


def test_evidence_is_withdrawn_once(member: Membership) -> None:
    evidence = record(member, make_component(member.cohort.programme))
    progress.withdraw(evidence, by=None)

    with pytest.raises(IntegrityError), transaction.atomic():
        progress.withdraw(evidence, by=None)


def test_what_was_carried_over_is_taken_back_with_what_it_was_copied_from(member: Membership) -> None:
    programme = member.cohort.programme
    component, other = make_component(programme), make_component(programme)
    mistake = record(member, component)
    record(member, other)
    later, latest = (make_membership(member.user, make_cohort(programme)) for _ in range(2))
    progress.carry_over(member, later, by=None)
    progress.carry_over(later, latest, by=None)

    progress.withdraw(mistake, by=None)

    for membership in (member, later, latest):
        standing = Evidence.objects.standing().filter(membership=membership)
        assert [row.component for row in standing] == [other]


def test_a_copy_that_was_taken_back_by_itself_hinders_nothing(member: Membership) -> None:
    mistake = record(member, make_component(member.cohort.programme))
    later = make_membership(member.user, make_cohort(member.cohort.programme))
    (copy,) = progress.carry_over(member, later, by=None)
    progress.withdraw(copy, by=None)
    assert Evidence.objects.standing().get() == mistake

    progress.withdraw(mistake, by=None)

    assert not Evidence.objects.standing().exists()


def test_evidence_for_another_programmes_component_is_refused(member: Membership) -> None:
    with pytest.raises(ValueError, match="another programme"):
        record(member, make_component(make_programme()))


def test_counts_are_not_multiplied_by_what_else_there_is(member: Membership) -> None:
    components = [make_component(member.cohort.programme) for _ in range(3)]
    for _ in range(2):
        record(member, components[0])
    for days in (10, 20):
        make_booking(make_user(), make_session(components[1], member.cohort, days=days))

    counted = completion.with_counts(Membership.objects.filter(pk=member.pk)).get()

    assert (counted.done, counted.asked) == (1, 3)


def test_counts_where_nothing_is_asked_or_done(member: Membership) -> None:
    counted = completion.with_counts(Membership.objects.filter(pk=member.pk)).get()

    assert (counted.done, counted.asked) == (0, 0)


def test_tasks_stand_in_order_with_where_the_person_stands(member: Membership) -> None:
    programme = member.cohort.programme
    done, booked, to_book, no_dates = (make_component(programme) for _ in range(4))
    after = make_component(programme, follows=no_dates)
    record(member, done)
    booking = make_booking(member.user, make_session(booked, member.cohort))
    make_session(to_book, member.cohort, days=30)
    make_session(no_dates, make_membership().cohort, days=30)

    tasks = progress.tasks(member.user)[member.pk]

    assert [task.component for task in tasks] == [done, booked, to_book, no_dates, after]
    assert [task.is_done for task in tasks] == [True, False, False, False, False]
    assert [task.booking for task in tasks] == [None, booking, None, None, None]
    assert [task.has_dates for task in tasks] == [False, True, True, False, False]
    assert [task.best_after for task in tasks] == [None, None, None, None, no_dates]


def test_of_several_bookings_the_booked_one_is_told(member: Membership) -> None:
    component = make_component(member.cohort.programme)
    full = make_session(component, member.cohort, days=5, places=1)
    fill(full)
    make_waiting(member.user, full)
    booked = make_booking(member.user, make_session(component, member.cohort, days=9))

    (task,) = progress.tasks(member.user)[member.pk]

    assert task.booking == booked
    assert booked.state == Booking.State.BOOKED


def test_an_offer_that_lapses_is_told_before_what_is_booked(member: Membership) -> None:
    component = make_component(member.cohort.programme)
    make_booking(member.user, make_session(component, member.cohort, days=9))
    full = make_session(component, member.cohort, days=5, places=1)
    fill(full)
    offered = make_waiting(member.user, full)
    Session.objects.filter(pk=full.pk).update(places=2)
    Booking.objects.filter(pk=offered.pk).update(
        state=Booking.State.OFFERED, offer_expires_at=timezone.now() + timedelta(hours=24)
    )

    (task,) = progress.tasks(member.user)[member.pk]

    assert task.booking == offered


def test_a_wait_for_a_date_that_is_over_hides_nothing(member: Membership) -> None:
    component = make_component(member.cohort.programme)
    over = make_session(component, member.cohort, days=5, places=1)
    fill(over)
    make_waiting(member.user, over)
    then = timezone.now() - timedelta(days=1)
    Session.objects.filter(pk=over.pk).update(starts_at=then, ends_at=then + timedelta(hours=1))
    next_date = make_session(component, member.cohort, days=9, places=1)
    fill(next_date)
    waiting = make_waiting(member.user, next_date)

    (task,) = progress.tasks(member.user)[member.pk]

    assert task.booking == waiting


@pytest.mark.parametrize("components", [1, 3])
def test_tasks_cost_two_statements_however_many(member: Membership, components: int, django_assert_num_queries) -> None:
    for number in range(components):
        component = make_component(member.cohort.programme)
        make_booking(member.user, make_session(component, member.cohort, days=10 + number))

    with django_assert_num_queries(2):
        assert len(progress.tasks(member.user)[member.pk]) == components
