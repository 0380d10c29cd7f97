"""Booking, cancelling, swapping, and joining a waiting list.

Every verb takes the row locks of the sessions it touches, in order of their ids, before it writes a booking. So
places are counted and passed on by one transaction at a time, and no two of them wait for each other in a circle.
What the locks cannot see (the same person booking two overlapping sessions at once) PostgreSQL's constraints refuse,
or end as a deadlock, after which the verb is done again (`cohorts.deadlocks`).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from cohorts import hindrances
from cohorts.deadlocks import again_after_deadlock
from cohorts.models import Booking, Membership, Session
from cohorts.refusals import (
    AccountMerged,
    AlreadyDone,
    AnotherDateBooked,
    BookingClosed,
    BookingRefused,
    NoLongerYours,
    NotForYou,
    Overlaps,
    PlaceFree,
    SessionFull,
    TooFewPlaces,
    constraint_of,
)
from cohorts.reminders import next_reminder
from cohorts.standing import bookings_in_the_way, lock, standing_of
from cohorts.waiting_list import fill_places
from portal import outbox, trail
from portal.accounts.models import User
from portal.accounts.people import Actor
from portal.prepared import PreparedInsert

REFUSAL_OF_CONSTRAINT: dict[str, type[BookingRefused]] = {
    "no_overlapping_booked_sessions": Overlaps,
    "one_booked_date_per_component": AnotherDateBooked,
    "one_live_booking_per_person_and_session": NoLongerYours,
    "session_is_never_overbooked": SessionFull,
    "who_was_merged_takes_no_part": AccountMerged,
    "booking_has_the_bookers_own_membership": AccountMerged,
}
NEW = PreparedInsert(Booking)


@again_after_deadlock
def book(user: User, session_id: int, *, by: User | None = None, guests: int = 0) -> Booking:
    """Book a place for `user`; booking what one has already booked changes nothing and returns that booking.

    `by` is who does it for them, where they do not do it themselves; they may book what is done once and completed.
    `guests` come with them, where they were invited with as many. Raises Session.DoesNotExist, or BookingRefused with
    nothing changed.
    """
    with _transaction():
        session = lock(session_id)
        standing = standing_of(user, session)
        membership, here, others = standing[:3]
        if here and here.state == Booking.State.BOOKED:
            return here
        if here and here.state == Booking.State.OFFERED:
            return _take(here, session, others, by=by or user)
        if by is None:
            hindrances.require_to_do(standing, session)
        hindrances.require_guests(standing, guests)
        hindrances.require_bookable(here, others, session, guests)
        _set_ended_aside(others)
        if here:
            here.guests = guests
            _set_booked(here, session)
            booking = here
        else:
            booking = _new_booking(user, session, membership, Booking.State.BOOKED, guests)
            booking.next_reminder_at = next_reminder(session.starts_at, after=timezone.now())
            NEW.save(booking)
        _tell("booking.booked", booking, actor=by or user)
        return booking


def foresee(user: User, session: Session) -> Booking | BookingRefused | None:
    """Return what `book` would meet now: the person's own booking of the session, a refusal, or nothing.

    Locks and changes nothing, so `book` may still find things otherwise.
    """
    try:
        standing = standing_of(user, session)
        if standing.here and standing.here.state in Booking.LIVE:
            return standing.here
        hindrances.require_to_do(standing, session)
        hindrances.require_bookable(standing.here, standing.others, session)
    except BookingRefused as refusal:
        return refusal
    return None


def join_waiting_list(user: User, session_id: int, *, by: User | None = None, guests: int = 0) -> Booking:
    """Put `user` at the end of a full session's queue; who waits already keeps their place.

    `by` is who does it for them, where they do not do it themselves. With `guests` they wait for as many places
    together. Raises Session.DoesNotExist, PlaceFree when there is nothing to wait for, or another BookingRefused.
    """
    with _transaction():
        session = lock(session_id)
        standing = standing_of(user, session)
        membership, here = standing[:2]
        if here and here.state in Booking.LIVE:
            return here
        hindrances.require_open(session)
        if here:
            raise AlreadyDone
        if by is None:
            hindrances.require_to_do(standing, session)
        hindrances.require_guests(standing, guests)
        if session.places_left > guests:
            raise PlaceFree
        booking = _new_booking(user, session, membership, Booking.State.WAITING, guests)
        booking.queued_at = timezone.now()
        NEW.save(booking)
        _tell("booking.waiting", booking, actor=by or user)
        return booking


@again_after_deadlock
def cancel(booking: Booking, *, by: Actor, reason: str = "") -> Booking:
    """Give up a place, a place in the queue, or an offer; a freed place passes on in the same transaction.

    Cancelling what is cancelled changes nothing. Raises BookingClosed once the session has begun.
    """
    with _transaction():
        (session,), booking = _lock_sessions_of(booking)
        if booking.state == Booking.State.CANCELLED:
            return booking
        if session.has_begun or booking.state not in Booking.LIVE:
            raise BookingClosed(session)
        was = booking.state
        _release(booking, reason=reason)
        _tell("booking.cancelled" if was == Booking.State.BOOKED else "booking.left_queue", booking, actor=by)
        if was != Booking.State.WAITING:
            clear_clashes([booking.user_id])
            fill_places(session)
        return booking


@again_after_deadlock
def swap(booking: Booking, to_session_id: int, *, by: User) -> Booking:
    """Move a booked place to another date of the same component, in one step; the old place passes on.

    The booking stays the same one, so that its calendar entry moves with it. Raises Session.DoesNotExist, or
    BookingRefused with the old place still held.
    """
    with _transaction():
        (old, new), booking = _lock_sessions_of(booking, to_session_id)
        if booking.session_id == to_session_id and booking.state == Booking.State.BOOKED:
            return booking
        if booking.state != Booking.State.BOOKED:
            raise NoLongerYours
        if old.has_begun:
            raise BookingClosed(old)
        if new.component_id != old.component_id or old.component.programme.is_by_invitation:
            raise NotForYou
        membership, here, others = standing_of(booking.user, new, besides=booking)[:3]
        offered = here is not None and here.state == Booking.State.OFFERED
        if here and offered:
            hindrances.require_offer_held(here, new)
        else:
            hindrances.require_open(new)
        hindrances.require_unhindered(here, others, new)
        if new.places_left <= 0 and not offered:
            raise SessionFull
        if here:
            _release(here)
            trail.record("booking.left_queue", actor=by, subject=here, session=new.pk)
        booking.session, booking.during, booking.membership = new, new.during, membership
        booking.clashing = False
        booking.queued_at = None  # the old date's queue is not the new one's
        booking.sequence += 1
        booking.next_reminder_at = next_reminder(new.starts_at, after=timezone.now())
        booking.save(
            update_fields=[
                "session",
                "during",
                "membership",
                "clashing",
                "queued_at",
                "sequence",
                "next_reminder_at",
            ]
        )
        _tell("booking.swapped", booking, actor=by)
        clear_clashes([booking.user_id])
        fill_places(old)
        return booking


@again_after_deadlock
def change_guests(booking: Booking, guests: int, *, by: User) -> Booking:
    """Change how many guests come with somebody; a place that is freed passes on, and who waits may now fit.

    Fewer can come at any time until the session begins. Raises TooManyGuests, TooFewPlaces, BookingClosed, or
    NoLongerYours, with nothing changed.
    """
    with _transaction():
        (session,), booking = _lock_sessions_of(booking)
        if booking.state not in Booking.LIVE:
            raise NoLongerYours
        was, more = booking.guests, guests - booking.guests
        if more == 0:
            return booking
        if more > 0:
            hindrances.require_open(session)
            hindrances.require_guests(standing_of(booking.user, session), guests)
        elif session.has_begun:
            raise BookingClosed(session)
        if booking.state != Booking.State.WAITING and more > session.places_left:
            raise TooFewPlaces(guests)
        booking.guests = guests
        booking.save(update_fields=["guests"])
        trail.record("booking.guests_changed", actor=by, subject=booking, was=was, now=guests)
        fill_places(session)
        booking.refresh_from_db(fields=["state", "sequence", "offer_expires_at", "next_reminder_at"])
        return booking


@again_after_deadlock
def accept_offer(booking: Booking, *, by: User) -> Booking:
    """Take an offered place; another date of the same component is given up for it (a swap).

    Raises NoLongerYours when the offer has expired, or another BookingRefused.
    """
    other_date = date_given_up_for(booking)
    if other_date and booking.state == Booking.State.OFFERED:
        return swap(other_date, booking.session_id, by=by)
    with _transaction():
        (session,), booking = _lock_sessions_of(booking)
        if booking.state == Booking.State.BOOKED:
            return booking
        if booking.state != Booking.State.OFFERED:
            raise NoLongerYours
        _, others = bookings_in_the_way(booking.user, session, booking.membership, besides=booking)
        return _take(booking, session, others, by=by)


def set_aside(booking: Booking, *, by: User) -> None:
    """Cancel a booking of somebody who has a better one under another account; a freed place passes on.

    They are not told: they lose nothing. Whatever its register says, the other booking says what is true. The caller
    holds the session's lock.
    """
    trail.record("booking.set_aside", actor=by, subject=booking, was=booking.state)
    held_a_place = booking.state != Booking.State.WAITING
    _release(booking, reason="The same person had it twice.")
    if held_a_place:
        fill_places(booking.session)


def date_given_up_for(booking: Booking) -> Booking | None:
    """Return the booked date of the same component that the person gives up when they accept `booking`, if any."""
    if booking.membership_id is None:
        return None
    return (
        Booking.objects.filter(
            membership=booking.membership_id,
            component=booking.component_id,
            once=True,
            state=Booking.State.BOOKED,
            during__endswith__gt=timezone.now(),
        )
        .exclude(pk=booking.pk)
        .select_related("session__component")
        .first()
    )


def clear_clashes(user_ids: list[int]) -> None:
    """Take the mark off each of these people's bookings that no longer overlaps another of theirs."""
    overlapping = Booking.objects.filter(
        user=OuterRef("user"), state=Booking.State.BOOKED, during__overlap=OuterRef("during")
    ).exclude(pk=OuterRef("pk"))
    Booking.objects.filter(user__in=user_ids, clashing=True).exclude(Exists(overlapping)).update(clashing=False)


