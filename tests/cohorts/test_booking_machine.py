"""A Hypothesis state machine over the booking verbs: any order of them leaves what must hold."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cohorts import booking as verbs
from cohorts import register, scheduling, waiting_list
from cohorts.models import Booking, Session
from cohorts.refusals import AnotherDateBooked, BookingRefused, Overlaps, PlaceFree, SessionFull, TooManyGuests
from tests.cohorts.invariants import broken
from tests.factories import (
    make_cohort,
    make_component,
    make_graduation,
    make_invitation,
    make_membership,
    make_programme,
    make_session,
    make_user,
)

WHO = st.integers(0, 4)
WHICH = st.integers(0, 4)
GRADUATION = 4
GUESTS = st.integers(0, 3)


class Bookings(RuleBasedStateMachine):
    """Five people, two dates of one component, one of another, an open session at the first's hour, a graduation."""

    @initialize(places=st.lists(st.integers(1, 3), min_size=5, max_size=5))
    def begin(self, places: list[int]) -> None:
        """Make the programme anew; all of it is rolled back at the end."""
        self.undo = transaction.atomic()
        self.undo.__enter__()
        programme = make_programme()
        cohort = make_cohort(programme)
        training, workshop = make_component(programme), make_component(programme)
        talk = make_component(make_programme(shape="series"))
        self.sessions = [
            make_session(training, cohort=cohort, places=places[0], days=20),
            make_session(training, cohort=cohort, places=places[1], days=21),
            make_session(workshop, cohort=cohort, places=places[2], days=22),
            make_session(talk, places=places[3], days=20),
        ]
        graduation = make_graduation(cohort, guests_each=2, places=places[4] + 1, days=23)
        self.sessions.append(graduation.session)
        self.people = [make_user() for _ in range(5)]
        for person in self.people:
            make_membership(person, cohort)
            make_invitation(person, graduation)
        self.admin = make_user()

    def teardown(self) -> None:
        """Leave nothing behind for the next example."""
        if hasattr(self, "undo"):
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    def live(self, who: int) -> list[Booking]:
        """Return what this person has."""
        return list(Booking.objects.live().filter(user=self.people[who]).order_by("pk"))

    @rule(who=WHO, which=WHICH, guests=GUESTS)
    def book(self, who: int, which: int, guests: int) -> None:
        """Somebody books; what comes of it follows from what they hold and what is free."""
        session = Session.objects.get(pk=self.sessions[which].pk)
        held = [b for b in self.live(who) if b.state == Booking.State.BOOKED and b.session_id != session.pk]
        here = next((b for b in self.live(who) if b.session_id == session.pk), None)
        other_date = any(b.component_id == session.component_id and b.membership_id for b in held)
        overlap = any(b.session.starts_at < session.ends_at and session.starts_at < b.session.ends_at for b in held)
        try:
            booking = verbs.book(self.people[who], session.pk, guests=guests)
        except AnotherDateBooked:
            assert other_date
        except Overlaps:
            assert overlap
        except SessionFull:
            assert session.places_left <= guests
        except TooManyGuests:
            assert guests > (2 if which == GRADUATION else 0)
        except BookingRefused:
            assert not session.booking_is_open
        else:
            assert booking.state == Booking.State.BOOKED
            assert not (here and here.state == Booking.State.BOOKED and booking.pk != here.pk)

    @rule(who=WHO, which=WHICH, guests=GUESTS)
    def wait(self, who: int, which: int, guests: int) -> None:
        """Somebody joins a waiting list, and is last in it."""
        session = Session.objects.get(pk=self.sessions[which].pk)
        before = session.bookings.queue().count()
        known = any(b.session_id == session.pk for b in self.live(who))
        try:
            booking = verbs.join_waiting_list(self.people[who], session.pk, guests=guests)
        except PlaceFree:
            assert session.places_left > guests
        except TooManyGuests:
            assert guests > (2 if which == GRADUATION else 0)
        except BookingRefused:
            assert not session.booking_is_open
        else:
            assert known or waiting_list.place_in_queue(booking) == before + 1

    @rule(who=WHO, guests=GUESTS)
    def change_guests(self, who: int, guests: int) -> None:
        """Somebody brings more guests, or fewer; who waits with some goes on waiting with one at the least.

        (Who waits with none has been overtaken by nobody, and that is looked at.)
        """
        for booking in self.live(who):
            if booking.session_id != self.sessions[GRADUATION].pk:
                continue
            wanted = max(1, guests) if booking.state == Booking.State.WAITING else guests
            try:
                changed = verbs.change_guests(booking, wanted, by=self.people[who])
            except BookingRefused:
                assert Booking.objects.get(pk=booking.pk).guests == booking.guests
            else:
                assert Booking.objects.get(pk=booking.pk).guests == changed.guests == wanted

    @rule(who=WHO, pick=st.integers(0, 3))
    def cancel(self, who: int, pick: int) -> None:
        """Somebody gives up what they have; cancelling twice is cancelling once."""
        if live := self.live(who):
            booking = live[pick % len(live)]
            assert verbs.cancel(booking, by=self.people[who]).state == Booking.State.CANCELLED
            assert verbs.cancel(booking, by=self.people[who]).state == Booking.State.CANCELLED

    @rule(who=WHO, pick=st.integers(0, 3), which=WHICH)
    def swap(self, who: int, pick: int, which: int) -> None:
        """Somebody swaps: they hold the new date, or the old one still."""
        if live := self.live(who):
            booking, target = live[pick % len(live)], self.sessions[which]
            try:
                moved = verbs.swap(booking, target.pk, by=self.people[who])
            except BookingRefused:
                now = Booking.objects.get(pk=booking.pk)
                assert (now.session_id, now.state) == (booking.session_id, booking.state)
            else:
                assert (moved.pk, moved.uid, moved.session_id) == (booking.pk, booking.uid, target.pk)

    @rule(who=WHO)
    def accept(self, who: int) -> None:
        """Somebody takes an offer; they then hold that session and no other date of it."""
        for booking in self.live(who):
            if booking.state == Booking.State.OFFERED:
                try:
                    accepted = verbs.accept_offer(booking, by=self.people[who])
                except Overlaps:
                    continue
                assert (accepted.session_id, accepted.state) == (booking.session_id, Booking.State.BOOKED)

    @rule()
    def let_offers_expire(self) -> None:
        """Every offer's time passes."""
        offers = Booking.objects.filter(state=Booking.State.OFFERED)
        offers.update(offer_expires_at=timezone.now() - timedelta(minutes=1))
        lapsed = list(offers.values_list("pk", flat=True))
        assert waiting_list.expire_offers() >= len(lapsed)
        assert not Booking.objects.filter(pk__in=lapsed, state=Booking.State.OFFERED).exists()

    @rule(which=WHICH, places=st.integers(0, 4))
    def change_places(self, which: int, places: int) -> None:
        """The programme team finds more room, or less; never less than is taken."""
        session = Session.objects.get(pk=self.sessions[which].pk)
        try:
            scheduling.change_places(session, places, by=self.admin)
        except ValidationError:
            assert places < session.taken

    @rule(which=WHICH, days=st.integers(4, 30), hours=st.integers(0, 5))
    def move(self, which: int, days: int, hours: int) -> None:
        """The programme team moves a session, also onto another."""
        session = Session.objects.get(pk=self.sessions[which].pk)
        start = timezone.now() + timedelta(days=days, hours=hours)
        live = session.bookings.live().count()
        try:
            scheduling.move(session, start, start + timedelta(hours=3), by=self.admin)
        except ValidationError:
            assert session.is_cancelled
        else:
            assert session.bookings.live().count() == live

    @precondition(lambda _: sum(s.cancelled_at is None for s in Session.objects.all()) > 2)
    @rule(which=WHICH)
    def cancel_session(self, which: int) -> None:
        """The programme team cancels a session, with everything on it."""
        scheduling.cancel_session(self.sessions[which], by=self.admin)
        assert not self.sessions[which].bookings.live().exists()

    @rule(which=WHICH, attended=st.booleans())
    def try_the_register_early(self, which: int, attended: bool) -> None:  # noqa: FBT001  # Hypothesis hands it over by name
        """Nobody is marked before the session."""
        marks: dict[int, Any] = {b.pk: "attended" if attended else "apologies" for b in Booking.objects.all()}
        with pytest.raises(register.RegisterClosed):
            register.mark(self.sessions[which], marks, by=self.admin)

    @invariant()
    def nothing_is_broken(self) -> None:
        """What must never be is not."""
        if hasattr(self, "undo"):
            assert broken() == []


@pytest.mark.django_db
def test_any_order_of_the_verbs() -> None:
    """Let Hypothesis look for an order that breaks something."""
    run_state_machine_as_test(
        Bookings,
        settings=settings(
            max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
