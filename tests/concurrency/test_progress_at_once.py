"""Progress while others write: rules changed, registers corrected and people deferred at the same moment."""

from datetime import date, timedelta
from functools import partial
from threading import Event
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from cohorts import enrolment, progress, recording, register, rule_changes
from cohorts.completion import with_completion
from cohorts.models import Booking, Component, Evidence, EvidenceKind, Membership, Programme, Session
from cohorts.rule_changes import NotAgreed
from portal.accounts.models import User
from tests.concurrency.at_once import at_once
from tests.factories import make_admin, make_booking, make_cohort, make_component, make_membership, make_session

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 8


def record(member: Membership, component: Component) -> Evidence:
    return progress.record(member, component, kind=EvidenceKind.RECORD, fulfilled_on=date(2026, 3, 2), by=None)


def drop(component: Component, *, agreed: str, by: User) -> None:
    """Ask for a component no more."""
    with rule_changes.changing(component.programme, agreed=agreed, by=by):
        Component.objects.filter(pk=component.pk).update(required=False)


def effect_of_dropping(component: Component, by: User) -> rule_changes.Effect:
    with pytest.raises(NotAgreed) as refused:
        drop(component, agreed="", by=by)
    return refused.value.effect


def complete(programme: Programme) -> set[int]:
    rows = with_completion(Membership.objects.filter(cohort__programme=programme)).filter(is_complete=True)
    return set(rows.values_list("pk", flat=True))


def test_a_rule_is_changed_for_those_who_were_agreed_to_or_not_at_all() -> None:
    admin, cohort = make_admin(), make_cohort()
    for _ in range(ROUNDS):
        kept, dropped = (make_component(cohort.programme) for _ in range(2))
        members = [make_membership(cohort=cohort) for _ in range(2)]
        record(members[0], kept)
        effect = effect_of_dropping(dropped, admin)

        changed, _, _ = at_once(
            partial(drop, dropped, agreed=effect.digest, by=admin),
            # By this one would have been complete before, and by that another becomes so.
            partial(record, members[0], dropped),
            partial(record, members[1], kept),
        )

        dropped.refresh_from_db()
        assert isinstance(changed, NotAgreed) is dropped.required
        assert changed is None or isinstance(changed, NotAgreed)
        assert complete(cohort.programme) == {members[0].pk, *([] if dropped.required else [members[1].pk])}
        Component.objects.filter(programme=cohort.programme).update(required=False)
        Membership.objects.filter(cohort=cohort).update(state=Membership.State.WITHDRAWN)


def test_evidence_waits_until_a_change_is_made() -> None:
    admin, cohort = make_admin(), make_cohort()
    kept, dropped = (make_component(cohort.programme) for _ in range(2))
    member = make_membership(cohort=cohort)
    record(member, kept)
    effect = effect_of_dropping(dropped, admin)
    is_changing, is_written = Event(), Event()

    def change() -> bool:
        with rule_changes.changing(cohort.programme, agreed=effect.digest, by=admin):
            is_changing.set()
            was_written_meanwhile = is_written.wait(0.5)
            Component.objects.filter(pk=dropped.pk).update(required=False)
        return was_written_meanwhile

    def write() -> None:
        is_changing.wait(10)
        record(member, dropped)
        is_written.set()

    assert at_once(change, write) == [False, None]
    assert Evidence.objects.filter(component=dropped).exists()


def test_two_who_change_rules_take_turns() -> None:
    admin, cohort = make_admin(), make_cohort()
    kept, one, other = (make_component(cohort.programme) for _ in range(3))
    record(make_membership(cohort=cohort), kept)

    outcomes = at_once(*(partial(drop, component, agreed="", by=admin) for component in (one, other)))

    # Whoever came second would have completed somebody, and was not agreed to.
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "NotAgreed"]
    assert not complete(cohort.programme)


def test_what_a_correction_takes_back_is_not_carried_over() -> None:
    admin, programme = make_admin(), make_cohort().programme
    for _ in range(ROUNDS):
        earlier, later = make_cohort(programme), make_cohort(programme)
        session = make_session(make_component(programme), earlier)
        held: Any = make_booking(make_membership(cohort=earlier).user, session)
        begun = timezone.now() - timedelta(days=1)
        Session.objects.filter(pk=session.pk).update(starts_at=begun, ends_at=begun + timedelta(hours=1))
        register.mark(session, {held.pk: Booking.State.ATTENDED}, by=admin)

        outcomes = at_once(
            partial(register.mark, session, {held.pk: Booking.State.DID_NOT_ATTEND}, by=admin),
            partial(enrolment.defer, held.membership, later, by=admin),
        )

        assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        assert not Evidence.objects.standing().filter(membership__user=held.user).exists()


def test_two_who_record_the_same_at_once_record_it_once() -> None:
    admins, cohort = [make_admin(), make_admin()], make_cohort()
    component = make_component(cohort.programme)
    for _ in range(3):
        make_membership(cohort=cohort)
    agreed = recording.plan(cohort, component, None).digest

    def do(admin: User) -> int:
        with transaction.atomic():
            return recording.record(
                cohort,
                component,
                None,
                kind=EvidenceKind.RECORD,
                fulfilled_on=date(2026, 3, 2),
                agreed=agreed,
                by=admin,
            )

    outcomes = at_once(*(partial(do, admin) for admin in admins))

    assert sorted(str(type(outcome).__name__) for outcome in outcomes) == ["PlanChanged", "int"]
    assert Evidence.objects.count() == 3