@contextmanager
def _transaction() -> Iterator[None]:
    """One transaction, whose verb refuses before it writes or not at all.

    What it refuses ends by COMMIT: a ROLLBACK has psycopg forget every statement that is prepared on the connection.
    What a constraint refused, to a transaction that raced with another, is said in the person's words.
    """
    refused: BookingRefused | None = None
    try:
        with transaction.atomic():
            try:
                yield
            except BookingRefused as refusal:
                refused = refusal
    except IntegrityError as error:
        constraint = constraint_of(error)
        if constraint not in REFUSAL_OF_CONSTRAINT:
            raise
        raise REFUSAL_OF_CONSTRAINT[constraint] from error
    if refused:
        raise refused


def _lock_sessions_of(booking: Booking, *also: int) -> tuple[list[Session], Booking]:
    """Lock the booking's session and others, then read the booking anew.

    Returns the sessions, the booking's own first. A booking that was swapped elsewhere while its old session's lock
    was waited for is no longer what the person looked at.
    """
    sessions = {
        session.pk: session
        for session in Session.objects.select_for_update(of=("self",))
        .select_related("component__programme")
        .filter(pk__in=[booking.session_id, *also])
        .order_by("pk")
    }
    if not sessions.keys() >= set(also):
        raise Session.DoesNotExist
    fresh = Booking.objects.select_related("user", "membership").get(pk=booking.pk)
    if fresh.session_id not in sessions:
        raise NoLongerYours
    return [sessions[fresh.session_id], *(sessions[pk] for pk in also)], fresh


