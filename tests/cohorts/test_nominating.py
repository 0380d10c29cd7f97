"""Nominating a team, each of whom says yes or no for themselves."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cohorts import nominating, offering
from cohorts.models import Booking, Cohort, Membership
from cohorts.nominating import NominationsClosed, Nominee
from portal.accounts.models import Role, User
from portal.outbox.models import Message
from tests.factories import make_job_role, make_membership, make_open_cohort, make_organisation, make_user

pytestmark = pytest.mark.django_db

State = Membership.State
NOMINATIONS = reverse("nominations")


@pytest.fixture
def cohort() -> Cohort:
    return make_open_cohort()


@pytest.fixture
def lead() -> User:
    return make_user(Role.Kind.ORGANISATION_LEAD, organisation=make_organisation())


@pytest.fixture
def browser(lead: User) -> Client:
    client = Client()
    client.force_login(lead)
    return client


def nominee(email: str, name: str = "Demo Nominee") -> Nominee:
    return Nominee(name, email, None)


def nominate(cohort: Cohort, lead: User, *nominees: Nominee) -> int:
    assert lead.organisation
    return nominating.nominate(cohort, lead.organisation, nominees, by=lead)


class TestNominating:
    """What it does, and to whom."""

    def test_it_asks_and_neither_enrols_nor_books(self, cohort: Cohort, lead: User) -> None:
        known = make_user(organisation=lead.organisation)
        assert nominate(cohort, lead, nominee(known.email.upper()), nominee("new@trust.example", "Demo New")) == 2
        new = User.objects.get(email="new@trust.example")
        assert (new.name, new.organisation) == ("Demo New", lead.organisation)
        assert set(cohort.memberships.values_list("state", flat=True)) == {State.NOMINATED}
        assert set(Message.objects.values_list("rule", "person")) == {
            ("place.nominated", known.pk),
            ("place.nominated", new.pk),
        }
        assert not Booking.objects.exists()
        cohort.refresh_from_db()
        assert cohort.taken == 0

    @pytest.mark.parametrize("state", [State.APPLIED, State.RESERVE])
    def test_whoever_waits_for_a_place_stays_as_they_are(self, cohort: Cohort, lead: User, state: str) -> None:
        person = make_user(organisation=lead.organisation)
        membership = make_membership(person, cohort, state=state, organisation=lead.organisation)
        assert nominate(cohort, lead, nominee(person.email)) == 0
        membership.refresh_from_db()
        assert (membership.state, membership.nominated_by) == (state, lead)
        assert not Message.objects.exists()

    @pytest.mark.parametrize("state", [State.ENROLLED, State.DECLINED, State.WITHDRAWN, State.DEFERRED])
    def test_of_whoever_was_there_without_them_a_lead_is_told_nothing(
        self, cohort: Cohort, lead: User, state: str
    ) -> None:
        membership = make_membership(make_user(organisation=lead.organisation), cohort, state=state)
        assert nominate(cohort, lead, nominee(membership.user.email)) == 0
        membership.refresh_from_db()
        assert (membership.state, membership.nominated_by) == (state, None)

    def test_nor_of_whoever_applied_from_another_organisation(self, cohort: Cohort, lead: User) -> None:
        person = make_user()  # their account names no organisation
        make_membership(person, cohort, state=State.APPLIED, organisation=make_organisation())
        assert nominate(cohort, lead, nominee(person.email)) == 0
        assert not nominating.nominations_of(lead).exists()

    def test_nobody_finds_out_by_nominating_who_takes_part_elsewhere(self, cohort: Cohort, lead: User) -> None:
        elsewhere = make_membership(make_user(organisation=make_organisation()), cohort)
        stranger = make_user(organisation=make_organisation())
        assert nominate(cohort, lead, nominee(elsewhere.user.email), nominee(stranger.email)) == 0
        assert not nominating.nominations_of(lead).exists()
        assert not Message.objects.exists()

    def test_the_nomination_of_another_lead_stays_theirs(self, cohort: Cohort, lead: User) -> None:
        other = make_user(Role.Kind.ORGANISATION_LEAD, organisation=lead.organisation)
        nominate(cohort, other, nominee("new@trust.example"))
        nominate(cohort, lead, nominee("new@trust.example"))
        assert cohort.memberships.get().nominated_by == other

    def test_closed_it_takes_nobody(self, cohort: Cohort, lead: User) -> None:
        Cohort.objects.update(closes_on=timezone.localdate() - timedelta(days=1))
        with pytest.raises(NominationsClosed):
            nominate(cohort, lead, nominee("new@trust.example"))
        assert not User.objects.filter(email="new@trust.example").exists()

    def test_the_same_name_under_another_address_is_pointed_out(self, cohort: Cohort, lead: User) -> None:
        nominate(cohort, lead, nominee("amelie@trust.example", "Amélie  Example"))
        doubles = nominating.of_the_same_name(
            cohort,
            lead,
            [nominee("a.example@trust.example", "amelie example"), nominee("amelie@trust.example", "Amelie Example")],
        )
        assert [(found.email, other) for found, other in doubles] == [
            ("a.example@trust.example", "amelie@trust.example")
        ]

    def test_it_is_taken_back_while_it_is_unanswered(self, cohort: Cohort, lead: User) -> None:
        nominate(cohort, lead, nominee("one@trust.example"), nominee("two@trust.example"))
        one, two = cohort.memberships.order_by("user__email")
        offering.agree_to_nomination(two)
        for membership in (one, two):
            nominating.take_back_nomination(membership, by=lead)
        one.refresh_from_db()
        two.refresh_from_db()
        assert (one.state, two.state) == (State.WITHDRAWN, State.APPLIED)

    def test_taken_back_it_can_be_made_again(self, cohort: Cohort, lead: User) -> None:
        nominate(cohort, lead, nominee("one@trust.example"))
        nominating.take_back_nomination(cohort.memberships.get(), by=lead)
        assert nominate(cohort, lead, nominee("one@trust.example")) == 1
        assert cohort.memberships.get().state == State.NOMINATED
        assert Message.objects.filter(rule="place.nominated").count() == 2

    def test_whoever_said_no_is_not_nominated_again(self, cohort: Cohort, lead: User) -> None:
        nominate(cohort, lead, nominee("one@trust.example"))
        offering.say_no(cohort.memberships.get())
        assert nominate(cohort, lead, nominee("one@trust.example")) == 0
        assert cohort.memberships.get().state == State.DECLINED


class TestPages:
    """A lead's own."""

    def filled(self, **more: str) -> dict[str, str]:
        return {"name_1": "Demo Midwife", "email_1": "midwife@trust.example", **more}

    def test_a_team_is_nominated_after_a_look_at_it(self, browser: Client, cohort: Cohort, lead: User) -> None:
        address = reverse("nominate", args=[cohort.pk])
        assert address in browser.get(NOMINATIONS).content.decode()
        role = make_job_role()
        said = self.filled(job_role_1=str(role.pk), name_3="Demo Doctor", email_3="doctor@trust.example")
        looked = browser.post(address, said).content.decode()
        assert "Check whom you nominate" in looked
        assert not Membership.objects.exists()
        assert 'value="midwife@trust.example"' in browser.post(address, {**said, "back": "yes"}).content.decode()
        assert browser.post(address, {**said, "confirmed": "yes"}).headers["Location"] == NOMINATIONS
        html = browser.get(NOMINATIONS).content.decode()
        assert html.count("Waiting for their answer") == 2
        assert cohort.memberships.get(user__email="midwife@trust.example").job_role == role

    @pytest.mark.parametrize(
        ("said", "why"),
        [
            ({}, "Enter their full name"),
            ({"name_1": "Demo Midwife"}, "Enter their work email address"),
            ({"name_1": "A", "email_1": "a@trust.example", "email_2": "b@trust.example"}, "Enter their full name"),
            ({"name_1": "Demo", "email_1": "nonsense"}, "correct format"),
            (
                {"name_1": "A", "email_1": "a@trust.example", "name_2": "B", "email_2": "A@trust.example"},
                "the address of person 1",
            ),
            ({"name_1": "A", "email_1": "a@trust.example", "job_role_1": "999"}, "Select a valid choice"),
        ],
    )
    def test_what_is_missing_is_said_and_what_was_typed_stays(
        self, browser: Client, cohort: Cohort, said: dict[str, Any], why: str
    ) -> None:
        answer = browser.post(reverse("nominate", args=[cohort.pk]), {**said, "confirmed": "yes"})
        assert answer.status_code == 422
        html = answer.content.decode()
        assert why in html
        for typed in said.values():
            assert typed in html or typed == "999"
        assert not Membership.objects.exists()

    def test_closed_meanwhile_loses_nothing(self, browser: Client, cohort: Cohort) -> None:
        address, role = reverse("nominate", args=[cohort.pk]), make_job_role(name="Health visitor")
        Cohort.objects.update(closes_on=timezone.localdate() - timedelta(days=1))
        said = self.filled(job_role_1=str(role.pk), name_3="Demo <Doctor>")
        for step in ({}, {"confirmed": "yes"}, {"back": "yes"}):
            answer = browser.post(address, {**said, **step})
            assert answer.status_code == 409
            html = answer.content.decode()
            assert "Nominations for this cohort closed on" in html
            for typed in ("Demo Midwife", "midwife@trust.example", "Health visitor", "Demo &lt;Doctor&gt;"):
                assert typed in html
        assert not Membership.objects.exists()
        looked = browser.get(address)
        assert looked.status_code == 200
        assert "Nominations for this cohort closed on" in looked.content.decode()

    def test_a_cohort_that_never_took_any_is_not_there(self, browser: Client) -> None:
        today = timezone.localdate()
        for fields in ({"opens_on": None, "closes_on": None}, {"opens_on": today + timedelta(days=1)}):
            address = reverse("nominate", args=[make_open_cohort(**fields).pk])
            assert browser.get(address).status_code == browser.post(address, self.filled()).status_code == 404

    def test_taking_one_back_is_asked_first(self, browser: Client, cohort: Cohort, lead: User) -> None:
        nominate(cohort, lead, nominee("one@trust.example"))
        membership = cohort.memberships.get()
        address = reverse("nomination_take_back", args=[membership.pk])
        assert address in browser.get(NOMINATIONS).content.decode()
        assert "You can nominate them again" in browser.get(address).content.decode()
        membership.refresh_from_db()
        assert membership.state == State.NOMINATED
        for _ in range(2):  # a double click
            html = browser.post(address, follow=True).content.decode()
            assert "is taken back" in html
            assert "You took it back" in html
        membership.refresh_from_db()
        assert membership.state == State.WITHDRAWN

    def test_one_that_was_answered_meanwhile_stays(self, browser: Client, cohort: Cohort, lead: User) -> None:
        nominate(cohort, lead, nominee("one@trust.example"))
        membership = cohort.memberships.get()
        offering.agree_to_nomination(membership)
        address = reverse("nomination_take_back", args=[membership.pk])
        for answer in (browser.get(address, follow=True), browser.post(address, follow=True)):
            assert "no longer waits to answer" in answer.content.decode()
        membership.refresh_from_db()
        assert membership.state == State.APPLIED

    def test_it_tells_how_a_nomination_stands_and_never_why(self, browser: Client, cohort: Cohort, lead: User) -> None:
        nominate(cohort, lead, nominee("one@trust.example"))
        offering.say_no(cohort.memberships.get(), Membership.Reason.PERSONAL)
        html = browser.get(NOMINATIONS).content.decode()
        assert "Said no" in html
        assert "Personal" not in html

    def test_more_nominations_cost_no_more_statements(
        self, browser: Client, cohort: Cohort, lead: User, django_assert_max_num_queries: Any
    ) -> None:
        nominate(cohort, lead, nominee("one@trust.example"))
        with CaptureQueriesContext(connection) as first:
            browser.get(NOMINATIONS)
        nominate(cohort, lead, nominee("two@trust.example"), nominee("three@trust.example"))
        with django_assert_max_num_queries(len(first)):
            browser.get(NOMINATIONS)

    def test_another_leads_nomination_is_not_theirs_to_take_back(self, cohort: Cohort, lead: User) -> None:
        other = make_user(Role.Kind.ORGANISATION_LEAD, organisation=make_organisation())
        nominate(cohort, lead, nominee("one@trust.example"))
        client = Client()
        client.force_login(other)
        membership = cohort.memberships.get()
        assert client.post(reverse("nomination_take_back", args=[membership.pk])).status_code == 404
