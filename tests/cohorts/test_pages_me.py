"""A participant's own pages: the task list, the dates of a component, and the lists of bookings."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cohorts import my_bookings, progress, register
from cohorts.models import Booking, Component, EvidenceKind, Membership, Session
from portal.accounts.models import Role, User
from portal.nhsuk.dates import say_date
from tests.factories import (
    fill,
    make_booking,
    make_choice,
    make_cohort,
    make_component,
    make_membership,
    make_open_session,
    make_programme,
    make_session,
    make_user,
    make_waiting,
)

pytestmark = pytest.mark.django_db


def browser(user) -> Client:
    """Return the browser of somebody who is signed in, past the first request, which writes their login session."""
    client = Client()
    client.force_login(user)
    client.get(reverse("home"))
    return client


def text(client: Client, address: str) -> str:
    """Return a page that answers 200, as text with its white space as a browser shows it."""
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def begin(session: Session) -> None:
    """Let a session have begun 5 minutes ago."""
    Session.objects.filter(pk=session.pk).update(
        starts_at=timezone.now() - timedelta(minutes=5), ends_at=timezone.now() + timedelta(hours=1)
    )


def record(member: Membership, component: Component, kind: EvidenceKind = EvidenceKind.RECORD) -> None:
    """Let a member have done something today."""
    progress.record(member, component, kind=kind, fulfilled_on=timezone.localdate(), by=None)


def lines_of(client: Client) -> dict[str, str]:
    """Return the status of each task by its title."""
    context = client.get(reverse("me")).context
    (shown,) = context["lists"] or context["completed"]
    return {line.title: line.status for line in shown["lines"]}


def test_tasks_say_what_comes_next(member: Membership) -> None:
    programme, cohort = member.cohort.programme, member.cohort
    make_component(programme, title="No dates")
    make_session(make_component(programme, title="To book"), cohort)
    make_booking(member.user, make_session(make_component(programme, title="Booked"), cohort, days=21))
    full = make_session(make_component(programme, title="Full"), cohort, days=22, places=1)
    fill(full)
    make_waiting(member.user, full)
    make_component(programme, title="At work", fulfilled_by=[EvidenceKind.PROJECT])
    begun = make_booking(member.user, make_session(make_component(programme, title="Begun"), cohort, days=23))
    begin(begun.session)

    assert lines_of(browser(member.user)) == {
        "No dates": "No dates yet",
        "To book": "Choose a date",
        "Booked": "Booked",
        "Full": "Waiting list",
        "At work": "To do",
        "Begun": "Register to come",
    }


def test_an_offer_and_a_clash_ask_for_a_decision(member: Membership) -> None:
    programme, cohort = member.cohort.programme, member.cohort
    offered = make_booking(member.user, make_session(make_component(programme, title="Offered"), cohort))
    Booking.objects.filter(pk=offered.pk).update(
        state=Booking.State.OFFERED,
        queued_at=timezone.now(),
        offer_expires_at=timezone.now() + timedelta(hours=3),
        next_reminder_at=None,
    )
    clash = make_booking(member.user, make_session(make_component(programme, title="Clash"), cohort, days=30))
    Booking.objects.filter(pk=clash.pk).update(clashing=True)

    assert lines_of(browser(member.user)) == {"Offered": "Offered", "Clash": "Clash"}


def test_progress_counts_what_is_required(member: Membership) -> None:
    required = make_component(member.cohort.programme, title="Training day")
    make_component(member.cohort.programme, required=False)
    session = make_session(required, member.cohort)
    booking = make_booking(member.user, session)
    client = browser(member.user)
    assert "You have done 0 of the 1 thing that this programme asks" in text(client, reverse("me"))

    begin(session)
    register.mark(session, {booking.pk: Booking.State.ATTENDED}, by=make_user())

    assert "You have done all that this programme asks" in text(client, reverse("me"))
    assert lines_of(client)["Training day"] == "Completed"


def test_a_choice_says_how_many_of_which_and_what_is_done(member: Membership) -> None:
    programme = member.cohort.programme
    make_component(programme, title="Training day")
    first, second, third = (make_component(programme, title=f"Workshop {number}") for number in (1, 2, 3))
    make_choice(first, second, third, at_least=2, title="Workshops", within_weeks=8)
    due = say_date(member.cohort.starts_on + timedelta(weeks=8))
    client = browser(member.user)
    record(member, first)

    page = text(client, reverse("me"))

    assert "You have done 1 of the 3 things that this programme asks. Next: “Training day”." in page
    assert f"Choose at least 2 of these 3: “Workshop 1”, “Workshop 2” and “Workshop 3”. Do this by {due}." in page
    assert "One of “Workshops”." in page
    assert lines_of(client) == {
        "Training day": "No dates yet",
        "Workshops": "1 of 2 done",
        "Workshop 1": "Completed",
        "Workshop 2": "No dates yet",
        "Workshop 3": "No dates yet",
    }
    record(member, third)
    page = text(client, reverse("me"))
    assert "You have done 2 of these 3." in page
    assert "Optional: you have done enough of “Workshops”." in page
    assert lines_of(client)["Workshops"] == "Completed"


def test_a_last_day_is_said_and_one_that_has_passed_blames_nobody(member: Membership) -> None:
    started = member.cohort.starts_on
    to_come = make_component(member.cohort.programme, within_weeks=6, fulfilled_by=[EvidenceKind.PROJECT])
    passed = make_component(member.cohort.programme, within_weeks=2, fulfilled_by=[EvidenceKind.PROJECT])
    client = browser(member.user)

    page = text(client, reverse("me"))

    by_then = say_date(started + timedelta(weeks=6))
    was = f"The day for this was {say_date(started + timedelta(weeks=2))}. You can still do it."
    assert f"Next: “{to_come.title}”, by {by_then}." in page
    assert f"Do this by {by_then}." in page
    assert was in page
    assert was in text(client, reverse("component", args=[member.pk, passed.slug]))
    record(member, passed, EvidenceKind.PROJECT)
    assert was not in text(client, reverse("component", args=[member.pk, passed.slug]))


def test_what_can_be_done_as_self_study_too_says_so(member: Membership) -> None:
    kinds = [EvidenceKind.ATTENDANCE, EvidenceKind.SELF_STUDY]
    component = make_component(member.cohort.programme, title="QI workshop", fulfilled_by=kinds)
    make_choice(component, title="Workshops")
    client = browser(member.user)

    assert lines_of(client)["QI workshop"] == "To do"
    page = text(client, reverse("component", args=[member.pk, component.slug]))
    assert "You can do this as self-study in place of coming to a date." in page
    assert "This is one of “Workshops”: your programme asks for at least 1 of them." in page


def test_who_is_not_enrolled_is_told_what_to_do() -> None:
    page = text(browser(make_user()), reverse("me"))

    assert "You are not enrolled in a programme" in page
    assert reverse("programmes") in page


def test_who_is_not_enrolled_but_leads_sessions_is_led_to_them(sign_in: Callable[[User], Client]) -> None:
    page = sign_in(make_user(Role.Kind.FACILITATOR)).get(reverse("me")).content.decode()

    assert f'Go to <a href="{reverse("facilitate")}">My sessions</a>' in page


def test_who_waits_for_a_place_in_a_cohort_sees_that_and_who_declined_does_not(member: Membership) -> None:
    reserve = make_membership(member.user, state=Membership.State.RESERVE)
    declined = make_membership(member.user, state=Membership.State.DECLINED)

    page = text(browser(member.user), reverse("me"))

    assert f"{reserve.cohort.name}. " in page
    assert "On the reserve list" in page
    assert declined.cohort.name not in page


@pytest.mark.parametrize("rows", [1, 3])
def test_tasks_cost_the_same_however_many_and_for_however_many_memberships(
    rows: int, django_assert_num_queries
) -> None:
    user = make_user()
    for number in range(rows):
        cohort = make_membership(user).cohort
        for day in range(rows):
            component = make_component(cohort.programme)
            make_booking(user, make_session(component, cohort, days=10 + 10 * number + day))
            make_choice(component)
    client = browser(user)

    with django_assert_num_queries(7):
        shown = client.get(reverse("me")).context["lists"]
    assert [len(each["lines"]) for each in shown] == [2 * rows] * rows


def test_a_component_shows_its_dates_and_what_one_holds(member: Membership) -> None:
    component = make_component(member.cohort.programme, summary="A day on listening.")
    held = make_booking(member.user, make_session(component, member.cohort, days=5))
    other = make_session(component, member.cohort, days=6, places=3)
    full = make_session(component, member.cohort, days=7, places=1)
    fill(full)
    for_all = make_session(component, days=8)
    closed = make_session(component, member.cohort, days=9, booking_closes_at=timezone.now() - timedelta(days=1))
    make_session(component, make_cohort(member.cohort.programme), days=5)

    response = browser(member.user).get(reverse("component", args=[member.pk, component.slug]))

    assert "A day on listening." in response.content.decode()
    assert [(row.session, row.places, row.action) for row in response.context["rows"]] == [
        (held.session.get_absolute_url(), "19 left", "See your booking"),
        (other.get_absolute_url(), "3 left", "Swap to this date"),
        (full.get_absolute_url(), "Full", "Join the waiting list"),
        (for_all.get_absolute_url(), "20 left", "Swap to this date"),
        (closed.get_absolute_url(), "Booking is closed", ""),
    ]


def test_meetings_that_people_come_to_again_are_each_booked(member: Membership) -> None:
    component = make_component(member.cohort.programme, once=False)
    make_booking(member.user, make_session(component, member.cohort, days=5))
    make_session(component, member.cohort, days=6)

    response = browser(member.user).get(reverse("component", args=[member.pk, component.slug]))

    assert [row.action for row in response.context["rows"]] == ["See your booking", "Book this date"]


def test_a_component_without_dates_asks_nobody_to_come_to_one(member: Membership) -> None:
    make_component(member.cohort.programme, slug="to-come")
    page = text(browser(member.user), reverse("component", args=[member.pk, "to-come"]))

    assert "There are no dates to choose from at the moment." in page
    assert "Come to one of these dates." not in page


def test_a_component_of_somebody_elses_is_not_there(member: Membership) -> None:
    component = make_component(member.cohort.programme)
    client = browser(make_membership(cohort=member.cohort).user)

    for membership_id, slug in ((member.pk, component.slug), (999_999, component.slug), (10**30, component.slug)):
        assert client.get(reverse("component", args=[membership_id, slug])).status_code == 404
    assert browser(member.user).get(reverse("component", args=[member.pk, "no-such"])).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_a_component_costs_the_same_however_many_dates(member: Membership, rows, django_assert_num_queries) -> None:
    component = make_component(member.cohort.programme)
    for day in range(rows):
        make_session(component, member.cohort, days=5 + day)
    client = browser(member.user)

    with django_assert_num_queries(8):  # login session, person, membership, component, outcomes, done, dates, bookings
        client.get(reverse("component", args=[member.pk, component.slug]))


def test_bookings_are_listed_by_how_they_stand() -> None:
    user = make_user()
    booked = make_booking(user, make_open_session(days=9))
    full = make_open_session(days=12, places=1)
    fill(full)
    make_waiting(make_user(), full)
    make_waiting(user, full)
    cancelled = make_booking(user, make_open_session(days=15))
    Booking.objects.filter(pk=cancelled.pk).update(state=Booking.State.CANCELLED, next_reminder_at=None)
    somebody_elses = make_booking(make_user(), make_open_session(days=20))

    response = browser(user).get(reverse("bookings"))

    live = response.context["live"]
    assert [row.uid for row in live.booked] == [booked.uid]
    assert [row.place_in_queue for row in my_bookings.live(user).waiting] == [2]
    assert "Number 2" in " ".join(response.content.decode().split())
    for other in (cancelled, somebody_elses):
        assert str(other.uid) not in response.content.decode()


def test_past_bookings_are_read_page_by_page() -> None:
    user = make_user()
    made = []
    for day in range(45):
        made.append(make_booking(user, make_open_session(days=5 + day)))
        Session.objects.filter(pk=made[-1].session_id).update(
            starts_at=timezone.now() - timedelta(days=60 - day),
            ends_at=timezone.now() - timedelta(days=59 - day, hours=23),
        )
    client = browser(user)
    seen: list[object] = []
    address = reverse("bookings")
    for page in range(3):
        response = client.get(address)
        past = response.context["past"]
        assert (response.context["live"] is not None) is (page == 0)
        seen += [row.uid for row in past.rows]
        address = f"{reverse('bookings')}?before={past.next_before}"

    assert seen == [booking.uid for booking in reversed(made)]
    assert past.next_before == ""


@pytest.mark.parametrize("before", ["x", "0-0", "99999999999999999-999999999999999999", "%00"])
def test_a_key_that_is_none_is_no_error(before: str) -> None:
    assert browser(make_user()).get(reverse("bookings"), {"before": before}).status_code in {200, 404}


@pytest.mark.parametrize("rows", [1, 3])
def test_bookings_cost_the_same_however_many(rows: int, django_assert_num_queries) -> None:
    user = make_user()
    for day in range(rows):
        make_booking(user, make_open_session(days=5 + day))
        full = make_open_session(days=50 + day, places=1)
        fill(full)
        make_waiting(user, full)
    client = browser(user)

    with django_assert_num_queries(4):  # login session, person, what is live, what is over
        client.get(reverse("bookings"))


def test_pages_of_ones_own_are_kept_by_nobody(member: Membership) -> None:
    for name in ("me", "bookings", "calendar"):
        assert browser(member.user).get(reverse(name))["Cache-Control"] == "private, no-store"
        assert Client().get(reverse(name)).status_code == 302


def test_the_programme_of_a_cohort_may_be_unpublished() -> None:
    member = make_membership(cohort=make_cohort(make_programme(published=False)))

    assert member.cohort.name in text(browser(member.user), reverse("me"))
