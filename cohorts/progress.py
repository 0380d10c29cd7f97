"""What each person has done and what comes next, read off the evidence; and the one door by which evidence is written.

Progress is computed, never stored, so that it cannot drift from what it stands on (DESIGN §2). What completes a
programme is said in `cohorts.completion`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from cohorts.models import Booking, Component, Evidence, EvidenceKind, Membership, Session
from portal import trail
from portal.accounts.models import User
from portal.prepared import Given, Prepared


def record(
    membership: Membership,
    component: Component,
    *,
    kind: EvidenceKind,
    fulfilled_on: date,
    by: User | None,
    booking: Booking | None = None,
) -> Evidence:
    """Add to the ledger that `membership` fulfilled `component` on `fulfilled_on` (a UK date).

    `by` is who says so; None: the portal itself. Raises ValueError for a component of another programme.
    """
    if component.programme_id != membership.cohort.programme_id:
        raise ValueError("The component belongs to another programme than the membership.")
    (evidence,) = record_all(
        [Evidence(membership=membership, component=component, kind=kind, fulfilled_on=fulfilled_on, booking=booking)],
        by=by,
    )
    return evidence


def record_all(evidence: Sequence[Evidence], *, by: User | None) -> list[Evidence]:
    """Add unsaved rows to the ledger, whose memberships and components belong together, in two statements."""
    for row in evidence:
        row.recorded_by = by
    added = Evidence.objects.bulk_create(evidence)
    trail.record_many(
        "evidence.recorded",
        actor=by or trail.SYSTEM,
        entries=[(row, {"component": row.component_id}) for row in added],
    )
    return added


def carry_over(earlier: Membership, later: Membership, *, by: User | None) -> list[Evidence]:
    """Let what stands for one membership count for a later one of the same person and programme, too, and once.

    The caller holds the earlier membership's row, for which `withdraw` waits: so a copy goes with what it was copied
    from, whichever comes first.
    """
    same = Evidence.objects.standing().filter(
        membership=later, component=OuterRef("component"), kind=OuterRef("kind"), fulfilled_on=OuterRef("fulfilled_on")
    )
    standing = Evidence.objects.standing().filter(~Exists(same), membership=earlier).order_by("fulfilled_on", "id")
    return record_all(
        [
            Evidence(
                membership=later,
                component_id=row.component_id,
                kind=row.kind,
                fulfilled_on=row.fulfilled_on,
                copied_from=row,
            )
            for row in standing
        ],
        by=by,
    )


def withdraw(*evidence: Evidence, by: User | None) -> None:
    """Correct the ledger: new rows take back `evidence`, which stays where it is, and what was carried over from it.

    Raises IntegrityError if it is taken back already.
    """
    if not evidence:
        return
    with transaction.atomic():
        _hold_memberships(evidence)
        _take_back(evidence, by=by)
        while evidence := _copies(evidence):
            _take_back(evidence, by=by)


def _copies(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Return what stands that was carried over from `evidence`, once nobody else can be taking it back."""
    copies = Evidence.objects.standing().filter(copied_from__in=evidence)
    _hold_memberships(copies)
    return tuple(copies.all())


def _hold_memberships(evidence: Iterable[Evidence]) -> None:
    rows = Membership.objects.filter(pk__in={row.membership_id for row in evidence})
    list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk"))


def _take_back(evidence: Iterable[Evidence], *, by: User | None) -> None:
    Evidence.objects.bulk_create(
        Evidence(
            membership_id=row.membership_id,
            component_id=row.component_id,
            kind=row.kind,
            fulfilled_on=row.fulfilled_on,
            booking_id=row.booking_id,
            withdraws=row,
            recorded_by=by,
        )
        for row in evidence
    )
    trail.record_many("evidence.withdrawn", actor=by or trail.SYSTEM, entries=[(row, {}) for row in evidence])


_FULFILLED = Prepared(
    lambda: (
        Evidence.objects.counting()
        .filter(membership=Given("membership"), component=Given("component"))
        .order_by("fulfilled_on")
        .values_list("fulfilled_on")
    )
)


def fulfilled_on(membership: Membership, component: Component) -> date | None:
    """Return the day (a UK date) on which a membership first fulfilled a component, or None."""
    first = _FULFILLED.first(membership=membership.pk, component=component.pk)
    return first[0] if first else None