def _take(booking: Booking, session: Session, others: list[Booking], *, by: User) -> Booking:
    """Turn an offer into a booked place."""
    hindrances.require_offer_held(booking, session)
    hindrances.require_unhindered(None, others, session)
    _set_ended_aside(others)
    _set_booked(booking, session)
    _tell("booking.booked", booking, actor=by)
    return booking


def _set_ended_aside(others: list[Booking]) -> None:
    """Let a date that is over, and whose register nobody took, no longer count as the one date of its component."""
    if ended := [other.pk for other in others if other.session.has_ended]:
        Booking.objects.filter(pk__in=ended).update(once=False)


def _set_booked(booking: Booking, session: Session) -> None:
    booking.state = Booking.State.BOOKED
    booking.offer_expires_at = None
    booking.sequence += 1
    booking.next_reminder_at = next_reminder(session.starts_at, after=timezone.now())
    booking.save(update_fields=["state", "guests", "offer_expires_at", "sequence", "next_reminder_at"])


def _release(booking: Booking, *, reason: str = "") -> None:
    booking.state = Booking.State.CANCELLED
    booking.clashing = False
    booking.offer_expires_at = booking.next_reminder_at = None
    booking.cancel_reason = reason
    booking.sequence += 1
    booking.save(
        update_fields=[
            "state",
            "clashing",
            "offer_expires_at",
            "next_reminder_at",
            "cancel_reason",
            "sequence",
        ]
    )


def _new_booking(
    user: User, session: Session, membership: Membership | None, state: Booking.State, guests: int = 0
) -> Booking:
    return Booking(
        user=user,
        session=session,
        membership=membership,
        component=session.component,
        once=session.component.once,
        during=session.during,
        state=state,
        guests=guests,
    )


def _tell(event: str, booking: Booking, *, actor: Actor) -> None:
    """Put what happened in the trail, and its message in the outbox."""
    outbox.announce(
        event,
        actor=actor,
        about=booking,
        subject=f"booking:{booking.pk}:{booking.sequence}",
        person=booking.user_id,
        session=booking.session_id,
    )
