"""What each membership has done, read off the evidence; and the one door by which evidence is written.

Progress is computed, never stored, so that it cannot drift from what it stands on (DESIGN §2).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Now

from cohorts.models import Booking, Component, Evidence, Membership, Session
from portal import trail
from portal.accounts.models import User
from portal.prepared import Given, Prepared


def record(
    membership: Membership,
    component: Component,
    *,
    kind: Evidence.Kind,
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
    """Let what stands for one membership count for a later one of the same person and programme, too, and once."""
    same = Evidence.objects.standing().filter(
        membership=later, component=OuterRef("component"), kind=OuterRef("kind"), fulfilled_on=OuterRef("fulfilled_on")
    )
    standing = Evidence.objects.standing().filter(~Exists(same), membership=earlier).order_by("fulfilled_on", "id")
    rows = standing.values("component_id", "kind", "fulfilled_on")
    return record_all([Evidence(membership=later, **row) for row in rows], by=by)


def withdraw(*evidence: Evidence, by: User | None) -> None:
    """Correct the ledger: new rows take back `evidence`, which stays where it is. Raises IntegrityError if done."""
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
        Evidence.objects.standing()
        .filter(membership=Given("membership"), component=Given("component"))
        .order_by("fulfilled_on")
        .values_list("fulfilled_on")
    )
)


def fulfilled_on(membership: Membership, component: Component) -> date | None:
    """Return the day (a UK date) on which a membership first fulfilled a component, or None."""
    first = _FULFILLED.first(membership=membership.pk, component=component.pk)
    return first[0] if first else None


def with_completion(memberships: QuerySet[Membership]) -> QuerySet[Any]:
    """Annotate memberships with `is_complete`: evidence stands for each component that the programme requires."""
    standing = Evidence.objects.standing().filter(membership=OuterRef(OuterRef("pk")), component=OuterRef("pk"))
    missing = Component.objects.filter(~Exists(standing), programme=OuterRef("cohort__programme"), required=True)
    return memberships.annotate(is_complete=~Exists(missing))


@dataclass(frozen=True, slots=True)
class Task:
    """One component as it stands for one person: a line of "Your programme".

    `best_after` is what comes before it and is not done yet, if anything: people are told, never barred.
    """

    component: Component
    is_done: bool
    booking: Booking | None
    has_dates: bool
    best_after: Component | None


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
    standing = Evidence.objects.standing().filter(membership=OuterRef("asked_of"), component=OuterRef("pk"))
    dates = Session.objects.upcoming().filter(
        Q(cohort=OuterRef("asked_in")) | Q(cohort__isnull=True), component=OuterRef("pk")
    )
    return (
        # By the person and not by a list of memberships: PostgreSQL guesses a list's length, and plans anew each time.
        Component.objects.filter(
            programme__cohorts__memberships__user=Given("person"),
            programme__cohorts__memberships__state=Membership.State.ENROLLED,
        )
        .annotate(asked_of=F("programme__cohorts__memberships"), asked_in=F("programme__cohorts"))
        .annotate(is_done=Exists(standing), has_dates=Exists(dates))
        .only("title", "slug", "required", "fulfilled_by", "follows")
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


def with_counts(memberships: QuerySet[Membership]) -> QuerySet[Any]:
    """Annotate memberships with `done` and `asked`: how many required components stand, and of how many.

    For lists. Each count is a subquery of its own, so that no join multiplies another.
    """
    standing = Evidence.objects.standing().filter(membership=OuterRef(OuterRef("pk")), component=OuterRef("pk"))
    required = Component.objects.filter(programme=OuterRef("cohort__programme"), required=True).order_by()
    return memberships.annotate(asked=_count(required), done=_count(required.filter(Exists(standing))))


def _count(components: QuerySet[Component]) -> Coalesce:
    counted = components.values("programme").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)
