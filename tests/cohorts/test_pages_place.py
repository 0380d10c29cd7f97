"""Somebody's own place in a cohort, on its page: what stands there, and what a late answer is told."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cohorts import offering
from cohorts.models import Cohort, Membership
from cohorts.place_messages import LETTERS, compose, load
from portal.outbox.models import Message
from tests.cohorts.pages import address, words
from tests.factories import make_admin, make_component, make_membership, make_open_cohort, make_session, make_user

pytestmark = pytest.mark.django_db

State = Membership.State


@pytest.fixture
def cohort() -> Cohort:
    return make_open_cohort()


def browser_of(membership: Membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


def test_who_declines_and_is_enrolled_by_then_reads_that_they_take_part(cohort: Cohort) -> None:
    membership = make_membership(cohort=cohort)
    answer = browser_of(membership).post(address("place_act", membership.pk, "decline"), {})
    assert answer.status_code == 409
    assert "This has changed since you opened the page" in words(answer)
    assert "You take part in this cohort." in words(answer)
    assert "You do not take part" not in words(answer)
    membership.refresh_from_db()
    assert membership.state == State.ENROLLED


class TestDates:
    """A cohort may have a place for somebody before it has dates."""

    def offered(self, cohort: Cohort) -> Membership:
        membership = make_membership(cohort=cohort, state=State.APPLIED)
        offering.offer(cohort, [membership], by=make_admin())
        return membership

    def letter(self) -> str:
        """Return what the letter says that tells of the place."""
        written = Message.objects.get(rule="place.accepted")
        (letter,) = (each for each in LETTERS if each.rule == "place.accepted")
        mail = compose(letter, load([written.subject])[written.subject], make_user())
        assert mail
        return str(mail.context["lead"])

    def test_without_them_it_is_said_that_they_come_later(self, cohort: Cohort) -> None:
        membership = self.offered(cohort)
        browser = browser_of(membership)
        assert "The dates of its sessions are not set yet" in words(browser.get(address("place", membership.pk)))
        act = address("place_act", membership.pk, "accept")
        assert "The dates come later" in words(browser.get(act))
        make_component(cohort.programme)
        after = words(browser.post(act, follow=True))
        assert "You have a place. The dates come later" in after
        assert "No dates yet" in after
        assert "The dates come later" in self.letter()

    @pytest.mark.parametrize("whose", ["the cohort's", "every cohort's"])
    def test_with_them_they_come_next(self, cohort: Cohort, whose: str) -> None:
        component = make_component(cohort.programme)
        make_session(component, cohort if whose == "the cohort's" else None)
        membership = self.offered(cohort)
        browser = browser_of(membership)
        assert "not set yet" not in words(browser.get(address("place", membership.pk)))
        after = words(browser.post(address("place_act", membership.pk, "accept"), follow=True))
        assert "You have a place. Next, choose your dates." in after
        assert "Next, choose your dates." in self.letter()


@pytest.mark.parametrize("state", [State.NOMINATED, State.APPLIED, State.RESERVE, State.DECLINED, State.WITHDRAWN])
def test_who_holds_no_place_reads_nothing_of_dates(cohort: Cohort, state: str) -> None:
    membership = make_membership(cohort=cohort, state=state)
    assert "not set yet" not in words(browser_of(membership).get(address("place", membership.pk)))


def test_a_lapsed_offer_says_so_alone(cohort: Cohort) -> None:
    fields: dict[str, Any] = {"state": State.OFFERED, "offer_expires_at": timezone.now() - timedelta(hours=1)}
    membership = make_membership(cohort=cohort, **fields)
    page = words(browser_of(membership).get(address("place", membership.pk)))
    assert "The time to answer this offer has passed." in page
    assert "not set yet" not in page
