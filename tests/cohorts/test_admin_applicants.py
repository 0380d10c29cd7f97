"""The programme team's page of those who would like to take part, and deferring somebody to a later cohort."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cohorts import applying, offering, progress
from cohorts.enrolment import EnrolmentRefused, defer
from cohorts.models import ApplicationQuestion, Booking, Cohort, Evidence, Membership
from portal.accounts.middleware import HAS_SECOND_FACTOR
from portal.nhsuk.dates import say_until
from portal.trail.models import Entry
from tests.factories import (
    make_admin,
    make_booking,
    make_cohort,
    make_component,
    make_job_role,
    make_membership,
    make_open_cohort,
    make_organisation,
    make_session,
    make_user,
)

pytestmark = pytest.mark.django_db

State = Membership.State


@pytest.fixture
def desk() -> Client:
    client = Client()
    client.force_login(make_admin())
    session = client.session
    session[HAS_SECOND_FACTOR] = True
    session.save()
    return client


@pytest.fixture
def cohort() -> Cohort:
    return make_open_cohort(places=2)


def page(cohort: Cohort) -> str:
    return reverse("admin:cohorts_cohort_applicants", args=[cohort.pk])


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def choose(action: str, *memberships: Membership, **more: str) -> dict[str, Any]:
    return {"action": action, ACTION_CHECKBOX_NAME: [str(each.pk) for each in memberships], **more}


def test_it_shows_who_waits_against_the_places_by_organisation_and_job_role(desk: Client, cohort: Cohort) -> None:
    trust, midwife = make_organisation(name="Demo Coast Trust"), make_job_role(name="Demo Midwife")
    make_membership(cohort=cohort, organisation=trust, job_role=midwife)
    reserve = make_membership(cohort=cohort, state=State.RESERVE, organisation=trust)
    first = make_membership(cohort=cohort, state=State.APPLIED, organisation=trust, job_role=midwife)
    html = words(desk.get(page(cohort)))
    assert "2 places: 1 taken or offered, 1 left" in html
    assert html.index(first.user.name) < html.index(reserve.user.name)
    assert '<th scope="row">Demo Coast Trust</th> <td>1</td><td>0</td><td>1</td><td>1</td>' in html
    assert '<th scope="row">Demo Midwife</th> <td>1</td><td>0</td><td>1</td><td>0</td>' in html
    assert page(cohort) in words(desk.get(reverse("admin:cohorts_cohort_change", args=[cohort.pk])))


def test_it_costs_the_same_for_many(desk: Client, cohort: Cohort) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            desk.get(page(cohort))
        return len(asked)

    make_membership(cohort=cohort, state=State.APPLIED, organisation=make_organisation())
    statements()  # the first page of a process reads what the next ones know
    with_one = statements()
    for _ in range(2):
        make_membership(cohort=cohort, state=State.APPLIED, organisation=make_organisation(), job_role=make_job_role())
    assert statements() == with_one


def test_an_offer_is_made_once_it_is_said_to_how_many(desk: Client, cohort: Cohort) -> None:
    applied, nominated = (make_membership(cohort=cohort, state=state) for state in (State.APPLIED, State.NOMINATED))
    asked = words(desk.post(page(cohort), choose("offer", applied, nominated)))
    assert "This is for 1 person." in asked
    assert "They are in the state “Nominated”." in asked
    assert Membership.objects.get(pk=applied.pk).state == State.APPLIED
    done = words(desk.post(page(cohort), choose("offer", applied, confirmed="yes"), follow=True))
    assert "Offered a place: 1 person." in done
    assert Membership.objects.get(pk=applied.pk).state == State.OFFERED


def test_more_than_there_are_places_is_refused_in_words(desk: Client, cohort: Cohort) -> None:
    three = [make_membership(cohort=cohort, state=State.APPLIED) for _ in range(3)]
    done = words(desk.post(page(cohort), choose("offer", *three, confirmed="yes"), follow=True))
    assert "The cohort has 2 places left" in done
    assert not cohort.memberships.filter(state=State.OFFERED).exists()


@pytest.mark.parametrize(
    "sent", [{}, {"action": "nothing"}, {"action": "offer", ACTION_CHECKBOX_NAME: ["x", "9" * 40]}]
)
def test_what_makes_no_sense_does_nothing(desk: Client, cohort: Cohort, sent: dict[str, Any]) -> None:
    make_membership(cohort=cohort, state=State.APPLIED)
    assert desk.post(page(cohort), sent).status_code == 200
    assert cohort.memberships.get().state == State.APPLIED


def test_choosing_nobody_is_said(desk: Client, cohort: Cohort) -> None:
    make_membership(cohort=cohort, state=State.APPLIED)
    assert "Choose somebody first." in words(desk.post(page(cohort), {"action": "offer"}, follow=True))


def test_somebody_of_another_cohort_is_not_chosen_here(desk: Client, cohort: Cohort) -> None:
    elsewhere = make_membership(cohort=make_open_cohort(), state=State.APPLIED)
    desk.post(page(cohort), choose("offer", elsewhere, confirmed="yes"))
    assert Membership.objects.get(pk=elsewhere.pk).state == State.APPLIED


def test_what_somebody_wrote_is_read_once_they_have_sent_it(desk: Client, cohort: Cohort) -> None:
    question = ApplicationQuestion.objects.create(programme=cohort.programme, text="Why?")
    person = make_user(organisation=make_organisation(), job_role=make_job_role())
    application = applying.begin(cohort, person)
    applying.answer(application, question, "<b>Much</b> to change")
    membership = make_membership(person, cohort, state=State.NOMINATED)
    shown = reverse("admin:cohorts_membership_change", args=[membership.pk])
    assert "to change" not in words(desk.get(shown))
    applying.send(application)
    assert "&lt;b&gt;Much&lt;/b&gt; to change" in words(desk.get(shown))


class TestDeferring:
    """To a later cohort, with what they have done."""

    def test_what_they_have_done_counts_there_and_what_they_booked_is_free(self, desk: Client) -> None:
        now = make_cohort()
        component = make_component(now.programme)
        later = make_cohort(now.programme)
        membership = make_membership(cohort=now)
        booking = make_booking(membership.user, make_session(component, now))
        day = booking.session.starts_at.date()
        progress.record(membership, component, kind=Evidence.Kind.RECORD, fulfilled_on=day, by=None)
        address = reverse("admin:cohorts_membership_defer", args=[membership.pk])
        asked = words(desk.post(address, {"to": str(later.pk)}))
        assert "This cancels 1 booking" in asked
        assert Membership.objects.get(pk=membership.pk).state == State.ENROLLED
        done = desk.post(address, {"to": str(later.pk), "confirmed": "yes"})
        there = Membership.objects.get(cohort=later)
        assert done.headers["Location"].endswith(f"/{there.pk}/change/")
        assert (there.state, there.deferred_from) == (State.ENROLLED, membership)
        assert progress.fulfilled_on(there, component) == day
        membership.refresh_from_db()
        booking.refresh_from_db()
        assert (membership.state, booking.state) == (State.DEFERRED, Booking.State.CANCELLED)
        assert Entry.objects.filter(verb="membership.deferred").exists()

    def test_a_full_cohort_changes_nothing(self, desk: Client) -> None:
        now = make_cohort()
        later = make_cohort(now.programme, places=0)
        membership = make_membership(cohort=now)
        address = reverse("admin:cohorts_membership_defer", args=[membership.pk])
        answer = desk.post(address, {"to": str(later.pk), "confirmed": "yes"})
        assert answer.status_code == 422
        assert "The cohort has 0 places left" in words(answer)
        assert Membership.objects.get().state == State.ENROLLED

    def test_without_a_cohort_they_wait_for_one(self, desk: Client) -> None:
        membership = make_membership()
        address = reverse("admin:cohorts_membership_defer", args=[membership.pk])
        assert "They wait for a cohort to come" in words(desk.post(address, {"to": ""}))
        desk.post(address, {"to": "", "confirmed": "yes"})
        assert Membership.objects.get().state == State.DEFERRED

    def test_once_there_is_one_they_are_deferred_to_it_with_what_they_have_done(self, desk: Client) -> None:
        component = make_component()
        membership = make_membership(cohort=make_cohort(component.programme))
        progress.record(membership, component, kind=Evidence.Kind.RECORD, fulfilled_on=timezone.localdate(), by=None)
        address = reverse("admin:cohorts_membership_defer", args=[membership.pk])
        desk.post(address, {"to": "", "confirmed": "yes"})
        later = make_cohort(component.programme)
        assert address in words(desk.get(reverse("admin:cohorts_membership_change", args=[membership.pk])))
        desk.post(address, {"to": str(later.pk), "confirmed": "yes"})
        there = Membership.objects.get(cohort=later)
        assert (there.state, there.deferred_from) == (State.ENROLLED, membership)
        assert progress.fulfilled_on(there, component) == timezone.localdate()
        # And there is no more to defer, however often the button is pressed.
        for again in (desk.get(address, follow=True), desk.post(address, {"to": "", "confirmed": "yes"}, follow=True)):
            assert again.redirect_chain == [(reverse("admin:cohorts_membership_change", args=[membership.pk]), 302)]
            assert "was deferred from" in words(again)

    def test_a_cohort_of_another_programme_or_one_that_has_ended_is_not_offered(self, desk: Client) -> None:
        membership = make_membership()
        long_ago, yesterday = (timezone.localdate() - timedelta(days=days) for days in (100, 1))
        ended = make_cohort(membership.cohort.programme, starts_on=long_ago, ends_on=yesterday)
        address = reverse("admin:cohorts_membership_defer", args=[membership.pk])
        for other in (make_cohort(), ended):
            answer = desk.post(address, {"to": str(other.pk), "confirmed": "yes"})
            assert answer.status_code == 422
            with pytest.raises(EnrolmentRefused):
                defer(membership, other, by=make_admin())
        assert Membership.objects.get().state == State.ENROLLED


def test_a_withdrawal_says_why(desk: Client) -> None:
    membership = make_membership()
    address = reverse("admin:cohorts_membership_withdraw", args=[membership.pk])
    assert "Time could not be released" in words(desk.get(address))
    asked = words(desk.post(address, {"reason": "no_time"}))
    assert "They have no booking that this cancels" in asked
    assert f"Why: {Membership.Reason.NO_TIME.label}." in asked
    desk.post(address, {"reason": "no_time", "confirmed": "yes"})
    assert Membership.objects.get().reason == Membership.Reason.NO_TIME
    # In another tab, or by the browser's way back.
    for again in (
        desk.get(address, follow=True),
        desk.post(address, {"reason": "personal", "confirmed": "yes"}, follow=True),
    ):
        assert again.redirect_chain == [(reverse("admin:cohorts_membership_change", args=[membership.pk]), 302)]
        assert "left" in words(again)
        assert "already, or said no to it. Nothing has changed." in words(again)
    assert Membership.objects.get().reason == Membership.Reason.NO_TIME


def test_until_when_a_place_is_held_is_said_as_everywhere(desk: Client, cohort: Cohort) -> None:
    membership = make_membership(cohort=cohort, state=State.APPLIED)
    offering.offer(cohort, [membership], by=make_user())
    membership.refresh_from_db()
    assert membership.offer_expires_at
    shown = words(desk.get(reverse("admin:cohorts_membership_change", args=[membership.pk])))
    assert "the end of" in say_until(membership.offer_expires_at)
    assert say_until(membership.offer_expires_at) in shown
