"""Places in a cohort, offered and answered: each verb holds the cohort's row, and tells whoever it concerns.

An offer holds its place until it is answered or its time has passed. PostgreSQL counts the places that are taken or
held (`Cohort.taken`), so that there is never one too many, whoever writes it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from cohorts.enrolment import CohortFull, hold
from cohorts.models import Cohort, Membership
from portal import outbox, trail
from portal.accounts.models import User
from portal.nhsuk.dates import say_date

State, Reason = Membership.State, Membership.Reason

REMINDED_BEFORE: Final = timedelta(days=3)
BATCH: Final = 500

WAITS_FOR_THE_TEAM: Final = frozenset({State.APPLIED, State.RESERVE})
"""Who may be offered a place: they have asked for one, or said yes to being nominated."""

WAITS: Final = WAITS_FOR_THE_TEAM | {State.NOMINATED, State.OFFERED}
"""Whose place is not decided yet."""


class PlaceRefused(Exception):
    """Nothing was done. `str()` says why, in words for the person."""


class Closed(PlaceRefused):
    """The cohort takes nobody any more, or not yet: neither applications nor nominations, which are `what` it says."""

    def __init__(self, what: str, cohort: Cohort) -> None:
        how = f"closed on {say_date(cohort.closes_on)}" if cohort.closes_on and cohort.is_closed else "are closed"
        super().__init__(f"{what} for this cohort {how}.")


class OfferLapsed(PlaceRefused):
    """The time to answer has passed. The person is on the reserve list now."""

    def __init__(self) -> None:
        super().__init__(
            "The time to answer this offer has passed. You are on the reserve list: the programme team writes to you "
            "if a place comes free."
        )


class PlaceChanged(PlaceRefused):
    """There is nothing of the kind to answer, or no longer."""

    def __init__(self) -> None:
        super().__init__("This has changed since you opened the page. Below is how it stands now.")


def until(cohort: Cohort) -> datetime:
    """Return until when an offer that is made today is held: the end of the last of its days in the UK."""
    after = timezone.localdate() + timedelta(days=cohort.offer_days + 1)
    return timezone.make_aware(datetime.combine(after, time.min))


def offer(cohort: Cohort, memberships: Sequence[Membership], *, by: User) -> int:
    """Offer a place to all of these who wait for the team's decision, or to none; return how many that were.

    They are written to, and once more REMINDED_BEFORE it lapses. Raises CohortFull.
    """
    with transaction.atomic():
        cohort = hold(cohort)
        chosen = list(_of(cohort, memberships, WAITS_FOR_THE_TEAM))
        if len(chosen) > cohort.places_left:
            raise CohortFull(cohort.places_left)
        expires = until(cohort)
        remind = expires - REMINDED_BEFORE
        _move(
            chosen,
            State.OFFERED,
            offer_expires_at=expires,
            reminder_at=remind if remind > timezone.now() else None,
        )
        _record("place.offered", chosen, by=by)
        _tell("place.offered", chosen)
    return len(chosen)


def put_on_reserve(cohort: Cohort, memberships: Sequence[Membership], *, by: User) -> int:
    """Put those who have applied on the reserve list, and tell them; return how many that were."""
    with transaction.atomic():
        chosen = list(_of(hold(cohort), memberships, {State.APPLIED}))
        _move(chosen, State.RESERVE)
        _record("place.reserved", chosen, by=by)
        _tell("place.reserved", chosen)
    return len(chosen)


def turn_down(cohort: Cohort, memberships: Sequence[Membership], *, by: User) -> int:
    """Tell those who wait that there is no place for them in this cohort; return how many that were."""
    with transaction.atomic():
        chosen = list(_of(hold(cohort), memberships, WAITS_FOR_THE_TEAM))
        _move(chosen, State.DECLINED, reason=Reason.NOT_CHOSEN)
        _record("place.turned_down", chosen, by=by)
        _tell("place.turned_down", chosen)
    return len(chosen)


def take_back(cohort: Cohort, memberships: Sequence[Membership], *, by: User) -> int:
    """Take back offers that were not answered: whoever had one is told, and waits for the team again."""
    with transaction.atomic():
        chosen = list(_of(hold(cohort), memberships, {State.OFFERED}))
        _move(chosen, State.APPLIED, offer_expires_at=None, reminder_at=None)
        _record("place.offer_taken_back", chosen, by=by)
        _tell("place.offer_taken_back", chosen)
    return len(chosen)


def accept(membership: Membership) -> Membership:
    """Take the place that one was offered; having it already changes nothing.

    Raises OfferLapsed when its time has passed, and PlaceChanged when there is no offer.
    """
    membership, lapsed = _accept(membership)
    if lapsed:
        raise OfferLapsed
    return membership


def _accept(membership: Membership) -> tuple[Membership, bool]:
    with transaction.atomic():
        membership = hold_own(membership)
        if membership.state == State.ENROLLED:
            return membership, False
        if membership.state != State.OFFERED:
            raise PlaceChanged
        if has_lapsed(membership):
            _lapse([membership])
            return membership, True
        _move([membership], State.ENROLLED, offer_expires_at=None, reminder_at=None)
        _record("place.accepted", [membership], by=membership.user)
        _tell("place.accepted", [membership])
    return membership, False


def say_no(membership: Membership, reason: str = "") -> Membership:
    """Say no to an offer, to being nominated, or take back one's own interest; having left already changes nothing.

    Nobody is written to. Raises PlaceChanged for somebody who takes part: leaving is another thing.
    """
    with transaction.atomic():
        membership = hold_own(membership)
        if membership.state in Membership.LEFT:
            return membership
        if membership.state not in WAITS:
            raise PlaceChanged
        was = membership.state
        to = State.DECLINED if was in {State.OFFERED, State.NOMINATED} else State.WITHDRAWN
        _move([membership], to, offer_expires_at=None, reminder_at=None, reason=reason or Reason.OTHER)
        _record("place.declined", [membership], by=membership.user, was=was)
    return membership


def agree_to_nomination(membership: Membership) -> Membership:
    """Say yes to being nominated: the programme team decides about the place. Having said so changes nothing.

    Raises PlaceChanged when there is no nomination to answer.
    """
    with transaction.atomic():
        membership = hold_own(membership)
        if membership.state != State.NOMINATED:
            if membership.state in WAITS or membership.state == State.ENROLLED:
                return membership
            raise PlaceChanged
        _move([membership], State.APPLIED)
        _record("place.nomination_accepted", [membership], by=membership.user)
    return membership


def lapse_due() -> int:
    """Put everybody whose offer has passed unanswered on the reserve list, and tell them; return how many that were."""
    lapsed = 0
    overdue = Membership.objects.filter(offer_expires_at__lte=timezone.now())
    for cohort in Cohort.objects.filter(pk__in=overdue.values("cohort")).order_by("pk"):
        with transaction.atomic():
            hold(cohort)
            late = list(overdue.filter(cohort=cohort).select_related("user"))
            _lapse(late)
            lapsed += len(late)
    return lapsed


def write_due_reminders() -> int:
    """Remind everybody whose offer lapses soon, once; return how many that were."""
    with transaction.atomic():
        due = list(
            Membership.objects.filter(reminder_at__lte=timezone.now())
            .order_by("reminder_at")
            .select_for_update(of=("self",), skip_locked=True, no_key=True)[:BATCH]
        )
        Membership.objects.filter(pk__in=[membership.pk for membership in due]).update(reminder_at=None)
        _tell("place.reminder", due)
    return len(due)


def has_lapsed(membership: Membership) -> bool:
    """Say whether the time of an offer has passed."""
    return membership.offer_expires_at is not None and membership.offer_expires_at <= timezone.now()


def hold_own(membership: Membership) -> Membership:
    """Lock a membership, after its cohort, and return it as it is now, with both."""
    cohort = hold(membership.cohort)
    held = Membership.objects.select_for_update(of=("self",), no_key=True).select_related("user").get(pk=membership.pk)
    held.cohort = cohort
    return held


def _of(cohort: Cohort, memberships: Sequence[Membership], states: Collection[str]) -> QuerySet[Membership]:
    return cohort.memberships.filter(pk__in=[each.pk for each in memberships], state__in=states).order_by("pk")


def _move(memberships: Sequence[Membership], to: str, **fields: object) -> None:
    now = timezone.now()
    Membership.objects.filter(pk__in=[each.pk for each in memberships]).update(
        state=to, since=now, sequence=F("sequence") + 1, **fields
    )
    for membership in memberships:
        membership.state, membership.since, membership.sequence = to, now, membership.sequence + 1
        for name, value in fields.items():
            setattr(membership, name, value)


def _lapse(memberships: Sequence[Membership]) -> None:
    _move(memberships, State.RESERVE, offer_expires_at=None, reminder_at=None)
    _record("place.lapsed", memberships, by=trail.SYSTEM)
    _tell("place.lapsed", memberships)


def _record(verb: str, memberships: Sequence[Membership], *, by: User | trail.System, **details: trail.Detail) -> None:
    trail.record_many(verb, actor=by, entries=[(membership, details) for membership in memberships])


def _tell(rule: str, memberships: Sequence[Membership]) -> None:
    outbox.write_many(rule, [(f"place:{each.pk}:{each.sequence}", each.user_id) for each in memberships])
