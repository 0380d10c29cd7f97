"""A facilitator's pages: their sessions, and taking, correcting and sharing a register."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cohorts import booking as verbs
from cohorts import register, register_sheet
from cohorts.models import Booking, Evidence, Session
from portal.accounts.models import User
from tests import factories as make

pytestmark = pytest.mark.django_db

State = Booking.State


@pytest.fixture
def facilitator() -> User:
    keeper: User = make.make_facilitator(make.make_user()).user
    return keeper


@pytest.fixture
def browser(sign_in: Any, facilitator: User) -> Client:
    client: Client = sign_in(facilitator)
    return client


def led(user: User, *, people: int = 2, **fields: Any) -> tuple[Session, list[Booking]]:
    """Make a session that begins in half an hour, led by `user`, with `people` booked."""
    session = make.make_session(cohort=make.make_cohort(), **fields)
    session.facilitators.add(user.facilitator)
    bookings = [
        make.make_booking(make.make_user(name=f"Person {n}", organisation=make.make_organisation()), session)
        for n in range(people)
    ]
    starts_at = timezone.now() + timedelta(minutes=30)
    Session.objects.filter(pk=session.pk).update(starts_at=starts_at, ends_at=starts_at + timedelta(hours=3))
    session.refresh_from_db()
    return session, bookings


def address(session: Session) -> str:
    return reverse("register", args=[session.pk])


def answer(session: Session, marks: dict[Booking, str]) -> dict[str, str]:
    """Return what the page as it stands now would send with these marks chosen."""
    sheet = register_sheet.read(session)
    chosen = {f"mark-{line.booking_id}": line.state for line in sheet.lines if line.state != State.BOOKED}
    return {"seen": sheet.seen, **chosen, **{f"mark-{held.pk}": mark for held, mark in marks.items()}}


def text(response: Any) -> str:
    """Return a page with its white space made even."""
    return " ".join(response.content.decode().split())


def states(bookings: list[Booking]) -> list[str]:
    return [Booking.objects.get(pk=held.pk).state for held in bookings]


def test_the_register_is_taken_and_writes_evidence(browser: Client, facilitator: User) -> None:
    session, (one, another) = led(facilitator)
    response = browser.post(
        address(session), answer(session, {one: State.ATTENDED, another: State.APOLOGIES}), follow=True
    )
    assert states([one, another]) == [State.ATTENDED, State.APOLOGIES]
    assert Evidence.objects.standing().filter(booking=one).count() == 1
    html = text(response)
    assert "The register is saved." in html
    assert f"Last saved by {facilitator.name}" in html


def test_it_may_be_saved_in_part_and_corrected_later(browser: Client, facilitator: User) -> None:
    session, (one, another) = led(facilitator)
    browser.post(address(session), answer(session, {one: State.ATTENDED}))
    assert states([one, another]) == [State.ATTENDED, State.BOOKED]
    assert "1 person has no mark yet" in text(browser.get(address(session)))
    browser.post(address(session), answer(session, {one: State.DID_NOT_ATTEND}))
    assert states([one, another]) == [State.DID_NOT_ATTEND, State.BOOKED]
    assert not Evidence.objects.standing().filter(booking=one).exists()
    assert "instead of “Attended”" in text(browser.get(address(session)))


def test_two_facilitators_at_once_keep_what_each_has_marked(browser: Client, facilitator: User, sign_in: Any) -> None:
    session, (one, another) = led(facilitator)
    colleague = make.make_facilitator(make.make_user()).user
    session.facilitators.add(colleague.facilitator)
    first, second = answer(session, {one: State.ATTENDED}), answer(session, {another: State.ATTENDED})
    browser.post(address(session), first)
    sign_in(colleague).post(address(session), second)
    assert states([one, another]) == [State.ATTENDED, State.ATTENDED]


def test_a_different_mark_meanwhile_stands_and_both_are_told(browser: Client, facilitator: User, sign_in: Any) -> None:
    session, (one, another) = led(facilitator)
    colleague = make.make_facilitator(make.make_user(name="Demo Colleague")).user
    session.facilitators.add(colleague.facilitator)
    late = answer(session, {one: State.APOLOGIES, another: State.ATTENDED})
    browser.post(address(session), answer(session, {one: State.ATTENDED}))
    other_browser = sign_in(colleague)
    response = other_browser.post(address(session), late)
    assert response.status_code == 409
    assert states([one, another]) == [State.ATTENDED, State.ATTENDED]
    html = text(response)
    assert "somebody else marked" in html
    assert f"Attended: marked by {facilitator.name}" in html
    choice = response.context["sheet"].lines[0]
    assert (choice.chosen, choice.state, choice.conflict) == (State.APOLOGIES, State.ATTENDED, True)
    again = {"seen": response.context["sheet"].seen, f"mark-{one.pk}": State.APOLOGIES}
    assert other_browser.post(address(session), again).status_code == 302
    assert states([one]) == [State.APOLOGIES]
    assert "marked by Demo Colleague" in text(browser.get(address(session)))
    assert "instead of “Attended”" in text(browser.get(address(session)))


def test_who_cancelled_meanwhile_is_said(browser: Client, facilitator: User) -> None:
    session, (one, another) = led(facilitator)
    sent = answer(session, {one: State.ATTENDED, another: State.ATTENDED})
    verbs.cancel(one, by=one.user)
    response = browser.post(address(session), sent)
    assert response.status_code == 409
    assert f"{one.user.name} has cancelled meanwhile" in text(response)
    assert states([one, another]) == [State.CANCELLED, State.ATTENDED]


def test_who_moved_to_another_date_meanwhile_is_said(browser: Client, facilitator: User) -> None:
    session, (one, another) = led(facilitator)
    sent = answer(session, {one: State.ATTENDED})
    other_date = make.make_session(session.component, session.cohort, days=30)
    verbs.swap(one, other_date.pk, by=one.user)
    assert "1 person has moved to another date" in text(browser.post(address(session), sent))
    assert states([one, another]) == [State.BOOKED, State.BOOKED]


def test_before_it_opens_the_names_are_there_and_nothing_can_be_marked(browser: Client, facilitator: User) -> None:
    session = make.make_session(cohort=make.make_cohort())
    session.facilitators.add(facilitator.facilitator)
    held = make.make_booking(make.make_user(), session)
    html = text(browser.get(address(session)))
    assert "You can take the register from 8.30am" in html
    assert held.user.name in html
    assert "radio" not in html
    response = browser.post(address(session), {"seen": f"{held.pk}:booked", f"mark-{held.pk}": State.ATTENDED})
    assert response.status_code == 409
    assert "opens an hour before" in text(response)
    assert states([held]) == [State.BOOKED]


def test_a_booking_of_another_session_cannot_be_marked(browser: Client, facilitator: User) -> None:
    session, _ = led(facilitator)
    elsewhere = make.make_booking(make.make_user(name="Somebody Else"), make.make_session(cohort=make.make_cohort()))
    response = browser.post(
        address(session), {"seen": f"{elsewhere.pk}:booked", f"mark-{elsewhere.pk}": State.ATTENDED}
    )
    assert "Somebody Else" not in text(response)
    assert states([elsewhere]) == [State.BOOKED]


def test_it_is_for_those_who_lead_the_session(sign_in: Any, facilitator: User) -> None:
    session, _ = led(facilitator)
    other = make.make_facilitator(make.make_user()).user
    assert sign_in(other).get(address(session)).status_code == 404
    assert sign_in(other).get(reverse("register", args=[10**17])).status_code == 404
    assert sign_in(make.make_user()).get(address(session)).status_code == 403
    assert Client().get(address(session)).status_code == 302


def test_who_keeps_the_programme_can_take_it_where_nobody_leads(sign_in: Any, facilitator: User) -> None:
    session, (one, another) = led(facilitator)
    session.facilitators.set([make.make_facilitator()])  # a guest without an account
    admin, elsewhere = make.make_admin_of(session.component.programme), make.make_admin_of(make.make_programme())
    browser = sign_in(admin)
    assert address(session) in text(browser.get(reverse("admin:cohorts_session_change", args=[session.pk])))
    sent = answer(session, {one: State.ATTENDED, another: State.APOLOGIES})
    assert browser.post(address(session), sent).status_code == 302
    assert states([one, another]) == [State.ATTENDED, State.APOLOGIES]
    assert f"Last saved by {admin.name}" in text(browser.get(address(session)))
    assert sign_in(elsewhere).get(address(session)).status_code == 404


def test_a_register_not_taken_leads_from_the_start_page_to_itself(sign_in: Any, facilitator: User) -> None:
    session, _ = led(facilitator)
    ended = timezone.now() - timedelta(hours=1)
    Session.objects.filter(pk=session.pk).update(starts_at=ended - timedelta(hours=3), ends_at=ended)
    assert f'href="{address(session)}"' in text(sign_in(make.make_admin()).get(reverse("admin:index")))


def test_it_says_how_to_join_and_to_get_there(browser: Client, facilitator: User) -> None:
    venue = make.make_venue(access="Ring for the ramp.")
    session, _ = led(facilitator, format=Session.Format.HYBRID, venue=venue, join_link="https://meet.example/1")
    html = text(browser.get(address(session)))
    assert 'href="https://meet.example/1"' in html
    assert "Ring for the ramp." in html
    Session.objects.filter(pk=session.pk).update(
        starts_at=timezone.now() - timedelta(hours=4), ends_at=timezone.now() - timedelta(hours=1)
    )
    assert "https://meet.example/1" not in text(browser.get(address(session)))


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 302),
        ({"seen": "\x00,x:y,99999999999999999999:booked"}, 302),
        ({"mark-1": "cancelled"}, 400),
        ({"mark-1": "\x00"}, 400),
        ({"mark-999999999999999999": "attended"}, 409),
        ({"mark-9999999999999999999999": "attended", "mark-x": "attended"}, 302),
    ],
)
def test_what_no_page_sends_changes_nothing(
    browser: Client, facilitator: User, sent: dict[str, str], status: int
) -> None:
    session, bookings = led(facilitator)
    assert browser.post(address(session), sent).status_code == status
    assert states(bookings) == [State.BOOKED, State.BOOKED]


@pytest.mark.parametrize("page", ["0", "2", "-1", "x", "99999", "\x00", "1%00"])
def test_a_page_that_is_not_there_is_not_found(browser: Client, facilitator: User, page: str) -> None:
    session, _ = led(facilitator)
    assert browser.get(address(session), {"page": page}).status_code == 404


def test_a_long_register_has_pages(browser: Client, facilitator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register_sheet, "PAGE", 2)
    session, bookings = led(facilitator, people=3)
    assert bookings[2].user.name not in text(browser.get(address(session)))
    second = browser.get(address(session), {"page": "2"})
    assert bookings[2].user.name in text(second)
    sent = {"seen": second.context["sheet"].seen, f"mark-{bookings[2].pk}": State.ATTENDED}
    assert browser.post(address(session) + "?page=2", sent).headers["Location"].endswith("?page=2")
    assert states(bookings) == [State.BOOKED, State.BOOKED, State.ATTENDED]


def statements(client: Client, page: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(page).status_code == 200
    return len(captured)


def test_the_register_asks_as_much_for_three_people_as_for_one(browser: Client, facilitator: User) -> None:
    one, three = led(facilitator, people=1)[0], led(facilitator, people=3, days=20)[0]
    browser.get(address(one))
    assert statements(browser, address(one)) == statements(browser, address(three)) <= 6


def test_my_sessions_asks_as_much_for_three_sessions_as_for_one(browser: Client, facilitator: User) -> None:
    def lead(days: int) -> None:
        make.make_session(cohort=make.make_cohort(), days=days).facilitators.add(facilitator.facilitator)

    for days in (-3, 0, 3):
        lead(days)
    browser.get(reverse("facilitate"))
    few = statements(browser, reverse("facilitate"))
    for days in (-5, -4, 0, 0, 4, 5):
        lead(days)
    assert statements(browser, reverse("facilitate")) == few <= 6


def test_my_sessions_shows_each_where_it_belongs(browser: Client, facilitator: User) -> None:
    sessions = {days: make.make_session(days=days) for days in (-7, 0, 7)}
    for session in sessions.values():
        session.facilitators.add(facilitator.facilitator)
    somebody_elses = make.make_session()
    context = browser.get(reverse("facilitate")).context
    assert [row.pk for row in context["today"]] == [sessions[0].pk]
    assert [row.pk for row in context["upcoming"].rows] == [sessions[7].pk]
    assert [row.pk for row in context["past"].rows] == [sessions[-7].pk]
    assert somebody_elses.component.title not in text(browser.get(reverse("facilitate")))


def test_long_lists_are_read_by_key(browser: Client, facilitator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cohorts.led_sessions.PAGE", 2)
    for days in (-3, -2, -1, 1, 2, 3):
        make.make_session(days=days).facilitators.add(facilitator.facilitator)
    first = browser.get(reverse("facilitate")).context
    later = browser.get(reverse("facilitate"), {"after": first["upcoming"].following}).context
    earlier = browser.get(reverse("facilitate"), {"before": first["past"].following}).context
    assert (len(later["upcoming"].rows), later["upcoming"].following, later["past"]) == (1, "", None)
    assert (len(earlier["past"].rows), earlier["upcoming"]) == (1, None)
    assert browser.get(reverse("facilitate"), {"after": "\x00x"}).status_code == 200


def test_marks_that_were_not_taken_because_sign_in_ended_come_back_with_names(sign_in: Any, facilitator: User) -> None:
    session, (one, _) = led(facilitator)
    client = sign_in(facilitator)
    client.get(reverse("facilitate"))
    del client.cookies["session"]
    sent = answer(session, {one: State.DID_NOT_ATTEND}) | {"mark-999999": "attended"}
    assert client.post(address(session), sent).status_code == 403

    client.cookies["session"] = sign_in(facilitator).cookies["session"].value
    kept = client.get(reverse("typed"))

    assert kept.context["shown"] == [(one.user.name, "Did not attend")]
    assert dict(kept.context["typed"].fields) == sent


def test_registers_to_take_stand_before_what_is_to_come(browser: Client, facilitator: User) -> None:
    taken, bookings = led(facilitator)
    register.mark(taken, {held.pk: State.ATTENDED for held in bookings}, by=facilitator)
    to_take, to_come = led(facilitator)[0], led(facilitator)[0]
    for session, days in ((taken, -8), (to_take, -9), (to_come, 3)):
        starts_at = timezone.now() + timedelta(days=days)
        Session.objects.filter(pk=session.pk).update(starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))

    html = text(browser.get(reverse("facilitate")))

    places = [html.index(address(session)) for session in (to_take, to_come, taken)]
    assert places == sorted(places)
    assert html.count(address(to_take)) == 1
    assert html.index("Registers to take") < html.index("Coming up") < html.index("Past sessions")
