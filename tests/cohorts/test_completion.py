"""What completes a programme is its data: what it requires, choices of some, and the kinds of evidence that count."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohorts import alumni, booking, completion, group_progress, progress
from cohorts.models import Choice, Component, Evidence, EvidenceKind, Membership
from cohorts.standing import still_asks
from tests.factories import make_booking, make_choice, make_component, make_membership, make_programme, make_session

pytestmark = pytest.mark.django_db

Kind = EvidenceKind
TODAY = date(2026, 3, 2)


def record(member: Membership, component: Component, kind: EvidenceKind = Kind.RECORD) -> Evidence:
    return progress.record(member, component, kind=kind, fulfilled_on=TODAY, by=None)


def seen(member: Membership) -> tuple[bool, int, int]:
    """Return whether the membership is complete, and how much is done of how much."""
    rows = completion.with_counts(completion.with_completion(Membership.objects.filter(pk=member.pk)))
    found = rows.get()
    return found.is_complete, found.done, found.asked


def test_of_a_choice_any_so_many_complete_it_and_no_more_are_counted(member: Membership) -> None:
    programme = member.cohort.programme
    training = make_component(programme)
    workshops = [make_component(programme) for _ in range(3)]
    make_choice(*workshops, at_least=2)
    make_component(programme, required=False)

    record(member, training)
    record(member, workshops[2])
    assert seen(member) == (False, 2, 3)
    record(member, workshops[2])
    assert seen(member) == (False, 2, 3)
    last = record(member, workshops[0])
    assert seen(member) == (True, 3, 3)
    record(member, workshops[1])
    assert seen(member) == (True, 3, 3)
    progress.withdraw(last, by=None)
    assert seen(member) == (True, 3, 3)


def test_a_component_is_done_by_any_kind_that_fulfils_it_and_by_no_other(member: Membership) -> None:
    workshop = make_component(member.cohort.programme, fulfilled_by=[Kind.ATTENDANCE, Kind.SELF_STUDY])

    record(member, workshop, Kind.IMPORT)
    assert seen(member) == (False, 0, 1)
    assert progress.fulfilled_on(member, workshop) is None
    assert not progress.tasks(member.user)[member.pk][0].is_done
    record(member, workshop, Kind.SELF_STUDY)
    assert seen(member) == (True, 1, 1)
    assert progress.fulfilled_on(member, workshop) == TODAY
    # What does not count stays in the ledger, and counts once the programme says that it does.
    workshop.fulfilled_by = [Kind.IMPORT]
    workshop.save()
    assert seen(member) == (True, 1, 1)


def test_what_does_not_count_is_still_to_be_booked(member: Membership) -> None:
    workshop = make_component(member.cohort.programme, fulfilled_by=[Kind.ATTENDANCE])
    record(member, workshop, Kind.SELF_STUDY)

    assert booking.book(member.user, make_session(workshop, member.cohort).pk).state == "booked"


def test_a_cancelled_date_of_a_choice_is_asked_for_until_enough_is_done(member: Membership) -> None:
    workshops = [make_component(member.cohort.programme) for _ in range(3)]
    make_choice(*workshops, at_least=1)
    held = make_booking(member.user, make_session(workshops[0], member.cohort))
    booking.cancel(held, by=member.user)
    held.session.component.refresh_from_db()

    assert still_asks(held)
    record(member, workshops[1])
    assert not still_asks(held)


def late(member: Membership) -> bool:
    return bool(completion.with_lateness(Membership.objects.filter(pk=member.pk)).get().is_late)


def test_late_is_who_takes_part_when_the_last_day_has_passed(member: Membership) -> None:
    # The cohort began 30 days ago.
    programme = member.cohort.programme
    optional = make_component(programme, required=False, within_weeks=1)
    in_time = make_component(programme, within_weeks=5)
    assert not late(member)
    overdue = make_component(programme, within_weeks=4)
    assert late(member)
    record(member, overdue)
    assert not late(member)
    choice = make_choice(optional, make_component(programme), within_weeks=4)
    assert late(member)
    record(member, optional)
    assert not late(member)
    choice.within_weeks = None
    choice.save()
    in_time.within_weeks = 1
    in_time.save()
    assert late(member)
    Membership.objects.filter(pk=member.pk).update(state=Membership.State.WITHDRAWN)
    assert not late(member)


@pytest.mark.parametrize(("days", "is_late"), [(14, False), (15, True)])
def test_the_last_day_itself_is_in_time(member: Membership, days: int, *, is_late: bool) -> None:
    cohort = member.cohort
    cohort.starts_on = timezone.localdate() - timedelta(days=days)
    cohort.save()
    component = make_component(cohort.programme, within_weeks=2)

    assert late(member) is is_late
    assert component.due_on(cohort.starts_on) == cohort.starts_on + timedelta(days=14)


def test_a_day_beyond_the_calendar_is_its_last() -> None:
    assert Choice(within_weeks=104).due_on(date(9999, 12, 30)) == date.max


def test_postgresql_keeps_choices_together(member: Membership) -> None:
    programme = member.cohort.programme
    one, other = make_component(programme), make_component(programme)
    choice = make_choice(one, other, at_least=2)

    def refused(deed: str, *parameters: int) -> bool:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(deed, parameters)
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except IntegrityError:
            return True
        return False

    assert refused("UPDATE cohorts_component SET required = true WHERE id = %s", one.pk)
    assert refused("UPDATE cohorts_component SET within_weeks = 2 WHERE id = %s", one.pk)
    assert refused("UPDATE cohorts_component SET choice_id = %s, required = false", make_stranger().pk)
    assert refused("UPDATE cohorts_choice SET at_least = 0 WHERE id = %s", choice.pk)
    assert refused("UPDATE cohorts_choice SET at_least = 3 WHERE id = %s", choice.pk)
    assert refused("UPDATE cohorts_component SET choice_id = NULL WHERE id = %s", other.pk)
    assert refused("DELETE FROM cohorts_component WHERE id = %s", other.pk)
    assert refused("UPDATE cohorts_component SET fulfilled_by = '{}'")
    assert not refused("UPDATE cohorts_choice SET at_least = 1 WHERE id = %s", choice.pk)


def make_stranger() -> Choice:
    return make_choice(make_component(make_programme()))


def test_a_component_of_a_choice_is_not_required_by_itself() -> None:
    component = make_component()
    make_choice(component)
    component.required = True

    with pytest.raises(ValidationError, match="This is part of a choice"):
        component.full_clean()


# A programme of so many components: of each its kinds, and of which choice it is a part or whether it is required.
COMPONENTS = st.lists(
    st.tuples(st.sets(st.sampled_from(list(Kind)), min_size=1), st.sampled_from([None, 0, 1]), st.booleans()),
    min_size=1,
    max_size=6,
)
# A ledger: of which component, by what, and whether it is taken back.
LEDGER = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(list(Kind)), st.booleans()), max_size=12)


Programme = list[tuple[set[EvidenceKind], int | None, bool]]
Ledger = list[tuple[int, EvidenceKind, bool]]


@dataclass
class Reading:
    """The rules as one would read them off a sheet of paper."""

    complete: bool
    done: int
    asked: int


def read_off(components: Programme, at_least: dict[int, int], ledger: Ledger) -> Reading:
    fulfilled = {
        number
        for number, kind, is_withdrawn in ledger
        if number < len(components) and not is_withdrawn and kind in components[number][0]
    }
    required = {n for n, (_, choice, is_required) in enumerate(components) if choice is None and is_required}
    of_choice = {c: {n for n, (_, choice, _) in enumerate(components) if choice == c} for c in at_least}
    done = len(required & fulfilled) + sum(min(at_least[c], len(of_choice[c] & fulfilled)) for c in at_least)
    asked = len(required) + sum(at_least.values())
    return Reading(done == asked, done, asked)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(components=COMPONENTS, ledger=LEDGER, wanted=st.integers(1, 3))
def test_postgresql_and_python_agree_with_the_rules_as_they_are_read(
    member: Membership, components: Programme, ledger: Ledger, wanted: int
) -> None:
    with transaction.atomic():
        programme = member.cohort.programme
        made = [
            make_component(programme, fulfilled_by=sorted(kinds), required=is_required and choice is None)
            for kinds, choice, is_required in components
        ]
        at_least = {}
        for choice in (0, 1):
            parts = [each for each, (_, of, _) in zip(made, components, strict=True) if of == choice]
            if parts:
                at_least[choice] = min(wanted, len(parts))
                make_choice(*parts, at_least=at_least[choice])
        somebody_else = make_membership(cohort=member.cohort)
        for number, kind, is_withdrawn in ledger:
            if number < len(made):
                row = record(member, made[number], kind)
                if is_withdrawn:
                    progress.withdraw(row, by=None)
                record(somebody_else, made[number], kind)
        expected = read_off(components, at_least, ledger)

        assert seen(member) == (expected.complete, expected.done, expected.asked)
        tasks = progress.tasks(member.user)[member.pk]
        done = {task.component.pk for task in tasks if task.is_done}
        assert completion.tally([task.component for task in tasks], done) == (expected.done, expected.asked)
        shown = next(each for each in group_progress.people(member.cohort).so_far if each.name == member.user.name)
        assert (shown.finished, shown.asked) == (expected.done, expected.asked)
        assert (not shown.missing and not shown.short) is expected.complete
        assert group_progress.done_by(member.cohort).components == [
            (each, len(set(Evidence.objects.counting().filter(component=each).values_list("membership"))))
            for each in made
        ]
        is_alumna = alumni.alumni(Membership.objects.filter(pk=member.pk), timezone.localdate()).exists()
        assert alumni.is_alumnus(member, [task.component for task in tasks], done) is is_alumna
        transaction.set_rollback(True)
