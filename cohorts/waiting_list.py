"""The waiting list: who comes next when a place is free, and what becomes of an offer nobody takes."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from cohorts.deadlocks import again_after_deadlock
from cohorts.models import Booking, Evidence, Session
from cohorts.reminders import next_reminder
from portal import outbox, trail

# This close to the start a freed place is offered, not given: the person may have made other plans.
OFFERED_WITHIN = timedelta(days=3)
# How long an offer is held, unless the start is nearer than twice that.
OFFER_LASTS = timedelta(hours=24)
# Rows of one transaction of a sweep.
BATCH = 1000


def place_in_queue(booking: Booking) -> int:
    """Return the booking's place in its session's queue: 1 is next."""
    ahead = Booking.objects.queue().filter(
        Q(queued_at__lt=booking.queued_at) | Q(queued_at=booking.queued_at, pk__lt=booking.pk),
        session=booking.session_id,
    )
    return ahead.count() + 1


def fill_places(session: Session) -> None:
    """Give each free place to the first in the queue, in the caller's transaction, which holds the session's lock.

    Whoever has booked something at that time or another date of the same component, or has completed it meanwhile, and
    everybody when the start is near, is offered the place instead of given it: nobody loses a booking that they did not
    give up themselves, or has to come to what they need no more.
    Who waits with guests is served when there are places for all of them together; until then whoever comes after them
    and fits goes first, so that no place stays empty, and they can come with fewer guests at any time.
    That booking has closed keeps nobody in the queue from a place; whose account is closed is passed over.
    """
    session.refresh_from_db(fields=["taken"])
    if session.places_left <= 0 or session.is_cancelled or session.has_begun:
        return
    now = timezone.now()
    booked = Booking.objects.filter(user=OuterRef("user"), state=Booking.State.BOOKED)
    # Of an open series, which asks for no membership, people book as many dates as they like.
    another_date = Q(component=OuterRef("component"), once=True, membership=OuterRef("membership"))
    done = Evidence.objects.counting().filter(
        membership=OuterRef("membership"), component=OuterRef("component"), component__once=True
    )
    queue: QuerySet[Any] = (
        Booking.objects.queue()
        .filter(session=session, user__is_active=True)
        .annotate(is_tied=Exists(booked.filter(Q(during__overlap=session.during) | another_date)) | Exists(done))
        .select_for_update(of=("self",))
    )
    left = session.places_left
    while left > 0:
        looked_at = left
        next_in_line = list(queue.filter(guests__lt=left)[:looked_at])
        for booking in next_in_line:
            if booking.party > left:
                continue
            left -= booking.party
            if booking.is_tied or session.starts_at - now <= OFFERED_WITHIN or not _promote(booking, session, now):
                _offer(booking, session, now)
        if len(next_in_line) < looked_at:  # that was all of the queue: nobody else in it fits
            return


def _promote(booking: Booking, session: Session, now: datetime) -> bool:
    """Book the place for who waits; say whether it could be done.

    It cannot when at this very moment they book something else at that time: PostgreSQL refuses the overlap.
    """
    try:
        with transaction.atomic():
            Booking.objects.filter(pk=booking.pk).update(
                state=Booking.State.BOOKED,
                sequence=F("sequence") + 1,
                next_reminder_at=next_reminder(session.starts_at, after=now),
            )
    except IntegrityError:
        return False
    trail.record("booking.promoted", actor=trail.SYSTEM, subject=booking)
    outbox.write("booking.promoted", subject=f"booking:{booking.pk}:{booking.sequence + 1}", person=booking.user_id)
    return True


def _offer(booking: Booking, session: Session, now: datetime) -> None:
    """Hold the place for who waits until they say yes, or the offer expires."""
    Booking.objects.filter(pk=booking.pk).update(
        state=Booking.State.OFFERED,
        offer_expires_at=now + min(OFFER_LASTS, (session.starts_at - now) / 2),
        sequence=F("sequence") + 1,
    )
    trail.record("booking.offered", actor=trail.SYSTEM, subject=booking)
    outbox.write("booking.offered", subject=f"booking:{booking.pk}:{booking.sequence + 1}", person=booking.user_id)


def expire_offers() -> int:
    """Take back every offer whose time has passed, and pass its place on; return how many there were."""
    overdue = Booking.objects.filter(state=Booking.State.OFFERED, offer_expires_at__lte=timezone.now())
    return sum(_expire_offers_of(pk) for pk in overdue.values_list("session", flat=True).order_by("session").distinct())


@again_after_deadlock
def _expire_offers_of(session_id: int) -> int:
    with transaction.atomic():
        session = Session.objects.select_for_update().get(pk=session_id)
        lapsed = list(session.bookings.filter(state=Booking.State.OFFERED, offer_expires_at__lte=timezone.now()))
        session.bookings.filter(pk__in=[booking.pk for booking in lapsed]).update(
            state=Booking.State.CANCELLED,
            offer_expires_at=None,
            sequence=F("sequence") + 1,
            cancel_reason="The offer of a place expired.",
        )
        trail.record_many("booking.offer_expired", actor=trail.SYSTEM, entries=[(booking, {}) for booking in lapsed])
        outbox.write_many(
            "booking.offer_expired",
            [(f"booking:{booking.pk}:{booking.sequence + 1}", booking.user_id) for booking in lapsed],
        )
        fill_places(session)
    return len(lapsed)


def end_queues() -> int:
    """End the queue of each session that has begun, and tell who still waited; return how many those were."""
    ended = 0
    while True:
        with transaction.atomic():
            late = list(
                Booking.objects.filter(state=Booking.State.WAITING, during__startswith__lte=timezone.now())
                .order_by("during__startswith")
                .select_for_update(skip_locked=True)[:BATCH]
            )
            Booking.objects.filter(pk__in=[booking.pk for booking in late]).update(
                state=Booking.State.CANCELLED, sequence=F("sequence") + 1, cancel_reason="No place came free."
            )
            trail.record_many("booking.queue_ended", actor=trail.SYSTEM, entries=[(booking, {}) for booking in late])
            outbox.write_many(
                "booking.queue_ended",
                [(f"booking:{booking.pk}:{booking.sequence + 1}", booking.user_id) for booking in late],
            )
        ended += len(late)
        if len(late) < BATCH:
            return ended
