"""What people need in order to come: said once, read by few, at few sessions, and forgotten."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cohorts import booking as verbs
from cohorts import needs, register, rules
from cohorts.models import Booking, Membership, Session
from portal.accounts import needs as said
from portal.accounts.models import Needs, Role, User
from portal.accounts.needs import LONGEST, Needed
from portal.retention.disposing import dispose
from portal.trail.models import Entry
from tests import factories as make
from tests.cohorts.pages import address, words

pytestmark = pytest.mark.django_db

LOOP = Needed(access="A hearing loop, please", diet="Halal")
PAGE = address("needs")


@pytest.fixture
def session(member: Membership) -> Session:
    """A session in a room, in two weeks, of the member's cohort."""
    return make.make_session(cohort=member.cohort, venue=make.make_venue())


def sends(browser: Client, **changed: str) -> Any:
    return browser.post(PAGE, {"access_needs": "A hearing loop", "dietary_needs": "", "agreed": "on", **changed})


def held(session: Session, *, ago: timedelta) -> None:
    """Let a session have ended so long ago."""
    ends_at = timezone.now() - ago
    Session.objects.filter(pk=session.pk).update(starts_at=ends_at - timedelta(hours=1), ends_at=ends_at)
    session.refresh_from_db()


def test_somebody_says_what_they_need_changes_it_and_takes_it_back(browser: Client, member: Membership) -> None:
    assert sends(browser).status_code == 302
    assert said.said_by(member.user)[0] == Needed(access="A hearing loop", diet="")  # type: ignore[index]  # they have
    assert "A hearing loop" in words(browser.get(PAGE))

    sends(browser, access_needs="", dietary_needs="Vegan")
    assert said.said_by(member.user)[0] == Needed(access="", diet="Vegan")  # type: ignore[index]  # they have

    answer = browser.post(PAGE, {"delete": "yes"}, follow=True)
    assert "What you need is deleted." in words(answer)
    assert not Needs.objects.exists()


def test_clearing_it_takes_it_back_without_a_tick(browser: Client, member: Membership) -> None:
    said.say(member.user, LOOP)
    answer = browser.post(PAGE, {"access_needs": " ", "dietary_needs": ""}, follow=True)
    assert "What you need is deleted." in words(answer)
    assert not Needs.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"agreed": ""}, "Tick the box if you agree, or clear what you wrote"),
        ({"access_needs": "x" * (LONGEST + 1)}, "What you write must be 500 characters or fewer"),
        ({"dietary_needs": "\0"}, "Null characters are not allowed."),
    ],
)
def test_what_cannot_be_kept_is_said_and_stays_as_typed(browser: Client, wrong: dict[str, str], message: str) -> None:
    answer = sends(browser, **{"access_needs": "Canary", **wrong})
    assert answer.status_code == 422
    assert message in words(answer)
    assert wrong.get("access_needs", "Canary") in words(answer)
    assert not Needs.objects.exists()


def test_a_copy_of_the_database_shows_nothing_of_it_not_even_how_long_it_is(member: Membership) -> None:
    said.say(member.user, LOOP)
    short = bytes(Needs.objects.get().sealed)
    said.say(member.user, Needed(access="🙂" * LONGEST, diet='"' * LONGEST))
    assert len(bytes(Needs.objects.get().sealed)) == len(short)
    assert b"Halal" not in short


def test_the_trail_does_not_tell_that_somebody_has_needs(browser: Client) -> None:
    sends(browser)
    browser.post(PAGE, {"delete": "yes"})
    assert not Entry.objects.exists()


def test_the_page_names_who_reads_it_today(browser: Client, member: Membership, session: Session) -> None:
    programme = session.component.programme
    make.make_admin(name="Demo All Programmes")
    make.make_admin_of(programme, name="Demo Own Admin")
    make.make_admin_of(make.make_programme(), name="Demo Other Admin")
    lead = make.make_facilitator(make.make_user(name="Demo Lead"))
    make.make_facilitator(make.make_user(name="Demo Elsewhere"))
    left = make.make_facilitator(make.make_user(name="Demo Left"))
    Role.objects.filter(user=left.user).update(until=timezone.now())
    session.facilitators.add(lead, left)

    before = words(browser.get(PAGE))
    assert "Today, nobody can read it" in before
    assert not [name for name in ("Demo Lead", "Demo Own Admin", "Demo All") if name in before]

    make.make_booking(member.user, session)
    page = words(browser.get(PAGE))
    assert all(name in page for name in ("Demo Lead", "Demo Own Admin", "Demo All Programmes"))
    assert not [name for name in ("Demo Other Admin", "Demo Elsewhere", "Demo Left") if name in page]


def test_who_is_named_is_who_can_open_it(member: Membership, session: Session) -> None:
    programme = session.component.programme
    everybody = [
        make.make_admin(),
        make.make_admin_of(programme),
        make.make_admin_of(make.make_programme()),
        make.make_facilitator(make.make_user()).user,
        make.make_facilitator(make.make_user(is_active=False)).user,
        make.make_user(Role.Kind.ORGANISATION_LEAD, organisation=make.make_organisation()),
        User.objects.create_superuser("superuser@trust.example", "Demo Superuser"),
        # An admin whose role has ended, and whom the programme still names.
        make.make_admin_of(programme),
        make.make_user(),
    ]
    session.facilitators.add(everybody[3].facilitator, everybody[4].facilitator)
    Role.objects.filter(user=everybody[7]).update(until=timezone.now())
    make.make_booking(member.user, session)

    named = set(rules.who_takes_registers_of(Session.objects.filter(pk=session.pk)))

    people = [User.objects.get(pk=person.pk) for person in everybody]
    opens = {
        person
        for person in people
        if person.is_active and rules.takes_registers(person) and rules.session_with_needs(person, session.pk)
    }
    assert named == opens
    assert len(opens) == 4


