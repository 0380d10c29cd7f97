"""Setting up a programme on one page, and the start page that says what waits."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cohorts.models import Booking, Cohort, Component, EvaluationQuestion, Programme, Session
from portal.accounts.models import Role, User
from portal.admin_site import uses_admin_pages
from portal.outbox.models import Message
from portal.trail.models import Entry
from tests import factories as make
from tests.cohorts.pages import NO_ROWS, cohort_facts

pytestmark = pytest.mark.django_db


def text(response: Any) -> str:
    """Return a page with its white space made even."""
    return " ".join(response.content.decode().split())


def page(programme: Programme) -> str:
    return reverse("admin:cohorts_programme_change", args=[programme.pk])


def sent(programme: Programme, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what the programme's page sends with these rows for components."""
    data = {name: getattr(programme, name) for name in ("name", "slug", "shape", "summary", "description", "audience")}
    initial = sum("id" in row for row in rows)
    data |= NO_ROWS | {"components-TOTAL_FORMS": len(rows), "components-INITIAL_FORMS": initial, "published": "on"}
    for number, row in enumerate(rows):
        data |= {f"components-{number}-{name}": value for name, value in row.items()}
    return data


def row(component: Component | None = None, **given: Any) -> dict[str, Any]:
    """Return a component as its row of the page sends it."""
    facts: dict[str, Any] = {
        "kind": "training",
        "title": "New component",
        "slug": "new-component",
        "position": 1,
        "fulfilled_by": "attendance",
        "cpd_points": "0",
        "required": "on",
    }
    if component:
        facts |= {"id": component.pk, "title": component.title, "slug": component.slug, "position": component.position}
    return facts | given


def test_a_component_is_added_and_the_trail_says_so(desk: Client, admin: User) -> None:
    programme = make.make_programme()
    assert desk.post(page(programme), sent(programme, [row()])).status_code == 302
    assert programme.components.get().title == "New component"
    entry = Entry.objects.get(verb="programme.changed")
    assert (entry.actor, entry.details) == (admin, {"fields": "components"})
    history = text(desk.get(reverse("admin:cohorts_programme_history", args=[programme.pk])))
    assert "<td>Changed</td> <td> Fields: Components </td>" in history


def test_two_components_change_places(desk: Client) -> None:
    programme = make.make_programme()
    one, two = make.make_component(programme), make.make_component(programme)
    assert desk.post(page(programme), sent(programme, [row(one, position=2), row(two, position=1)])).status_code == 302
    assert list(programme.components.order_by("position")) == [two, one]


def test_two_components_in_one_place_are_refused_in_words(desk: Client) -> None:
    programme = make.make_programme()
    one, two = make.make_component(programme), make.make_component(programme)
    response = desk.post(page(programme), sent(programme, [row(one), row(two, position=1)]))
    assert "both have place 1" in text(response)
    two.refresh_from_db()
    assert two.position == 2


def test_a_component_with_dates_stays(desk: Client) -> None:
    session = make.make_session(make.make_component())
    component = session.component
    desk.post(page(component.programme), sent(component.programme, [row(component, DELETE="on")]))
    assert Component.objects.filter(pk=component.pk).exists()


def test_a_component_on_which_nothing_hangs_can_be_removed(desk: Client) -> None:
    component = make.make_component()
    desk.post(page(component.programme), sent(component.programme, [row(component, DELETE="on")]))
    assert not Component.objects.exists()


@pytest.mark.parametrize("what", ["questions", "evaluation_questions"])
def test_an_admin_says_what_is_asked(desk: Client, what: str) -> None:
    programme = make.make_programme()
    facts = {"position": 1, "text": "Why?", "kind": "text" if what == "evaluation_questions" else "long"}
    row: dict[str, Any] = {f"{what}-TOTAL_FORMS": 1, f"{what}-INITIAL_FORMS": 0}
    row |= {f"{what}-0-{field}": value for field, value in facts.items()}
    assert desk.post(page(programme), {**sent(programme, []), **row}).status_code == 302
    assert getattr(programme, what).get().text == "Why?"


