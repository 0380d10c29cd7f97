"""Booking, waiting, swapping, accepting and cancelling on pages: what is done, and what each refusal leads to."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cohorts import booking as verbs
from cohorts.models import Booking, Membership, Session
from tests.cohorts.pages import address, words
from tests.factories import (
    fill,
    make_booking,
    make_component,
    make_membership,
    make_open_session,
    make_series,
    make_session,
    make_user,
    make_waiting,
)

pytestmark = pytest.mark.django_db


def bookings_of(member: Membership) -> list[str]:
    """Return the states of a person's bookings, oldest first."""
    return list(Booking.objects.filter(user=member.user).order_by("id").values_list("state", flat=True))


def test_a_date_is_checked_booked_and_confirmed(
    browser: Client, member: Membership, django_assert_max_num_queries
) -> None:
    session = make_session(cohort=member.cohort)

    checked = browser.get(address("book", session.pk))
    with django_assert_max_num_queries(11):  # savepoint and release stand for BEGIN and COMMIT
        booked = browser.post(address("book", session.pk))

    booking = Booking.objects.get(user=member.user)
    assert "Check before you book" in words(checked)
    assert (booked.status_code, booked["Location"]) == (302, booking.get_absolute_url())
    assert "Your place is booked" in words(browser.get(booking.get_absolute_url()))


def test_a_double_click_and_going_back_lead_to_the_same_booking(browser: Client, member: Membership) -> None:
    session = make_session(cohort=member.cohort)

    led_to = {browser.post(address("book", session.pk))["Location"] for _ in range(3)}

    assert led_to == {Booking.objects.get(user=member.user).get_absolute_url()}
    assert browser.get(address("book", session.pk))["Location"] in led_to


def test_full_while_one_reads_offers_the_waiting_list_on_the_same_page(browser: Client, member: Membership) -> None:
    session = make_session(cohort=member.cohort, places=1)
    browser.get(address("book", session.pk))
    fill(session)

    refused = browser.post(address("book", session.pk))
    waits = browser.post(address("wait", session.pk))

    assert refused.status_code == 409
    assert "This session is now full" in words(refused)
    assert f'action="{address("wait", session.pk)}"' in words(refused)
    assert "You are number 1 in the queue" in words(browser.get(waits["Location"]))
    assert browser.post(address("wait", session.pk))["Location"] == waits["Location"]
    assert bookings_of(member) == [Booking.State.WAITING]


def test_a_place_that_came_free_is_booked_instead_of_waited_for(browser: Client, member: Membership) -> None:
    session = make_session(cohort=member.cohort)

    refused = browser.post(address("wait", session.pk))

    assert refused.status_code == 409
    assert "A place has just come free" in words(refused)
    assert f'action="{address("book", session.pk)}"' in words(refused)


def test_another_date_offers_the_swap(browser: Client, member: Membership) -> None:
    component = make_component(member.cohort.programme)
    held = make_booking(member.user, make_session(component, member.cohort))
    other = make_session(component, member.cohort, days=20)

    foreseen = browser.get(address("book", other.pk))
    refused = browser.post(address("book", other.pk))

    assert (foreseen.status_code, refused.status_code) == (200, 409)
    for response in (foreseen, refused):
        assert address("swap_to", held.uid, other.pk) in words(response)
    assert "You can swap to this date instead" in words(refused)


def test_an_overlap_names_the_other_booking(browser: Client, member: Membership) -> None:
    held = make_booking(member.user, make_open_session(clock="09:00"))
    session = make_session(cohort=member.cohort, clock="10:00")

    for response in (browser.get(address("book", session.pk)), browser.post(address("book", session.pk))):
        assert held.get_absolute_url() in words(response)
        assert held.session.component.title in words(response)
        assert "cancel that booking or swap it" in words(response)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"booking_closes_at": timezone.now() - timedelta(days=1)}, "Booking for this session is closed."),
        ({"cancelled_at": timezone.now()}, "This session has been cancelled."),
        ({"days": -1}, "This session has already begun."),
    ],
)
def test_what_is_closed_says_so(browser: Client, member: Membership, fields, said: str) -> None:
    session = make_session(cohort=member.cohort, **fields)

    for response in (
        browser.get(address("book", session.pk)),
        browser.post(address("book", session.pk)),
        browser.post(address("wait", session.pk)),
    ):
        assert said in words(response)
        assert "<form" not in words(response).partition("<main")[2].partition("</main>")[0]
    assert bookings_of(member) == []


