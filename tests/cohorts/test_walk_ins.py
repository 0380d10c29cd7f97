"""Whoever comes without a place, a sheet to sign, and asking for a register that nobody has taken."""

from datetime import timedelta
from itertools import chain, cycle
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cohorts import booking, progress, register, register_reminders
from cohorts.models import Booking, Component, Session
from cohorts.refusals import NotForYou
from cohorts.register import RegisterClosed
from portal.accounts.middleware import HAS_SECOND_FACTOR
from portal.outbox.models import Message
from portal.trail.models import Entry
from tests.factories import (
    make_booking,
    make_cohort,
    make_component,
    make_facilitator,
    make_membership,
    make_open_session,
    make_session,
    make_user,
    make_waiting,
)

pytestmark = pytest.mark.django_db

State = Booking.State


def begin(session: Session, *, hours: float = 0.5) -> Session:
    """Have a session begun so many hours ago."""
    starts_at = timezone.now() - timedelta(hours=hours)
    Session.objects.filter(pk=session.pk).update(starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
    session.refresh_from_db()
    return session


@pytest.fixture
def session() -> Session:
    """A session of a cohort, with one place, which somebody has."""
    cohort = make_cohort()
    made = make_session(make_component(cohort.programme), cohort, places=1)
    make_booking(make_membership(cohort=cohort).user, made)
    return begin(made)


class TestVerb:
    """Coming without a place."""

    def test_they_are_marked_and_it_counts_for_them_also_where_it_was_full(self, session: Session) -> None:
        facilitator, membership = make_user(), make_membership(cohort=session.cohort)
        for _ in range(2):
            came = register.add_walk_in(session, membership.user, by=facilitator)
        assert came.state == State.ATTENDED
        assert progress.fulfilled_on(membership, session.component) == timezone.localdate()
        session.refresh_from_db()
        assert (session.taken, session.places) == (2, 2)
        assert Entry.objects.filter(verb="register.walked_in", actor=facilitator).count() == 1
        assert membership.evidence.count() == 1

    def test_whoever_waited_has_come(self, session: Session) -> None:
        membership = make_membership(cohort=session.cohort)
        later = timezone.now() + timedelta(days=3)
        Session.objects.update(starts_at=later, ends_at=later + timedelta(hours=1))
        waiting = make_waiting(membership.user, session)
        begin(session)
        register.add_walk_in(session, membership.user, by=make_user())
        waiting.refresh_from_db()
        assert waiting.state == State.ATTENDED

    def test_a_place_that_is_held_for_them_is_theirs_and_no_more_are_made(self, session: Session) -> None:
        membership = make_membership(cohort=session.cohort)
        later = timezone.now() + timedelta(days=2)
        Session.objects.update(starts_at=later, ends_at=later + timedelta(hours=1))
        offered = make_waiting(membership.user, session)
        booking.cancel(session.bookings.earliest("pk"), by=make_user())
        offered.refresh_from_db()
        assert offered.state == State.OFFERED
        begin(session)
        came = register.add_walk_in(session, membership.user, by=make_user())
        session.refresh_from_db()
        assert (came.pk, came.state) == (offered.pk, State.ATTENDED)
        assert (session.taken, session.places) == (1, 1)
        assert not Entry.objects.filter(verb="session.places_changed").exists()

    def test_another_date_that_begins_at_that_moment_stays(
        self, session: Session, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        membership = make_membership(cohort=session.cohort)
        other = make_booking(membership.user, make_session(session.component, session.cohort, days=20))
        looks = chain([False], cycle([True]))
        monkeypatch.setattr(Session, "has_begun", property(lambda _: next(looks)))
        came = register.add_walk_in(session, membership.user, by=make_user())
        other.refresh_from_db()
        assert (came.state, other.state) == (State.ATTENDED, State.BOOKED)

    def test_another_date_that_they_had_booked_is_free_again_and_they_are_told(self, session: Session) -> None:
        membership = make_membership(cohort=session.cohort)
        other = make_booking(membership.user, make_session(session.component, session.cohort, days=20))
        register.add_walk_in(session, membership.user, by=make_user())
        other.refresh_from_db()
        assert other.state == State.CANCELLED
        assert Message.objects.filter(rule="booking.cancelled", person=membership.user).count() == 1

    def test_what_else_they_have_booked_stays(self, session: Session) -> None:
        membership = make_membership(cohort=session.cohort)
        other = make_booking(membership.user, make_session(cohort=session.cohort, days=20))
        register.add_walk_in(session, membership.user, by=make_user())
        other.refresh_from_db()
        assert other.state == State.BOOKED

    def test_somebody_of_another_cohort_is_not_put_on_it(self, session: Session) -> None:
        with pytest.raises(NotForYou):
            register.add_walk_in(session, make_membership().user, by=make_user())

    def test_somebody_of_another_cohort_of_the_programme_comes_to_a_book_club_meeting(self) -> None:
        club = make_component(kind=Component.Kind.BOOK_CLUB)
        theirs, other = make_cohort(club.programme), make_cohort(club.programme)
        meeting, guest = begin(make_session(club, other)), make_membership(cohort=theirs)
        own_date = make_booking(guest.user, make_session(club, theirs, days=20))
        came = register.add_walk_in(meeting, guest.user, by=make_user())
        own_date.refresh_from_db()
        assert (came.membership, own_date.state) == (guest, State.CANCELLED)
        assert progress.fulfilled_on(guest, club) == timezone.localdate(meeting.starts_at)
        with pytest.raises(NotForYou):
            register.add_walk_in(meeting, make_membership().user, by=make_user())

    def test_to_an_open_series_anybody_comes(self) -> None:
        came = register.add_walk_in(begin(make_open_session()), make_user(), by=make_user())
        assert (came.state, came.membership) == (State.ATTENDED, None)

    def test_before_the_register_opens_nobody_has_come(self, session: Session) -> None:
        later = timezone.now() + timedelta(days=3)
        Session.objects.update(starts_at=later, ends_at=later + timedelta(hours=1))
        membership = make_membership(cohort=session.cohort)
        with pytest.raises(RegisterClosed):
            register.add_walk_in(session, membership.user, by=make_user())
        assert not membership.bookings.exists()


class TestPages:
    """A facilitator's."""

    @pytest.fixture
    def desk(self, session: Session) -> Client:
        facilitator = make_user()
        session.facilitators.add(make_facilitator(facilitator))
        client = Client()
        client.force_login(facilitator)
        signed_in = client.session
        signed_in[HAS_SECOND_FACTOR] = True
        signed_in.save()
        return client

    def test_somebody_is_added_by_their_address(self, session: Session, desk: Client) -> None:
        membership = make_membership(make_user(name="Demo Late"), session.cohort)
        address = reverse("walk_in", args=[session.pk])
        assert address in desk.get(reverse("register", args=[session.pk])).content.decode()
        assert desk.get(address).status_code == 200
        html = desk.post(address, {"email": membership.user.email.upper()}, follow=True).content.decode()
        assert "Demo Late is on the register, as attended." in html

    @pytest.mark.parametrize("email", ["", "nonsense", "nobody@trust.example", "a\0@trust.example"])
    def test_whom_nobody_knows_is_not_added(self, session: Session, desk: Client, email: str) -> None:
        answer = desk.post(reverse("walk_in", args=[session.pk]), {"email": email})
        assert answer.status_code == 422
        assert session.bookings.count() == 1

    def test_an_account_and_a_membership_of_elsewhere_get_the_same_answer(self, session: Session, desk: Client) -> None:
        address, said = reverse("walk_in", args=[session.pk]), "Nobody with this address is enrolled for this session"
        for email in (make_membership().user.email, "nobody@trust.example"):
            assert said in desk.post(address, {"email": email}).content.decode()

    def test_a_sheet_to_sign_names_everybody_and_leaves_lines(self, session: Session, desk: Client) -> None:
        html = desk.get(reverse("register_on_paper", args=[session.pk])).content.decode()
        assert session.bookings.get().user.name in html
        assert html.count("Without a place:") == 5


class TestAsking:
    """For a register that nobody has taken."""

    def led(self, session: Session) -> Any:
        facilitator = make_user()
        session.facilitators.add(make_facilitator(facilitator))
        session.facilitators.add(make_facilitator())  # a guest without an account
        return facilitator

    def test_whoever_led_it_is_asked_once_the_next_morning(self, session: Session) -> None:
        facilitator = self.led(session)
        assert register_reminders.ask_for_registers() == 0
        begin(session, hours=14)
        assert register_reminders.ask_for_registers() == 1
        assert register_reminders.ask_for_registers() == 0
        message = Message.objects.get(rule=register_reminders.RULE)
        assert message.person == facilitator
        mail = register_reminders.compose(register_reminders.load([message.subject])[message.subject], facilitator)
        assert session.component.title in mail.subject
        assert mail.link
        assert mail.link.url == reverse("register", args=[session.pk])

    def test_once_it_is_taken_nothing_is_sent(self, session: Session) -> None:
        facilitator = self.led(session)
        begin(session, hours=14)
        register_reminders.ask_for_registers()
        register.mark(session, {session.bookings.get().pk: State.APOLOGIES}, by=facilitator)
        assert register_reminders.load([f"session:{session.pk}"]) == {}

    @pytest.mark.parametrize("hours", [24 * 8, 11])
    def test_nobody_is_asked_too_late_or_too_soon(self, session: Session, hours: float) -> None:
        self.led(session)
        begin(session, hours=hours)
        assert register_reminders.ask_for_registers() == 0

    def test_with_nothing_due_it_is_one_statement(self, session: Session, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(1):
            register_reminders.ask_for_registers()