def test_an_evaluation_question_that_may_be_answered_keeps_its_words_until_it_is_no_longer_asked(desk: Client) -> None:
    cohort = make.make_cohort()
    session = make.make_session(make.make_component(cohort.programme), cohort)
    programme = cohort.programme
    question = EvaluationQuestion.objects.create(programme=programme, text="I felt save")

    def change(**given: Any) -> Any:
        name = "evaluation_questions"
        facts = {"id": question.pk, "position": 1, "kind": "scale", "text": question.text, **given}
        rows: dict[str, Any] = {f"{name}-TOTAL_FORMS": 1, f"{name}-INITIAL_FORMS": 1}
        rows |= {f"{name}-0-{field}": value for field, value in facts.items()}
        response = desk.post(page(programme), {**sent(programme, []), **rows})
        question.refresh_from_db()
        return response

    assert change(text="I felt safe", asked="on").status_code == 302
    make.make_booking(make.make_membership(cohort=cohort).user, session)
    assert "People may have answered this question" in text(change(text="I felt welcome", asked="on"))
    change(DELETE="on", asked="on")
    assert (question.text, question.asked) == ("I felt safe", True)
    assert change().status_code == 302
    assert not question.asked


def test_a_learning_outcome_that_people_may_be_asked_about_stays_with_its_component(desk: Client) -> None:
    cohort = make.make_cohort()
    session = make.make_session(make.make_component(cohort.programme), cohort)
    programme, other = cohort.programme, make.make_component(cohort.programme)
    outcome = programme.learning_outcomes.create(component=session.component, text="I can name it")

    def move(to: Component, **given: Any) -> Any:
        name = "learning_outcomes"
        facts = {"id": outcome.pk, "position": 1, "component": to.pk, "text": outcome.text, **given}
        rows: dict[str, Any] = {f"{name}-TOTAL_FORMS": 1, f"{name}-INITIAL_FORMS": 1}
        rows |= {f"{name}-0-{field}": value for field, value in facts.items()}
        response = desk.post(page(programme), {**sent(programme, []), **rows})
        outcome.refresh_from_db()
        return response

    assert move(other).status_code == 302
    assert move(session.component).status_code == 302
    make.make_booking(make.make_membership(cohort=cohort).user, session)
    assert "People may have been asked about this" in text(move(other))
    move(session.component, DELETE="on")
    assert outcome.component == session.component


def test_a_component_follows_one_of_its_own_programme_alone(desk: Client) -> None:
    component, stranger = make.make_component(), make.make_component()
    response = desk.post(page(component.programme), sent(component.programme, [row(component, follows=stranger.pk)]))
    assert "Select a valid choice" in text(response)


@pytest.mark.parametrize("by", ["session", "evidence"])
def test_a_component_that_has_dates_or_was_done_stays_of_its_kind(desk: Client, by: str) -> None:
    component = make.make_component(kind=Component.Kind.BOOK_CLUB)
    programme, ways = component.programme, ["attendance", "record"]
    desk.post(page(programme), sent(programme, [row(component, kind="workshop", fulfilled_by=ways)]))
    component.refresh_from_db()
    assert component.kind == "workshop"
    if by == "session":
        make.make_session(component)
    else:
        make.make_complete(cohort=make.make_cohort(programme))
    assert "so it stays of this kind" in text(desk.get(page(programme)))
    assert (
        desk.post(page(programme), sent(programme, [row(component, title="Talks", fulfilled_by=ways)])).status_code
        == 302
    )
    component.refresh_from_db()
    assert (component.kind, component.title) == ("workshop", "Talks")
    with pytest.raises(IntegrityError, match="stays of its kind"), transaction.atomic():
        Component.objects.filter(pk=component.pk).update(kind="training")
    # To save what is so already, as whole rows are, is no change.
    component.save()


def test_the_page_asks_as_much_for_three_components_as_for_one(desk: Client) -> None:
    def statements(number: int) -> int:
        programme = make.make_programme()
        for _ in range(number):
            make.make_component(programme)
            programme.learning_outcomes.create(text="Knows what to do next.")
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(page(programme)).status_code == 200
        return len(captured)

    desk.get(reverse("admin:index"))
    assert statements(1) == statements(3)


def test_the_shape_is_kept_once_people_go_through_it(desk: Client) -> None:
    cohort = make.make_cohort()
    desk.post(page(cohort.programme), {**sent(cohort.programme, []), "shape": "series"})
    assert Programme.objects.get().shape == "cohort"


def test_a_cohort_keeps_a_place_for_everybody_in_it(desk: Client) -> None:
    cohort = make.make_cohort()
    make.make_membership(cohort=cohort)
    facts = cohort_facts(cohort, places=0)
    response = desk.post(reverse("admin:cohorts_cohort_change", args=[cohort.pk]), facts)
    assert "Places taken or offered: 1. Enter that number or more." in text(response)
    assert Cohort.objects.get().places == cohort.places


def test_a_facilitator_with_an_account_gets_the_role(desk: Client) -> None:
    person = make.make_user()
    desk.post(reverse("admin:cohorts_facilitator_add"), {"name": person.name, "user": person.pk})
    assert person.roles.get().kind == Role.Kind.FACILITATOR


