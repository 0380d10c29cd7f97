"""Making sessions, moving them, changing their places, cancelling them; and telling everybody whom it concerns."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from cohorts.booking import clear_clashes
from cohorts.deadlocks import again_after_deadlock
from cohorts.models import Booking, Facilitator, Session
from cohorts.reminders import next_reminder
from cohorts.waiting_list import fill_places
from portal import outbox, trail
from portal.accounts.models import User

# A move that meets a booking made at the same moment looks again; more often than this is something else.
MOST_ATTEMPTS = 3
# What a session has of the one that it is made like. When it is, and when it can be booked, is its own.
TAKEN_OVER: Final = (
    "component",
    "cohort",
    "format",
    "venue",
    "join_link",
    "what_to_bring",
    "joining_instructions",
    "places",
    "open_to_alumni",
)


def dates(pattern: Session, *, every: timedelta, count: int) -> list[tuple[datetime, datetime]]:
    """Return the start and end of `count` sessions like `pattern`, `every` so far apart at the same UK clock time."""
    return [
        (later(pattern.starts_at, every * number), later(pattern.ends_at, every * number)) for number in range(count)
    ]


def later(moment: datetime, by: timedelta) -> datetime:
    """Return the same time on the UK's clocks so much later, also across a change of the clocks."""
    return timezone.localtime(moment) + by  # arithmetic on a local time keeps what the clock shows


def add_dates(
    pattern: Session, facilitators: Sequence[Facilitator], *, every: timedelta, count: int, by: User
) -> list[Session]:
    """Make `count` sessions like the unsaved `pattern`, on its `dates`.

    Raises ValidationError, with nothing made, when one of them would not be valid.
    """
    with transaction.atomic():
        return [
            add_like(pattern, facilitators, by=by, starts_at=starts_at, ends_at=ends_at)
            for starts_at, ends_at in dates(pattern, every=every, count=count)
        ]


def add_like(pattern: Session, facilitators: Iterable[Facilitator], *, by: User, **fields: Any) -> Session:
    """Make a session like `pattern`, but for `fields`, in the caller's transaction.

    Raises ValidationError for one that would not be valid.
    """
    session = Session(**{name: getattr(pattern, name) for name in TAKEN_OVER} | fields)
    session.full_clean()
    session.save()
    session.facilitators.set(facilitators)
    trail.record("session.added", actor=by, subject=session)
    return session


def require_movable(session: Session, starts_at: datetime, ends_at: datetime) -> None:
    """Raise ValidationError for a session that is cancelled, has begun, or would begin in the past or end too soon."""
    if session.is_cancelled or session.has_begun:
        raise ValidationError("A session that is cancelled or has begun cannot be moved.")
    _require_no_marks(session)
    if ends_at <= starts_at:
        raise ValidationError("The end must be after the start.")
    if starts_at <= timezone.now():
        raise ValidationError("The new start must be in the future.")


def whom_a_move_affects(session: Session, starts_at: datetime, ends_at: datetime) -> QuerySet[Any]:
    """Return the session's live bookings, each with `would_clash`: the person has booked something else by then."""
    return (
        session.bookings.live()
        .annotate(
            would_clash=Exists(
                Booking.objects.filter(
                    user=OuterRef("user"), state=Booking.State.BOOKED, during__overlap=(starts_at, ends_at)
                ).exclude(session=session)
            )
        )
        .select_related("user")
        .order_by("user__name")
    )


def move(session: Session, starts_at: datetime, ends_at: datetime, *, by: User, reason: str = "") -> Session:
    """Move a session in time. Everybody keeps their booking and is told why; calendar entries and reminders follow.

    A booking that comes to overlap another of the same person is marked as clashing and they are told to choose.
    Raises ValidationError: see `require_movable`.
    """
    for _ in range(MOST_ATTEMPTS - 1):
        with suppress(IntegrityError):
            return _move(session, starts_at, ends_at, by=by, reason=reason)
    return _move(session, starts_at, ends_at, by=by, reason=reason)


