"""Reminders: 7 days and 1 day before, never twice, never stale, whatever time beat was away."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from cohorts import booking as verbs
from cohorts import reminders, scheduling
from cohorts.models import Booking, Session
from portal.nhsuk.dates import UK
from portal.outbox.models import Message
from tests.factories import make_admin, make_booking, make_open_session, make_user


@pytest.mark.parametrize(
    ("starts_at", "after", "expected"),
    [
        ("2026-11-22T09:30", "2026-11-01T12:00", "2026-11-15T09:30"),
        ("2026-11-22T09:30", "2026-11-15T09:30", "2026-11-21T09:30"),
        ("2026-11-22T09:30", "2026-11-21T09:30", None),
        # The clocks go back on 25 October 2026 and forward on 28 March 2027: the clock time stays.
        ("2026-10-28T09:30", "2026-10-01T12:00", "2026-10-21T09:30"),
        ("2027-03-28T09:30", "2027-03-22T12:00", "2027-03-27T09:30"),
    ],
)
def test_the_next_reminder_keeps_the_sessions_clock_time(starts_at: str, after: str, expected: str | None) -> None:
    def uk(clock: str) -> datetime:
        return datetime.fromisoformat(clock).replace(tzinfo=UK)

    assert reminders.next_reminder(uk(starts_at), after=uk(after)) == (expected and uk(expected))


def starts_in(session: Session, **time: float) -> Session:
    """Let a session start in so much time from now, with its bookings' reminders as they were."""
    starts_at = timezone.now() + timedelta(**time)
    Session.objects.filter(pk=session.pk).update(starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
    return session


def reminded(booking: Booking) -> list[str]:
    """Return the reminders written to a booking's holder, in order."""
    return list(
        Message.objects.filter(person=booking.user, rule__startswith="booking.reminder")
        .order_by("id")
        .values_list("rule", flat=True)
    )


@pytest.mark.django_db
class TestWriteDue:
    """The sweep."""

    def test_each_reminder_is_written_once_when_its_time_has_come(self) -> None:
        booking = make_booking(make_user(), make_open_session(days=14))
        assert reminders.write_due() == 0

        starts_in(booking.session, days=6, hours=23)
        Booking.objects.update(next_reminder_at=timezone.now() - timedelta(minutes=1))
        assert reminders.write_due() == 1
        assert reminders.write_due() == 0
        assert reminded(booking) == ["booking.reminder_7"]

        starts_in(booking.session, hours=23)
        Booking.objects.update(next_reminder_at=timezone.now() - timedelta(minutes=1))
        assert reminders.write_due() == 1
        assert reminded(booking) == ["booking.reminder_7", "booking.reminder_1"]
        assert Booking.objects.get().next_reminder_at is None

    def test_after_the_week_comes_the_day_before(self) -> None:
        booking = make_booking(make_user(), make_open_session(days=8))
        starts_in(booking.session, days=6)
        Booking.objects.update(next_reminder_at=timezone.now())

        reminders.write_due()

        booking.refresh_from_db()
        assert booking.next_reminder_at == booking.during.lower - timedelta(days=1)

    def test_a_late_booker_gets_no_stale_reminder(self) -> None:
        late = make_booking(make_user(), make_open_session(days=3))
        later = make_booking(make_user(), starts_in(make_open_session(), hours=5))

        assert late.next_reminder_at == late.during.lower - timedelta(days=1)
        assert later.next_reminder_at is None

    def test_after_ten_days_without_beat_only_what_is_still_true_goes_out(self) -> None:
        tomorrow = make_booking(make_user(), make_open_session(days=9))
        starts_in(tomorrow.session, hours=20)
        over = make_booking(make_user(), make_open_session(days=9))
        starts_in(over.session, days=-1)
        Booking.objects.update(next_reminder_at=timezone.now() - timedelta(days=9))

        assert reminders.write_due() == 1

        assert reminded(tomorrow) == ["booking.reminder_1"]
        assert reminded(over) == []
        assert not Booking.objects.filter(next_reminder_at__isnull=False).exists()

    def test_a_cancelled_booking_is_not_reminded(self) -> None:
        booking = make_booking(make_user(), make_open_session(days=9))

        verbs.cancel(booking, by=booking.user)

        assert Booking.objects.get().next_reminder_at is None

    def test_who_was_reminded_is_reminded_again_of_the_new_time(self) -> None:
        booking = make_booking(make_user(), make_open_session(days=9))
        Booking.objects.update(next_reminder_at=timezone.now())
        reminders.write_due()
        start = timezone.now() + timedelta(days=20)
        scheduling.move(booking.session, start, start + timedelta(hours=1), by=make_admin())
        Booking.objects.update(next_reminder_at=timezone.now())

        reminders.write_due()

        assert reminded(booking) == ["booking.reminder_7", "booking.reminder_7"]

    @pytest.mark.parametrize("people", [1, 3])
    def test_a_batch_costs_the_same_however_many_are_due(self, people: int, django_assert_num_queries) -> None:
        session = make_open_session(days=9)
        for _ in range(people):
            make_booking(make_user(), session)
        Booking.objects.update(next_reminder_at=timezone.now())

        # Savepoint, claim, one INSERT, release.
        with django_assert_num_queries(4):
            assert reminders.write_due() == people

    def test_batches_follow_one_another_until_nothing_is_due(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reminders, "BATCH", 2)
        session = make_open_session(days=9)
        for _ in range(5):
            make_booking(make_user(), session)
        Booking.objects.update(next_reminder_at=timezone.now())

        assert reminders.write_due() == 5