def test_what_is_not_ones_own_answers_as_what_does_not_exist(browser: Client) -> None:
    other = make_membership()
    session = make_session(cohort=other.cohort)
    unpublished = make_session(make_component(make_series(published=False)))
    booking = make_booking(other.user, session)

    for pk in (session.pk, unpublished.pk, 999_999, 10**30):
        for name in ("book", "wait"):
            assert browser.get(address(name, pk)).status_code == 404
            assert browser.post(address(name, pk)).status_code == 404
    for uid in (booking.uid, uuid4()):
        for name in ("booking", "swap", "cancel", "accept", "booking_calendar"):
            assert browser.get(address(name, uid)).status_code == 404
        for name in ("cancel", "accept"):
            assert browser.post(address(name, uid)).status_code == 404
        assert browser.post(address("swap_to", uid, session.pk)).status_code == 404
    booking.refresh_from_db()
    assert booking.state == Booking.State.BOOKED


def test_a_swap_is_checked_and_done_in_one_step(browser: Client, member: Membership) -> None:
    component = make_component(member.cohort.programme)
    booking = make_booking(member.user, make_session(component, member.cohort))
    other = make_session(component, member.cohort, days=20)

    dates = browser.get(address("swap", booking.uid))
    checked = browser.get(address("swap_to", booking.uid, other.pk))
    done = browser.post(address("swap_to", booking.uid, other.pk))

    assert [row.action for row in dates.context["rows"]] == ["See your booking", "Swap to this date"]
    assert "Check before you swap" in words(checked)
    assert done["Location"] == booking.get_absolute_url()
    booking.refresh_from_db()
    assert booking.session == other
    assert browser.post(address("swap_to", booking.uid, other.pk))["Location"] == booking.get_absolute_url()


def test_a_swap_that_is_refused_keeps_the_date_and_says_what_to_do(browser: Client, member: Membership) -> None:
    component = make_component(member.cohort.programme)
    booking = make_booking(member.user, make_session(component, member.cohort))
    full = make_session(component, member.cohort, days=20, places=1)
    fill(full)
    elsewhere = make_booking(member.user, make_open_session(days=21))
    overlapping = make_session(component, member.cohort, days=21)
    another_component = make_session(cohort=member.cohort, days=22)

    answers = {
        session: browser.post(address("swap_to", booking.uid, session.pk))
        for session in (full, overlapping, another_component)
    }

    assert [response.status_code for response in answers.values()] == [409, 409, 404]
    assert address("book", full.pk) in words(answers[full])
    assert elsewhere.get_absolute_url() in words(answers[overlapping])
    booking.refresh_from_db()
    assert booking.session_id not in {full.pk, overlapping.pk}


def test_an_offer_is_accepted_or_declined(browser: Client, member: Membership) -> None:
    offered = offer_to(member)

    page = browser.get(offered.get_absolute_url())
    accepted = browser.post(address("accept", offered.uid))

    assert "A place is yours if you want it" in words(page)
    assert accepted["Location"] == offered.get_absolute_url()
    assert browser.get(address("accept", offered.uid))["Location"] == offered.get_absolute_url()
    assert bookings_of(member) == [Booking.State.BOOKED]


def test_an_offer_that_has_expired_says_so(browser: Client, member: Membership) -> None:
    offered = offer_to(member)
    Booking.objects.filter(pk=offered.pk).update(offer_expires_at=timezone.now() - timedelta(minutes=1))

    refused = browser.post(address("accept", offered.uid))

    assert refused.status_code == 409
    assert "has been cancelled or has expired" in words(refused)


def test_an_offer_says_which_date_it_costs(browser: Client, member: Membership) -> None:
    component = make_component(member.cohort.programme)
    soon = make_session(component, member.cohort, days=2, places=1)
    (first,) = fill(soon)
    make_waiting(member.user, soon)
    held = make_booking(member.user, make_session(component, member.cohort, days=20))
    verbs.cancel(first, by=first.user)
    offered = Booking.objects.get(user=member.user, state=Booking.State.OFFERED)

    page = browser.get(offered.get_absolute_url())
    accepted = browser.post(address("accept", offered.uid))

    assert "you give up your other date" in words(page)
    assert held.get_absolute_url() in words(page)
    assert accepted["Location"] == held.get_absolute_url()


def offer_to(member: Membership) -> Booking:
    """Have a place come free for somebody so soon before the session that it is offered."""
    session = make_session(cohort=member.cohort, days=2, places=1)
    (first,) = fill(session)
    make_waiting(member.user, session)
    verbs.cancel(first, by=first.user)
    return Booking.objects.get(user=member.user, state=Booking.State.OFFERED)