def test_whoever_takes_the_register_reads_it_and_that_they_did_is_in_the_trail(
    sign_in: Any, member: Membership, session: Session
) -> None:
    lead = make.make_facilitator(make.make_user()).user
    session.facilitators.add(lead.facilitator)
    make.make_booking(member.user, session)
    said.say(member.user, LOOP)
    browser = sign_in(lead)
    assert address("session_needs", session.pk) in browser.get(address("register", session.pk)).content.decode()

    page = words(browser.get(address("session_needs", session.pk)))

    assert all(told in page for told in (member.user.name, LOOP.access, LOOP.diet))
    entry = Entry.objects.get(verb="session.needs_read")
    assert (entry.actor, entry.subject, entry.details) == (lead, f"session:{session.pk}", {})


@pytest.mark.parametrize("state", sorted(set(Booking.State) - {Booking.State.BOOKED, Booking.State.ATTENDED}))
def test_of_those_who_do_not_come_nothing_is_read(member: Membership, session: Session, state: str) -> None:
    said.say(member.user, LOOP)
    booking = make.make_booking(member.user, session)
    assert needs.of_session(session) == [(member.user.name, LOOP)]
    queued = {"queued_at": timezone.now()} if state in {"waiting", "offered"} else {}
    expires = {"offer_expires_at": timezone.now() + timedelta(days=1)} if state == "offered" else {}
    Booking.objects.filter(pk=booking.pk).update(state=state, next_reminder_at=None, **queued, **expires)
    assert needs.of_session(session) == []
    assert needs.readers(member.user).sessions == []


def test_it_is_read_until_a_week_after_the_end_and_at_sessions_with_a_room(
    desk: Client, member: Membership, session: Session
) -> None:
    make.make_booking(member.user, session)
    said.say(member.user, LOOP)
    page = address("session_needs", session.pk)
    held(session, ago=timedelta(days=6, hours=23))
    assert desk.get(page).status_code == 200
    assert needs.readers(member.user).sessions == [session]
    held(session, ago=timedelta(days=7, hours=1))
    assert desk.get(page).status_code == 404
    assert needs.readers(member.user).sessions == []
    Session.objects.filter(pk=session.pk).update(ends_at=timezone.now() + timedelta(hours=1))
    assert desk.get(page).status_code == 200
    Session.objects.filter(pk=session.pk).update(format=Session.Format.ONLINE)
    assert desk.get(page).status_code == 404
    assert needs.readers(member.user).sessions == []


def test_the_register_leads_there_no_longer_than_that(desk: Client, session: Session) -> None:
    link = address("session_needs", session.pk)
    held(session, ago=timedelta(days=8))
    for page in (address("register", session.pk), address("admin:cohorts_session_change", session.pk)):
        assert link not in desk.get(page).content.decode()


def test_statements_do_not_grow_with_people_or_sessions(
    desk: Client, browser: Client, member: Membership, session: Session
) -> None:
    def statements() -> list[int]:
        numbers = []
        for client, page in ((desk, address("session_needs", session.pk)), (browser, PAGE)):
            with CaptureQueriesContext(connection) as asked:
                client.get(page)
            numbers.append(len(asked))
        return numbers

    make.make_booking(member.user, session)
    said.say(member.user, LOOP)
    session.facilitators.add(make.make_facilitator(make.make_user()))
    statements()
    few = statements()
    for days in (30, 40):
        other = make.make_membership(cohort=member.cohort)
        make.make_booking(other.user, session)
        said.say(other.user, LOOP)
        another_date = make.make_session(cohort=member.cohort, days=days)
        another_date.facilitators.add(make.make_facilitator(make.make_user()))
        make.make_booking(member.user, another_date)
    assert statements() == few


def test_it_is_forgotten_a_year_after_the_last_session(member: Membership, session: Session) -> None:
    booking = make.make_booking(member.user, session)
    long_ago = timezone.now() - timedelta(days=367)
    said.say(member.user, LOOP)
    Needs.objects.update(said_at=long_ago)
    assert dispose()["needs"] == 0
    verbs.cancel(booking, by=member.user)
    Needs.objects.update(said_at=timezone.now() - timedelta(days=363))
    assert dispose()["needs"] == 0
    Needs.objects.update(said_at=long_ago)
    assert dispose()["needs"] == 1


def test_who_came_within_a_year_is_remembered(member: Membership, session: Session) -> None:
    booking = make.make_booking(member.user, session)
    held(session, ago=timedelta(days=300))
    register.mark(session, {booking.pk: Booking.State.ATTENDED}, by=make.make_user())
    said.say(member.user, LOOP)
    Needs.objects.update(said_at=timezone.now() - timedelta(days=367))
    assert dispose()["needs"] == 0
    held(session, ago=timedelta(days=367))
    assert dispose()["needs"] == 1