@again_after_deadlock
def _move(session: Session, starts_at: datetime, ends_at: datetime, *, by: User, reason: str) -> Session:
    """Move a session. Raises IntegrityError when meanwhile somebody on it books what it is moved onto."""
    with transaction.atomic():
        session = _lock(session)
        require_movable(session, starts_at, ends_at)
        affected = list(whom_a_move_affects(session, starts_at, ends_at))
        clashing = [b.pk for b in affected if b.would_clash and b.state == Booking.State.BOOKED]
        # Marked before the time changes: the exclusion constraint sees each booking as the cascade moves it.
        session.bookings.filter(pk__in=clashing).update(clashing=True)
        if session.booking_closes_at is not None:
            session.booking_closes_at += starts_at - session.starts_at
        session.starts_at, session.ends_at, session.move_reason = starts_at, ends_at, reason
        session.sequence += 1
        session.save(update_fields=["starts_at", "ends_at", "move_reason", "booking_closes_at", "sequence"])
        session.bookings.live().update(sequence=F("sequence") + 1)
        session.bookings.filter(state=Booking.State.BOOKED).update(
            next_reminder_at=next_reminder(starts_at, after=timezone.now())
        )
        session.bookings.filter(state=Booking.State.OFFERED, offer_expires_at__gt=starts_at).update(
            offer_expires_at=starts_at
        )
        trail.record("session.moved", actor=by, subject=session, bookings=len(affected), clashing=len(clashing))
        _tell_all("session.moved", affected)
        clear_clashes([booking.user_id for booking in affected])
    return session


@again_after_deadlock
def relocate(session: Session, *, by: User) -> int:
    """Tell everybody on a session that it is now held where it says, calendars included; return how many that was."""
    with transaction.atomic():
        session = _lock(session)
        affected = list(session.bookings.live())
        session.sequence += 1
        session.save(update_fields=["sequence"])
        session.bookings.live().update(sequence=F("sequence") + 1)
        trail.record("session.relocated", actor=by, subject=session, bookings=len(affected))
        _tell_all("session.relocated", affected)
    return len(affected)


@again_after_deadlock
def cancel_session(session: Session, *, by: User, reason: str = "") -> int:
    """Cancel a session and every live booking of it, tell everybody why, and return to how many that was.

    Cancelling what is cancelled changes nothing. Raises ValidationError once the session has begun.
    """
    with transaction.atomic():
        session = _lock(session)
        if session.is_cancelled:
            return 0
        if session.has_begun:
            raise ValidationError("A session that has begun cannot be cancelled.")
        _require_no_marks(session)
        affected = list(session.bookings.live())
        session.bookings.live().update(
            state=Booking.State.CANCELLED,
            clashing=False,
            offer_expires_at=None,
            next_reminder_at=None,
            sequence=F("sequence") + 1,
            cancel_reason=reason,
        )
        Session.objects.filter(pk=session.pk).update(cancelled_at=timezone.now(), cancel_reason=reason)
        trail.record("session.cancelled", actor=by, subject=session, bookings=len(affected))
        _tell_all("session.cancelled", affected)
        clear_clashes([booking.user_id for booking in affected])
    return len(affected)


@again_after_deadlock
def change_places(session: Session, places: int, *, by: User) -> Session:
    """Change how many places a session has; new ones pass to the waiting list at once.

    Raises ValidationError for fewer places than are taken.
    """
    with transaction.atomic():
        session = _lock(session)
        if places < session.taken:
            raise ValidationError({"places": f"{session.taken} places are already taken. Enter that number or more."})
        trail.record("session.places_changed", actor=by, subject=session, was=session.places, now=places)
        session.places = places
        session.save(update_fields=["places"])
        fill_places(session)
    return session


def _require_no_marks(session: Session) -> None:
    if session.bookings.filter(state__in=Booking.REGISTERED).exists():
        raise ValidationError("Its register has been started, so this session can no longer be moved or cancelled.")


def _lock(session: Session) -> Session:
    return Session.objects.select_for_update(of=("self",)).select_related("component").get(pk=session.pk)


def _tell_all(event: str, bookings: list[Booking]) -> None:
    """Write one message a booking; each was read before its sequence was raised by one."""
    outbox.write_many(event, [(f"booking:{b.pk}:{b.sequence + 1}", b.user_id) for b in bookings])
