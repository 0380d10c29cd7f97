"""Beat runs twice at once, or not at all for ten days: what is due is decided from data, so neither is noticed."""

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from cohorts import booking, scheduling
from cohorts.models import Booking, Component, Session
from portal import outbox
from portal.accounts.models import User
from portal.outbox.models import Message
from tests.browser.passing_time import time_passes_until
from tests.factories import (
    fill,
    make_admin,
    make_booking,
    make_component,
    make_open_session,
    make_series,
    make_session,
    make_user,
    make_waiting,
)
from tests.faults.whole_portal import WholePortal
from tests.outbox.sink import Sink

pytestmark = pytest.mark.faults

PEOPLE = 40
TEN_DAYS = timedelta(days=10)


def told(sink: Sink) -> Counter[tuple[str, str]]:
    """Count what arrived, by whom it went to and by which rule."""
    rules = {f"<{row.message_id}@localhost>": row.rule for row in Message.objects.all()}
    return Counter((address, rules[message_id]) for address, message_id in sink.arrived)


def nothing_waits() -> bool:
    """Say whether no message waits to be sent."""
    return not Message.objects.filter(state=Message.State.QUEUED).exists()


def starts_in(session: Session, **time: float) -> Session:
    """Put a session, before anybody has booked it, at so much time from now."""
    session.starts_at = timezone.now() + timedelta(**time)
    session.ends_at = session.starts_at + timedelta(hours=1)
    session.save(update_fields=["starts_at", "ends_at"])
    return session


def offered(component: Component) -> tuple[User, User]:
    """Return who has been offered a place, since they have booked another at that time, and who waits behind them."""
    other, full = make_session(component, days=30), make_session(component, days=30, places=1)
    [booked] = fill(full)
    first, second = make_user(), make_user()
    make_booking(first, other)
    make_waiting(first, full)
    make_waiting(second, full)
    booking.cancel(booked, by=booked.user)
    assert Booking.objects.get(user=first, session=full).state == Booking.State.OFFERED
    return first, second


def test_two_beats_and_two_workers_tell_everybody_once(portal: WholePortal, sink: Sink) -> None:
    session = make_open_session(days=9, places=PEOPLE)
    people = [make_user() for _ in range(PEOPLE)]
    for person in people:
        make_booking(person, session)
    first, second = offered(make_component(make_series()))
    portal.start("worker")
    portal.wait_until(nothing_waits, "what people did is answered")
    sink.mails.clear()

    Booking.objects.filter(session=session).update(next_reminder_at=timezone.now())
    Booking.objects.filter(user=first, state=Booking.State.OFFERED).update(offer_expires_at=timezone.now())
    portal.start("worker 2", "beat", "beat 2")
    for name, words in (("beat", "Sending due"), ("beat 2", "Sending due"), ("worker 2", "Task ")):
        portal.wait_until(partial(portal.has_said, name, words), f"{name} is at work")
    portal.wait_for_ticks(6)
    portal.wait_until(nothing_waits, "all is sent")

    assert told(sink) == {
        **{(person.email, "booking.reminder_7"): 1 for person in people},
        (first.email, "booking.offer_expired"): 1,
        (second.email, "booking.promoted"): 1,
    }


def test_after_ten_days_without_beat_only_what_is_still_true_is_told(portal: WholePortal, sink: Sink) -> None:
    tomorrow = make_booking(make_user(), starts_in(make_open_session(), days=10, hours=20))
    in_five_days = make_booking(make_user(), starts_in(make_open_session(), days=15))
    in_three_weeks = make_booking(make_user(), starts_in(make_open_session(), days=31))
    over = make_booking(make_user(), starts_in(make_open_session(), days=9))
    cancelled = make_booking(make_user(), starts_in(make_open_session(), days=15))
    booking.cancel(cancelled, by=cancelled.user)
    moved = make_booking(make_user(), starts_in(make_open_session(), days=12))
    later = timezone.now() + timedelta(days=40)
    scheduling.move(moved.session, later, later + timedelta(hours=1), by=make_admin())
    first, second = offered(make_component(make_series()))
    # Without beat, what people do still has its answer: whoever writes a message wakes the worker.
    portal.start("worker")
    portal.wait_until(nothing_waits, "what people did is answered")
    sink.mails.clear()

    time_passes_until(timezone.now() + TEN_DAYS)
    with transaction.atomic():
        outbox.write_sealed(to=over.user.email, subject="Your code", text="ABC-DEF", html=None, person=over.user)
        Message.objects.filter(payload__isnull=False).update(created_at=F("created_at") - TEN_DAYS)
    portal.start("beat")
    portal.wait_for_ticks(4)
    portal.wait_until(nothing_waits, "all is sent")

    assert told(sink) == {
        (tomorrow.user.email, "booking.reminder_1"): 1,
        (in_five_days.user.email, "booking.reminder_7"): 1,
        (first.email, "booking.offer_expired"): 1,
        (second.email, "booking.promoted"): 1,
    }
    still_to_come = Booking.objects.filter(next_reminder_at__isnull=False, session__starts_at__gt=timezone.now())
    assert still_to_come.filter(next_reminder_at__lte=timezone.now()).count() == 0
    assert still_to_come.filter(pk__in=[in_five_days.pk, in_three_weeks.pk, moved.pk]).count() == 3
