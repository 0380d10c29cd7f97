"""Group sessions: who comes is sealed, nobody is one too many, and it is erased after."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from icalendar import Calendar

from portal.outbox.models import Message
from portal.trail.models import Entry
from referrals import ceremony, escalation, group_booking, groups, tasks, vault
from referrals.group_booking import GroupFull, GroupOver
from referrals.groups import GroupRefused
from referrals.models import Epoch, GroupBooking, GroupSession, Provider
from referrals.vault import PrivateKey, Unopenable, Unsigned
from tests.referrals.conftest import Team, fresh
from tests.referrals.sessions import LINK, NAME, REACH, announce, book
from tests.referrals.uk_clock import at

pytestmark = pytest.mark.django_db


def begin(session: GroupSession, **ago: float) -> None:
    GroupSession.objects.filter(pk=session.pk).update(starts_at=timezone.now() - timedelta(**ago or {"minutes": 5}))
    session.refresh_from_db()


class TestBooking:
    """A place without an account."""

    def test_who_comes_is_read_by_the_team_alone(self, team: Team) -> None:
        session = announce(team)
        book(session)
        (guest,) = groups.guests(session, team.unlocked(team.triager))
        assert (guest.name, guest.reach) == (NAME, REACH)

    def test_nothing_of_it_stands_in_the_clear(self, team: Team) -> None:
        session = announce(team)
        code, _ = book(session)
        with connection.cursor() as cursor:
            cursor.execute("SELECT t::text FROM referrals_groupbooking t")
            (row,) = cursor.fetchone()
            cursor.execute("SELECT t::text FROM referrals_groupsession t")
            row += cursor.fetchone()[0]
        for secret in (NAME, REACH, code, LINK):
            assert secret not in row
            assert secret.encode().hex() not in row
        entry = Entry.objects.get(verb="group.booked")
        assert entry.actor is None
        assert timezone.localtime(entry.at).hour == 0

    def test_sent_twice_it_is_one(self, team: Team) -> None:
        session = announce(team)
        code, booking = book(session)
        again = group_booking.book(session, code=code.lower(), name="Other", reach="other")
        assert again.pk == booking.pk
        assert GroupBooking.objects.count() == 1

    def test_a_code_serves_one_session(self, team: Team) -> None:
        code, _ = book(announce(team))
        with pytest.raises(Unopenable):
            group_booking.book(announce(team, days=11), code=code, name=NAME, reach=REACH)

    def test_never_more_than_places(self, team: Team) -> None:
        session = announce(team, places=2)
        book(session)
        book(session)
        with pytest.raises(GroupFull):
            book(session)
        session.refresh_from_db()
        assert (session.taken, session.is_full) == (2, True)

    def test_postgresql_holds_it_whoever_writes(self, team: Team) -> None:
        session = announce(team, places=1)
        _, booking = book(session)
        booking.pk, booking.receipt = None, b"another"
        with pytest.raises(IntegrityError), transaction.atomic():
            booking.save(force_insert=True)
        # Nor does an old count come back with whoever saves what they read before.
        session.taken = 0
        session.save()
        session.refresh_from_db()
        assert session.taken == 1

    def test_not_once_it_has_begun_or_was_called_off(self, team: Team) -> None:
        begun, called_off = announce(team), announce(team)
        begin(begun)
        groups.call_off(called_off, team.unlocked(team.lead))
        for session in (begun, called_off):
            with pytest.raises(GroupOver):
                book(session)

    def test_nothing_is_taken_that_nobody_could_read(self, team: Team, settings) -> None:
        session = announce(team)
        settings.REFERRAL_ROOTS = {}
        with pytest.raises(Unsigned):
            book(session)
        assert group_booking.dates() == []

    def test_an_epoch_of_a_superusers_own_takes_nothing(self, team: Team) -> None:
        session = announce(team)
        Epoch.objects.update(public_key=PrivateKey.generate().public().raw)
        with pytest.raises(Unsigned):
            book(session)

    def test_moved_to_another_row_it_does_not_open(self, team: Team) -> None:
        session = announce(team)
        _, one = book(session, "One")
        _, other = book(session, "Other")
        GroupBooking.objects.filter(pk=one.pk).update(sealed=other.sealed, key=other.key)
        names = [guest.name for guest in groups.guests(session, team.unlocked(team.triager))]
        assert names == ["", "Other"]

    def test_after_a_new_epoch_both_are_read(self, team: Team) -> None:
        session = announce(team)
        book(session, "Before")
        ceremony.begin_epoch(team.lead, team.passphrase)
        book(session, "After")
        assert [guest.name for guest in groups.guests(session, team.unlocked(team.triager))] == ["After", "Before"]


class TestCancelling:
    """By the receipt."""

    def test_the_place_is_free_and_who_had_it_is_deleted(self, team: Team) -> None:
        session = announce(team, places=1)
        code, booking = book(session)
        group_booking.cancel(booking)
        group_booking.cancel(booking)
        session.refresh_from_db()
        assert session.taken == 0
        found = group_booking.find(code)
        assert found
        assert (bytes(found.sealed), bytes(found.key), found.link) == (b"", b"", None)
        assert groups.guests(session, team.unlocked(team.triager)) == []
        book(session)

    def test_a_cancelled_one_does_not_come_back_by_its_code(self, team: Team) -> None:
        session = announce(team)
        code, booking = book(session)
        group_booking.cancel(booking)
        again = group_booking.book(session, code=code, name=NAME, reach=REACH)
        assert again.cancelled_on
        session.refresh_from_db()
        assert session.taken == 0

    def test_not_once_it_has_begun(self, team: Team) -> None:
        session = announce(team)
        _, booking = book(session)
        begin(session)
        with pytest.raises(GroupOver):
            group_booking.cancel(booking)


class TestLink:
    """Given out by the team, to who is booked, from the day before."""

    def shown(self, code: str) -> str | None:
        booking = group_booking.find(code)
        assert booking
        return group_booking.join_link(booking, code)

    def test_from_the_day_before_until_it_is_over(self, team: Team) -> None:
        with at("2026-02-01 09:00"):
            session = announce(team, days=9.35)  # Tuesday 10 February, 5.24pm
            code, _ = book(session)
            assert groups.give_link(session, team.unlocked(team.triager)) == 1
            assert groups.give_link(session, team.unlocked(team.triager)) == 0
        for moment, shown in (
            ("2026-02-08 23:59", None),
            ("2026-02-09 00:00", LINK),
            ("2026-02-10 18:30", LINK),
            ("2026-02-10 18:40", None),
        ):
            with at(moment):
                assert self.shown(code) == shown

    def test_who_booked_since_waits_for_the_team(self, team: Team) -> None:
        session = announce(team, days=0.5)
        code, _ = book(session)
        assert self.shown(code) is None
        groups.give_link(session, team.unlocked(team.lead))
        assert self.shown(code) == LINK

    def test_another_code_or_row_opens_nothing(self, team: Team) -> None:
        session = announce(team, days=0.5)
        _, booking = book(session)
        other_code, other = book(session)
        groups.give_link(session, team.unlocked(team.triager))
        booking.refresh_from_db()
        assert group_booking.join_link(booking, other_code) is None
        GroupBooking.objects.filter(pk=other.pk).update(link=booking.link)
        assert self.shown(other_code) is None

    def test_a_new_link_is_to_be_given_out_anew(self, team: Team) -> None:
        session = announce(team, days=0.5)
        code, _ = book(session)
        opened = team.unlocked(team.lead)
        groups.give_link(session, opened)
        planned = groups.Plan("", session.starts_at, 3, [team.triager], "https://meeting.example/other")
        groups.change(session, opened, planned)
        assert self.shown(code) is None
        groups.give_link(session, opened)
        assert self.shown(code) == "https://meeting.example/other"

    def test_without_one_there_is_nothing_to_give(self, team: Team) -> None:
        session = announce(team, link="")
        with pytest.raises(GroupRefused):
            groups.give_link(session, team.unlocked(team.lead))

    def test_who_leads_it_is_told_at_the_next_fixed_time(self, team: Team) -> None:
        with at("2026-02-02 17:00"):
            escalation.sweep()
            session = announce(team, days=4)  # Friday, 5pm
            book(session)
        with at("2026-02-04 09:00"):
            escalation.sweep()
            assert not Message.objects.filter(rule=escalation.LOOK).exists()
        for hour in ("08:30", "12:30"):
            with at(f"2026-02-05 {hour}"):
                escalation.sweep()
        told = Message.objects.filter(rule=escalation.LOOK)
        assert list(told.order_by("subject").values_list("subject", "person")) == [
            ("slot:2026-02-05-0830", team.triager.user_id),
            ("slot:2026-02-05-1230", team.triager.user_id),
        ]
        with at("2026-02-05 13:00"):
            groups.give_link(session, team.unlocked(team.triager))
        with at("2026-02-05 16:30"):
            escalation.sweep()
        assert told.count() == 2

    def test_before_a_weekend_it_is_told_on_friday(self, team: Team) -> None:
        with at("2026-02-02 17:00"):
            escalation.sweep()
            book(announce(team, days=7))  # Monday, 5pm
        with at("2026-02-06 08:30"):
            escalation.sweep()
        assert Message.objects.filter(rule=escalation.LOOK).count() == 1


def entry_of(content: bytes) -> Any:
    """Return the one entry of a calendar file."""
    (entry,) = Calendar.from_ical(content).walk("VEVENT")
    return entry


class TestCalendar:
    """Other people may look into it."""

    def test_it_says_when_and_nothing_else(self, team: Team) -> None:
        session = announce(team)
        code, booking = book(session)
        content = group_booking.calendar_file(booking, code)
        entry = entry_of(content)
        assert entry["SUMMARY"] == "Meeting"
        assert (entry["DTEND"].dt - entry["DTSTART"].dt) == timedelta(minutes=75)
        assert str(booking.pk) not in content.decode()  # nor a row's number: what stands there is found in no database
        assert set(entry) == {"UID", "SUMMARY", "SEQUENCE", "CLASS", "DTSTAMP", "DTSTART", "DTEND"}
        for word in (b"portal", b"localhost", b"referral", b"Names", b"Demo provider", b"meeting.example"):
            assert word.lower() not in content.lower()

    def test_moved_it_takes_the_place_of_the_one_before(self, team: Team) -> None:
        session = announce(team)
        code, booking = book(session)
        before = group_booking.calendar_file(booking, code)
        planned = groups.Plan("", session.starts_at + timedelta(hours=2), 3, [team.triager], LINK)
        groups.change(session, team.unlocked(team.lead), planned)
        moved = group_booking.find(code)
        assert moved
        old, new = entry_of(before), entry_of(group_booking.calendar_file(moved, code))
        assert old["UID"] == new["UID"]
        assert new["SEQUENCE"] == old["SEQUENCE"] + 1


class TestTeam:
    """What the team does with it."""

    def test_fewer_places_than_are_taken_are_refused(self, team: Team) -> None:
        session = announce(team, places=3)
        book(session)
        book(session)
        planned = groups.Plan("", session.starts_at, 1, [team.triager], LINK)
        with pytest.raises(GroupRefused):
            groups.change(session, team.unlocked(team.lead), planned)

    def test_neither_planned_nor_moved_into_the_past(self, team: Team) -> None:
        with pytest.raises(GroupRefused):
            announce(team, days=-1)
        with pytest.raises(GroupRefused):
            announce(team, starts_at=datetime(9999, 12, 31, 23, 30, tzinfo=UTC))
        session = announce(team)
        planned = groups.Plan("", timezone.now() - timedelta(hours=1), 3, [team.triager], LINK)
        with pytest.raises(GroupRefused):
            groups.change(session, team.unlocked(team.lead), planned)

    def test_called_off_once_and_not_once_it_has_begun(self, team: Team) -> None:
        session, begun = announce(team), announce(team)
        opened = team.unlocked(team.lead)
        groups.call_off(session, opened)
        groups.call_off(session, opened)
        assert Entry.objects.filter(verb="group.called_off").count() == 1
        begin(begun)
        with pytest.raises(GroupRefused):
            groups.call_off(begun, opened)

    def test_the_register_from_when_it_begins(self, team: Team) -> None:
        session = announce(team)
        _, booking = book(session)
        opened = team.unlocked(team.triager)
        with pytest.raises(GroupRefused):
            groups.mark(session, opened, {booking.pk: True})
        begin(session)
        groups.mark(session, opened, {booking.pk: True})
        booking.refresh_from_db()
        assert booking.attended is True
        groups.mark(session, opened, {booking.pk: None})
        booking.refresh_from_db()
        assert booking.attended is None

    def test_a_booking_of_another_session_is_not_marked(self, team: Team) -> None:
        session, other = announce(team), announce(team)
        _, booking = book(other)
        begin(session)
        groups.mark(session, team.unlocked(team.triager), {booking.pk: True})
        booking.refresh_from_db()
        assert booking.attended is None

    def test_who_looked_is_in_the_trail_and_nobody_else(self, team: Team) -> None:
        session = announce(team)
        book(session)
        groups.guests(session, team.unlocked(team.triager))
        entry = Entry.objects.get(verb="group.guests_opened")
        assert entry.actor == team.triager.user
        assert entry.details == {"group": str(session.pk)}

    def test_who_leads_it_and_the_lead_see_who_comes(self, team: Team) -> None:
        other = team.admit("Somebody else")
        session = announce(team)
        seen = [groups.may_see_guests(who, session) for who in (team.lead, team.triager, other)]
        assert seen == [True, True, False]
        assert [groups.leads(who, session) for who in (team.lead, team.triager, other)] == [False, True, False]

    def test_who_joins_later_reads_it_and_who_left_does_not(self, team: Team) -> None:
        session = announce(team)
        book(session)
        later = team.admit("Joined later")
        assert groups.guests(session, team.unlocked(later))[0].name == NAME
        assert fresh(later).provider == session.provider


class TestErasing:
    """Some time after the session nothing is left of who came."""

    def test_after_its_days_and_once(self, team: Team) -> None:
        session = announce(team)
        code, _ = book(session)
        begin(session, days=settings.REFERRAL_GROUP_KEPT_DAYS - 1)
        tasks.erase_past_groups()
        assert GroupBooking.objects.count() == 1
        begin(session, days=settings.REFERRAL_GROUP_KEPT_DAYS, minutes=1)
        assert groups.erase_past() == 1
        assert groups.erase_past() == 0
        assert not GroupBooking.objects.exists()
        assert group_booking.find(code) is None
        session.refresh_from_db()
        assert (session.erased_on, session.sealed, session.key) == (timezone.localdate(), None, None)
        assert Entry.objects.filter(verb="group.erased").count() == 1

    def test_one_that_was_called_off_too(self, team: Team) -> None:
        session = announce(team)
        book(session)
        groups.call_off(session, team.unlocked(team.lead))
        begin(session, days=40)
        assert groups.erase_past() == 1

    def test_nothing_to_erase_costs_one_statement(self, team: Team, django_assert_num_queries) -> None:
        announce(team)
        with django_assert_num_queries(1):
            groups.erase_past()


def test_dates_of_several_providers(team: Team, make_team) -> None:
    other = make_team("elsewhere")
    first, second = announce(other, days=2), announce(team, days=1)
    assert group_booking.dates() == [second, first]
    Provider.objects.filter(pk=other.provider.pk).update(recovery_signature=b"x")
    assert group_booking.dates() == [second]


def test_a_codes_key_is_the_same_however_it_is_typed() -> None:
    code = vault.new_code()
    one, other = vault.key_of_code(code), vault.key_of_code(code.lower().replace("-", " "))
    assert one.raw == other.raw
    assert vault.key_of_code(vault.new_code()).raw != one.raw
    assert vault.is_code(code)
    assert not vault.is_code(code[:-1])
