"""What an organisation lead is told of their people: numbers, of which nobody can work out what one person has done."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cohorts import figures, nominating, progress
from cohorts.enrolment import withdraw
from cohorts.models import Cohort, Component, Evidence, Figure, Membership, Programme
from cohorts.nominating import Nominee
from portal.accounts.models import Organisation, Role, User
from tests.factories import (
    make_admin,
    make_cohort,
    make_component,
    make_membership,
    make_open_cohort,
    make_organisation,
    make_programme,
    make_user,
)

pytestmark = pytest.mark.django_db

State = Membership.State
PAGE = reverse("my_organisation")
NOVEMBER, LATER, DECEMBER = date(2026, 11, 1), date(2026, 11, 30), date(2026, 12, 1)


@pytest.fixture
def trust() -> Organisation:
    return make_organisation(name="Example Coast Trust")


@pytest.fixture
def component() -> Component:
    return make_component(make_programme(name="Perinatal programme"))


@pytest.fixture
def programme(component: Component) -> Programme:
    return component.programme


@pytest.fixture
def lead(trust: Organisation) -> User:
    return make_user(Role.Kind.ORGANISATION_LEAD, organisation=trust)


@pytest.fixture
def browser(lead: User) -> Client:
    client = Client()
    client.force_login(lead)
    return client


def cohort_of(programme: Programme, year: int) -> Cohort:
    return make_cohort(programme, starts_on=date(year, 2, 1), ends_on=date(year, 8, 1))


def enrol(cohort: Cohort, trust: Organisation, number: int, **fields: Any) -> list[Membership]:
    start = User.objects.count()
    people = User.objects.bulk_create(
        User(email=f"colleague{start + each}@trust.example", name=f"Colleague {start + each}") for each in range(number)
    )
    return [make_membership(person, cohort, organisation=trust, **fields) for person in people]


def complete(component: Component, *memberships: Membership) -> None:
    kind, day = Evidence.Kind.RECORD, date(2026, 6, 1)
    progress.record_all(
        [Evidence(membership=each, component=component, kind=kind, fulfilled_on=day) for each in memberships], by=None
    )


def told(trust: Organisation) -> dict[tuple[str, int | None], tuple[int | None, int | None]]:
    """Return what is told of an organisation: people and completed, by programme and year."""
    return {
        (figure.programme.name if figure.programme else "", figure.year): (figure.people, figure.completed)
        for figure in Figure.objects.filter(organisation=trust).select_related("programme")
    }


class TestDrawingUp:
    """What is counted, and when."""

    def test_people_are_counted_by_programme_and_year_and_no_small_number_is_told(
        self, trust: Organisation, programme: Programme, component: Component
    ) -> None:
        complete(component, *enrol(cohort_of(programme, 2025), trust, 27)[:12])
        enrol(cohort_of(programme, 2026), trust, 9)
        figures.draw_up(today=NOVEMBER)
        assert told(trust) == {
            ("", None): (25, None),
            ("Perinatal programme", None): (25, 10),
            ("Perinatal programme", 2025): (25, None),
            ("Perinatal programme", 2026): (None, None),
        }

    @pytest.mark.parametrize("more", range(5))
    def test_one_person_more_who_has_completed_changes_nothing(
        self, trust: Organisation, programme: Programme, component: Component, more: int
    ) -> None:
        """Whoever knows of 35 people, 10 of whom have completed, does not learn whether the next has, nor of nobody."""
        complete(component, *enrol(cohort_of(programme, 2025), trust, 35 + more)[: 10 + more])
        enrol(cohort_of(programme, 2026), trust, more)
        figures.draw_up(today=NOVEMBER)
        assert told(trust) == {
            ("", None): (35, None),
            ("Perinatal programme", None): (35, 10),
            ("Perinatal programme", 2025): (35, None),
            ("Perinatal programme", 2026): (None, None),
        }

    @pytest.mark.parametrize("completed", [0, 9, 21, 30])
    def test_that_nobody_or_everybody_has_completed_is_not_told(
        self, trust: Organisation, programme: Programme, component: Component, completed: int
    ) -> None:
        complete(component, *enrol(cohort_of(programme, 2026), trust, 30)[:completed])
        figures.draw_up(today=NOVEMBER)
        assert told(trust)["Perinatal programme", None] == (30, None)

    def test_who_was_in_two_cohorts_is_counted_once_in_the_year_in_which_they_began(
        self, trust: Organisation, programme: Programme, component: Component
    ) -> None:
        first, second, other = cohort_of(programme, 2025), cohort_of(programme, 2026), cohort_of(make_programme(), 2026)
        people = [each.user for each in enrol(first, trust, 20)]
        again = [make_membership(person, second, organisation=trust) for person in people]
        for person in people:
            make_membership(person, other, organisation=trust)
        complete(component, *again[:10])
        figures.draw_up(today=NOVEMBER)
        assert told(trust) == {
            ("", None): (20, None),
            ("Perinatal programme", None): (20, 10),
            ("Perinatal programme", 2025): (20, None),
            ("Perinatal programme", 2026): (None, None),
            (other.programme.name, None): (20, None),
            (other.programme.name, 2026): (20, None),
        }

    def test_people_are_of_the_organisation_in_which_they_were_then(
        self, trust: Organisation, programme: Programme
    ) -> None:
        for membership in enrol(cohort_of(programme, 2026), trust, 10):
            membership.user.organisation = make_organisation()
            membership.user.save()
        figures.draw_up(today=NOVEMBER)
        assert told(trust)["", None] == (10, None)

    def test_who_does_not_take_part_is_not_counted_unless_they_had_completed(
        self, trust: Organisation, programme: Programme, component: Component
    ) -> None:
        cohort = cohort_of(programme, 2026)
        enrol(cohort, trust, 10)
        for state in (State.APPLIED, State.NOMINATED, State.OFFERED, State.RESERVE, State.DECLINED, State.WITHDRAWN):
            enrol(cohort, trust, 5, state=state)
        figures.draw_up(today=NOVEMBER)
        assert told(trust)["", None] == (10, None)
        complete(component, *enrol(cohort, trust, 10, state=State.WITHDRAWN))
        figures.draw_up(today=DECEMBER)
        assert told(trust)["Perinatal programme", None] == (20, 10)

    def test_a_programme_that_asks_nothing_is_completed_by_nobody(self, trust: Organisation) -> None:
        cohort = cohort_of(make_programme(), 2026)
        enrol(cohort, trust, 20)
        enrol(cohort, trust, 20, state=State.APPLIED)
        figures.draw_up(today=NOVEMBER)
        assert told(trust)[cohort.programme.name, None] == (20, None)

    def test_a_cohort_to_come_and_a_programme_that_is_not_public_are_left_out(self, trust: Organisation) -> None:
        enrol(make_cohort(starts_on=DECEMBER, ends_on=date(2027, 6, 1)), trust, 10)
        enrol(cohort_of(make_programme(published=False), 2026), trust, 10)
        assert figures.draw_up(today=NOVEMBER) == 0

    def test_every_organisation_has_the_same_lines(self, trust: Organisation, programme: Programme) -> None:
        enrol(cohort_of(programme, 2026), trust, 10)
        nobody = make_organisation()
        figures.draw_up(today=NOVEMBER)
        assert told(nobody).keys() == told(trust).keys()
        assert set(told(nobody).values()) == {(None, None)}

    def test_they_stand_until_the_next_month(
        self, trust: Organisation, programme: Programme, component: Component
    ) -> None:
        """So that somebody has left is not to be seen by looking before and after."""
        memberships = enrol(cohort_of(programme, 2026), trust, 20)
        complete(component, *memberships[:10])
        assert figures.draw_up(today=NOVEMBER) == 3 * Organisation.objects.count()
        before = told(trust)
        withdraw(memberships[-1], by=make_admin())
        assert figures.draw_up(today=LATER) == 0
        assert told(trust) == before
        assert figures.draw_up(today=DECEMBER)
        assert told(trust)["Perinatal programme", None] == (15, None)

    def test_more_people_programmes_and_organisations_cost_no_more_statements(
        self, trust: Organisation, programme: Programme, django_assert_num_queries: Any
    ) -> None:
        enrol(cohort_of(programme, 2026), trust, 1)
        with CaptureQueriesContext(connection) as first:
            figures.draw_up(today=NOVEMBER)
        for year in (2024, 2025):
            enrol(cohort_of(make_programme(), year), make_organisation(), 3)
        with django_assert_num_queries(len(first)):
            figures.draw_up(today=DECEMBER)


@pytest.mark.parametrize(
    "fields",
    [
        {"people": 9},
        {"people": 0},
        {"people": 12},
        {"people": 20, "completed": 5},
        {"people": 20, "completed": 15},
        {"people": 30, "completed": 12},
        {"completed": 10},
        {"people": 20, "completed": 10, "year": 2026},
        {"people": 20, "completed": 10, "programme": None},
    ],
)
def test_postgresql_takes_no_number_that_may_not_be_told(
    trust: Organisation, programme: Programme, fields: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Figure.objects.create(**{"organisation": trust, "programme": programme, "drawn_on": NOVEMBER} | fields)


class TestPage:
    """A lead's own."""

    def test_it_says_how_many_and_names_nobody(
        self, browser: Client, trust: Organisation, programme: Programme, component: Component
    ) -> None:
        memberships = enrol(cohort_of(programme, 2026), trust, 27)
        complete(component, *memberships[:12])
        figures.draw_up(today=NOVEMBER)
        html = browser.get(PAGE).content.decode()
        for words in ("Example Coast Trust", "Perinatal programme", "25 or more", "10 or more", "1 November 2026"):
            assert words in html
        assert memberships[0].user.name not in html

    def test_it_is_of_the_organisations_that_somebody_leads_and_no_other(
        self, browser: Client, lead: User, trust: Organisation, programme: Programme
    ) -> None:
        another, theirs = make_organisation(name="Another Trust"), make_organisation(name="Second Trust")
        Role.objects.create(user=lead, kind=Role.Kind.ORGANISATION_LEAD, organisation=theirs)
        enrol(cohort_of(programme, 2026), another, 40)
        figures.draw_up(today=NOVEMBER)
        html = browser.get(PAGE).content.decode()
        assert "Example Coast Trust" in html
        assert "Second Trust" in html
        assert "Another Trust" not in html
        assert "or more" not in html

    def test_without_figures_it_says_when_there_will_be_some(self, browser: Client) -> None:
        html = browser.get(PAGE).content.decode()
        assert "There are no figures yet" in html
        assert "No nomination of yours waits for an answer" in html

    def test_it_leads_to_the_nominations_that_wait(self, browser: Client, lead: User, trust: Organisation) -> None:
        cohort = make_open_cohort()
        nominees = [Nominee("Demo", f"{each}@trust.example", None) for each in ("one", "two")]
        nominating.nominate(cohort, trust, nominees, by=lead)
        html = browser.get(PAGE).content.decode()
        assert "2 of your nominations wait for an answer" in html
        assert f'href="{reverse("nominations")}"' in html

    def test_more_organisations_and_programmes_cost_no_more_statements(
        self, browser: Client, lead: User, programme: Programme, django_assert_num_queries: Any
    ) -> None:
        cohort_of(programme, 2026)
        figures.draw_up(today=NOVEMBER)
        browser.get(PAGE)  # what is prepared once a process is prepared
        with CaptureQueriesContext(connection) as first:
            browser.get(PAGE)
        for year in (2024, 2025):
            cohort_of(make_programme(), year)
            Role.objects.create(user=lead, kind=Role.Kind.ORGANISATION_LEAD, organisation=make_organisation())
        figures.draw_up(today=DECEMBER)
        with django_assert_num_queries(len(first)):
            html = browser.get(PAGE).content.decode()
        assert html.count("People who take or took part") == 3