def test_cancelling_asks_why_and_gives_the_place_on(browser: Client, member: Membership) -> None:
    session = make_session(cohort=member.cohort, places=1)
    booking = make_booking(member.user, session)
    queued = make_waiting(make_user(), session)

    asked = browser.get(address("cancel", booking.uid))
    done = browser.post(address("cancel", booking.uid), {"reason": "Another shift."})

    assert "Why are you cancelling?" in words(asked)
    assert done["Location"] == booking.get_absolute_url()
    booking.refresh_from_db()
    queued.refresh_from_db()
    assert (booking.state, booking.cancel_reason) == (Booking.State.CANCELLED, "Another shift.")
    assert queued.state == Booking.State.BOOKED
    after = words(browser.get(booking.get_absolute_url()))
    assert address("component", member.pk, session.component.slug) in after
    assert browser.get(address("cancel", booking.uid))["Location"] == booking.get_absolute_url()
    assert browser.post(address("cancel", booking.uid))["Location"] == booking.get_absolute_url()


def test_leaving_the_waiting_list_asks_no_reason(browser: Client, member: Membership) -> None:
    session = make_session(cohort=member.cohort, places=1)
    fill(session)
    booking = make_waiting(member.user, session)

    assert "Why are you cancelling?" not in words(browser.get(address("cancel", booking.uid)))
    browser.post(address("cancel", booking.uid))

    assert bookings_of(member) == [Booking.State.CANCELLED]


def test_a_new_line_counts_as_one_character(browser: Client, member: Membership) -> None:
    booking = make_booking(member.user, make_session(cohort=member.cohort))

    response = browser.post(address("cancel", booking.uid), {"reason": "\r\n".join(["x"] * 150)})

    booking.refresh_from_db()
    assert response.status_code == 302
    assert booking.cancel_reason == "\n".join(["x"] * 150)


@pytest.mark.parametrize("reason", ["x" * 301, "a\x00b", "é" * 400])
def test_a_reason_that_cannot_be_kept_is_given_back(browser: Client, member: Membership, reason: str) -> None:
    booking = make_booking(member.user, make_session(cohort=member.cohort))

    response = browser.post(address("cancel", booking.uid), {"reason": reason})

    assert response.status_code == 422
    assert "<title> Error: " in words(response)
    assert reason.replace("\x00", "") in words(response).replace("\x00", "")
    assert bookings_of(member) == [Booking.State.BOOKED]


def test_once_it_has_begun_nothing_is_changed(browser: Client, member: Membership) -> None:
    component = make_component(member.cohort.programme)
    booking = make_booking(member.user, make_session(component, member.cohort))
    other = make_session(component, member.cohort, days=20)
    Session.objects.filter(pk=booking.session_id).update(starts_at=timezone.now() - timedelta(minutes=1))

    assert browser.get(address("cancel", booking.uid)).status_code == 302
    assert browser.get(address("swap", booking.uid)).status_code == 302
    for answer in (
        browser.post(address("cancel", booking.uid)),
        browser.post(address("swap_to", booking.uid, other.pk)),
    ):
        assert answer.status_code == 409
        assert "This session has already begun." in words(answer)
    assert bookings_of(member) == [Booking.State.BOOKED]


@pytest.mark.parametrize("state", [*Booking.REGISTERED, Booking.State.CANCELLED])
def test_each_way_that_a_booking_can_end_has_its_page(browser: Client, member: Membership, state: str) -> None:
    booking = make_booking(member.user, make_session(cohort=member.cohort))
    Booking.objects.filter(pk=booking.pk).update(state=state, next_reminder_at=None)

    assert browser.get(booking.get_absolute_url()).status_code == 200
    assert browser.get(address("cancel", booking.uid))["Location"] == booking.get_absolute_url()


def test_who_is_signed_out_signs_in_first() -> None:
    session = make_open_session()

    response = Client().get(address("book", session.pk))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_a_refusal_takes_the_focus(browser: Client, member: Membership) -> None:
    session = make_session(cohort=member.cohort, places=1)
    fill(session)

    refused = words(browser.post(address("book", session.pk)))

    assert 'data-module="nhsuk-notification-banner" role="alert"' in refused


def test_a_session_that_was_cancelled_says_why_and_leads_to_others(browser: Client) -> None:
    session = make_open_session(cancelled_at=timezone.now(), cancel_reason="The room was flooded.")
    component = session.component

    page = words(browser.get(session.get_absolute_url()))

    assert "Reason: The room was flooded." in page
    assert address("series", component.programme.slug, component.slug) in page
