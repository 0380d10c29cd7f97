"""Which state may follow which: the one table of it, and the one way from one to the next."""

from collections.abc import Collection
from datetime import date
from typing import Final

from django.utils import timezone

from referrals import clocks
from referrals.models import Referral
from referrals.retention import purge_date

State = Referral.State

ENDED_BY_ANYBODY: Final = frozenset({State.DECLINED, State.WITHDRAWN, State.UNREACHABLE})
FOLLOWS: Final[dict[State, frozenset[State]]] = {
    State.AWAITING_CONSENT: frozenset({State.RECEIVED}) | ENDED_BY_ANYBODY,
    State.RECEIVED: frozenset({State.TRIAGED}) | ENDED_BY_ANYBODY,
    State.TRIAGED: frozenset({State.APPOINTMENT_OFFERED}) | ENDED_BY_ANYBODY,
    State.APPOINTMENT_OFFERED: frozenset({State.FIRST_HELD}) | ENDED_BY_ANYBODY,
    State.FIRST_HELD: frozenset({State.CLOSED}) | ENDED_BY_ANYBODY,
    State.CLOSED: frozenset(),
    State.DECLINED: frozenset(),
    State.WITHDRAWN: frozenset(),
    State.UNREACHABLE: frozenset(),
}


class WrongState(Exception):
    """A referral is no longer, or not yet, in a state from which this can be done; `state` is the one it is in."""

    def __init__(self, state: str) -> None:
        super().__init__(f"This cannot be done now: the referral is in the state “{State(state).label}”.")
        self.state = State(state)


def hold(referral: Referral) -> Referral:
    """Lock a referral's row until the caller's transaction ends, and return it as it is now.

    Whose it is is read afterwards: joined to the lock, it would be as it was before the lock was waited for.
    """
    return Referral.objects.select_for_update(of=("self",)).select_related("provider").get(pk=referral.pk)


def hold_open(referral: Referral, among: Collection[str] = Referral.OPEN) -> Referral:
    """Lock a referral's row as `hold` does. Raises WrongState unless it is in one of these states."""
    referral = hold(referral)
    if referral.state not in among:
        raise WrongState(referral.state)
    return referral


def move(referral: Referral, to: State, *, on: date | None = None) -> None:
    """Move a referral, whose row the caller holds, to another state, with the date that proves it. Saves it.

    Raises WrongState when the table has no such way.
    """
    if to not in FOLLOWS[State(referral.state)]:
        raise WrongState(referral.state)
    on = on or timezone.localdate()
    referral.state = to
    if to == State.TRIAGED:
        referral.triaged_on = on
    if to == State.FIRST_HELD:
        referral.first_held_on = on
    if not FOLLOWS[to]:
        referral.ended_on = on
        referral.purge_on = purge_date(to, on)
    clocks.wind(referral)
    referral.save()


def receive(referral: Referral) -> None:
    """Take a referral that waited for the person's consent, whose row the caller holds: day 0 of both clocks is today.

    Raises WrongState.
    """
    if referral.state != State.AWAITING_CONSENT:
        raise WrongState(referral.state)
    referral.consent_on = timezone.localdate()
    referral.purge_on = None
    clocks.start(referral, referral.consent_on)
    move(referral, State.RECEIVED)
