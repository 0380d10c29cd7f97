"""Champions in the admin: who is asked and confirmed, and what was shown to the team."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cohorts import champions, conversations
from cohorts.models import (
    Champion,
    Cohort,
    ConversationMessage,
    Membership,
    MessageReport,
)
from portal.accounts.models import User
from tests.cohorts.champions import (
    Side,
    make_champion,
    make_member,
    seat,
)
from tests.cohorts.pages import address, cohort_facts, words
from tests.factories import make_admin, make_admin_of, make_cohort, make_job_role, make_membership, make_organisation

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def cohort() -> Cohort:
    return make_cohort(name="Perinatal cohort 4")


@pytest.fixture
def bea(cohort: Cohort) -> Membership:
    return make_member(cohort, "Bea Member")


@pytest.fixture
def champion(cohort: Cohort) -> Champion:
    return make_champion(make_member(cohort, "Amina Champion"))


class TestAdmin:
    """The team's page of a cohort's champions, and what was shown to them."""

    def test_from_a_nomination_to_a_champion_and_back(
        self, desk: Client, admin: User, bea: Membership, cohort: Cohort
    ) -> None:
        page = address("admin:cohorts_cohort_champions", cohort.pk)
        assert page in words(desk.get(address("admin:cohorts_cohort_change", cohort.pk)))
        assert "Members do not nominate" in words(desk.get(page))
        assert "Choose a person first" in words(desk.post(page, {"act": "ask", "member": ""}, follow=True))
        ask = {"act": "ask", "member": bea.pk}
        assert "Ask Bea Member?" in words(desk.post(page, ask))
        assert not Champion.objects.exists()
        assert "Bea Member is asked" in words(desk.post(page, {**ask, "confirmed": "yes"}, follow=True))
        champion = Champion.objects.get()
        assert "Take the question back" in words(desk.get(page))
        act = {"act": "confirm", "champion": champion.pk}
        assert "has changed since" in words(desk.post(page, {**act, "confirmed": "yes"}, follow=True))
        champions.agree(champion, name="Bea", role="Midwife")
        start = words(desk.get(address("admin:index")))
        assert "Champions to confirm" in start
        assert "Bea, Perinatal cohort 4" in start
        assert "They are told" in words(desk.post(page, act))
        assert "Bea Member is champion." in words(desk.post(page, {**act, "confirmed": "yes"}, follow=True))
        assert "Champion asked" in words(desk.get(address("admin:cohorts_cohort_history", cohort.pk)))
        act["act"] = "end"
        assert "is no longer champion." in words(desk.post(page, {**act, "confirmed": "yes"}, follow=True))
        champion.refresh_from_db()
        assert champion.state == Champion.State.ENDED

    def test_an_act_that_no_page_sends_does_nothing(self, desk: Client, champion: Champion) -> None:
        page = address("admin:cohorts_cohort_champions", champion.cohort_id)
        for sent in (
            {"act": "x"},
            {"act": "end", "champion": "9" * 30},
            {"act": "end", "champion": "x"},
            {"act": "ask", "member": make_membership().pk},
        ):
            assert desk.post(page, {**sent, "confirmed": "yes"}).status_code == 302
        champion.refresh_from_db()
        assert champion.state == Champion.State.CONFIRMED

    def test_whom_they_are_for_stays_once_somebody_is_asked(self, desk: Client, champion: Champion) -> None:
        cohort = champion.cohort
        page = address("admin:cohorts_cohort_change", cohort.pk)
        given = cohort_facts(cohort, champion_for="workplace")
        assert "already. End that first." in words(desk.post(page, given))
        today = timezone.localdate()
        later = {"champion_opens_on": today + timedelta(days=3), "champion_closes_on": today}
        assert "the last one not before the first" in words(desk.post(page, {**given, **later}))
        champions.end(champion, by=make_admin())
        assert desk.post(page, given).status_code == 302
        cohort.refresh_from_db()
        assert cohort.champion_for == "workplace"

    def test_who_keeps_another_programme_sees_neither(
        self, champion: Champion, bea: Membership, sign_in: SignIn
    ) -> None:
        conversations.write(seat(champion, bea), "Hello")
        conversations.report(seat(champion, bea, Side.CHAMPION), ConversationMessage.objects.get())
        other = sign_in(make_admin_of(make_cohort().programme))
        report = MessageReport.objects.get()
        assert other.get(address("admin:cohorts_cohort_champions", champion.cohort_id)).status_code == 404
        assert "Bea Member" not in words(other.get(address("admin:cohorts_messagereport_changelist")))
        assert other.get(address("admin:cohorts_messagereport_change", report.pk)).status_code == 302
        assert "were shown to you" not in words(other.get(address("admin:index")))

    def test_what_was_shown_is_read_and_dealt_with(self, champion: Champion, bea: Membership, desk: Client) -> None:
        conversations.write(seat(champion, bea), "Not kind")
        conversations.write(seat(champion, bea), "Between us")
        message = ConversationMessage.objects.earliest("pk")
        conversations.report(seat(champion, bea, Side.CHAMPION), message)
        report = MessageReport.objects.get()
        assert "Messages that were shown to you" in words(desk.get(address("admin:index")))
        page = words(desk.get(address("admin:cohorts_messagereport_change", report.pk)))
        for said in ("Not kind", "Bea Member", "Amina Champion"):
            assert said in page
        assert "Between us" not in page
        listed = address("admin:cohorts_messagereport_changelist")
        chosen: dict[str, Any] = {"action": "deal_with", "_selected_action": [report.pk]}
        assert "no longer wait on the start page" in words(desk.post(listed, chosen))
        assert [len(desk.get(listed, {"dealt": said}).context["cl"].result_list) for said in ("no", "yes")] == [1, 0]
        done = desk.post(listed, {**chosen, "confirmed": "yes"}, follow=True)
        assert "Dealt with: 1 reported message." in words(done)
        assert [len(desk.get(listed, {"dealt": said}).context["cl"].result_list) for said in ("no", "yes")] == [0, 1]
        assert "were shown to you" not in words(desk.get(address("admin:index")))

    @pytest.mark.parametrize("number", [1, 3])
    def test_statements_do_not_grow(
        self, number: int, cohort: Cohort, desk: Client, django_assert_num_queries: Any
    ) -> None:
        champion = make_champion(make_member(cohort))
        for _ in range(number):
            bea = make_member(cohort, job_role=make_job_role(), organisation=make_organisation())
            conversations.write(seat(champion, bea), "Hello")
            conversations.report(seat(champion, bea, Side.CHAMPION), ConversationMessage.objects.latest("pk"))
        champions.end(champion, by=make_admin())
        desk.get(address("home"))
        with django_assert_num_queries(6):  # session, person, cohort, members, champions, nominations
            desk.get(address("admin:cohorts_cohort_champions", cohort.pk))
        with django_assert_num_queries(4):  # session, person, number of reports, reports
            desk.get(address("admin:cohorts_messagereport_changelist"))
