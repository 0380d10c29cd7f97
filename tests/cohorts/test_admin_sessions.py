"""Sessions in the admin pages: made, as a series too, moved, cancelled, resized; each said before it is done."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cohorts import booking
from cohorts.models import Booking, Session
from portal.outbox.models import Message
from tests import factories as make

pytestmark = pytest.mark.django_db

State = Booking.State


def text(response: Any) -> str:
    """Return a page with its white space made even."""
    return " ".join(response.content.decode().split())


def moment(name: str, when: datetime) -> dict[str, str]:
    local = timezone.localtime(when)
    return {f"{name}_0": f"{local:%d/%m/%Y}", f"{name}_1": f"{local:%H:%M}"}


def facts(**given: Any) -> dict[str, Any]:
    """Return what the form for a new session sends."""
    cohort = given.pop("cohort", None) or make.make_cohort()
    component = given.pop("component", None) or make.make_component(cohort.programme)
    starts_at = given.pop("starts_at", None) or make.at(timezone.localdate() + timedelta(days=10), "09:30")
    ends_at = given.pop("ends_at", starts_at + timedelta(hours=3))
    return {
        "component": component.pk,
        "cohort": cohort.pk,
        **moment("starts_at", starts_at),
        **moment("ends_at", ends_at),
        "places": 20,
        "format": "in_person",
        **given,
    }


def page(name: str, session: Session | None = None) -> str:
    return reverse(f"admin:cohorts_session_{name}", args=[session.pk] if session else [])


def test_one_session_is_made(desk: Client) -> None:
    facilitator = make.make_facilitator()
    assert desk.post(page("add"), facts(facilitators=[facilitator.pk])).status_code == 302
    assert list(Session.objects.get().facilitators.all()) == [facilitator]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"cohort": "another"}, "This cohort is not part of"),
        ({"component": "project"}, "People do not come to a session for this component"),
        ({"places": "-1"}, "greater than or equal to 0"),
        ({"places": "99999"}, "less than or equal to 32767"),
        ({"join_link": "javascript:alert(1)"}, "Enter a valid URL"),
        ({"join_link": "http://join.example"}, "begins with https://"),
        ({"component": "x"}, "That choice is not one of the available choices"),
        ({"starts_at_0": "31/02/2027"}, "Enter a valid date"),
        ({"starts_at_1": "\x00"}, "Enter a valid time"),
        ({"what_to_bring": "a\x00b"}, "Null characters are not allowed"),
        ({"ends_at_0": f"{timezone.localdate():%d/%m/%Y}"}, "The end must be after the start"),
    ],
)
def test_a_session_that_does_not_fit_together_is_refused(desk: Client, given: dict[str, Any], says: str) -> None:
    cohort = make.make_cohort()
    fixed: dict[str, Any] = {
        "another": {"component": make.make_component().pk},
        "project": {"component": make.make_component(cohort.programme, fulfilled_by=["project"]).pk},
    }.get(next(iter(given.values())), given)
    response = desk.post(page("add"), {**facts(cohort=cohort), **fixed})
    assert response.status_code == 200
    assert says in text(response)
    assert not Session.objects.exists()


def test_a_series_is_shown_first_and_keeps_the_clock_time_when_the_clocks_change(desk: Client) -> None:
    spring = make.at(date(2027, 3, 20), "09:30")
    sent = {**facts(starts_at=spring, ends_at=spring + timedelta(hours=7)), "every": 1, "unit": "weeks", "times": 3}
    shown = desk.post(page("series"), sent)
    assert "Saturday 3 April 2027, 9.30am to 4.30pm" in text(shown)
    assert not Session.objects.exists()
    assert desk.post(page("series"), {**sent, "confirmed": "yes"}).status_code == 302
    starts = [timezone.localtime(session.starts_at) for session in Session.objects.order_by("starts_at")]
    assert [f"{start:%d %b %H:%M %Z}" for start in starts] == [
        "20 Mar 09:30 GMT",
        "27 Mar 09:30 GMT",
        "03 Apr 09:30 BST",
    ]


def test_a_series_says_what_people_will_miss_and_goes_back_to_what_was_filled_in(desk: Client) -> None:
    begun = make.at(timezone.localdate() - timedelta(days=8), "09:30")
    sent = {**facts(starts_at=begun, format="hybrid"), "every": 1, "unit": "weeks", "times": 3}

    shown = text(desk.post(page("series"), sent))

    assert "In the past, so that nobody can book: 2 sessions." in shown
    assert "They have no venue." in shown
    assert "They have no link to join." in shown
    changed = desk.post(page("series"), {**sent, "confirmed": "yes", "back_to_form": "Go back and change it"})
    assert changed.context["form"]["times"].value() == "3"
    assert not Session.objects.exists()


@pytest.mark.parametrize("name", ["move", "places"])
def test_a_change_goes_back_to_what_was_filled_in(desk: Client, name: str) -> None:
    session = make.make_session()
    sent = (
        {"places": "77"}
        if name == "places"
        else {
            **moment("starts_at", session.starts_at + timedelta(days=1)),
            **moment("ends_at", session.ends_at + timedelta(days=1)),
        }
    )
    assert "Go back and change it" in text(desk.post(page(name, session), sent))

    changed = desk.post(page(name, session), {**sent, "confirmed": "yes", "back_to_form": "Go back and change it"})

    assert all(f'value="{typed}"' in text(changed) for typed in sent.values())
    session.refresh_from_db()
    assert session.places == make.make_session().places


@pytest.mark.parametrize(
    "given", [{"times": "1"}, {"times": "1000"}, {"every": "0"}, {"unit": "years"}, {"every": "x"}]
)
def test_a_series_without_end_or_sense_is_refused(desk: Client, given: dict[str, str]) -> None:
    sent = {**facts(), "every": 1, "unit": "weeks", "times": 3, "confirmed": "yes", **given}
    assert desk.post(page("series"), sent).status_code == 422
    assert not Session.objects.exists()


def test_a_move_says_whom_it_affects_and_who_would_clash(desk: Client) -> None:
    cohort = make.make_cohort()
    session, other = make.make_session(cohort=cohort), make.make_session(cohort=cohort, days=15)
    held = make.make_booking(make.make_user(name="Demo Clash"), session)
    make.make_booking(held.user, other)
    sent = {**moment("starts_at", other.starts_at), **moment("ends_at", other.ends_at)}
    shown = text(desk.post(page("move", session), sent))
    assert "Moved with it: 1 booking." in shown
    assert "1 person would then have another booking" in shown
    assert "Demo Clash" in shown
    session.refresh_from_db()
    assert session.starts_at != other.starts_at
    desk.post(page("move", session), {**sent, "confirmed": "yes"})
    session.refresh_from_db()
    held.refresh_from_db()
    assert (session.starts_at, held.clashing) == (other.starts_at, True)
    assert Message.objects.filter(rule="session.moved", person=held.user).count() == 1


def test_a_move_into_the_past_is_refused(desk: Client) -> None:
    session = make.make_session()
    yesterday = timezone.now() - timedelta(days=1)
    sent = {**moment("starts_at", yesterday), **moment("ends_at", yesterday + timedelta(hours=1)), "confirmed": "yes"}
    response = desk.post(page("move", session), sent)
    assert (response.status_code, "must be in the future" in text(response)) == (422, True)


def test_cancelling_says_to_how_many_and_tells_them(desk: Client) -> None:
    session = make.make_session(cohort=make.make_cohort(), places=1)
    held = make.make_booking(make.make_user(), session)
    make.make_waiting(make.make_user(), session)
    assert "Places held: 1. On the waiting list: 1." in text(desk.get(page("cancel", session)))
    assert not Session.objects.get().is_cancelled
    assert "Told: 2 people." in text(desk.post(page("cancel", session), {"confirmed": "yes"}, follow=True))
    held.refresh_from_db()
    assert held.state == State.CANCELLED
    assert Message.objects.filter(rule="session.cancelled").count() == 2


def test_several_are_cancelled_once_that_is_confirmed(desk: Client) -> None:
    sessions = [make.make_session(days=days) for days in (10, 11)]
    sent = {"action": "cancel_sessions", "_selected_action": [session.pk for session in sessions]}
    assert "This cancels 2 sessions" in text(desk.post(page("changelist"), sent))
    assert not Session.objects.filter(cancelled_at__isnull=False).exists()
    desk.post(page("changelist"), {**sent, "confirmed": "yes"})
    assert Session.objects.filter(cancelled_at__isnull=False).count() == 2


def test_sessions_that_cannot_be_cancelled_are_named_with_the_reason(desk: Client) -> None:
    over, gone, next_one = make.make_session(days=-1), make.make_session(days=9), make.make_session()
    Session.objects.filter(pk=gone.pk).update(cancelled_at=timezone.now())
    sent = {"action": "cancel_sessions", "_selected_action": [session.pk for session in (over, gone, next_one)]}
    question = desk.post(page("changelist") + "?when=all", sent)
    assert "This cancels 1 session, and 0 bookings with them." in text(question)
    assert dict(question.context["question"].left_out) == {
        str(over): "It has begun.",
        str(gone): "It is cancelled already.",
    }
    desk.post(page("changelist") + "?when=all", {**sent, "confirmed": "yes"})
    assert set(Session.objects.filter(cancelled_at__isnull=False)) == {gone, next_one}
    sent["_selected_action"] = [over.pk]
    assert "There is nothing to do." in text(desk.post(page("changelist") + "?when=all", sent))


def test_the_question_asks_as_much_for_three_sessions_as_for_one(desk: Client) -> None:
    def statements(number: int) -> int:
        rows = [make.make_session(cohort=make.make_cohort(), days=20 + number + day).pk for day in range(number)]
        with CaptureQueriesContext(connection) as captured:
            sent = {"action": "cancel_sessions", "_selected_action": rows}
            assert desk.post(page("changelist"), sent).status_code == 200
        return len(captured)

    statements(1)
    assert statements(1) == statements(3)


def test_more_places_pass_to_who_waits(desk: Client) -> None:
    session = make.make_session(cohort=make.make_cohort(), places=1)
    make.make_booking(make.make_user(), session)
    waiting = make.make_waiting(make.make_user(), session)
    assert "On the waiting list: 1. Given or offered a place now: 1." in text(
        desk.post(page("places", session), {"places": "3"})
    )
    desk.post(page("places", session), {"places": "3", "confirmed": "yes"})
    waiting.refresh_from_db()
    assert waiting.state == State.BOOKED
    response = desk.post(page("places", session), {"places": "1", "confirmed": "yes"})
    assert (response.status_code, "2 places are already taken" in text(response)) == (422, True)


def test_what_a_verb_guards_is_not_changed_by_the_form(desk: Client) -> None:
    session = make.make_session(cohort=make.make_cohort())
    elsewhere = facts(places=99, what_to_bring="A pen")
    assert desk.post(page("change", session), elsewhere).status_code == 302
    before = (session.component_id, session.cohort_id, session.starts_at, session.places)
    session.refresh_from_db()
    assert (session.component_id, session.cohort_id, session.starts_at, session.places) == before
    assert session.what_to_bring == "A pen"


def test_the_list_says_how_full_each_is(desk: Client) -> None:
    session = make.make_session(cohort=make.make_cohort(), places=1)
    make.make_booking(make.make_user(), session)
    make.make_waiting(make.make_user(), session)
    assert "1 of 1, 1 waiting" in text(desk.get(page("changelist")))


def test_somebody_is_booked_and_cancelled_for(desk: Client) -> None:
    person, session = make.make_user(), make.make_session(cohort=make.make_cohort(), places=1)
    make.make_membership(person, session.cohort)
    add = reverse("admin:cohorts_booking_add")
    assert desk.post(add, {"user": person.pk, "session": session.pk}).status_code == 302
    held = Booking.objects.get(user=person)
    waits = make.make_membership(cohort=session.cohort).user
    refused = desk.post(add, {"user": waits.pk, "session": session.pk})
    assert (refused.status_code, "This session is now full" in text(refused)) == (422, True)
    desk.post(add, {"user": waits.pk, "session": session.pk, "wait": "on"})
    desk.post(reverse("admin:cohorts_booking_cancel", args=[held.pk]), {"reason": "They asked us to."})
    held.refresh_from_db()
    assert (held.state, held.cancel_reason) == (State.CANCELLED, "They asked us to.")
    assert Booking.objects.get(user=waits).state == State.BOOKED


def test_who_is_not_enrolled_is_not_booked(desk: Client) -> None:
    person, session = make.make_user(), make.make_session(cohort=make.make_cohort())
    response = desk.post(reverse("admin:cohorts_booking_add"), {"user": person.pk, "session": session.pk})
    assert (response.status_code, "not part of a programme" in text(response)) == (422, True)


def test_a_booking_whose_session_has_begun_is_not_cancelled(desk: Client) -> None:
    held = booking.book(make.make_user(), make.make_open_session(days=1).pk)
    begun = timezone.now() - timedelta(hours=1)
    Session.objects.filter(pk=held.session_id).update(starts_at=begun, ends_at=begun + timedelta(hours=2))
    response = desk.post(reverse("admin:cohorts_booking_cancel", args=[held.pk]), {}, follow=True)
    assert "already begun" in text(response)


def test_a_new_place_is_told_to_everybody_and_the_count_of_places_stands(desk: Client) -> None:
    session = make.make_session(venue=make.make_venue(), cohort=make.make_cohort())
    booked = make.make_booking(make.make_user(), session)
    new = make.make_venue()
    sent = {"format": "in_person", "venue": new.pk, "join_link": "", "what_to_bring": ""}

    assert desk.post(page("change", session), sent).status_code == 302

    session.refresh_from_db()
    assert (session.venue, session.taken) == (new, 1)
    assert Message.objects.get(rule="session.relocated").person == booked.user


def test_the_reason_for_cancelling_reaches_everybody_who_booked(desk: Client) -> None:
    session = make.make_open_session()
    held = make.make_booking(make.make_user(), session)

    desk.post(page("cancel", session), {"reason": "The room was flooded."})

    held.refresh_from_db()
    assert held.cancel_reason == Session.objects.get().cancel_reason == "The room was flooded."


def test_a_reason_too_long_is_said_and_nothing_is_cancelled(desk: Client) -> None:
    session = make.make_session()

    answer = desk.post(page("cancel", session), {"reason": "x" * 301})

    assert answer.status_code == 422
    assert "x" * 301 in text(answer)
    assert not Session.objects.get().is_cancelled


def test_a_session_that_was_cancelled_looks_like_it(desk: Client) -> None:
    session = make.make_session(cancelled_at=timezone.now(), cancel_reason="Snow.")
    address = reverse("admin:cohorts_session_change", args=[session.pk])

    seen = text(desk.get(address))

    assert "This session was cancelled on" in seen
    assert "Reason: Snow." in seen
    assert 'name="_save"' not in seen
    assert desk.post(address, {"places": 3}).status_code == 403


def test_what_comes_next_stands_first_and_what_was_last_stands_first(desk: Client) -> None:
    component = make.make_component()
    later, sooner, long_ago, just_now = (make.make_session(component, days=days) for days in (9, 3, -9, -3))

    def listed(query: str) -> list[int]:
        changelist = desk.get(f"{page('changelist')}{query}").context["cl"]
        return [session.pk for session in changelist.result_list]

    assert listed("") == [sooner.pk, later.pk]
    assert listed("?when=past") == [just_now.pk, long_ago.pk]


def test_a_session_is_not_saved_as_a_new_one(desk: Client) -> None:
    session = make.make_session()

    answer = desk.post(reverse("admin:cohorts_session_change", args=[session.pk]), {"_saveasnew": "yes"})

    assert answer.status_code == 400
    assert Session.objects.count() == 1
