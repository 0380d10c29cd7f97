"""The page of a booking: how it stands, what comes next, and where it leads on."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from cohorts import booking as verbs
from cohorts.models import Booking, Membership, Session
from tests.cohorts.pages import address, words
from tests.factories import (
    fill,
    make_admin,
    make_booking,
    make_component,
    make_open_session,
    make_session,
    make_waiting,
)

pytestmark = pytest.mark.django_db


def test_who_has_left_the_cohort_is_led_back_to_their_programme(browser: Client, member: Membership) -> None:
    booking = make_booking(member.user, make_session(cohort=member.cohort))
    verbs.cancel(booking, by=member.user)
    Membership.objects.filter(pk=member.pk).update(state=Membership.State.WITHDRAWN)

    page = words(browser.get(booking.get_absolute_url()))

    assert f'<a href="{address("me")}">See other dates</a>' in page
    refused = browser.post(address("book", booking.session_id))
    assert refused.status_code == 409
    assert "not part of a programme that you are enrolled in" in words(refused)


def test_whoever_had_a_booking_cancelled_for_them_reads_why(browser: Client, member: Membership) -> None:
    booking = make_booking(member.user, make_session(cohort=member.cohort))
    verbs.cancel(booking, by=make_admin(), reason="The <room> is too small.")

    page = browser.get(booking.get_absolute_url())

    assert "Reason: The &lt;room&gt; is too small." in words(page)


@pytest.mark.parametrize(
    ("days", "promised"),
    [(9, "We will remind you 7 days and 1 day before."), (3, "We will remind you the day before."), (0, "")],
)
def test_a_reminder_is_promised_where_one_will_come(browser: Client, member: Membership, days, promised) -> None:
    starts_at = timezone.now() + timedelta(days=days, hours=1)
    held = make_booking(member.user, make_session(cohort=member.cohort, starts_at=starts_at))

    page = words(browser.get(held.get_absolute_url()))

    assert promised in page
    assert ("We will remind you" in page) == bool(promised)


def test_the_mail_of_an_offer_leads_to_the_place_that_it_became(browser: Client, member: Membership) -> None:
    component = make_component(member.cohort.programme)
    other = make_booking(member.user, make_session(component, member.cohort, days=9))
    full = make_session(component, member.cohort, days=20, places=1)
    holder = fill(full)[0]
    offered = make_waiting(member.user, full)
    verbs.cancel(holder, by=holder.user)
    verbs.accept_offer(Booking.objects.get(pk=offered.pk), by=member.user)

    assert browser.get(offered.get_absolute_url())["Location"] == other.get_absolute_url()


def test_a_clash_names_the_other_booking(browser: Client, member: Membership) -> None:
    first = make_booking(member.user, make_session(cohort=member.cohort, days=9))
    other = make_booking(member.user, make_open_session(days=12))
    Booking.objects.filter(pk=first.pk).update(clashing=True)
    Session.objects.filter(pk=other.session_id).update(starts_at=first.session.starts_at, ends_at=first.session.ends_at)

    assert other.get_absolute_url() in words(browser.get(first.get_absolute_url()))


@pytest.mark.parametrize("busy", [True, False])
def test_the_waiting_list_says_the_same_before_joining_and_after(
    browser: Client, member: Membership, *, busy: bool
) -> None:
    full = make_session(cohort=member.cohort, places=1)
    fill(full)
    if busy:
        make_booking(member.user, make_open_session(starts_at=full.starts_at, ends_at=full.ends_at))
    says = "we hold it and ask you by email" if busy else "we book the place for you and tell you by email"

    assert says in words(browser.get(address("book", full.pk)))
    assert says in words(browser.get(make_waiting(member.user, full).get_absolute_url()))