def test_a_programme_is_kept_by_those_whose_role_it_is(desk: Client) -> None:
    programme, keeper, former = make.make_programme(), make.make_admin_of(), make.make_admin_of(make.make_programme())
    former.roles.all().delete()
    coach = make.make_user(Role.Kind.COACH)
    asked = {"app_label": "cohorts", "model_name": "programme", "field_name": "admins"}
    offered = desk.get(reverse("admin:autocomplete"), asked).json()["results"]
    assert {choice["id"] for choice in offered} == {str(keeper.pk), str(former.pk)}
    response = desk.post(page(programme), {**sent(programme, []), "admins": [coach.pk]})
    assert "Select a valid choice" in text(response)
    assert desk.post(page(programme), {**sent(programme, []), "admins": [keeper.pk]}).status_code == 302
    assert list(programme.admins.all()) == [keeper]


def test_people_of_one_name_are_told_apart(desk: Client) -> None:
    make.make_user(name="Demo Namesake", email="one@demo.example")
    asked = {"app_label": "cohorts", "model_name": "membership", "field_name": "user", "term": "namesake"}
    found = desk.get(reverse("admin:autocomplete"), asked).json()["results"]
    assert [choice["text"] for choice in found] == ["Demo Namesake (one@demo.example)"]


def test_the_start_page_says_what_waits(desk: Client) -> None:
    now = timezone.now()
    over = make.make_session(cohort=make.make_cohort(), venue=make.make_venue())
    make.make_booking(make.make_user(), over)
    Session.objects.filter(pk=over.pk).update(starts_at=now - timedelta(hours=4), ends_at=now - timedelta(hours=1))
    make.make_session(cohort=make.make_cohort(), days=3)
    stuck = make.make_session(cohort=make.make_cohort(), places=1, days=30, venue=make.make_venue())
    make.make_booking(make.make_user(), stuck)
    make.make_waiting(make.make_user(), stuck)
    Session.objects.filter(pk=stuck.pk).update(places=2)
    bare = make.make_cohort()
    Message.objects.create(
        rule="booking.booked", subject="booking:1", person=make.make_user(), priority=1, state=Message.State.DEAD
    )
    html = text(desk.get(reverse("admin:index")))
    for heading in (
        "Registers to take",
        "Free places while people wait",
        "Sessions soon without a venue or link",
        "Messages that could not be sent",
        "Cohorts without dates",
    ):
        assert heading in html
    assert f"{over.component.title}</a>" in html
    assert "has no venue" in html
    assert bare.name in html
    assert Booking.objects.count() == 3


def test_when_nothing_waits_the_start_page_says_so(desk: Client) -> None:
    assert "Nothing is waiting for you." in text(desk.get(reverse("admin:index")))


def test_there_is_no_other_door_than_the_portals_sign_in(desk: Client) -> None:
    login = reverse("admin:login")
    assert Client().get(login).headers["Location"].startswith(reverse("account_login"))
    assert Client().post(login, {"username": "a", "password": "b"}).status_code == 302
    assert desk.get(login, {"next": "https://elsewhere.example/"}).headers["Location"] == reverse("admin:index")
    assert not uses_admin_pages(make.make_user(Role.Kind.PROGRAMME_ADMIN))
    assert not uses_admin_pages(make.make_user(is_staff=True))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"position": "32768"}, "Enter a number from 1 to 100."),
        ({"position": "0"}, "Enter a number from 1 to 100."),
        ({"follows": "itself"}, "A component cannot follow itself."),
    ],
)
def test_a_component_that_does_not_fit_together_is_told_so(desk: Client, given: dict[str, Any], says: str) -> None:
    programme = make.make_programme()
    component = make.make_component(programme)
    if "follows" in given:
        given = {"follows": component.pk}
    response = desk.post(page(programme), sent(programme, [row(component, **given)]))
    assert response.status_code == 200
    assert says in text(response)


def test_one_component_twice_is_no_error_of_ours(desk: Client) -> None:
    programme = make.make_programme()
    component = make.make_component(programme)
    response = desk.post(page(programme), sent(programme, [row(component, position=1), row(component, position=2)]))
    assert response.status_code in {200, 302}
    assert programme.components.get() == component


def test_of_a_thousand_components_in_one_form_a_hundred_are_read(desk: Client) -> None:
    programme = make.make_programme()
    forged = {"components-TOTAL_FORMS": "1000"}
    response = desk.post(page(programme), sent(programme, [row()]) | forged)
    assert "Please submit at most 100 forms." in text(response)
    assert not programme.components.exists()