@dataclass(frozen=True, slots=True)
class Task:
    """One component as it stands for one person: a line of "Your programme".

    `best_after` is what comes before it and is not done yet, if anything: people are told, never barred. `due_on` is
    the last day (a UK date) on which it, or the choice of which it is a part, is in time.
    """

    component: Component
    is_done: bool
    booking: Booking | None
    has_dates: bool
    best_after: Component | None
    due_on: date | None

    @property
    def waits_for_dates(self) -> bool:
        """Say whether nothing can be done about it yet: people fulfil it by coming alone, and there is no date."""
        others = set(self.component.fulfilled_by) - {EvidenceKind.ATTENDANCE, EvidenceKind.RECORD}
        return self.component.is_booked and not self.has_dates and not others


def tasks(person: User) -> dict[int, list[Task]]:
    """Return what each programme asks in which somebody is enrolled, in its order, with where they stand.

    By the membership's id; a programme that asks nothing is not there. Two statements, however many there are.
    """
    asked: dict[int, list[Any]] = defaultdict(list)
    for component in _ASKED.all(person=person.pk):
        asked[component.asked_of].append(component)
    live = _most_telling_bookings(person)
    return {
        membership_id: _tasks(components, live.get(membership_id, {})) for membership_id, components in asked.items()
    }


def _asked() -> QuerySet[Component]:
    counting = Evidence.objects.counting().filter(membership=OuterRef("asked_of"), component=OuterRef("pk"))
    dates = Session.objects.upcoming().filter(
        Q(cohort=OuterRef("asked_in")) | Q(cohort__isnull=True), component=OuterRef("pk")
    )
    return (
        # By the person and not by a list of memberships: PostgreSQL guesses a list's length, and plans anew each time.
        Component.objects.filter(
            programme__cohorts__memberships__user=Given("person"),
            programme__cohorts__memberships__state=Membership.State.ENROLLED,
        )
        .select_related("choice")
        .annotate(
            asked_of=F("programme__cohorts__memberships"),
            asked_in=F("programme__cohorts"),
            begins_on=F("programme__cohorts__starts_on"),
        )
        .annotate(is_done=Exists(counting), has_dates=Exists(dates))
        .only(
            *("title", "slug", "required", "fulfilled_by", "follows", "within_weeks"),
            *("choice__title", "choice__at_least", "choice__within_weeks"),
        )
        .order_by("position")
    )


_ASKED: Prepared[Any] = Prepared(_asked)
# What is only waited for or offered is over when its session is; what was booked then awaits its register.
_LIVE = Prepared(
    lambda: (
        Booking.objects.live()
        .filter(
            Q(state=Booking.State.BOOKED) | Q(during__endswith__gt=Now()),
            user=Given("person"),
            membership__isnull=False,
        )
        .select_related("session")
        .only(
            *("uid", "state", "clashing", "offer_expires_at", "membership", "component"),
            *("session__starts_at", "session__ends_at"),
        )
    )
)


def _tasks(components: Sequence[Any], live: Mapping[int, Booking]) -> list[Task]:
    """Return one membership's tasks. Each component carries the annotations of `tasks`."""
    to_do = {component.pk: component for component in components if not component.is_done}
    return [
        Task(
            component=component,
            is_done=component.is_done,
            booking=live.get(component.pk),
            has_dates=component.has_dates,
            best_after=to_do.get(component.follows_id),
            due_on=(component.choice or component).due_on(component.begins_on),
        )
        for component in components
    ]


def _most_telling_bookings(person: User) -> dict[int, dict[int, Booking]]:
    """Return a live booking for each membership's components: of several the one that `_weight` puts last."""
    telling: dict[int, dict[int, Booking]] = defaultdict(dict)
    for booking in sorted(_LIVE.all(person=person.pk), key=_weight):
        if booking.membership_id:
            telling[booking.membership_id][booking.component_id] = booking
    return telling


def _weight(booking: Booking) -> tuple[int, float]:
    """An offer says most, for it lapses; then booked, a wait, and a past date without a register. The sooner of two."""
    order = (Booking.State.WAITING, Booking.State.BOOKED, Booking.State.OFFERED)
    return -1 if booking.session.has_ended else order.index(booking.state), -booking.session.starts_at.timestamp()
