"""The register: who attended, who did not, who sent apologies; and the evidence that follows from it."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from inspect import unwrap
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cohorts import booking, progress
from cohorts.deadlocks import again_after_deadlock
from cohorts.models import Booking, Component, Evidence, Session
from cohorts.refusals import BookingClosed, NotForYou, merged_are_refused
from cohorts.standing import lock, standing_of
from portal import trail
from portal.accounts.models import User

# People arrive before the start, and a register is taken as they do.
OPENS_BEFORE = timedelta(hours=1)

MARKS = Booking.REGISTERED

# The verb without its own further attempts: within another verb's transaction that one is done again as a whole.
_cancel: Final[Callable[..., Booking]] = unwrap(booking.cancel)


class RegisterClosed(Exception):
    """The session is cancelled, or its register is not open yet. `str()` says which, in words for the facilitator."""


def is_open(session: Session) -> bool:
    """Say whether the register can be taken: from an hour before the start, and for corrections ever after."""
    return not session.is_cancelled and timezone.now() >= session.starts_at - OPENS_BEFORE


def mark(session: Session, marks: Mapping[int, str], *, by: User) -> list[Booking]:
    """Set the register's marks, by booking id, and return the bookings whose mark changed.

    Each change stands in the trail; attendance writes evidence for a member, and a correction withdraws it. A booking
    that was cancelled meanwhile or belongs to another session is left alone. Raises RegisterClosed, or ValueError for
    what is no mark.
    """
    if unknown := set(marks.values()) - set(MARKS):
        raise ValueError(f"Not a mark of the register: {', '.join(sorted(unknown))}.")
    with transaction.atomic():
        session = Session.objects.select_for_update(of=("self",)).select_related("component").get(pk=session.pk)
        _require_open(session)
        bookings = session.bookings.filter(
            pk__in=marks.keys(), state__in=[Booking.State.BOOKED, *Booking.REGISTERED]
        ).select_related("membership__cohort")
        changed = [held for held in bookings if held.state != marks[held.pk]]
        trail.record_many(
            "register.marked",
            actor=by,
            entries=[(held, {"was": held.state, "now": marks[held.pk]}) for held in changed],
        )
        for held in changed:
            held.state = marks[held.pk]
            held.clashing = False
            held.next_reminder_at = None
        Booking.objects.bulk_update(changed, ["state", "clashing", "next_reminder_at"])
        _follow_with_evidence(session, changed, by=by)
    return changed


@again_after_deadlock
def add_walk_in(session: Session, person: User, *, by: User) -> Booking:
    """Put somebody on the register who came without a place, as attended; who is on it already is marked.

    Another date of the same component that they have still to come is given up, and they are told. Where the session is
    full, it gets as many places more as they need, unless one was held for them: they were in the room. At a book club
    meeting that may be somebody of another cohort of the programme: it counts for their own membership. Raises
    RegisterClosed, and NotForYou for somebody who is not enrolled.
    """
    with merged_are_refused(NotForYou()), transaction.atomic():
        session = _lock_with_dates_to_come(session)
        _require_open(session)
        is_book_club = session.component.kind == Component.Kind.BOOK_CLUB
        standing = standing_of(person, session, takes_other_cohorts=is_book_club)
        here = standing.here
        if here and here.state in {Booking.State.BOOKED, *MARKS}:
            mark(session, {here.pk: Booking.State.ATTENDED}, by=by)
            return here
        _give_up_other_dates(standing.others, session, by=by)
        is_held_for_them = here is not None and here.state == Booking.State.OFFERED
        needed = session.taken + (here.party if here else 1)
        if session.places < needed and not is_held_for_them:
            Session.objects.filter(pk=session.pk).update(places=needed)
            trail.record("session.places_changed", actor=by, subject=session, places=needed)
        came = here or Booking(
            user=person,
            session=session,
            membership=standing.membership,
            component=session.component,
            once=session.component.once,
            during=session.during,
        )
        came.state, came.offer_expires_at = Booking.State.ATTENDED, None
        came.save()
        trail.record("register.walked_in", actor=by, subject=came)
        _follow_with_evidence(session, [came], by=by)
    return came


def _lock_with_dates_to_come(session: Session) -> Session:
    """Return the session, locked with every date of its component to come: in order of their ids, as for every booking.

    All of them, since the person may be swapping from one to another at this moment.
    """
    to_come = Q(component=session.component_id, starts_at__gt=timezone.now())
    dates = Session.objects.filter(Q(pk=session.pk) | to_come)
    list(dates.order_by("pk").select_for_update().values_list("pk"))
    return lock(session.pk)


def _give_up_other_dates(others: Iterable[Booking], session: Session, *, by: User) -> None:
    """Cancel what somebody has booked of the session's component and that has still to come."""
    for other in others:
        if other.component_id == session.component_id and not other.session.has_begun:
            # One that begins at this very moment stays, as one that began before.
            with suppress(BookingClosed):
                _cancel(other, by=by, reason="They came to another date.")


def _require_open(session: Session) -> None:
    if not is_open(session):
        raise RegisterClosed(
            "This session was cancelled." if session.is_cancelled else "The register opens an hour before the start."
        )


def _follow_with_evidence(session: Session, changed: list[Booking], *, by: User) -> None:
    """Make the ledger say what the register now says; what an earlier rule let it write is corrected all the same."""
    standing = {evidence.booking_id: evidence for evidence in Evidence.objects.standing().filter(booking__in=changed)}
    attended = [held for held in changed if held.state == Booking.State.ATTENDED]
    fulfil = attended if session.component.is_booked else []
    progress.record_all(
        [
            Evidence(
                membership=held.membership,
                component=session.component,
                kind=Evidence.Kind.ATTENDANCE,
                fulfilled_on=timezone.localdate(session.starts_at),
                booking=held,
            )
            for held in fulfil
            if held.membership and held.pk not in standing
        ],
        by=by,
    )
    progress.withdraw(*(standing[b.pk] for b in changed if b not in attended and b.pk in standing), by=by)
